"""Places: what is kept, and what others are shown."""

from __future__ import annotations

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa_profiles.place import cell_of, kept_cell, shown_cell

LAT = st.floats(-90, 90, allow_nan=False)
LNG = st.floats(-180, 180, allow_nan=False)


@given(LAT, LNG)
def test_a_point_is_kept_as_a_cell_of_resolution_8_around_it(lat: float, lng: float) -> None:
    cell = cell_of(lat, lng)
    assert h3.get_resolution(cell) == 8
    assert h3.cell_to_parent(h3.latlng_to_cell(lat, lng, 8), 7) == shown_cell(cell)


@given(LAT, LNG, st.integers(8, 15))
def test_a_finer_cell_is_kept_as_the_one_of_resolution_8_it_lies_in(
    lat: float, lng: float, resolution: int
) -> None:
    given_cell = h3.latlng_to_cell(lat, lng, resolution)
    kept = kept_cell(given_cell.upper())
    assert kept == h3.cell_to_parent(given_cell, 8)


@given(LAT, LNG, st.integers(0, 7))
def test_nothing_finer_than_resolution_7_is_ever_shown(
    lat: float, lng: float, resolution: int
) -> None:
    shown = shown_cell(cell_of(lat, lng), resolution)
    assert h3.get_resolution(shown) == resolution


@pytest.mark.parametrize("resolution", [8, 15, -1])
def test_a_finer_cell_is_refused_to_others(resolution: int) -> None:
    with pytest.raises(ValueError, match="resolution 0 to 7"):
        shown_cell(cell_of(47.4, 8.5), resolution)


@pytest.mark.parametrize("text", ["", "zz", "ffffffffffffffff", h3.latlng_to_cell(47.4, 8.5, 7)])
def test_what_is_no_cell_or_a_coarse_one_is_not_kept(text: str) -> None:
    assert kept_cell(text) is None
