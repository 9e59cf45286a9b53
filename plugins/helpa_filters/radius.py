"""``radius``: rounded corners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from helpa import Frame, Parameter, Size, Step
from helpa.parameters import PixelRatio

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Radii:
    """Radii in pixels from the top left on clockwise; None for as round as can be."""

    corners: tuple[int, int, int, int] | None

    expects: ClassVar[str] = f"max, or n, or tl,tr,br,bl in pixels of 0–{MOST}"
    pattern: ClassVar[str] = r"^(max|\d{1,5}(,\d{1,5}){3}|\d{1,5})$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the radii.

        Raises:
            ValueError: neither ``max`` nor one or four whole numbers of 0–10000.
        """
        if text.lower() == "max":
            return cls(None)
        parts = text.split(",")
        if len(parts) not in (1, 4) or not all(re.fullmatch(r"[0-9]{1,5}", p) for p in parts):
            raise ValueError(text)
        values = [int(part) for part in parts]
        if max(values) > MOST:
            raise ValueError(text)
        top_left, top_right, bottom_right, bottom_left = values * (4 // len(values))
        return cls((top_left, top_right, bottom_right, bottom_left))

    def __str__(self) -> str:
        if self.corners is None:
            return "max"
        return ",".join(map(str, self.corners if len(set(self.corners)) > 1 else self.corners[:1]))


Radius = Annotated[
    Radii | None,
    Parameter(
        "Rounds the corners: a radius in output pixels, or one for each from the top left on "
        "clockwise, or max for a circle or a pill. Outside is bg, else transparent where the "
        "format allows, else white.",
        aliases=("corner_radius",),
        example="24",
    ),
]
"""Its default is None."""


def radius(frame: Frame, *, radius: Radius = None, dpr: PixelRatio = 1.0) -> Step | None:
    """Round the corners.

    Radii that do not fit beside each other shrink together until they do, as in CSS.
    """
    corners = resolved(radius, frame.size, dpr)
    return Step({"corners": corners}, frame.size, alpha=True) if any(corners) else None


def resolved(radii: Radii | None, size: Size, dpr: float) -> list[float]:
    """Return the four radii in pixels of a picture of ``size``.

    Where two on one side are longer than it, all shrink by one factor (CSS Backgrounds and
    Borders Level 3, 4.5).
    """
    if radii is None:
        return [0.0] * 4
    most = min(size.width, size.height) / 2
    if radii.corners is None:
        return [round(most, 3)] * 4
    tl, tr, br, bl = (corner * dpr for corner in radii.corners)
    width, height = size.width, size.height
    sides = ((tl + tr, width), (bl + br, width), (tl + bl, height), (tr + br, height))
    factor = min([1.0, *(length / both for both, length in sides if both > 0)])
    return [round(corner * factor, 3) for corner in (tl, tr, br, bl)]
