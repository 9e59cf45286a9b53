"""Puts words into lines, and lines beneath each other into columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from helpa_redaction.detect.places import Places
from helpa_redaction.detect.words import Box, Line, Word, cut, union, width_of

GAP = 1.25
"""A gap of as many heights of a line begins another: spaces are a third, in letters of one width
one, and columns one and a half and more."""


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Return the words in lines, from top to bottom and left to right.

    The reader's own lines are cut where there are wide gaps, since it takes a row of a table for
    one line; and put together where it cut one at a change of colour.
    """
    told: dict[int, list[Word]] = {}
    for word in words:
        told.setdefault(word.line, []).append(word)
    pieces = [
        Line(_whole(kept))
        for held in told.values()
        for piece in _cut(_mended(_clear(sorted(held, key=lambda w: w.box.x))))
        if (kept := _unedged(piece))
    ]
    pieces.sort(key=lambda line: line.box.x)
    made: list[Line] = []
    places = Places()
    for piece in pieces:
        box, reach = piece.box, 1.5 * piece.height
        for place in places.near(box.x - reach, box.y, box.x + reach, box.bottom):
            line = made[place]
            gap = piece.box.x - line.box.right
            low, high = sorted((piece.height, line.height))
            if _level(line, piece) and -0.5 * low < gap < GAP * low and high < 1.5 * low:
                made[place] = Line([*line.words, *piece.words])
                places.add(place, made[place].box)
                break
        else:
            places.add(len(made), box)
            made.append(piece)
    return sorted(made, key=lambda line: (line.box.y, line.box.x))


EDGES = "|[]()!{}lI1_—-~'‘:;"
"""What the side of a field or of a bubble is read as."""

BARS, SPECKS = frozenset("|[]"), frozenset(".,'‘’*-_~:;·°")
"""What is such a side whatever its height, and what is none of the text where it is doubted."""

TALL = 1.6
"""Heights of a word beside it, from which on such a letter is a side and no letter."""


def _unedged(words: list[Word]) -> list[Word]:
    """Return words without the sides of a field that were read as letters before and after them."""
    kept = list(words)
    for at, inner in ((0, 1), (-1, -2)):
        if len(kept) < 2:
            break
        edge = kept[at]
        if edge.text in BARS or (edge.text in SPECKS and edge.confidence < 0.5):
            kept.pop(at)
            continue
        others = [word.box.h for word in kept if word is not edge and len(word.text) > 2]
        if not others or edge.box.h < TALL * min(others):
            continue
        if len(edge.text) == 1 and edge.text in EDGES:
            kept.pop(at)
        elif len(edge.text) > 2 and edge.text[at] in "|[](){}":
            first, last = (1, len(edge.text)) if at == 0 else (0, len(edge.text) - 1)
            near, box = kept[inner].box, cut(edge, first, last)
            box = Box(box.x, near.y, box.w, near.h)
            kept[at] = Word(edge.text[first:last], box, edge.confidence, edge.line)
    return kept


NARROWEST, WIDEST = 0.2, 1.0
"""Width of a letter, in heights of it, beyond which the reader put the word's box wrongly."""


def _clear(words: list[Word]) -> list[Word]:
    """Return words of a line whose boxes neither cover the next nor are too narrow for the letters.

    The reader puts some boxes wrongly where the ink between words is that of a chip's end.
    """
    made = list(words)
    for place, word in enumerate(words):
        box = word.box
        left, right = box.x, box.right
        wide = right - left > WIDEST * box.h * len(word.text)
        if wide and place + 1 < len(words) and words[place + 1].box.x < right:
            right = max(words[place + 1].box.x, left + 0.3 * (right - left))
        if len(word.text) > 5 and right - left < NARROWEST * box.h * len(word.text):
            ahead = words[place - 1].box.right if place else left
            left = max(ahead, right - 0.6 * box.h * len(word.text)) if ahead < left else left
        if (left, right) != (box.x, box.right):
            box = Box(left, box.y, right - left, box.h)
            made[place] = Word(word.text, box, word.confidence, word.line)
    return made


TORN = 0.22
"""Heights of a line below which a gap is none between words: a space of Arial Narrow has 0.25 and
the sides of its letters."""


LONGEST = 500
"""Letters from which on no piece is put behind a word: a row holds no more, and looking at a longer
one for each of thousands of pieces takes long."""


def _mended(words: list[Word]) -> list[Word]:
    """Return words of a line, those as one that the reader tore where there is no space."""
    height = Line(words).height
    made = words[:1]
    for word in words[1:]:
        last = made[-1]
        near = word.box.x - last.box.right < TORN * height and len(last.text) < LONGEST
        if near and _of_one(last.text, word.text):
            box, sure = union((last.box, word.box)), min(last.confidence, word.confidence)
            made[-1] = Word(last.text + word.text, box, sure, last.line)
        else:
            made.append(word)
    return made


