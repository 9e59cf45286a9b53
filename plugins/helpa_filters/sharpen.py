"""``sharp``: edges stand out."""

from __future__ import annotations

from typing import Annotated

from helpa import Frame, Parameter, Step

SIGMA = 1.0
"""Of the unsharp mask, in pixels of the answer whatever its dpr: what resampling softens is one
pixel wide."""


def sharp(
    frame: Frame,
    *,
    sharp: Annotated[
        float,
        Parameter(
            "Sharpens: 1 suits pictures made smaller, 10 is the most.",
            aliases=("sharpen",),
            ge=0,
            le=10,
            example="1",
        ),
    ] = 0.0,
) -> Step | None:
    """Sharpen by an unsharp mask of the luminance, sigma 1 px, so that no edge gets a colour.

    Half of ``sharp`` times the difference from the blurred picture is added.
    """
    return None if sharp == 0 else Step({"sigma": SIGMA, "amount": sharp / 2}, frame.size)
