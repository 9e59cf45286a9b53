"""Which parts of the output a shape touches, so that no others are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpa import Affine, Size
from helpa_annotation.outlines import Bounds, Point, bounds_of, hulls, reach
from helpa_annotation.shapes import Shape

Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels of the output."""

SIDE = 1024
"""Of a part, in pixels: drawing one needs some 30 MB."""

EDGE = 2.0
"""By which a polygon is taken for larger: edges are smoothed over a pixel."""


@dataclass(frozen=True)
class Placed:
    """A shape in the output.

    Args:
        polygons: convex, that hold it, in pixels of the output.
        grown: how far it reaches beyond them.
    """

    polygons: tuple[tuple[Sequence[Point], Bounds], ...]
    grown: float

    def within(self, left: float, top: float, right: float, bottom: float) -> Bounds | None:
        """Return the box around what is in a rectangle, or None."""
        g = self.grown
        outer = (left - g, top - g, right + g, bottom + g)
        found = [
            (
                max(left, box[0] - g),
                max(top, box[1] - g),
                min(right, box[2] + g),
                min(bottom, box[3] + g),
            )
            for polygon, box in self.polygons
            if _touches(polygon, box, outer)
        ]
        return around(found) if found else None


def placed(shape: Shape, size: Size, transform: Affine) -> Placed:
    """Return a shape in the output."""
    t = transform
    scale = max(math.hypot(t.a, t.d), math.hypot(t.b, t.e))
    polygons = []
    for hull in hulls(shape, size):
        points = [t.apply(*point) for point in hull]
        polygons.append((points, bounds_of([points])))
    return Placed(tuple(polygons), reach(shape, size) * scale + EDGE)


def around(boxes: Sequence[Bounds]) -> Bounds:
    """Return the box around some boxes."""
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def clip(left: float, top: float, right: float, bottom: float, output: Size) -> Box | None:
    """Return the pixels of the output that a rectangle touches, or None."""
    x, y = max(0, math.floor(left)), max(0, math.floor(top))
    width = min(output.width, math.ceil(right)) - x
    height = min(output.height, math.ceil(bottom)) - y
    return (x, y, width, height) if width > 0 and height > 0 else None


def divided(box: Box) -> Iterator[Box]:
    """Yield the parts of a box, each small enough to be drawn at once."""
    left, top, width, height = box
    for y in range(top, top + height, SIDE):
        for x in range(left, left + width, SIDE):
            yield x, y, min(SIDE, left + width - x), min(SIDE, top + height - y)


def touched(output: Size, shapes: Sequence[Placed]) -> Iterator[tuple[Box, list[int]]]:
    """Yield the parts of the output that shapes touch, each with the places of those shapes."""
    for left, top, width, height in divided((0, 0, output.width, output.height)):
        found, boxes = [], []
        right, bottom = left + width, top + height
        for number, shape in enumerate(shapes):
            box = shape.within(left, top, right, bottom)
            if box is not None:
                found.append(number)
                boxes.append(box)
        part = clip(*around(boxes), output) if boxes else None
        if part is not None:
            yield part, found


def holds(polygon: Sequence[Point], box: Box) -> bool:
    """Whether a convex polygon holds all of a part, but for less than half a pixel."""
    left, top, width, height = box
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]
    turn = math.copysign(1, _area(polygon))
    for number, (x2, y2) in enumerate(polygon):
        x1, y1 = polygon[number - 1]
        length = math.hypot(x2 - x1, y2 - y1)
        for x, y in corners:
            inside = turn * ((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1))
            if inside < -0.5 * length:
                return False
    return True


def _area(polygon: Sequence[Point]) -> float:
    """Return twice the area of a polygon, with the sign of its turn."""
    pairs = ((polygon[number - 1], point) for number, point in enumerate(polygon))
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)


def _touches(polygon: Sequence[Point], box: Bounds, rect: Bounds) -> bool:
    """Whether a convex polygon and a rectangle have a point in common (separating axes)."""
    if box[0] >= rect[2] or box[1] >= rect[3] or box[2] <= rect[0] or box[3] <= rect[1]:
        return False
    corners = [(rect[0], rect[1]), (rect[2], rect[1]), (rect[2], rect[3]), (rect[0], rect[3])]
    for number, point in enumerate(polygon):
        before = polygon[number - 1]
        normal = (point[1] - before[1], before[0] - point[0])
        if normal == (0.0, 0.0):
            continue
        own = [normal[0] * x + normal[1] * y for x, y in polygon]
        other = [normal[0] * x + normal[1] * y for x, y in corners]
        if max(own) < min(other) or max(other) < min(own):
            return False
    return True
