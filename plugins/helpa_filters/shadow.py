"""``shadow``: the picture stands above its ground."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from helpa import Affine, Colour, Frame, Parameter, Size, Step
from helpa.parameters import PixelRatio

MOST_BLUR = 250
MOST_SHIFT = 500
SOFT_BLACK = Colour(0, 0, 0, 0x4D)
"""Three tenths of black."""

REACH = 1.5
"""Of the blur: three sigmas, beyond which a shadow of full black is under half a grey level."""


@dataclass(frozen=True, slots=True)
class Cast:
    """How a shadow falls: blur and shift in pixels, and its colour."""

    blur: int
    dx: int
    dy: int
    colour: Colour

    expects: ClassVar[str] = (
        f"blur, or blur,dx,dy, or blur,dx,dy,colour: blur of 0–{MOST_BLUR} px, "
        f"dx and dy of -{MOST_SHIFT}–{MOST_SHIFT} px, e.g. 24,0,12,00000066"
    )
    pattern: ClassVar[str] = r"^\d{1,3}(,-?\d{1,3},-?\d{1,3}(,[0-9A-Za-z]+)?)?$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the shadow; without dx and dy it falls down by half the blur.

        Raises:
            ValueError: not one, three or four parts, or one of them is out of range.
        """
        parts = text.split(",")
        if len(parts) not in (1, 3, 4):
            raise ValueError(text)
        if not all(re.fullmatch(r"-?[0-9]{1,3}", part) for part in parts[:3]):
            raise ValueError(text)
        blur = int(parts[0])
        dx, dy = (int(parts[1]), int(parts[2])) if len(parts) > 1 else (0, blur // 2)
        if parts[0].startswith("-") or blur > MOST_BLUR or max(abs(dx), abs(dy)) > MOST_SHIFT:
            raise ValueError(text)
        return cls(blur, dx, dy, Colour.parse(parts[3]) if len(parts) == 4 else SOFT_BLACK)

    def __str__(self) -> str:
        return f"{self.blur},{self.dx},{self.dy},{self.colour}"


def shadow(
    frame: Frame,
    *,
    shadow: Annotated[
        Cast | None,
        Parameter(
            "A shadow behind the picture: blur, or blur,dx,dy, or blur,dx,dy,colour in output "
            "pixels; without more it falls down by half the blur in three tenths of black. The "
            "answer grows by it.",
            example="24,0,12,00000066",
        ),
    ] = None,
    dpr: PixelRatio = 1.0,
) -> Step | None:
    """Cast a shadow of what is not transparent, after corners were rounded and a border drawn.

    The blur is that of CSS shadows, twice the sigma of a Gaussian. The answer grows on each side by
    as much as the shadow reaches there: one and a half times the blur, and the shift.
    """
    if shadow is None or shadow.colour.alpha == 0:
        return None
    dx, dy = round(shadow.dx * dpr), round(shadow.dy * dpr)
    if not (shadow.blur or dx or dy):
        return None
    reach = math.ceil(shadow.blur * dpr * REACH)
    left, top = max(0, reach - dx), max(0, reach - dy)
    size = Size(
        left + frame.size.width + max(0, reach + dx), top + frame.size.height + max(0, reach + dy)
    )
    colour = shadow.colour
    args = {
        "picture": [left, top],
        "shadow": [left + dx, top + dy],
        "size": [size.width, size.height],
        "sigma": round(shadow.blur * dpr / 2, 4),
        "colour": [colour.red, colour.green, colour.blue, colour.alpha],
    }
    return Step(args, size, Affine(c=left, f=top), alpha=True)
