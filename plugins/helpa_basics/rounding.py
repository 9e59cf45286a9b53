"""How lengths become whole pixels: sizes and places each by one rule."""

from __future__ import annotations

import math

ERROR = 1e-7
"""What floating point may be off by. Two lengths of a URL that differ, differ by more: dpr and
ratios have six places, sides are whole."""


def whole(length: float) -> int:
    """Return the nearest whole number, the larger of two that are as near.

    Args:
        length: in pixels, not negative.
    """
    return math.floor(length + 0.5 + ERROR)


def side(length: float) -> int:
    """Return the nearest whole number of pixels that a side can have: at least 1."""
    return max(1, whole(length))


def offset(length: float) -> int:
    """Return the nearest whole number, the smaller of two that are as near.

    So a pixel that cannot be shared between both margins stands at the right or the bottom.

    Args:
        length: of the left or top margin, in pixels.
    """
    return math.ceil(length - 0.5 - ERROR)
