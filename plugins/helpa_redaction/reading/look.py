"""Reads everything in a prepared picture: letters, codes and faces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from helpa_redaction.detect import CATEGORIES, Page
from helpa_redaction.reading import shapes, tesseract
from helpa_redaction.reading.children import Failed
from helpa_redaction.reading.prepared import Plane, Prepared
from helpa_redaction.reading.tesseract import Read

NOT_LETTERS = frozenset(("code", "face"))

SHAPES_SECONDS = 20.0
"""For codes and for faces."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read, and what could not be.

    Args:
        page: words, codes and faces.
        unread: sentences without a full stop on what was not read or not looked for, and why.
    """

    page: Page
    unread: tuple[str, ...] = ()


async def look(
    prepared: Prepared,
    *,
    wanted: Collection[str] = CATEGORIES,
    processes: int = 2,
    deadline_seconds: float = 60,
    languages: str = tesseract.LANGUAGES,
    progress: Callable[[int, int], Awaitable[None] | None] | None = None,
) -> Seen:
    """Return what is in a prepared picture.

    Args:
        prepared: planes that a worker made.
        wanted: categories; letters are read where one of them is found in letters.
        processes: how many programs read letters at a time.
        deadline_seconds: for all of it.
        languages: as Tesseract names them, ``eng+deu``.
        progress: is told how many strips of how many have been read.

    Raises:
        ReaderMissing: letters are wanted and Tesseract, or a language, is not installed.
    """
    seconds = min(SHAPES_SECONDS, deadline_seconds)
    plain = prepared.plain
    looks: dict[str, Awaitable[Any]] = {}
    if set(wanted) - NOT_LETTERS and prepared.letters is not None:
        looks["words"] = _letters(
            prepared.letters, processes, deadline_seconds, languages, progress
        )
    if "code" in wanted and plain is not None:
        looks["codes"] = shapes.codes(plain, deadline_seconds=seconds)
    if "face" in wanted and plain is not None:
        looks["faces"] = shapes.faces(plain, deadline_seconds=seconds)
    found = await asyncio.gather(*looks.values(), return_exceptions=True)
    page = Page(prepared.width, prepared.height)
    unread = list(prepared.unread)
    for kind, each in zip(looks, found, strict=True):
        if isinstance(each, Failed):
            unread.append(f"{kind} were not looked for: {each}")
        elif isinstance(each, BaseException):
            raise each
        elif isinstance(each, Read):
            page.words = each.words
            unread += each.unread
        else:
            setattr(page, kind, each)
    return Seen(page, tuple(unread))


async def _letters(
    letters: Plane,
    processes: int,
    seconds: float,
    languages: str,
    progress: Callable[[int, int], Awaitable[None] | None] | None,
) -> Read:
    """Return the words, after a second reading of what was doubted where there is time for one."""
    await tesseract.check(languages)
    read = await tesseract.read(
        letters, processes=processes, deadline_seconds=seconds, wanted=languages, progress=progress
    )
    if read.unread:
        return read
    words = await tesseract.read_again(
        letters, read.words, deadline_seconds=min(tesseract.AGAIN_SECONDS, seconds),
        wanted=languages,
    )  # fmt: skip
    return Read(words)