WHOLE = re.compile(r"[A-Z]|\d{1,3}(?:\.\d{1,3}){3}\S*|[\w.+\-]+@[\w\-]+\.\S+")
"""What is whole as it is: an address; or what a chip's end is read as."""


def _of_one(left: str, right: str) -> bool:
    """Return whether two pieces may be of one word that is no plain one."""
    whole = left + right
    if WHOLE.fullmatch(right):
        return False
    return (
        "|" not in (left, right)
        and len(whole) >= 8
        and bool(re.search(r"[0-9@/_=]|[a-z][A-Z]", whole))
    )


def _cut(words: Sequence[Word]) -> list[list[Word]]:
    height = Line(words).height
    pieces = [[words[0]]]
    for word in words[1:]:
        if word.box.x - pieces[-1][-1].box.right > GAP * height:
            pieces.append([])
        pieces[-1].append(word)
    return pieces


def _whole(words: list[Word]) -> list[Word]:
    """Return words that are printed with letters of one width, with no space that is narrower.

    In such letters the reader takes the room beside a narrow one for a space.
    """
    pitch = _pitch(words)
    if pitch is None:
        return words
    made = [words[0]]
    for word in words[1:]:
        last = made[-1]
        if word.box.x - last.box.right < 0.8 * pitch and not (
            APART.fullmatch(last.text) and APART.fullmatch(word.text)
        ):
            sure = min(last.confidence, word.confidence)
            box = union((last.box, word.box))
            made[-1] = Word(last.text + word.text, box, sure, last.line)
        else:
            made.append(word)
    return made


APART = re.compile(r"[A-Za-zÀ-ÿ]{3,}:?|\d{2,6}")
"""Words and groups of digits, which stand apart also where they happen to have that width."""


def _pitch(words: Sequence[Word]) -> float | None:
    """Return the width of a letter and the room beside it where all have the same, else None."""
    told = [word for word in words if len(word.text) >= 4]
    if sum(len(word.text) for word in told) < 20 or len(told) < 3:
        return None
    same = [word.box.w / (len(word.text) - 0.25) for word in told]
    own = [word.box.w / sum(width_of(c) for c in word.text) for word in told]
    if _spread(same) > 0.06 or _spread(own) < 0.16:  # figures have one width in most fonts
        return None
    return sorted(same)[len(same) // 2]


def _spread(values: Sequence[float]) -> float:
    middle = sum(values) / len(values)
    return max(abs(value - middle) for value in values) / middle


def _level(a: Line, b: Line, share: float = 0.6) -> bool:
    """Return whether two lines stand on one height."""
    shared = min(a.box.bottom, b.box.bottom) - max(a.box.y, b.box.y)
    return shared > share * min(a.box.h, b.box.h)


def level(a: Line, b: Line) -> bool:
    """Return whether ``b`` stands on the height of ``a``, to its right.

    Fields of forms are padded, so that what stands in them is lower than its label by a few pixels.
    """
    return _level(a, b, 0.35) and b.box.x >= a.box.right - 2


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


HANGING = 16
"""Letters of a line's last word from which on it may go on beneath where any of its words begins:
the value in a table of names and values is read in one line with its name."""

MOST_HANGING = 12
"""Words before it that are looked at for that."""

LEVEL = re.compile(r"[acemnorsuvwxz.,_\-+=~:;@]+")
"""Letters without ascenders and descenders: a row of them is half as high as one above."""


def continuations(lines: Sequence[Line], places: Places) -> dict[int, int]:
    """Return which line may go on in which line right beneath it, by their places.

    A line goes on in the nearest one beneath that begins where it begins and is as high.
    """
    found: dict[int, int] = {}
    for place, line in enumerate(lines):
        best: tuple[float, float, int] | None = None
        box, aside = line.box, 1.5 * line.height
        hanging = len(line.words[-1].text) >= HANGING
        hangs = [word.box.x for word in line.words[1:][-MOST_HANGING:]] if hanging else []
        right = max([box.x, *hangs]) + aside
        for other in places.near(box.x - aside, box.y, right, box.bottom + aside):
            candidate = lines[other]
            gap = candidate.box.y - line.box.bottom
            if candidate is line or not -0.4 * line.height <= gap <= 1.3 * line.height:
                continue
            if candidate.box.y <= line.box.y + 0.5 * line.height:
                continue
            away = abs(candidate.box.x - line.box.x)
            hung = any(abs(candidate.box.x - x) < 0.5 * line.height for x in hangs)
            if away > 1.5 * line.height and not hung:
                continue
            low, high = sorted((candidate.height, line.height))
            plain = len(candidate.text) < 4 or any(
                map(LEVEL.fullmatch, (line.text, candidate.text))
            )
            aligned = away < 0.3 * low or hung  # one may hold a chip's end
            if high > (2 if plain else 2.1 if aligned else 1.6) * low:
                continue
            rank = (gap, away, other)
            if best is None or rank < best:
                best = rank
        if best:
            found[place] = best[2]
    return found
