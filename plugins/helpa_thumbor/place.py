"""Which part is kept, and how mirroring and turning move it.

thumbor crops, then mirrors, then turns by its filter; Helpa turns, mirrors, then crops. So what
thumbor says of the picture before is said here of the picture after.
"""

from __future__ import annotations

from dataclasses import dataclass

WORDS = {
    (0.0, 0.0): "top-left",
    (0.5, 0.0): "top",
    (1.0, 0.0): "top-right",
    (0.0, 0.5): "left",
    (0.5, 0.5): "center",
    (1.0, 0.5): "right",
    (0.0, 1.0): "bottom-left",
    (0.5, 1.0): "bottom",
    (1.0, 1.0): "bottom-right",
}
"""Gravities by the place as fractions of the free room."""

ACROSS = {"left": 0.0, "center": 0.5, "right": 1.0}
DOWN = {"top": 0.0, "middle": 0.5, "bottom": 1.0}


@dataclass(frozen=True)
class Turn:
    """Mirroring and then turning, as thumbor does it.

    Args:
        across: whether it is mirrored left to right.
        down: whether it is mirrored top to bottom.
        left: degrees counter-clockwise.
    """

    across: bool
    down: bool
    left: float = 0.0

    @property
    def swaps(self) -> bool:
        """Whether width and height change places."""
        return self.left % 180 == 90

    @property
    def rot(self) -> float:
        """Degrees clockwise, where the turn comes before the mirrors: one mirror reverses it."""
        odd = self.across != self.down
        return (self.left if odd else -self.left) % 360

    @property
    def flip(self) -> str:
        """Value of ``flip``; empty for none."""
        return ("h" if self.across else "") + ("v" if self.down else "")

    def move(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point is afterwards, in fractions; for multiples of 90 degrees."""
        x = 1 - x if self.across else x
        y = 1 - y if self.down else y
        for _ in range(int(self.left % 360 // 90)):
            x, y = y, 1 - x
        return x, y
