"""Tells letters of one width, and puts together what the reader tore in them.

In such letters the reader takes the room beside a narrow one for a space.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from statistics import median

from helpa_redaction.detect.words import Word, union, width_of

LETTERS, SHORTEST = 20, 4
"""Letters of a line and of a word from which on their widths tell something."""

BESIDE = 0.25
"""Widths of a letter that are no ink before a word's first letter and behind its last, together."""

NEAR, BROKEN = 0.06, 1.3
"""Share of the usual width within which a word's letters have it; and times of it from which on the
word's box is a wrong one and tells nothing."""

MOST = 0.85
"""Share of the letters of a line whose words must have the usual width."""

CLOSE = 0.03
"""Share by which widths differ in the middle where all letters are as wide: half a pixel of a word
of five letters."""

TIMES, LEAST = 2.5, 0.012
"""How much more the widths differ, and how much at least, where each letter is taken to be as wide
as its own kind usually is. From the lines of screenshots with fonts of both kinds."""

WIDE = 0.88
"""Pitches that the gap between plain words has at least, in the middle."""

SAME = 0.02
"""Share by which the pitch of a line may differ from those told by themselves."""

SPACE, SURELY = 0.95, 0.8
"""Pitches from which on a gap is a space, that is one pitch and the room beside its letters; and
where a plain word stands, since boxes end half a pixel beside the ink."""

PLAIN = re.compile(r"[A-Za-zÀ-ÿ][a-zà-ÿ]+[.,:;!?)]?|[A-Z]{2,}:?")
"""Words of a text, between which there are spaces."""

WHOLE = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\S*|[\w.+\-]+@[\w\-]+\.\S+")
"""Addresses, which are whole as they are."""

ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\S*")

APART = re.compile(
    r"[A-Za-zÀ-ÿ][a-zà-ÿ]{2,}[.,:;!?)]?|[A-Z]{3,}:?|[+(]?\d{1,6}\)?|[A-Z]{2}\d{2}|[A-Z2-7]{4}"
)
"""Words and groups of digits, which stand apart also where they happen to have that width."""


def mended(lines: Sequence[Sequence[Word]]) -> list[list[Word]]:
    """Return the words of each line, as one those that were torn in letters of one width.

    Args:
        lines: of a page, each with its words from left to right.
    """
    told = [_told(words) for words in lines]
    known = sorted(pitch for pitch, by_itself, _ in told if by_itself)
    made = []
    for words, (pitch, by_itself, share) in zip(lines, told, strict=True):
        like = sum(abs(other / pitch - 1) < SAME for other in known) if pitch else 0
        one_width = by_itself or (like >= 2 and share >= MOST)
        made.append(_joined(words, pitch) if one_width else list(words))
    return made


def _told(words: Sequence[Word]) -> tuple[float, bool, float]:
    """Return the usual width of a letter, whether all have it for sure, and of what share."""
    told = [word for word in words if len(word.text) >= SHORTEST]
    if sum(len(word.text) for word in told) < LETTERS:
        return 0.0, False, 0.0
    widths = [(word.box.w / (len(word.text) - BESIDE), word) for word in told]
    usual = _median((width, len(word.text)) for width, word in widths)
    right = [(width, word) for width, word in widths if width < BROKEN * usual]
    letters = sum(len(word.text) for _, word in right)
    like = [len(word.text) for width, word in right if abs(width / usual - 1) < NEAR]
    share = sum(like) / letters
    one = _spread([(width, len(word.text)) for width, word in right])
    own = _spread(
        [(word.box.w / sum(map(width_of, word.text)), len(word.text)) for _, word in right]
    )
    sure = len(right) > 1 and share >= MOST and one < CLOSE and own >= max(LEAST, TIMES * one)
    return (usual, sure, share) if _spaced(words, usual) else (0.0, False, 0.0)


def _spaced(words: Sequence[Word], pitch: float) -> bool:
    """Return whether the gaps between plain words are as wide as a letter, as far as there are any.

    Spaces of letters of other widths are half as wide.
    """
    gaps = [
        word.box.x - before.box.right
        for before, word in itertools.pairwise(words)
        if PLAIN.fullmatch(before.text)
        and not (before.text[-1] == "." and word.text[0].islower())  # a name with dots in it
        and (PLAIN.fullmatch(word.text) or (before.text[-1] == ":" and word.text[0] != "/"))
    ]
    return not gaps or median(gaps) > WIDE * pitch


def _median(weighed: Iterable[tuple[float, int]]) -> float:
    return median(value for value, weight in weighed for _ in range(weight))


def _spread(weighed: Sequence[tuple[float, int]]) -> float:
    middle = _median(weighed)
    total = sum(weight for _, weight in weighed)
    return sum(abs(value / middle - 1) * weight for value, weight in weighed) / total


def _joined(words: Sequence[Word], pitch: float) -> list[Word]:
    made = list(words[:1])
    for before, word in itertools.pairwise(words):
        if word.box.x - before.box.right < pitch * _space(before.text, word.text):
            made[-1] = as_one(made[-1], word)
        else:
            made.append(word)
    return made


def _space(left: str, right: str) -> float:
    """Return from how many pitches on the gap between two pieces is a space."""
    if (APART.fullmatch(left) and APART.fullmatch(right)) or "|" in (left, right):
        return 0.0
    if ADDRESS.fullmatch(right):
        return 0.0
    return SURELY if PLAIN.fullmatch(left) or PLAIN.fullmatch(right) else SPACE


def as_one(left: Word, right: Word) -> Word:
    """Return two words as one."""
    sure = min(left.confidence, right.confidence)
    return Word(left.text + right.text, union((left.box, right.box)), sure, left.line)
