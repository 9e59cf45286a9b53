"""Puts words into lines: torn ones together, and those of two columns apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from helpa_redaction.detect import pitch
from helpa_redaction.detect.pitch import WHOLE, as_one
from helpa_redaction.detect.places import Places
from helpa_redaction.detect.words import Box, Line, Word, cut

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
    cuts = [
        kept
        for held in told.values()
        for piece in _cut(_mended(_clear(sorted(map(_bare, held), key=lambda w: w.box.x))))
        if (kept := _unedged(piece))
    ]
    pieces = [Line(words) for words in pitch.mended(cuts)]
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


def _bare(word: Word) -> Word:
    """Return a word without the rule before it, or the room, that was read as dashes."""
    dashes = re.match(r"[—–_]{2,}(?=[A-Za-z]{3})", word.text)
    if dashes is None:
        return word
    first, last = dashes.end(), len(word.text)
    return Word(word.text[first:], cut(word, first, last), word.confidence, word.line)


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
            made[-1] = as_one(last, word)
        else:
            made.append(word)
    return made


CAPITAL = re.compile("[A-Z]")
"""What a chip's end is read as."""


def _of_one(left: str, right: str) -> bool:
    """Return whether two pieces may be of one word that is no plain one."""
    if (
        "|" in (left, right)
        or NOISE.fullmatch(left)
        or WHOLE.fullmatch(right)
        or CAPITAL.fullmatch(right)
    ):
        return False
    whole = left + right
    return len(whole) >= 8 and bool(re.search(r"[0-9@/_=]|[a-z][A-Z]", whole))


NOISE = re.compile(r"[_—–|]+")
"""What the room between two cells is read as, or the dot or the rule within it."""


NOISY = 1.6
"""Heights of a line that such room has at least: a dash between two words of a text has less."""


def _cut(words: Sequence[Word]) -> list[list[Word]]:
    height = Line(words).height
    told = [
        word
        for place, word in enumerate(words)
        if not (
            NOISE.fullmatch(word.text)
            and 0 < place < len(words) - 1
            and words[place + 1].box.x - words[place - 1].box.right > NOISY * height
        )
    ]
    pieces = [[told[0]]]
    for word in told[1:]:
        if word.box.x - pieces[-1][-1].box.right > GAP * height:
            pieces.append([])
        pieces[-1].append(word)
    return pieces


def _level(a: Line, b: Line, share: float = 0.6) -> bool:
    """Return whether two lines stand on one height."""
    shared = min(a.box.bottom, b.box.bottom) - max(a.box.y, b.box.y)
    return shared > share * min(a.box.h, b.box.h)


def level(a: Line, b: Line) -> bool:
    """Return whether ``b`` stands on the height of ``a``, to its right.

    Fields of forms are padded, so that what stands in them is lower than its label by a few pixels.
    """
    return _level(a, b, 0.35) and b.box.x >= a.box.right - 2
