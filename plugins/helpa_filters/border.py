"""``border``: a line around the picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from helpa import Affine, Colour, Frame, Parameter, Size, Step
from helpa.parameters import PixelRatio
from helpa_filters.radius import Radius, resolved

MOST = 1000
BLACK = Colour(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """How a border looks: a width in pixels and a colour."""

    width: int
    colour: Colour

    expects: ClassVar[str] = f"width,colour, the width of 0–{MOST} px: 2,ccc (or 2: black)"
    pattern: ClassVar[str] = r"^\d{1,4}(,[0-9A-Za-z]+)?$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the border.

        Raises:
            ValueError: no width of 0–1000, or no colour after the comma.
        """
        width, comma, colour = text.partition(",")
        if not re.fullmatch(r"[0-9]{1,4}", width) or int(width) > MOST:
            raise ValueError(text)
        return cls(int(width), Colour.parse(colour) if comma else BLACK)

    def __str__(self) -> str:
        return f"{self.width},{self.colour}"


def border(
    frame: Frame,
    *,
    border: Annotated[
        Line | None,
        Parameter(
            "A border around the picture: width in output pixels, colour. The answer grows by it.",
            example="4,3060c0",
        ),
    ] = None,
    radius: Radius = None,
    dpr: PixelRatio = 1.0,
) -> Step | None:
    """Draw a border around the picture, along its rounded corners if it has any.

    Nothing of the picture is covered: the answer grows by the width on every side. ``radius`` is
    that of the picture; the outer edge of the border is rounder by the width.
    """
    width = round(border.width * dpr) if border else 0
    if border is None or width == 0:
        return None
    colour = border.colour
    size = Size(frame.size.width + 2 * width, frame.size.height + 2 * width)
    args = {
        "width": width,
        "colour": [colour.red, colour.green, colour.blue, colour.alpha],
        "corners": resolved(radius, frame.size, dpr),
    }
    return Step(args, size, Affine(c=width, f=width), alpha=frame.alpha or not colour.opaque)
