"""``blur``."""

from __future__ import annotations

from typing import Annotated

from helpa import Frame, Parameter, Step
from helpa.parameters import PixelRatio
from helpa_filters.cosmetic import refuse_where_guarded

LEAST_SIGMA = 0.2
"""Pixels; a Gaussian narrower than this leaves its neighbours less than a tenth of a grey level."""


def blur(
    frame: Frame,
    *,
    blur: Annotated[
        float,
        Parameter(
            "Gaussian blur: its sigma in output pixels, as CSS blur(). Cosmetic: what was there "
            "can be told from it; to hide something, store a redaction.",
            ge=0,
            le=250,
            unit="px",
            example="8",
        ),
    ] = 0.0,
    dpr: PixelRatio = 1.0,
) -> Step | None:
    """Blur the picture; beyond the edges its outermost pixels go on.

    A blur hides nothing for good: text and faces have been read from blurred pictures. Use a
    stored redaction for what nobody may see.
    """
    sigma = round(blur * dpr, 4)
    if sigma < LEAST_SIGMA:
        return None
    refuse_where_guarded(frame, "blur", f"{blur:g}")
    return Step({"sigma": sigma}, frame.size)
