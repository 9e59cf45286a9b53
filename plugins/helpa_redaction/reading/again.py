"""What is to be read a second time: ink in which nothing was read, and lines that are doubted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpa_redaction.detect import Box, Word
from helpa_redaction.detect.places import Places
from helpa_redaction.reading.prepared import Cells, Plane

MOST_PIXELS = 400_000
"""Of all that is read again: a twelfth of a screenshot, three tenths of a second."""

MOST_ROOM = 4_000_000
"""Pixels of what they are put into."""

INK = 14
"""How dark a cell is, of 255, in which there may be letters."""

SOLID = 150
"""How dark a piece is in which there is a picture and no letters."""

LOWEST, HIGHEST, SHORTEST = 8.0, 56.0, 20.0
"""Of a row of letters, in pixels of the picture."""

DOUBT, LETTERS, LONGEST = 0.4, 4, 420
"""A line is doubted of so many letters of which the reader was less sure, on the average. One of
more pixels of the picture is one of random letters, and read no better the second time."""

AROUND, BETWEEN = 8, 24
"""Pixels of the plane that are read around a piece, and that are left white between two."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a plane, in its pixels.

    Args:
        x: its left edge.
        y: its top.
        w: its width.
        h: its height.
        lines: numbers of the lines that it holds; none where nothing was read.
    """

    x: int
    y: int
    w: int
    h: int
    lines: frozenset[int] = frozenset()


def pieces_of(plane: Plane, words: Sequence[Word]) -> list[Piece]:
    """Return what is to be read again, as far as there is time for it.

    Args:
        plane: for letters.
        words: that were read in it.
    """
    kept: list[Piece] = []
    left, width, rows = MOST_PIXELS, 0, 0
    for piece in (*_unread(plane, words), *_doubted(plane, words)):
        # They are put beneath each other: one that is wide makes the room of all others wide.
        wider, longer = max(width, piece.w), rows + piece.h + BETWEEN
        if piece.w * piece.h <= left and wider * longer <= MOST_ROOM:
            kept.append(piece)
            left, width, rows = left - piece.w * piece.h, wider, longer
    return kept


def _doubted(plane: Plane, words: Sequence[Word]) -> Iterator[Piece]:
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    found = []
    for number, held in lines.items():
        letters = sum(len(word.text) for word in held)
        sure = _sureness(held)
        if letters >= LETTERS and sure < DOUBT:
            found.append((sure, number, held))
    for _, number, held in sorted(found, key=lambda each: each[:2]):
        x, y = min(word.box.x for word in held), min(word.box.y for word in held)
        right, bottom = max(w.box.right for w in held), max(w.box.bottom for w in held)
        if LOWEST <= bottom - y <= HIGHEST and right - x <= LONGEST:
            yield _piece(plane, Box(x, y, right - x, bottom - y), frozenset((number,)))


def _sureness(words: Sequence[Word]) -> float:
    letters = sum(len(word.text) for word in words)
    return sum(len(word.text) * word.confidence for word in words) / letters


def _unread(plane: Plane, words: Sequence[Word]) -> list[Piece]:
    """Return rows of ink in which no word was read, the longest first."""
    cells = plane.cells
    if cells is None:
        return []
    side = cells.side / plane.scale
    free = bytearray(value > INK for value in cells.dark)
    for word in words:
        box = word.box
        first, last = int(box.x / side), min(cells.width - 1, int(box.right / side))
        for row in range(int(box.y / side), min(cells.height - 1, int(box.bottom / side)) + 1):
            free[row * cells.width + first : row * cells.width + last + 1] = bytes(last + 1 - first)
    found = []
    for group in _groups(free, cells):
        left, right = min(run[1] for run in group), max(run[2] for run in group)
        top, bottom = min(run[0] for run in group), max(run[0] for run in group) + 1
        size = Box(left * side, top * side, (right - left) * side, (bottom - top) * side)
        dark = [
            value
            for row, first, last in group
            for value in cells.dark[row * cells.width + first : row * cells.width + last]
        ]
        fits = size.w >= SHORTEST and size.w > size.h and LOWEST <= size.h <= HIGHEST + side
        if fits and sum(dark) < SOLID * len(dark):
            found.append(_piece(plane, size, frozenset()))
    return sorted(found, key=lambda piece: -piece.w)


Run = tuple[int, int, int]
"""A row of cells, the first that is dark, and the one after the last."""


def _groups(free: bytearray, cells: Cells) -> list[list[Run]]:
    """Return runs of dark cells that lie beside or beneath each other."""
    groups: list[list[Run]] = []
    above: list[tuple[Run, list[Run]]] = []
    for row in range(cells.height):
        here: list[tuple[Run, list[Run]]] = []
        for first, last in _runs(free[row * cells.width : (row + 1) * cells.width]):
            run = (row, first, last)
            touched = [group for other, group in above if other[1] < last and first < other[2]]
            group = touched[0] if touched else []
            if not touched:
                groups.append(group)
            for other in touched[1:]:
                if other is not group:
                    group += other
                    above = [(r, group if g is other else g) for r, g in above]
                    here = [(r, group if g is other else g) for r, g in here]
                    other.clear()
            group.append(run)
            here.append((run, group))
        above = here
    return [group for group in groups if group]


def _runs(row: bytearray) -> Iterator[tuple[int, int]]:
    """Return where dark cells begin and end; two that are not dark lie between words."""
    first, last = -1, -1
    for place, value in enumerate(row):
        if not value:
            continue
        if first >= 0 and place - last > 3:
            yield first, last + 1
            first = -1
        first = place if first < 0 else first
        last = place
    if first >= 0:
        yield first, last + 1


def _piece(plane: Plane, box: Box, lines: frozenset[int]) -> Piece:
    x, y = (max(0, int(value * plane.scale) - AROUND) for value in (box.x, box.y))
    right = min(plane.width, int(box.right * plane.scale) + AROUND)
    bottom = min(plane.height, int(box.bottom * plane.scale) + AROUND)
    return Piece(x, y, right - x, bottom - y, lines)


def together(plane: Plane, pieces: Sequence[Piece]) -> tuple[Plane, list[int]]:
    """Return pieces beneath each other on white, and the row at which each begins."""
    width = max(piece.w for piece in pieces) + 2 * BETWEEN
    rows: list[bytes] = []
    starts = []
    blank = b"\xff" * width
    for piece in pieces:
        rows += [blank] * BETWEEN
        starts.append(len(rows))
        margin = b"\xff" * (width - BETWEEN - piece.w)
        for row in range(piece.y, piece.y + piece.h):
            at = row * plane.width + piece.x
            rows.append(blank[:BETWEEN] + bytes(plane.pixels[at : at + piece.w]) + margin)
    rows += [blank] * BETWEEN
    return Plane(memoryview(b"".join(rows)), width, len(rows), 1.0), starts


def placed(
    words: Sequence[Word], pieces: Sequence[Piece], starts: Sequence[int], scale: float
) -> list[list[Word]]:
    """Return the words of each piece, in pixels of the picture.

    Args:
        words: in pixels of the plane that :func:`together` made.
        pieces: of it.
        starts: rows at which they begin.
        scale: of the plane that the pieces were cut from.
    """
    made: list[list[Word]] = [[] for _ in pieces]
    for word in words:
        middle = word.box.y + word.box.h / 2
        for place, (piece, start) in enumerate(zip(pieces, starts, strict=True)):
            if start <= middle < start + piece.h:
                x, y = piece.x + word.box.x - BETWEEN, piece.y + word.box.y - start
                box = Box(x / scale, y / scale, word.box.w / scale, word.box.h / scale)
                made[place].append(Word(word.text, box, word.confidence, word.line))
    return made


def merged(
    words: Sequence[Word], pieces: Sequence[Piece], found: Sequence[Sequence[Word]]
) -> list[Word]:
    """Return the words of both readings, of a doubted line those that the reader is surer of."""
    doubted: dict[int, list[Word]] = {}
    for word in words:
        doubted.setdefault(word.line, []).append(word)
    worse: set[int] = set()
    better: list[Word] = []
    for piece, new in zip(pieces, found, strict=True):
        old = [word for line in sorted(piece.lines) for word in doubted.get(line, ())]
        long = sum(len(word.text) for word in new) > 0.6 * sum(len(word.text) for word in old)
        if old and new and long and _sureness(new) > _sureness(old) + 0.05:
            worse |= piece.lines
            better += new
    kept = [word for word in words if word.line not in worse] + better
    places = Places(word.box for word in kept)
    for piece, new in zip(pieces, found, strict=True):
        if any(line in doubted for line in piece.lines):
            continue
        for word in new:
            box = word.box
            near = places.near(box.x, box.y, box.right, box.bottom)
            if not any(_share(word, kept[place]) > 0.3 for place in near):
                places.add(len(kept), box)
                kept.append(word)
    return kept


def _share(word: Word, other: Word) -> float:
    return word.box.overlap(other.box) / min(word.box.area, other.box.area)
