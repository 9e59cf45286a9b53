"""Reads letters with Tesseract: a program for each strip of a picture, some at a time."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from helpa import Unprocessable
from helpa_redaction.detect import Box, Word
from helpa_redaction.detect.places import Places
from helpa_redaction.reading.again import merged, pieces_of, placed, together
from helpa_redaction.reading.children import Failed, run
from helpa_redaction.reading.prepared import Plane
from helpa_redaction.reading.tiles import Tile, tiles_of

PROGRAM = "tesseract"
LANGUAGES = "eng"

OPTIONS = (
    # Fully automatic layout: of the modes that find everything the fastest, by a factor of two.
    "--psm", "3", "--oem", "1",
    "--dpi", "150",
    # The plane has dark letters on white already: trying each doubtful line inverted takes long.
    "-c", "tessedit_do_invert=0",
    "tsv",
)  # fmt: skip

AGAIN, AGAIN_SECONDS = 900, 1.5
"""The number of the strip that is read again, and the seconds that it may take."""

COLUMNS = 12
"""Of a row of the table that Tesseract writes: level, page, block, paragraph, line, word, left,
top, width, height, confidence, text (tesseract(1), ``tsv``)."""

WORD_LEVEL = "5"

MOST_WORDS = 20_000
"""That are looked at of one picture: a page that is full of the smallest print has some thousand,
and whatever is made to have more would keep a processor busy for minutes."""

_JOINED = str.maketrans({"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "\u00ad": "-"})


class ReaderMissing(Unprocessable):
    """No letters can be read here: the program or a language of it is not installed."""


@dataclass(frozen=True, slots=True)
class Read:
    """The words that were read, and where none could be.

    Args:
        words: in pixels of the picture.
        unread: sentences without a full stop on rows that could not be read.
    """

    words: list[Word] = field(repr=False)
    unread: tuple[str, ...] = ()


def program() -> str:
    """Return the path of Tesseract.

    Raises:
        ReaderMissing: it is not on PATH.
    """
    found = shutil.which(PROGRAM)
    if found is None:
        raise ReaderMissing(
            "This server cannot read letters in pictures: the program tesseract is not installed "
            "(Debian: tesseract-ocr and tesseract-ocr-eng)."
        )
    return found


async def languages() -> set[str]:
    """Return the languages that Tesseract can read here.

    Raises:
        ReaderMissing: Tesseract is not installed, or does not run.
    """
    try:
        said = await run([program(), "--list-langs"], (), 20)
    except (Failed, OSError) as error:
        raise ReaderMissing(f"This server cannot read letters in pictures: {error}.") from None
    return {
        word
        for line in said.decode("utf-8", "replace").splitlines()
        if re.fullmatch(r"[\w/]+", word := line.strip())
    }


async def check(wanted: str = LANGUAGES) -> None:
    """Raise where letters cannot be read in all languages wanted.

    Args:
        wanted: as Tesseract names them, ``eng+deu``.

    Raises:
        ReaderMissing: names what is missing and how to get it.
    """
    asked = (program(), os.environ.get("TESSDATA_PREFIX", ""), wanted)
    if asked in _FOUND:
        return
    held = await languages()
    missing = [name for name in wanted.split("+") if name not in held]
    if missing:
        packages = " ".join(f"tesseract-ocr-{name.replace('_', '-').lower()}" for name in missing)
        raise ReaderMissing(
            f"This server's tesseract cannot read {', '.join(missing)} (Debian: {packages}); it "
            f"has {', '.join(sorted(held)) or 'no language at all'}."
        )
    _FOUND.add(asked)


_FOUND: set[tuple[str, str, str]] = set()
"""Programs, folders of languages, and languages that were there: asking takes 0.1 s."""


async def read(
    plane: Plane,
    *,
    processes: int = 2,
    deadline_seconds: float = 60,
    wanted: str = LANGUAGES,
    progress: Callable[[int, int], Awaitable[None] | None] | None = None,
) -> Read:
    """Return the words in a plane of letters.

    Args:
        plane: for letters, of :class:`~helpa_redaction.reading.prepared.Prepared`.
        processes: how many programs run at a time.
        deadline_seconds: for all of it; what was not read by then is told of.
        wanted: languages as Tesseract names them, ``eng+deu``; :func:`check` them first.
        progress: is told how many strips of how many have been read.

    Raises:
        ReaderMissing: Tesseract is not installed.
    """
    path = program()
    until = time.monotonic() + deadline_seconds
    tiles = tiles_of(plane, processes)
    room = asyncio.Semaphore(processes)
    done = 0
    unread: list[str] = []

    async def one(number: int, tile: Tile) -> list[Word]:
        nonlocal done
        async with room:
            try:
                left = until - time.monotonic()
                if left <= 0:
                    raise Failed("there was no time left")
                table = await run([path, "-", "-", "-l", wanted, *OPTIONS], _pgm(plane, tile), left)
                words = await asyncio.to_thread(words_of, table, plane, tile, number)
            except FileNotFoundError:
                program()
                raise
            except Failed as error:
                top, end = (round(row / plane.scale) for row in (tile.first, tile.end))
                unread.append(f"no letters were read in rows {top} to {end}: {error}")
                words = []
            done += 1
            if progress and (told := progress(done, len(tiles))) is not None:
                await told
            return words

    async with asyncio.TaskGroup() as group:
        jobs = [group.create_task(one(number, tile)) for number, tile in enumerate(tiles)]
    words = await asyncio.to_thread(once, [word for job in jobs for word in job.result()])
    if len(words) > MOST_WORDS:
        unread.append(f"of {len(words)} words only the first {MOST_WORDS} were looked at")
        words = words[:MOST_WORDS]
    return Read(words, tuple(unread))


async def read_again(
    plane: Plane,
    words: Sequence[Word],
    *,
    deadline_seconds: float = AGAIN_SECONDS,
    wanted: str = LANGUAGES,
) -> list[Word]:
    """Return the words of a plane after what is doubted, or was not read, is read once more.

    What is cut out is read without what is beside it: portraits, the sides of fields and buttons
    make the reader leave out lines or take them for parts of others.

    Args:
        plane: for letters.
        words: of the first reading.
        deadline_seconds: after which the first reading stands.
        wanted: languages as Tesseract names them.

    Raises:
        ReaderMissing: Tesseract is not installed.
    """
    pieces = await asyncio.to_thread(pieces_of, plane, words)
    if not pieces:
        return list(words)
    sheet, starts = await asyncio.to_thread(together, plane, pieces)
    tile = Tile(0, sheet.height, 0, sheet.height)
    command = [program(), "-", "-", "-l", wanted, "--psm", "6", *OPTIONS[2:]]
    try:
        table = await run(command, _pgm(sheet, tile), deadline_seconds)
        found = await asyncio.to_thread(words_of, table, sheet, tile, AGAIN)
    except Failed:
        return list(words)
    return await asyncio.to_thread(
        lambda: merged(words, pieces, placed(found, pieces, starts, plane.scale))
    )


def _pgm(plane: Plane, tile: Tile) -> tuple[bytes, memoryview]:
    """Return a strip as a grey picture (netpbm's pgm(5))."""
    head = f"P5\n{plane.width} {tile.bottom - tile.top}\n255\n".encode()
    return head, plane.pixels[tile.top * plane.width : tile.bottom * plane.width]


def words_of(table: bytes, plane: Plane, tile: Tile, number: int) -> list[Word]:
    """Return the words of a table that Tesseract wrote, in pixels of the picture.

    Args:
        table: with a head and tabulators between its columns; its text may hold anything.
        plane: that was read.
        tile: the strip of it.
        number: of the strip, so that no two strips share a line.

    Raises:
        Failed: it is no such table.
    """
    words: list[Word] = []
    lines: dict[tuple[str, ...], int] = {}
    head, _, rows = table.decode("utf-8", "replace").partition("\n")
    if not head.startswith("level\tpage_num\t"):
        raise Failed("tesseract wrote no table")
    for row in rows.split("\n"):
        cells = row.split("\t", COLUMNS - 1)
        if len(cells) != COLUMNS or cells[0] != WORD_LEVEL:
            continue
        text = "".join(c for c in cells[11].translate(_JOINED) if c.isprintable()).strip()
        try:
            left, top, width, height = (int(cell) for cell in cells[6:10])
            sure = float(cells[10])
        except ValueError:
            raise Failed("tesseract wrote a table with words for numbers") from None
        inside = left >= 0 and top >= 0 and left + width <= plane.width
        inside = inside and top + height <= tile.bottom - tile.top
        if not inside or width < 1 or height < 1 or not sure == sure:
            raise Failed("tesseract wrote of places that are not in the picture")
        middle = tile.top + top + height / 2
        if not text or not tile.first <= middle < tile.end:
            continue
        line = lines.setdefault(tuple(cells[1:5]), number * 1_000_000 + len(lines))
        box = Box(
            left / plane.scale, (tile.top + top) / plane.scale, width / plane.scale,
            height / plane.scale,
        )  # fmt: skip
        words.append(Word(text, box, min(1.0, max(0.0, sure / 100)), line))
    return words


def once(words: Sequence[Word]) -> list[Word]:
    """Return the words without those that two strips read of one place."""
    kept: list[Word] = []
    places = Places()
    for word in words:
        box = word.box
        near = (kept[place] for place in places.near(box.x, box.y, box.right, box.bottom))
        if not any(_strip(word) != _strip(other) and _one_place(word, other) for other in near):
            places.add(len(kept), box)
            kept.append(word)
    return kept


def _strip(word: Word) -> int:
    return word.line // 1_000_000


def _one_place(a: Word, b: Word) -> bool:
    return a.box.overlap(b.box) > 0.5 * min(a.box.area, b.box.area)
