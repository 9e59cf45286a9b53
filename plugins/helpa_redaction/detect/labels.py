"""Finds the label that stands before, above or at the head of the column of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpa_redaction.detect.lines import level
from helpa_redaction.detect.page import Page
from helpa_redaction.detect.text import plain
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
    ahead = plain(line.text[:start]).strip(" \"'([{<")
    if ahead:
        return " ".join(ahead.lower().split()[-3:])[-LONGEST:]
    near = beside(page, place) or above(page, place)
    return plain(near.text).lower() if near is not None and len(near.text) <= LONGEST else ""


def beside(page: Page, place: int) -> Line | None:
    """Return the nearest line to the left at the same height."""
    line = page.lines[place]
    left = [
        other
        for other in page.lines
        if other is not line and level(other, line)
        and line.box.x - other.box.right < 60 * line.height
    ]  # fmt: skip
    return max(left, key=lambda other: other.box.right, default=None)


def above(page: Page, place: int) -> Line | None:
    """Return the line right above that begins where this one does."""
    line = page.lines[place]
    over = [
        other
        for other in page.lines
        if other is not line
        and line.box.y - other.box.y >= 0
        and -0.4 * line.height <= line.box.y - other.box.bottom < 2.2 * line.height
        and abs(other.box.x - line.box.x) < 1.5 * line.height
    ]
    return max(over, key=lambda other: other.box.bottom, default=None)


def column(page: Page, place: int, at: float) -> list[Line]:
    """Return the heads that may be those of the column in which something stands, nearest first.

    A head stands in a row of at least three, and no other of that row is nearer on the left.

    Args:
        page: that holds it.
        place: of the line in ``page.lines``.
        at: the left edge of what stands in the column, in pixels.
    """
    line = page.lines[place]
    found = []
    for top in page.lines:
        if top.box.bottom > line.box.y or top.box.x > at + line.height:
            continue
        row = [
            other
            for other in page.lines
            if abs(other.box.y + other.box.h / 2 - top.box.y - top.box.h / 2) < 0.6 * top.height
        ]
        nearer = [other for other in row if top.box.x < other.box.x <= at + 0.5 * line.height]
        if len(row) >= 3 and not nearer:
            found.append(top)
    return sorted(found, key=lambda top: -top.box.bottom)


def head(page: Page, place: int) -> Line | None:
    """Return the head of the column that a line stands in: the topmost that begins as it does."""
    line = page.lines[place]
    over = [
        other
        for other in page.lines
        if other.box.bottom <= line.box.y and abs(other.box.x - line.box.x) < 0.8 * line.height
    ]
    return min(over, key=lambda other: other.box.y, default=None)


def starts_with(label: str, words: Iterable[str]) -> bool:
    """Return whether one of ``words`` stands in a label, as a word of its own."""
    return any(re.search(rf"(?<![a-zà-ÿ]){re.escape(word)}(?![a-zà-ÿ])", label) for word in words)
