"""Finds the label that stands before, above or at the head of the column of a text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cache

from helpa_redaction.detect.lines import level
from helpa_redaction.detect.page import Page
from helpa_redaction.detect.text import folded, plain
from helpa_redaction.detect.words import Line

LONGEST = 40
"""Letters of the longest label."""


def before(page: Page, place: int, start: int) -> str:
    """Return the label of what begins at ``start`` in a line, in small letters; "" where none is.

    Args:
        page: that holds it.
        place: of the line in ``page.lines``.
        start: where the text begins; with nothing before it, the label is what stands to the left
            at the same height, or right above.
    """
    line = page.lines[place]
    ahead = plain(line.text[:start]).strip(" \"'([{<*`‘")
    if ahead:
        return " ".join(ahead.lower().split()[-3:])[-LONGEST:]
    for near in (beside(page, place), above(page, place)):
        if near is not None and len(near.text) <= LONGEST:
            return plain(near.text).lower()
    return ""


def beside(page: Page, place: int) -> Line | None:
    """Return the nearest line to the left at the same height."""
    line = page.lines[place]
    x, far = line.box.x, 60 * line.height
    left = [
        other
        for other in page.near(x - far, line.box.y, x + 2, line.box.bottom)
        if other is not line and level(other, line)
        and line.box.x - other.box.right < 60 * line.height
    ]  # fmt: skip
    return max(left, key=lambda other: other.box.right, default=None)


def above(page: Page, place: int) -> Line | None:
    """Return the line right above that begins where this one does."""
    line = page.lines[place]
    x, y, h = line.box.x, line.box.y, line.height
    over = [
        other
        for other in page.near(x - 1.5 * h, y - 2.2 * h, x + 1.5 * h, y + 0.4 * h)
        if other is not line
        and other.box.h > 0.45 * line.height  # the corner of a field is no label
        and line.box.y - other.box.y >= 0
        and -0.4 * line.height <= line.box.y - other.box.bottom < 2.2 * line.height
        and abs(other.box.x - line.box.x) < 1.5 * line.height
    ]
    return max(over, key=lambda other: other.box.bottom, default=None)


MOST_CELLS = 40
"""Cells of a column that are looked at for its head."""


def column(page: Page, place: int, at: float) -> Iterator[Line]:
    """Yield the heads that may be those of the column in which something stands, nearest first.

    A head stands in a row of at least three, and no other of that row is nearer on the left. The
    cells above are such, too; no more of all than ``MOST_CELLS`` are told.

    Args:
        page: that holds it.
        place: of the line in ``page.lines``.
        at: the left edge of what stands in the column, in pixels.
    """
    line = page.lines[place]
    told = 0
    first = bisect_left(page.heads, -line.box.y, key=lambda head: -head[0].box.bottom)
    for number in range(first, len(page.heads)):
        top, lefts = page.heads[number]
        if top.box.x > at + line.height:
            continue
        following = bisect_right(lefts, top.box.x)
        if following == len(lefts) or lefts[following] > at + 0.5 * line.height:
            yield top
            told += 1
            if told == MOST_CELLS:
                return


def head(page: Page, place: int) -> Line | None:
    """Return the head of the column that a line stands in: the topmost that begins as it does."""
    line = page.lines[place]
    x, aside = line.box.x, 0.8 * line.height
    over = [
        other
        for other in page.near(x - aside, 0, x + aside, line.box.y)
        if other.box.bottom <= line.box.y and abs(other.box.x - line.box.x) < 0.8 * line.height
    ]
    return min(over, key=lambda other: other.box.y, default=None)


def starts_with(label: str, words: Iterable[str]) -> bool:
    """Return whether one of ``words`` stands in a label, as a word of its own."""
    # An u with two dots is often read as two letters.
    return _one_of(tuple(words)).search(folded(label).replace("ii", "u")) is not None


@cache
def _one_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![a-zà-ÿ])(?:{'|'.join(re.escape(folded(word)) for word in words)})(?![a-zà-ÿ])"
    )
