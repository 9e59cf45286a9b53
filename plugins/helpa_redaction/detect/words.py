"""Words with their places, and lines of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright picture."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """The edge after the last column."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The edge after the last row."""
        return self.y + self.h

    @property
    def area(self) -> float:
        """How many square pixels it holds."""
        return self.w * self.h

    def overlap(self, other: Box) -> float:
        """Return how many square pixels both hold."""
        w = min(self.right, other.right) - max(self.x, other.x)
        h = min(self.bottom, other.bottom) - max(self.y, other.y)
        return w * h if w > 0 and h > 0 else 0.0


def union(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around all of at least one."""
    held = list(boxes)
    x, y = min(box.x for box in held), min(box.y for box in held)
    return Box(x, y, max(box.right for box in held) - x, max(box.bottom for box in held) - y)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was read.

    Args:
        text: of it; never empty.
        box: around it, in pixels of the upright picture.
        confidence: of the reader, 0 to 1.
        line: which words the reader took for one line have the same.
    """

    text: str = field(repr=False)
    box: Box
    confidence: float = 1.0
    line: int = 0


class Line:
    """Words beside each other with no wide gap, from left to right.

    Args:
        words: at least one.
        ordered: whether they stand in their order already, perhaps over several rows.
        glued: places of words before which there is no space, since a row's end cut them off.
    """

    def __init__(
        self, words: Sequence[Word], *, ordered: bool = False, glued: Container[int] = ()
    ) -> None:
        self.words = list(words) if ordered else sorted(words, key=lambda word: word.box.x)
        starts: list[int] = []
        text = ""
        for place, word in enumerate(self.words):
            text += " " if place and place not in glued else ""
            starts.append(len(text))
            text += word.text
        self._starts = starts
        self.text = text
        self.box = union(word.box for word in self.words)
        heights = sorted(word.box.h for word in self.words if len(word.text) > 1)
        self.height = heights[len(heights) // 2] if heights else self.box.h
        """Of its usual word: what gaps are measured with."""

    def _between(self, start: int, end: int) -> Iterable[tuple[int, Word]]:
        """Return the words that may hold letters from ``start`` to before ``end``, with places."""
        first = max(0, bisect_right(self._starts, start) - 1)
        last = bisect_left(self._starts, end)
        return zip(self._starts[first:last], self.words[first:last], strict=True)

    def part(self, start: int, end: int) -> Box:
        """Return the box around the letters from ``start`` to before ``end`` of the text.

        A word that is only partly meant is cut by the width that its letters usually have, and a
        little generously.
        """
        boxes = []
        for at, word in self._between(start, end):
            first, last = max(start - at, 0), min(end - at, len(word.text))
            if first < last:
                boxes.append(cut(word, first, last))
        box = union(boxes) if boxes else self.box
        # Words with neither ascender nor descender are low: cover what their line covers.
        y, bottom = min(box.y, self.box.y + 0.1 * self.height), box.bottom
        return Box(box.x, y, box.w, max(bottom, min(self.box.bottom, y + self.height)) - y)

    def parts(self, start: int, end: int) -> tuple[Box, ...]:
        """Return the boxes around some letters, one for each row that they stand in."""
        rows: list[list[int]] = [[]]
        for place, word in enumerate(self.words):
            ahead = self.words[place - 1].box if place else word.box
            if word.box.y > ahead.y + 0.6 * self.height and word.box.x < ahead.right:
                rows.append([])
            rows[-1].append(place)
        boxes = []
        for row in rows:
            line = Line([self.words[place] for place in row], ordered=True)
            at = self._starts[row[0]]
            first, last = max(start - at, 0), min(end - at, len(line.text))
            if first < last:
                boxes.append(line.part(first, last))
        # Letters without ascenders and descenders are as high as the others of their size.
        high = max((box.h for box in boxes), default=0.0)
        return tuple(_higher(box, min(high, 2 * box.h)) for box in boxes)

    def gap(self, at: int) -> float:
        """Return the room before the word that begins at a place of the text, in pixels."""
        place = self._starts.index(at) if at in self._starts else 0
        if not place:
            return 0.0
        return self.words[place].box.x - self.words[place - 1].box.right

    def confidence(self, start: int, end: int) -> float:
        """Return how sure the reader was of the letters from ``start`` to before ``end``."""
        held = [
            word.confidence
            for at, word in self._between(start, end)
            if max(start - at, 0) < min(end - at, len(word.text))
        ]
        return min(held, default=0.0)


def _higher(box: Box, height: float) -> Box:
    more = height - box.h
    return Box(box.x, max(0.0, box.y - 0.6 * more), box.w, box.h + more)


NARROW, WIDE = "iljtfrI.,:;|!'()[]1/-", "mwMW@%&—"


def width_of(letter: str) -> float:
    """Return how wide a letter usually is, in parts of most letters."""
    return 0.6 if letter in NARROW else 1.5 if letter in WIDE else 1.0


def cut(word: Word, first: int, last: int) -> Box:
    """Return the box around some letters of a word, wider by about half a letter where cut."""
    box = word.box
    if first == 0 and last == len(word.text):
        return box
    # Whether all letters are as wide is not known: the edges are where either puts them.
    left, right = box.right, box.x
    for widths in ([width_of(c) for c in word.text], [1.0] * len(word.text)):
        unit = box.w / sum(widths)
        left = min(left, box.x + unit * sum(widths[:first]) - (0.7 * unit if first else 0))
        right = max(right, box.x + unit * (sum(widths[:last]) + 0.7 * (last < len(word.text))))
    if not any(c.isalnum() for c in word.text[:first]):
        left = box.x  # what stands before may be but part of its first letter
    left, right = max(left, box.x), min(right, box.right)
    return Box(left, box.y, right - left, box.h)
