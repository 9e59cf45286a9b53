"""Parts lines where a long word begins a cell of its own, which a space too narrow hid."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpa_redaction.detect.places import Places
from helpa_redaction.detect.words import Line

LONG = 16
"""Letters of a word from which on it may be broken in a cell."""

EXACT = 0.3
"""Heights of a line by which the rows of a cell may begin one beside the other."""

NEAR, OVER = 1.3, 0.4
"""Heights of a line between two rows of a cell at most, and by which they may overlap."""

BROKEN = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])\S{5,}|(?=\S*[a-z][A-Z])\S{8,}|\S{16,}")
"""The piece of a word that was broken somewhere."""

RULES = "—–-|=«‘"
"""What the side of a cell is read as."""

GIVEN = re.compile(r".*[:=,({\[\"'$#>]")
"""What stands before a value that is no cell of its own."""


def apart(lines: Sequence[Line]) -> list[Line]:
    """Return lines, each cut before a long word beneath which a row begins with the rest of it.

    Args:
        lines: of a page.
    """
    places = Places(line.box for line in lines)
    made: list[Line] = []
    for line in lines:
        cuts = [
            at
            for at, word in enumerate(line.words)
            if at and len(word.text) >= LONG and _is_cell(lines, places, line, at)
        ]
        if not cuts:
            made.append(line)
            continue
        made += [Line(line.words[a:b]) for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    return sorted(made, key=lambda line: (line.box.y, line.box.x))


def _is_cell(lines: Sequence[Line], places: Places, line: Line, at: int) -> bool:
    """Return whether a word of a line begins where a row right beneath does."""
    word = line.words[at]
    if GIVEN.fullmatch(line.words[at - 1].text):
        return False
    x, aside, h = word.box.x, EXACT * line.height, line.height
    rule = len(word.text) - len(word.text.lstrip(RULES))
    x += rule * word.box.w / len(word.text)
    top, bottom = line.box.bottom - OVER * h, line.box.bottom + NEAR * h
    return any(
        abs(other.box.x - x) < aside
        and top <= other.box.y <= bottom
        and other is not line
        and BROKEN.fullmatch(other.words[0].text) is not None
        for other in map(lines.__getitem__, places.near(x - aside, top, x + aside, bottom))
    )
