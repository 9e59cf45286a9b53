"""Regions as clients send them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa import InvalidValue, Size
from helpa.api import Body, checked
from helpa_redaction.regions import Region, Regions, regions_of

SIZE = Size(200, 100)


class Redaction(Body):
    regions: Regions


def parsed(*regions: Any, size: Size = SIZE) -> tuple[Region, ...]:
    return regions_of(checked(Redaction, {"regions": list(regions)}).regions, size)


def refused(*regions: Any) -> InvalidValue:
    with pytest.raises(InvalidValue) as caught:
        parsed(*regions)
    return caught.value


def test_pixels_and_percent_may_be_mixed() -> None:
    assert parsed({"x": 10, "y": "10%", "w": "50p", "h": 7.5}) == (
        Region("rect", 10, 10, 100, 7.5),
    )
    assert parsed({"shape": "ellipse", "x": 0, "y": 0, "w": "100%", "h": "7%"}) == (
        Region("ellipse", 0, 0, 200, 7),
    )


def test_points_make_a_polygon() -> None:
    (region,) = parsed({"points": [[0, 0], ["50%", 0], [0, "50%"]]})
    assert region == Region.polygon(((0, 0), (100, 0), (0, 50)))
    assert (region.x, region.y, region.w, region.h) == (0, 0, 100, 50)


def test_a_region_partly_outside_is_taken() -> None:
    assert parsed({"x": -10, "y": -10, "w": 20, "h": 20}) == (Region("rect", -10, -10, 20, 20),)


BOX = {"x": 1, "y": 1, "w": 5, "h": 5}


@pytest.mark.parametrize(
    ("region", "field", "words"),
    [
        ({"y": 1, "w": 5, "h": 5}, "regions.1.x", "number of pixels"),
        (BOX | {"w": 0}, "regions.1.w", "more than 0"),
        (BOX | {"h": "-1%"}, "regions.1.h", "more than 0"),
        (BOX | {"h": 1e-310}, "regions.1.h", "more than 0"),
        (BOX | {"x": "10"}, "regions.1.x", "percent"),
        (BOX | {"x": "ten%"}, "regions.1.x", "percent"),
        (BOX | {"x": True}, "regions.1.x", "number of pixels"),
        (BOX | {"x": None}, "regions.1.x", "number of pixels"),
        (BOX | {"x": float("nan")}, "regions.1.x", "number of pixels"),
        (BOX | {"w": float("inf")}, "regions.1.w", "number of pixels"),
        (BOX | {"w": 1e30}, "regions.1.w", "number of pixels"),
        (BOX | {"w": 10**400}, "regions.1.w", "number of pixels"),
        (BOX | {"x": 200}, "regions.1", "200×100 px"),
        (BOX | {"y": "100%"}, "regions.1", "200×100 px"),
        (BOX | {"shape": "circle"}, "regions.1.shape", "ellipse"),
        (BOX | {"shape": "polygon"}, "regions.1.x", "points"),
        ({"shape": "polygon"}, "regions.1.points", "3 to 100"),
        (BOX | {"points": [[0, 0], [5, 0], [0, 5]]}, "regions.1.x", "points"),
        (
            {"shape": "rect", "points": [[0, 0], [5, 0], [0, 5]]},
            "regions.1.points",
            "x, y, w and h",
        ),
        ({"points": [[0, 0], [5, 0]]}, "regions.1.points", "at least 3"),
        ({"points": [[n, n * n] for n in range(101)]}, "regions.1.points", "at most 100"),
        ({"points": [[0, 0], [5], [0, 5]]}, "regions.1.points.1", "at least 2"),
        ({"points": [[0, 0], [5, "a"], [0, 5]]}, "regions.1.points.1.1", "percent"),
        ({"points": [[0, 0], [5, 5], [10, 10]]}, "regions.1.points", "line"),
        ({"points": [[0, 0], [0, 0], [0, 0]]}, "regions.1.points", "line"),
        ({"points": [[-9, 1], [-5, -5], [8, -9]]}, "regions.1", "200×100 px"),
        (BOX | {"radius": 5}, "regions.1.radius", "regions"),
        ([1, 2, 3, 4], "regions.1", "dictionary"),
    ],
)
def test_what_is_wrong_is_named(region: Any, field: str, words: str) -> None:
    error = refused(BOX, region)
    assert error.field == field
    assert error.given is not None
    assert words in str(error.allowed)
    json.dumps(error.problem())


def test_there_are_one_to_two_hundred_regions() -> None:
    assert len(parsed(*[BOX] * 200)) == 200
    assert refused(*[BOX] * 201).field == "regions"
    assert refused().field == "regions"


ANYTHING: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 1e400, float("nan"), -1e300, 10**30, "", "9%", "%", "1e5%", "\0", "٣%", {}, []]
)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["x", "y", "w", "h", "shape", "points"]),
            ANYTHING
            | st.integers(-50, 250)
            | st.sampled_from(["10%", "rect", "polygon"])
            | st.lists(st.lists(st.integers(-50, 250) | ANYTHING, max_size=3), max_size=5),
        ),
        max_size=3,
    )
)
def test_nothing_sent_breaks_it(regions: list[dict[str, Any]]) -> None:
    try:
        found = parsed(*regions)
    except InvalidValue as refusal:
        named = str(refusal.field)
    else:
        named = "regions"
        assert all(region.w > 0 or region.h > 0 for region in found)
    assert named.startswith("regions")


def test_the_document_of_a_region_is_one_again() -> None:
    sent = ({"points": [[0, 0], ["50%", 0], [0, "50%"]]}, BOX)
    once = parsed(*sent)
    assert parsed(*(region.document for region in once)) == once


def test_the_schema_says_what_is_taken() -> None:
    schema = json.dumps(Redaction.model_json_schema())
    assert '"polygon"' in schema
    assert "%p" in schema
