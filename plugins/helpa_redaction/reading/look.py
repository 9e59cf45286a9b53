"""Reads everything in a prepared picture: letters, codes and faces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from helpa_redaction.detect import CATEGORIES, Page, Word
from helpa_redaction.reading import shapes, tesseract
from helpa_redaction.reading.children import Failed
from helpa_redaction.reading.prepared import Plane, Prepared

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
    again = False
    letters, plain = prepared.letters, prepared.plain
    if set(wanted) - NOT_LETTERS and letters is not None:
        await tesseract.check(languages)
        read = await tesseract.read(
            letters, processes=processes, deadline_seconds=deadline_seconds, wanted=languages,
            progress=progress,
        )  # fmt: skip
        page.words = read.words
        unread += read.unread
        again = not read.unread
    seconds = min(20.0, deadline_seconds)
    # Side by side: what is read again takes no longer than faces do.
    jobs: list[Awaitable[Any]] = [
        shapes.codes(plain, deadline_seconds=seconds) if "code" in wanted and plain else _none(),
        shapes.faces(plain, deadline_seconds=seconds) if "face" in wanted and plain else _none(),
        _again(letters, page.words, languages, seconds) if again and letters else _none(),
    ]
    codes, faces, words = await asyncio.gather(*jobs, return_exceptions=True)
    for kind, found in (("codes", codes), ("faces", faces)):
        if isinstance(found, Failed):
            unread.append(f"{kind} were not looked for: {found}")
        elif isinstance(found, BaseException):
            raise found
        else:
            setattr(page, kind, found)
    if isinstance(words, BaseException):
        raise words
    page.words = words if again else page.words
    return Seen(page, tuple(unread))


async def _again(
    letters: Plane, words: Sequence[Word], languages: str, seconds: float
) -> list[Word]:
    return await tesseract.read_again(
        letters, words, deadline_seconds=min(tesseract.AGAIN_SECONDS, seconds), wanted=languages
    )


async def _none() -> list[Any]:
    return []
