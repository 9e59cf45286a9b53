"""``pad``: margins around the picture."""

from __future__ import annotations

from typing import Annotated

from helpa import Affine, Frame, Parameter, Sides, Size, Step
from helpa.parameters import Background, PixelRatio, fill
from helpa_basics.rounding import whole


def pad(
    frame: Frame,
    *,
    pad: Annotated[
        Sides | None,
        Parameter(
            "Margins in output pixels: n, or v,h, or t,r,b,l, filled with bg.", example="10,20"
        ),
    ] = None,
    dpr: PixelRatio = 1.0,
    bg: Background = None,
) -> Step | None:
    """Add margins around the resized picture, so that the answer grows by them."""
    if pad is None:
        return None
    top, right, bottom, left = (
        whole(side * dpr) for side in (pad.top, pad.right, pad.bottom, pad.left)
    )
    if not (top or right or bottom or left):
        return None
    size = Size(frame.size.width + left + right, frame.size.height + top + bottom)
    colour = fill(frame, bg)
    args = {"place": [left, top, size.width, size.height], "fill": list(colour)}
    return Step(args, size, Affine(c=left, f=top), alpha=frame.alpha or colour[3] < 255)
