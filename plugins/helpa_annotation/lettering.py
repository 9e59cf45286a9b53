"""Words laid out: broken into lines, in order, each glyph in its place. All lengths are in ems."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from itertools import pairwise

from helpa_annotation import bidi
from helpa_annotation.fonts import Font, Fonts, Glyph, is_ignorable, script_of

LINE = 1.25
"""From the foot of a line to that of the next."""

ASCENT = 0.935
"""Of FiraGO, above the foot of a line; DESCENT below it (its tables of metrics)."""
DESCENT = 0.265

SLACK = 1e-3
"""By which a line may be wider than its box, so that what was measured fits into it again."""

_NOT_FIRST = frozenset(")]}»”’.,:;!?%…、。，．：；！？）」』】〕〉》ー")
_BREAKING = frozenset("\u00ad\u200b")


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its glyphs, from its left end on, and its width."""

    glyphs: tuple[Glyph, ...]
    width: float


@dataclass(frozen=True, slots=True)
class Block:
    """Lines, one below the other."""

    lines: tuple[Line, ...]

    @property
    def width(self) -> float:
        """Width of the widest line."""
        return max((line.width for line in self.lines), default=0.0)

    @property
    def height(self) -> float:
        """From the top of the first line's letters to the foot of the last one's."""
        return ASCENT + DESCENT + LINE * (len(self.lines) - 1)


def laid_out(text: str, fonts: Fonts, *, bold: bool, width: float | None = None) -> Block:
    """Return some text in lines.

    Args:
        text: characters that the fonts have, with line feeds.
        fonts: to write it in.
        bold: whether the letters are.
        width: at which lines are broken between words, and within one that is too long, in ems;
            None breaks at line feeds alone.
    """
    lines: list[Line] = []
    for paragraph in text.split("\n"):
        found = bidi.levels(paragraph)
        base = bidi.base_level(paragraph)
        for first, last in _broken(paragraph, fonts, bold, width):
            part = paragraph[first:last].rstrip(" ")
            levels = bidi.line_levels(part, found[first : first + len(part)], base)
            lines.append(_line(part, levels, fonts, bold))
    return Block(tuple(lines))


def _broken(text: str, fonts: Fonts, bold: bool, width: float | None) -> list[tuple[int, int]]:
    """Return where the lines of a paragraph begin and end."""
    if width is None:
        return [(0, len(text))]
    widths = _widths(text, fonts, bold)
    lines, start, used = [], 0, 0.0
    for first, last in _pieces(text):
        seen = first + len(text[first:last].rstrip(" "))
        wide = sum(widths[first:seen])
        if first > start and used + wide > width + SLACK:
            lines.append((start, first))
            start, used = first, 0.0
        if wide > width + SLACK:
            # The piece is alone in its line and too long for it.
            stops = [first + stop for stop in _stops(text[first:seen])]
            for stop, following in pairwise(stops):
                advance = sum(widths[stop:following])
                if stop > start and used + advance > width + SLACK:
                    lines.append((start, stop))
                    start, used = stop, 0.0
                used += advance
        else:
            used += wide
        used += sum(widths[seen:last])
    lines.append((start, len(text)))
    return lines


def _widths(text: str, fonts: Fonts, bold: bool) -> list[float]:
    """Return by how much each character of a paragraph moves on what follows."""
    widths = [0.0] * len(text)
    start = 0
    for written, font, script, level in _runs(text, bidi.levels(text), fonts, bold):
        for glyph in font.shape(written, script, bool(level % 2)):
            widths[start + glyph.cluster] += glyph.advance
        start += len(written)
    return widths


def _pieces(text: str) -> list[tuple[int, int]]:
    """Return the parts between which a line may be broken, each with the spaces after it."""
    pieces, start = [], 0
    for place in range(1, len(text)):
        before, after = text[place - 1], text[place]
        if after == " " or unicodedata.category(after).startswith("M"):
            continue
        may = before == " " or before in _BREAKING or _is_wide(before) or _is_wide(after)
        if before in "-–—/" and after.isalpha() and place - start > 1:
            may = True
        if may and (after not in _NOT_FIRST or before == " "):
            pieces.append((start, place))
            start = place
    return [*pieces, (start, len(text))]


def _is_wide(character: str) -> bool:
    """Whether lines may be broken around a character: Chinese and Japanese have no spaces."""
    return unicodedata.east_asian_width(character) == "W" and character.isalnum()


def _stops(text: str) -> list[int]:
    """Return the places before characters that are no marks of the one before them."""
    marks = (
        place > 0
        and (
            unicodedata.category(c).startswith("M")
            or is_ignorable(c)
            or text[place - 1] == "\u200d"
        )
        for place, c in enumerate(text)
    )
    return [place for place, mark in enumerate(marks) if not mark] + [len(text)]


def _line(text: str, levels: list[int], fonts: Fonts, bold: bool) -> Line:
    glyphs: list[Glyph] = []
    at = 0.0
    runs = _runs(text, levels, fonts, bold)
    for number in bidi.visual([level for *_, level in runs]):
        written, font, script, level = runs[number]
        for glyph in font.shape(written, script, bool(level % 2)):
            character = written[glyph.cluster]
            if not (character.isspace() or is_ignorable(character)):
                glyphs.append(replace(glyph, x=at + glyph.x))
            at += glyph.advance
    return Line(tuple(glyphs), at)


def _runs(
    text: str, levels: list[int], fonts: Fonts, bold: bool
) -> list[tuple[str, Font, str | None, int]]:
    """Return the text in runs of one font, script and level each."""
    runs: list[tuple[str, Font, str | None, int]] = []
    for character, level in zip(text, levels, strict=True):
        script = script_of(character)
        if runs:
            written, font, before, at = runs[-1]
            same = level == at and (script is None or before is None or script == before)
            if same and (is_ignorable(character) or _goes_on(character, font, fonts, bold)):
                runs[-1] = (written + character, font, before or script, at)
                continue
        font = fonts.font_of(character, bold) or fonts.asked(bold)[0]
        runs.append((character, font, script, level))
    return runs


def _goes_on(character: str, font: Font, fonts: Fonts, bold: bool) -> bool:
    joined = unicodedata.category(character).startswith("M") or character == " "
    if joined:
        return font.has(character)
    return fonts.font_of(character, bold) == font
