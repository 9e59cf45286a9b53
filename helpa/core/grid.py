"""The blocks of a lossy codec, in whose coefficients what a pixel shows has spread."""

from __future__ import annotations

from dataclasses import dataclass

from helpa.core.affine import Affine


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the lines between blocks lie on an upright picture: at x + k·w, and at y + k·h.

    Args:
        w: width of a block, in pixels; 1 where nothing spreads.
        h: height of a block, in pixels.
        x: where a line lies, 0 to w - 1.
        y: where a line lies, 0 to h - 1.
        bleed: pixels that decoding lets flow over a line.
    """

    w: int = 1
    h: int = 1
    x: int = 0
    y: int = 0
    bleed: int = 0

    def moved(self, transform: Affine) -> Grid:
        """Return the grid after the picture was cut, or turned by right angles.

        Args:
            transform: where a point of the picture before lands after it.
        """
        x, y = transform.apply(self.x, self.y)
        w, h = (self.w, self.h) if transform.a else (self.h, self.w)
        return Grid(w, h, round(x) % w, round(y) % h, self.bleed)
