"""Puts words into lines, and lines beneath each other into columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from helpa_redaction.detect.words import Line, Word, union, width_of

GAP = 1.5
"""A gap of as many heights of a line begins another: spaces are a third, columns two and more."""


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Return the words in lines, from top to bottom and left to right.

    The reader's own lines are cut where there are wide gaps, since it takes a row of a table for
    one line; and put together where it cut one at a change of colour.
    """
    told: dict[int, list[Word]] = {}
    for word in words:
        told.setdefault(word.line, []).append(word)
    pieces = [
        piece for held in told.values() for piece in _cut(sorted(held, key=lambda w: w.box.x))
    ]
    pieces.sort(key=lambda line: line.box.x)
    made: list[Line] = []
    for piece in pieces:
        for place, line in enumerate(made):
            gap = piece.box.x - line.box.right
            low, high = sorted((piece.height, line.height))
            if _level(line, piece) and -0.5 * low < gap < 0.9 * low and high < 1.5 * low:
                made[place] = Line([*line.words, *piece.words])
                break
        else:
            made.append(piece)
    return sorted(made, key=lambda line: (line.box.y, line.box.x))


def _cut(words: Sequence[Word]) -> list[Line]:
    height = Line(words).height
    pieces = [[words[0]]]
    for word in words[1:]:
        if word.box.x - pieces[-1][-1].box.right > GAP * height:
            pieces.append([])
        pieces[-1].append(word)
    return [Line(_whole(piece)) for piece in pieces]


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
        if word.box.x - last.box.right < 0.8 * pitch:
            sure = min(last.confidence, word.confidence)
            box = union((last.box, word.box))
            made[-1] = Word(last.text + word.text, box, sure, last.line)
        else:
            made.append(word)
    return made


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


def _level(a: Line, b: Line) -> bool:
    """Return whether two lines stand on one height."""
    shared = min(a.box.bottom, b.box.bottom) - max(a.box.y, b.box.y)
    return shared > 0.6 * min(a.box.h, b.box.h)


def level(a: Line, b: Line) -> bool:
    """Return whether ``b`` stands on the height of ``a``, to its right."""
    return _level(a, b) and b.box.x >= a.box.right - 2


def wrapped(lines: Sequence[Line], below: dict[int, int]) -> list[tuple[Line, int, int]]:
    """Return each line with the one it goes on in, as one line over two rows.

    Args:
        lines: of a page.
        below: which goes on in which, by their places.

    Returns:
        The line, the place in its text where the second row begins, and the place of the first.
    """
    made = []
    for place, other in below.items():
        first, second = lines[place], lines[other]
        joined = Line([*first.words, *second.words], ordered=True)
        made.append((joined, len(first.text) + 1, place))
    return made


def continuations(lines: Sequence[Line]) -> dict[int, int]:
    """Return which line may go on in which line right beneath it, by their places.

    A line goes on in the nearest one beneath that begins where it begins and is as high.
    """
    found: dict[int, int] = {}
    for place, line in enumerate(lines):
        best: tuple[float, int] | None = None
        for other, candidate in enumerate(lines):
            gap = candidate.box.y - line.box.bottom
            if candidate is line or not -0.4 * line.height <= gap <= 1.3 * line.height:
                continue
            if candidate.box.y <= line.box.y + 0.5 * line.height:
                continue
            if abs(candidate.box.x - line.box.x) > 1.5 * line.height:
                continue
            low, high = sorted((candidate.height, line.height))
            if high > 1.6 * low:
                continue
            if best is None or gap < best[0]:
                best = (gap, other)
        if best:
            found[place] = best[1]
    return found
