"""Lengths in percent of a picture's shorter side."""

from __future__ import annotations

from helpa import Size


def pixels(share: float, size: Size) -> float:
    """Return a length in percent of a picture's shorter side, in pixels of the picture."""
    return share * min(size.width, size.height) / 100
