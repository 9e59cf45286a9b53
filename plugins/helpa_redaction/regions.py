"""Regions as clients send them, and what they come to on a picture."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from helpa import Length, Size, invalid
from helpa.api import Body
from helpa_redaction.coverage import Band, Coverage, covered, margin_of, meets
from helpa_redaction.shapes import Region, Shape

__all__ = [
    "Amount", "Band", "Coverage", "Region", "RegionBody", "Regions", "covered", "margin_of",
    "meets", "regions_of",
]  # fmt: skip

MOST_REGIONS = 200

LEAST_POINTS, MOST_POINTS = 3, 100

FARTHEST = 1_000_000
"""Pixels or percent: no picture is so large, and sums of such numbers are exact enough."""

EXPECTED = f'a number of pixels, or percent in quotes such as "10%" or "10p", of up to ±{FARTHEST}'


def _amount(value: Any) -> Length:
    if isinstance(value, Length):
        return value
    number, percent = value, False
    if isinstance(value, str):
        percent = True
        found = re.fullmatch(r"(-?\d{1,7}(?:\.\d{1,12})?)[%p]", value.strip(), re.ASCII)
        number = float(found[1]) if found else math.nan
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise ValueError(EXPECTED)
    if not -FARTHEST <= number <= FARTHEST:  # nor NaN, of which that is false
        raise ValueError(EXPECTED)
    return Length(float(number), percent)


def _said(length: Length) -> float | str:
    return f"{length.value:g}%" if length.percent else length.value


Amount = Annotated[
    Length,
    PlainValidator(_amount),
    PlainSerializer(_said),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": -FARTHEST, "maximum": FARTHEST},
                {"type": "string", "pattern": r"^-?\d{1,6}(\.\d{1,12})?[%p]$"},
            ]
        }
    ),
]
"""A length in pixels, or in percent of the picture's width (x, w) or height (y, h)."""

Corner = Annotated[list[Amount], Field(min_length=2, max_length=2)]

Corners = Annotated[list[Corner], Field(min_length=LEAST_POINTS, max_length=MOST_POINTS)]


class RegionBody(Body):
    """A part of the upright picture, in pixels or percent of it."""

    shape: Shape | None = Field(
        None, description="rect unless points are given; an ellipse fills the box x, y, w, h."
    )
    x: Amount | None = Field(None, description='Left edge: pixels, or percent such as "10%".')
    y: Amount | None = Field(None, description="Top edge.")
    w: Amount | None = Field(None, description="Width.")
    h: Amount | None = Field(None, description="Height.")
    points: Corners | None = Field(None, description="Corners [x, y] of a polygon, in order.")


Regions = Annotated[list[RegionBody], Field(min_length=1, max_length=MOST_REGIONS)]
"""The regions of a redaction."""


def regions_of(bodies: Sequence[RegionBody], size: Size) -> tuple[Region, ...]:
    """Return the regions that a client sent, in pixels of an upright picture.

    Raises:
        InvalidValue: names the region and its field: one is missing or of another shape, or the
            region is empty or lies outside of the picture.
    """
    return tuple(_region(body, size, f"regions.{n}") for n, body in enumerate(bodies))


def _region(body: RegionBody, size: Size, name: str) -> Region:
    shape = body.shape or ("rect" if body.points is None else "polygon")
    region = _polygon(body, size, name) if shape == "polygon" else _box(body, shape, size, name)
    if region.flat:
        raise invalid(f"{name}.points", _text(region), "corners that are not all on one line")
    if not meets(region, size):
        allowed = f"a region that lies, at least in part, in the picture of {_of(size)}"
        raise invalid(name, _text(region), allowed)
    return region


def _polygon(body: RegionBody, size: Size, name: str) -> Region:
    for field in ("x", "y", "w", "h"):
        value = getattr(body, field)
        if value is not None:
            raise invalid(f"{name}.{field}", str(_said(value)), "points alone for a polygon")
    if body.points is None:
        allowed = f"{LEAST_POINTS} to {MOST_POINTS} corners [x, y] for a polygon"
        raise invalid(f"{name}.points", "nothing", allowed)
    return Region.polygon(
        tuple((_pixels(x, size.width), _pixels(y, size.height)) for x, y in body.points)
    )


def _box(body: RegionBody, shape: Shape, size: Size, name: str) -> Region:
    if body.points is not None:
        allowed = f"x, y, w and h for a shape of {shape}"
        raise invalid(f"{name}.points", f"{len(body.points)} points", allowed)
    found: dict[str, float] = {}
    for field, side in (("x", "width"), ("y", "height"), ("w", "width"), ("h", "height")):
        value = getattr(body, field)
        if value is None:
            raise invalid(f"{name}.{field}", "nothing", EXPECTED)
        found[field] = _pixels(value, getattr(size, side))
        if field in ("w", "h") and found[field] <= 0:
            raise invalid(f"{name}.{field}", str(_said(value)), "more than 0")
    return Region(shape, found["x"], found["y"], found["w"], found["h"])


def _pixels(length: Length, side: int) -> float:
    # Seven percent of 100 px are 7 px, not 7.000000000000001, which would touch an eighth.
    return round(length.of(side), 6)


def _text(region: Region) -> str:
    if region.points:
        return " ".join(f"{x:g},{y:g}" for x, y in region.points)
    return f"{region.x:g},{region.y:g},{region.w:g},{region.h:g}"


def _of(size: Size) -> str:
    return f"{size.width}×{size.height} px"
