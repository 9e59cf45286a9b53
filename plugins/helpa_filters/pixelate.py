"""``px``: a mosaic."""

from __future__ import annotations

from typing import Annotated

from helpa import Frame, Parameter, Step
from helpa.parameters import PixelRatio
from helpa_filters.cosmetic import refuse_where_guarded


def px(
    frame: Frame,
    *,
    px: Annotated[
        int,
        Parameter(
            "Mosaic: side of its blocks in output pixels. Cosmetic: what was there can be told "
            "from it; to hide something, store a redaction.",
            aliases=("pixelate",),
            ge=0,
            le=1000,
            unit="px",
            example="12",
        ),
    ] = 0,
    dpr: PixelRatio = 1.0,
) -> Step | None:
    """Show blocks, each the mean of its pixels, counted from the top left corner.

    A mosaic hides nothing for good: text has been read from mosaics by trying what gives the
    same blocks. Use a stored redaction for what nobody may see.
    """
    side = round(px * dpr)
    # A block beyond the picture is the picture: equal steps, equal keys.
    block = [min(side, frame.size.width), min(side, frame.size.height)]
    if max(block) <= 1:
        return None
    refuse_where_guarded(frame, "px", str(px))
    return Step({"block": block}, frame.size)
