"""Cuts a plane of letters into strips that are read side by side."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from helpa_redaction.reading.prepared import Plane

LARGEST = 6_000_000
"""Pixels of a strip: what is read within seconds."""

BLANK_ROWS = 5
"""Rows without letters that a cut needs; the gap between lines of 12 px text, enlarged, is 8."""

OVERLAP = 120
"""Rows that strips share where no blank rows were found: more than a line of large text."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A strip of a plane, over its full width.

    Args:
        top: the first row that is read.
        bottom: the row after the last that is read.
        first: the first row whose words are its own.
        end: the row after the last whose words are its own; the strips' own rows do not overlap.
    """

    top: int
    bottom: int
    first: int
    end: int


def tiles_of(plane: Plane, count: int) -> list[Tile]:
    """Return strips that share the letters of a plane about evenly.

    Args:
        plane: for letters.
        count: how many strips there are to be, at least; large planes have more.
    """
    count = max(count, -(-plane.width * plane.height // LARGEST))
    count = max(1, min(count, plane.height // (2 * OVERLAP)))
    cuts = _cuts(plane.ink or [1] * plane.height, count)
    edges = [(0, True), *cuts, (plane.height, True)]
    made = []
    for (first, clean_above), (end, clean_below) in itertools.pairwise(edges):
        top = first if clean_above else max(0, first - OVERLAP)
        bottom = end if clean_below else min(plane.height, end + OVERLAP)
        made.append(Tile(top, bottom, first, end))
    return made


def _cuts(ink: Sequence[int], count: int) -> list[tuple[int, bool]]:
    """Return rows to cut before, each with whether it is blank around there."""
    height, total = len(ink), sum(ink) + len(ink)
    cuts: list[tuple[int, bool]] = []
    # Edges of panels and rules down the page leave a little ink in every row.
    floor = sorted(ink)[height // 10]
    running, wanted = 0, 1
    for row, value in enumerate(ink):
        running += value + 1  # rows cost a little even without letters
        if wanted < count and running >= total * wanted / count:
            cut = _near(ink, row, floor, height // (3 * count))
            if not cuts or cut[0] - cuts[-1][0] >= OVERLAP:
                cuts.append(cut)
            wanted += 1
    return [cut for cut in cuts if OVERLAP <= cut[0] <= height - OVERLAP]


def _near(ink: Sequence[int], row: int, floor: int, reach: int) -> tuple[int, bool]:
    """Return the middle of the nearest rows that are blank, or the row itself where none are."""
    half = BLANK_ROWS // 2
    for away in range(reach):
        for middle in (row - away, row + away):
            rows = ink[max(0, middle - half) : middle + half + 1]
            if len(rows) == BLANK_ROWS and max(rows) <= floor + 4:
                return middle, True
    return row, False
