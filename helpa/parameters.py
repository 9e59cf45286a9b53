"""Parameters that operations of several plugins read, each declared once.

An operation that takes one names it in its signature as it is declared here, with the default that
stands here: parameters of one name and two meanings are refused at the start.
"""

from __future__ import annotations

import enum
from typing import Annotated

from helpa.core.operations import Frame
from helpa.core.parameters import Parameter
from helpa.core.values import Colour, Point

__all__ = ["COMPASS", "RGBA", "Background", "Gravity", "PixelRatio", "fill"]

Background = Annotated[
    Colour | None,
    Parameter(
        "Colour behind the picture: under transparency, and in the margins of contain, pad and "
        "rot. Without it they are transparent where the format allows, else white.",
        aliases=("background",),
        example="fff0d0",
    ),
]
"""Its default is None."""

PixelRatio = Annotated[
    float,
    Parameter(
        "Device pixel ratio: multiplies every length that is given in output pixels.",
        ge=1,
        le=5,
        example="2",
    ),
]
"""Its default is 1.0."""


class Gravity(enum.StrEnum):
    """Where in a box something stands."""

    CENTER = "center"
    TOP = "top"
    TOP_RIGHT = "top-right"
    RIGHT = "right"
    BOTTOM_RIGHT = "bottom-right"
    BOTTOM = "bottom"
    BOTTOM_LEFT = "bottom-left"
    LEFT = "left"
    TOP_LEFT = "top-left"

    @property
    def point(self) -> Point:
        """The place as fractions of the free room."""
        x = 0.0 if "left" in self.value else 1.0 if "right" in self.value else 0.5
        y = 0.0 if "top" in self.value else 1.0 if "bottom" in self.value else 0.5
        return Point(x, y)


COMPASS = (
    ("centre", "center"),
    ("middle", "center"),
    ("c", "center"),
    ("ce", "center"),
    ("north", "top"),
    ("n", "top"),
    ("no", "top"),
    ("northeast", "top-right"),
    ("north-east", "top-right"),
    ("ne", "top-right"),
    ("noea", "top-right"),
    ("right-top", "top-right"),
    ("east", "right"),
    ("e", "right"),
    ("ea", "right"),
    ("southeast", "bottom-right"),
    ("south-east", "bottom-right"),
    ("se", "bottom-right"),
    ("soea", "bottom-right"),
    ("right-bottom", "bottom-right"),
    ("south", "bottom"),
    ("s", "bottom"),
    ("so", "bottom"),
    ("southwest", "bottom-left"),
    ("south-west", "bottom-left"),
    ("sw", "bottom-left"),
    ("sowe", "bottom-left"),
    ("left-bottom", "bottom-left"),
    ("west", "left"),
    ("w", "left"),
    ("we", "left"),
    ("northwest", "top-left"),
    ("north-west", "top-left"),
    ("nw", "top-left"),
    ("nowe", "top-left"),
    ("left-top", "top-left"),
)
"""Other words for :class:`Gravity`: compass points in long and short, and vendors' spellings."""

RGBA = tuple[int, int, int, int]
"""Red, green, blue and alpha, 0–255 each."""


def fill(frame: Frame, background: Colour | None) -> RGBA:
    """Return the colour of new margins: the one asked for, else transparent, else white.

    One that shines through is left to the operation ``background``, which puts it behind the
    whole picture at the end, so that it lies nowhere twice.
    """
    if background is not None and (background.opaque or not frame.encoder.alpha):
        return background.red, background.green, background.blue, background.alpha
    return (0, 0, 0, 0) if frame.encoder.alpha else (255, 255, 255, 255)
