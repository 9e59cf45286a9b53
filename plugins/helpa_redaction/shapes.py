"""The shapes of regions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Shape = Literal["rect", "ellipse", "polygon"]

Vertex = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Region:
    """A region, in pixels of the upright picture; parts of it may lie outside.

    Args:
        shape: rect, ellipse (which the box bounds) or polygon.
        x: left edge of its box.
        y: top edge of its box.
        w: width of its box.
        h: height of its box.
        points: of a polygon: its corners in order; the last is joined to the first.
    """

    shape: Shape
    x: float
    y: float
    w: float
    h: float
    points: tuple[Vertex, ...] = ()

    @classmethod
    def polygon(cls, points: tuple[Vertex, ...]) -> Region:
        """Return the polygon with some corners, whose inside is where it winds around at all."""
        across, down = [x for x, _ in points], [y for _, y in points]
        x, y = min(across), min(down)
        return cls("polygon", x, y, max(across) - x, max(down) - y, points)

    @property
    def edges(self) -> Iterator[tuple[Vertex, Vertex]]:
        """Edges of a polygon."""
        return zip(self.points, self.points[1:] + self.points[:1], strict=True)

    @property
    def flat(self) -> bool:
        """Whether it has no area because all of it lies on a line."""
        if not self.points:
            return self.w <= 0 or self.h <= 0
        (x, y), *others = self.points
        away = [(to_x - x, to_y - y) for to_x, to_y in others]
        a, b = max(away, key=lambda each: abs(each[0]) + abs(each[1]))
        return all(abs(a * to_y - b * to_x) <= 1e-9 * (a * a + b * b) for to_x, to_y in away)

    @property
    def document(self) -> dict[str, Any]:
        """JSON that says it, as a redaction takes it."""
        if self.points:
            return {"shape": "polygon", "points": [list(point) for point in self.points]}
        return {"shape": self.shape, "x": self.x, "y": self.y, "w": self.w, "h": self.h}
