"""Reads everything in a prepared picture: letters, codes and faces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from helpa_redaction.detect import CATEGORIES, Page
from helpa_redaction.reading import shapes, tesseract
from helpa_redaction.reading.children import Failed
from helpa_redaction.reading.prepared import Prepared

NOT_LETTERS = frozenset(("code", "face"))


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
    unread = list(prepared.unread)
    page = Page(prepared.width, prepared.height)
    if set(wanted) - NOT_LETTERS and prepared.letters is not None:
        await tesseract.check(languages)
        read = await tesseract.read(
            prepared.letters, processes=processes, deadline_seconds=deadline_seconds,
            wanted=languages, progress=progress,
        )  # fmt: skip
        page.words = read.words
        unread += read.unread
    seconds = min(20.0, deadline_seconds)
    plain = prepared.plain
    if plain is not None:
        codes, faces = await asyncio.gather(
            shapes.codes(plain, deadline_seconds=seconds) if "code" in wanted else _none(),
            shapes.faces(plain, deadline_seconds=seconds) if "face" in wanted else _none(),
            return_exceptions=True,
        )
        for kind, found in (("codes", codes), ("faces", faces)):
            if isinstance(found, Failed):
                unread.append(f"{kind} were not looked for: {found}")
            elif isinstance(found, BaseException):
                raise found
            else:
                setattr(page, kind, found)
    return Seen(page, tuple(unread))


async def _none() -> list[object]:
    return []
