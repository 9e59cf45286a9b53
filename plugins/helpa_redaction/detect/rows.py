"""Finds rows that may be one text: lines that go on in those beneath them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpa_redaction.detect.places import Places
from helpa_redaction.detect.words import Line, Word


@dataclass(frozen=True, slots=True)
class Rows:
    """Lines beneath each other that may be one.

    Args:
        line: all of them as one.
        borders: places in its text where its second row begins, and each further one.
        places: of the rows among the lines of the page.
    """

    line: Line
    borders: tuple[int, ...]
    places: tuple[int, ...]


NEXT = 2.6
"""Heights of a line that a gap within a number may be wide, where spaces are wide."""

MOST_ROWS = 5
"""Rows of a narrow column that a number or an address is put together from."""

NARROW_ROW = 26
"""Letters of a row in a column so narrow that more than two rows may be one number."""


def wrapped(lines: Sequence[Line], below: dict[int, int]) -> list[Rows]:
    """Return each line with the one it goes on in, as one line over two rows; more where narrow.

    Args:
        lines: of a page.
        below: which goes on in which, by their places.
    """
    made = []
    for place, other in below.items():
        made.append(_together(lines, (place, other), glued=False))
        chain = [place, other]
        while len(chain) < MOST_ROWS and chain[-1] in below:
            if any(len(lines[each].text) > NARROW_ROW for each in chain):
                break
            chain.append(below[chain[-1]])
            made.append(_together(lines, chain, glued=False))
    return made


def glued(lines: Sequence[Line], below: dict[int, int], places: Places) -> list[Rows]:
    """Return lines with those beneath as one whose words are cut at the ends of its rows.

    A row is cut there only where the next piece has no room behind it.

    Args:
        lines: of a page.
        below: which goes on in which, by their places.
        places: of the lines.
    """
    made = []
    for place in below:
        chain = [place]
        while len(chain) < MOST_ROWS and (following := below.get(chain[-1])) is not None:
            if not _is_cut(lines, chain[-1], following, places):
                break
            chain.append(following)
            made.append(_together(lines, chain, glued=True))
    return made


def abreast(lines: Sequence[Line], places: Places) -> list[Rows]:
    """Return lines with the nearest one on their right as one, where only a wide space is between.

    Args:
        lines: of a page.
        places: of them.
    """
    made = []
    for place, line in enumerate(lines):
        box, reach = line.box, NEXT * line.height
        middle = box.y + box.h / 2
        right = [
            other
            for other in places.near(box.right, middle, box.right + reach, middle + 1)
            if lines[other].box.x > box.right - 1 and _stands_at(lines[other], middle)
        ]
        if right:
            other = min(right, key=lambda each: lines[each].box.x)
            if lines[other].box.x - box.right < reach:
                made.append(_together(lines, (place, other), glued=False))
    return made


def _stands_at(line: Line, y: float) -> bool:
    """Return whether a line stands at a height."""
    return line.box.y < y < line.box.bottom


def _together(lines: Sequence[Line], places: Sequence[int], *, glued: bool) -> Rows:
    words: list[Word] = []
    starts, borders, at = [], [], 0
    for place in places:
        if words:
            starts.append(len(words))
            at += not glued
            borders.append(at)
        words += lines[place].words
        at += len(lines[place].text)
    line = Line(words, ordered=True, glued=starts if glued else ())
    return Rows(line, tuple(borders), tuple(places))


def _is_cut(lines: Sequence[Line], place: int, following: int, places: Places) -> bool:
    line, first = lines[place], lines[following].words[0]
    letter = line.box.w / max(1, len(line.text))
    # A hyphen is a place to break at: as much room is left as the next piece is wide.
    least = first.box.w if line.text.endswith(("-", "/", "?", "&", "=")) else 1.6 * letter
    return room(lines, line, places) < least


def room(lines: Sequence[Line], line: Line, places: Places) -> float:
    """Return the width that is free behind a line, by its neighbours above and beneath."""
    box, aside, away = line.box, 2 * line.height, 12 * line.height
    near = [
        other.box.right
        for other in map(
            lines.__getitem__,
            places.near(box.x - aside, box.y - away, box.x + aside, box.y + away),
        )
        if abs(other.box.x - line.box.x) < 2 * line.height
        and abs(other.box.y - line.box.y) < 12 * line.height
    ]
    return max(near) - line.box.right - 0.5 * line.height


NAMED, EXACT = 40, 0.25
"""Letters of the name of a value at most, and heights of a line by which it may stand higher."""


def of_table(lines: Sequence[Line], places: Places, above: Line, below: Line) -> bool:
    """Return whether two lines are cells of two rows: names, or numbers, stand before both.

    Args:
        lines: of a page.
        places: of them.
        above: one of them.
        below: one beneath it.
    """

    def names(line: Line) -> list[Line]:
        middle, most = line.box.y + line.box.h / 2, EXACT * line.height + 1
        return [
            each
            for each in row_lefts(lines, places, line)
            if len(each.text) <= NAMED and abs(each.box.y + each.box.h / 2 - middle) < most
        ]

    heads = [each.box.x for each in names(above)]
    aside = 0.5 * above.height
    return any(abs(each.box.x - x) < aside for each in names(below) for x in heads)


def of_next(lines: Sequence[Line], places: Places, line: Line, other: Line) -> bool:
    """Return whether a line beneath another one stands in the next row of a table.

    Rows stand at one distance: the next but one is as far from the next. What goes on in a row of
    its own is nearer, and the next row further.

    Args:
        lines: of a page.
        places: of them.
        line: one of them.
        other: one beneath it.
    """
    down = other.box.y - line.box.y
    x, aside = line.box.x, 3 * line.height

    def near(top: float, bottom: float) -> list[Line]:
        return [lines[each] for each in places.near(x - aside, top, x + aside, bottom)]

    beneath = [
        each.box.y - other.box.y
        for each in near(other.box.y + 1, other.box.bottom + 1.5 * down)
        if each.box.y > other.box.bottom - 1
    ]
    if beneath:
        return 0.8 * down < min(beneath) < 1.2 * down
    over = near(line.box.y - 1.5 * down, line.box.y - 1)
    before = [line.box.y - each.box.y for each in over if each.box.bottom < line.box.y + 1]
    return 0.8 * down < min(before, default=0.0) < 1.2 * down


HANGING = 16
"""Letters of a line's last word from which on it may go on beneath where any of its words begins:
the value in a table of names and values is read in one line with its name."""

MOST_HANGING = 12
"""Words before it that are looked at for that."""

NUMBERED = 6
"""Letters of what may begin a row that goes on, rather than number the next one."""

OUTDENT = 14
"""Heights of a line by which a row that goes on may begin further left than indented text."""

LATER = 2
"""Steps by which a row that begins elsewhere must be nearer: the cells of a table's row may have
letters of several sizes."""

SCHEME = re.compile(r"(?<=.)https?://")

BREAKS = "-/?&=%_"
"""Signs of an address behind which a row is broken."""

TORN = re.compile(r"(?<=^[0-9a-f]{3}) (?=[0-9a-f]{5})")
"""A space that the reader put into a number in hexadecimal digits."""

LEVEL = re.compile(r"[acemnorsuvwxz.,_\-+=~:;@]+")
"""Letters without ascenders and descenders: a row of them is half as high as one above."""


def row_lefts(lines: Sequence[Line], places: Places, line: Line) -> list[Line]:
    """Return the lines beside another one on its left: where its row may begin.

    Args:
        lines: of a page.
        places: of them.
        line: one of them.
    """
    box, far = line.box, 120 * line.height
    middle = box.y + box.h / 2
    near = map(lines.__getitem__, places.near(box.x - far, middle, box.x, middle + 1))
    return [
        each
        for each in near
        if each is not line and _stands_at(each, middle) and each.box.x < box.x
    ]


def continuations(lines: Sequence[Line], places: Places) -> dict[int, int]:
    """Return which line may go on in which line right beneath it, by their places.

    A line goes on in the nearest one beneath that begins where it begins and is as high; a long
    word at its end also where another word of it begins, where its whole row begins, as in a
    terminal, or further left where nothing else stands.
    """
    found: dict[int, int] = {}
    for place, line in enumerate(lines):
        starts = [line.box.x]
        hangs: list[float] = []
        if len(line.words[-1].text) >= HANGING:
            hangs = [word.box.x for word in line.words[1:][-MOST_HANGING:]]
            if scheme := SCHEME.search(line.words[-1].text):  # what stands before it is a cell
                hangs.append(_start(line.words[-1], scheme.start()))
            row = row_lefts(lines, places, line)
            starts += [each.box.x for each in row[-MOST_HANGING:]]
        following = _beneath(lines, places, line, starts, hangs)
        if following is not None:
            found[place] = following
    return found


def _start(word: Word, at: int) -> float:
    """Return where a letter of a word begins, in pixels, if all letters were as wide."""
    return word.box.x + word.box.w * at / len(word.text)


def _beneath(
    lines: Sequence[Line], places: Places, line: Line, starts: list[float], hangs: list[float]
) -> int | None:
    """Return the place of the nearest line beneath that begins at one of some left edges.

    Args:
        lines: of a page.
        places: of them.
        line: above.
        starts: near which it begins, best near the first.
        hangs: or very near one of these.
    """
    best: tuple[float, ...] | None = None
    box, aside = line.box, 1.5 * line.height
    further = OUTDENT * line.height if hangs or len(starts) > 1 else 0.0
    left, right = min(starts) - aside, max([*starts, *hangs]) + aside
    for other in places.near(min(left, box.x - further), box.y, right, box.bottom + aside):
        candidate = lines[other]
        gap = candidate.box.y - line.box.bottom
        if candidate is line or not -0.4 * line.height <= gap <= 1.3 * line.height:
            continue
        if candidate.box.y <= line.box.y + 0.5 * line.height:
            continue
        ways = [abs(candidate.box.x - x) for x in starts]
        away = min(ways)
        hung = any(abs(candidate.box.x - x) < 0.5 * line.height for x in hangs)
        if away > aside and not hung:
            if not box.x - further < candidate.box.x < box.x:
                continue
            broken = line.text[-1] in BREAKS and len(candidate.text) > NARROW_ROW
            if len(TORN.sub("", candidate.text).split()[0]) < HANGING / 2 and not broken:
                continue
        heights = [candidate.height, line.height]
        if hangs or len(starts) > 1:  # long words have letters of all heights, others may not
            heights = [candidate.words[0].box.h, line.words[-1].box.h]
        low, high = sorted(heights)
        flat = len(candidate.text) < 4 or any(map(LEVEL.fullmatch, (line.text, candidate.text)))
        aligned = away < 0.3 * low or hung  # one may hold a chip's end
        if high > (2.1 if flat or aligned else 1.6) * low:
            continue
        step = round(gap / (0.6 * line.height))
        size = min(len(candidate.words[0].text), NUMBERED) if hangs else 0
        elsewhere = ways[0] > aside and not hung
        rank = (step + LATER * elsewhere, elsewhere, -size, gap, away, other)
        if best is None or rank < best:
            best = rank
    return int(best[-1]) if best else None
