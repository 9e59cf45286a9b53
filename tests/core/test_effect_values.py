"""The values of ``radius``, ``border`` and ``shadow``."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa import Colour, Size
from helpa_filters.border import Line
from helpa_filters.radius import Radii, resolved
from helpa_filters.shadow import Cast

CHANNEL = st.integers(0, 255)
COLOUR = st.builds(Colour, CHANNEL, CHANNEL, CHANNEL, CHANNEL)
CORNER = st.integers(0, 10_000)
RADII = st.builds(Radii, st.none() | st.tuples(CORNER, CORNER, CORNER, CORNER))
LINES = st.builds(Line, st.integers(0, 1000), COLOUR)
SHIFT = st.integers(-500, 500)
CASTS = st.builds(Cast, st.integers(0, 250), SHIFT, SHIFT, COLOUR)
TEXT = st.text("0123456789,-maxredf. ", max_size=16)


@given(st.one_of(RADII, LINES, CASTS))
def test_a_value_is_what_its_text_says(value: Radii | Line | Cast) -> None:
    text = str(value)
    assert type(value).parse(text) == value
    assert re.fullmatch(value.pattern, text)


@given(st.sampled_from([Radii, Line, Cast]), TEXT)
def test_a_text_is_refused_or_has_one_canonical_form(
    kind: type[Radii] | type[Line] | type[Cast], text: str
) -> None:
    try:
        value = kind.parse(text)
    except ValueError:
        return
    assert re.fullmatch(kind.pattern, text, re.ASCII | re.IGNORECASE)
    assert kind.parse(str(value)) == value


@given(RADII, st.integers(1, 9000), st.integers(1, 9000), st.floats(1, 5))
def test_corners_always_fit_beside_each_other(
    radii: Radii, width: int, height: int, dpr: float
) -> None:
    tl, tr, br, bl = resolved(radii, Size(width, height), dpr)
    assert min(tl, tr, br, bl) >= 0
    assert max(tl + tr, bl + br) <= width + 0.01
    assert max(tl + bl, tr + br) <= height + 0.01
    if radii.corners and 2 * max(radii.corners) * dpr <= min(width, height):
        wanted = [corner * dpr for corner in radii.corners]
        assert [tl, tr, br, bl] == pytest.approx(wanted, abs=0.001)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("MAX", "max"), ("5,5,5,5", "5"), ("007", "7"), ("1,2,3,4", "1,2,3,4")],
)
def test_radii_are_written_shortest(text: str, canonical: str) -> None:
    assert str(Radii.parse(text)) == canonical


def test_defaults_of_border_and_shadow() -> None:
    assert str(Line.parse("3")) == "3,000000"
    assert str(Cast.parse("21")) == "21,0,10,0000004d"
    assert str(Cast.parse("21,-3,4")) == "21,-3,4,0000004d"
