"""Where boxes are, so that the neighbours of one are found without looking at all of them.

A picture may hold ten thousand words, which somebody chose: whatever looks at all of them for each
of them takes minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helpa_redaction.detect.words import Box

CELL = 64
"""Side of the squares that boxes are put into, in pixels: a few lines high, a word wide."""


class Places:
    """Boxes, by number and by where they are.

    Args:
        boxes: numbered from 0.
    """

    def __init__(self, boxes: Iterable[Box] = ()) -> None:
        self._cells: dict[tuple[int, int], list[int]] = {}
        for number, box in enumerate(boxes):
            self.add(number, box)

    def add(self, number: int, box: Box) -> None:
        """Add a box; one number may have several."""
        for cell in _cells(box.x, box.y, box.right, box.bottom):
            self._cells.setdefault(cell, []).append(number)

    def near(self, left: float, top: float, right: float, bottom: float) -> list[int]:
        """Return the numbers of all boxes that touch a rectangle, and some beside it, ascending."""
        found: set[int] = set()
        for cell in _cells(left, top, right, bottom):
            found.update(self._cells.get(cell, ()))
        return sorted(found)


def _cells(left: float, top: float, right: float, bottom: float) -> Iterator[tuple[int, int]]:
    last = int(max(0, right) // CELL)
    for row in range(int(max(0, top) // CELL), int(max(0, bottom) // CELL) + 1):
        for column in range(int(max(0, left) // CELL), last + 1):
            yield row, column
