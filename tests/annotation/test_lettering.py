"""Words in lines: order, breaks, measures."""

from __future__ import annotations

import bidi as reference
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpa_annotation.bidi import base_level, line_levels, visual
from helpa_annotation.bidi import levels as levels_of
from helpa_annotation.fonts import fonts
from helpa_annotation.lettering import SLACK, Block, laid_out

signs = st.sampled_from("abא בג123 ,.-+%$€()[]{}!?اب٣٤ \u200e\u200f:/")


@settings(max_examples=400, deadline=None)
@given(st.text(signs, min_size=1, max_size=24))
def test_characters_stand_in_the_order_of_the_standard(text: str) -> None:
    found = line_levels(text, levels_of(text), base_level(text))
    seen = "".join(text[place] for place in visual(found))
    # The reference leaves marks of direction out, and turns no brackets round: shaping does.
    assert strip(seen) == strip(reference.get_display(text))


def strip(text: str) -> str:
    return text.replace("\u200e", "").replace("\u200f", "")


def block(text: str, width: float | None = None, bold: bool = False) -> Block:
    return laid_out(text, fonts(), bold=bold, width=width)


def words(text: str, width: float) -> list[int]:
    return [len(line.glyphs) for line in block(text, width).lines]


def test_lines_break_between_words() -> None:
    assert len(block("one two three").lines) == 1
    wide = block("one two").width
    assert words("one two three four", wide + 0.01) == [6, 5, 4]
    assert words("one\n\ntwo", 99) == [3, 0, 3]


def test_a_word_that_is_too_long_is_broken() -> None:
    found = block("a" + "m" * 40, 5).lines
    assert len(found) > 5
    assert all(line.width <= 5 + SLACK for line in found)
    assert sum(len(line.glyphs) for line in found) == 41


def test_no_width_is_too_small() -> None:
    assert len(block("abc", 0).lines) == 3
    assert len(block("e\u0308\u0301x", 0).lines) == 2  # marks stay with their letter


@settings(max_examples=100, deadline=None)
@given(st.text(signs, min_size=1, max_size=60), st.floats(0.5, 20))
def test_no_character_is_lost_in_breaking(text: str, width: float) -> None:
    found = block(text, width)
    one = block(text)
    assert sum(len(line.glyphs) for line in found.lines) == sum(
        len(line.glyphs) for line in one.lines
    )


@settings(max_examples=100, deadline=None)
@given(st.text(signs, min_size=1, max_size=60))
def test_what_was_measured_fits_into_its_own_width(text: str) -> None:
    one = block(text)
    assert len(block(text, one.width + 2 * SLACK).lines) == len(one.lines)


def test_letters_are_shaped() -> None:
    # A letter of Arabic has another form between others; Devanagari reorders its vowels.
    joined = {g.number for g in block("ببب").lines[0].glyphs}
    assert len(joined) == 3
    alone, with_sign = block("क").lines[0].glyphs, block("कि").lines[0].glyphs
    assert with_sign[-1].number == alone[0].number
    assert len(with_sign) == 2


@pytest.mark.parametrize("text", ["→✓★", "≤∑", "①", "👍"])
def test_signs_come_from_other_fonts(text: str) -> None:
    assert fonts().missing(text) == ""
    assert len(block(text).lines[0].glyphs) == len(text)


def test_bold_letters_are_wider() -> None:
    assert block("measure", bold=True).width > block("measure").width
