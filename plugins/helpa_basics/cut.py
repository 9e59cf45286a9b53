"""``rect`` and ``trim``: parts of the upright picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from helpa import Affine, Colour, Frame, Measure, Parameter, Rect, Size, Step, invalid
from helpa_basics.rounding import whole


def rect(
    frame: Frame,
    *,
    rect: Annotated[
        Rect | None,
        Parameter(
            "Cuts a rectangle out of the upright picture before anything else.",
            parts=(("cx", "cy", "cw", "ch"),),
            example="10p,10p,80p,50p",
        ),
    ] = None,
) -> Step | None:
    """Cut a rectangle out of the picture.

    The rectangle is given in pixels or percent of the upright picture and must lie inside it.
    """
    if rect is None:
        return None
    width, height = frame.size.width, frame.size.height
    left, top = rect.x.of(width), rect.y.of(height)
    right, bottom = left + rect.w.of(width), top + rect.h.of(height)
    # Percentages that add up to 100 may pass the edge by a rounding error, pixels may not.
    if right > width + 1e-6 * width or bottom > height + 1e-6 * height:
        raise invalid("rect", str(rect), f"a rectangle inside {width}×{height} px")
    x, y = min(whole(left), width - 1), min(whole(top), height - 1)
    w = max(1, min(whole(right), width) - x)
    h = max(1, min(whole(bottom), height) - y)
    return cut(frame.size, x, y, w, h)


def cut(size: Size, x: int, y: int, width: int, height: int) -> Step | None:
    """Return the step that keeps a rectangle of ``size``, or None where that is all of it."""
    if (x, y, width, height) == (0, 0, size.width, size.height):
        return None
    return Step({"rect": [x, y, width, height]}, Size(width, height), Affine(c=-x, f=-y))


TOLERANCE = "10"
"""Where a colour alone is given: what JPEG leaves around sharp edges is within it."""


@dataclass(frozen=True, slots=True)
class Border:
    """How a border is told from the picture: a tolerance, and perhaps its colour."""

    tolerance: int
    colour: Colour | None

    expects: ClassVar[str] = "a tolerance of 0–255, and perhaps ,colour: 10 or 10,fff or ,fff"
    pattern: ClassVar[str] = r"^(\d{1,3}|\d{0,3},[0-9A-Za-z]+)$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the border; a colour alone takes a tolerance of 10.

        Raises:
            ValueError: no tolerance of 0–255, or no colour after the comma.
        """
        tolerance, comma, colour = text.partition(",")
        if comma and not tolerance:
            tolerance = TOLERANCE
        if not re.fullmatch(r"[0-9]{1,3}", tolerance) or int(tolerance) > 255:
            raise ValueError(text)
        return cls(int(tolerance), Colour.parse(colour) if comma else None)

    def __str__(self) -> str:
        return f"{self.tolerance}" + (f",{self.colour}" if self.colour else "")


def trim(
    frame: Frame,
    *,
    trim: Annotated[
        Border | None,
        Parameter(
            "Cuts off a border of one colour (that of the top left pixel unless named), up to a "
            "tolerance of 0–255; transparent pixels are border too.",
            synonyms=(("auto", "10"),),
            example="10",
        ),
    ] = None,
) -> Step | Measure | None:
    """Cut off a border of one colour.

    A picture that is all border stays as it is. Of an animation the first frame decides.
    """
    if trim is None:
        return None
    if frame.measured is None:
        colour = trim.colour
        rgb = [colour.red, colour.green, colour.blue] if colour else None
        # Against noise a median of 3×3 px goes before, which drawings have no need of: it would
        # take lines of one pixel for noise.
        exact = frame.picture.graphic
        return Measure({"tolerance": trim.tolerance, "colour": rgb, "exact": exact})
    x, y, width, height = (int(value) for value in frame.measured["rect"])
    if width == 0 or height == 0:
        return None
    return cut(frame.size, x, y, width, height)
