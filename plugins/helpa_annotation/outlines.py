"""Where shapes lie, roughly: convex polygons that hold all of them, in pixels of the picture.

Nothing is drawn outside of them, so that most of a picture is left alone; and a shape none of whose
polygons lies in a picture is not seen there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from helpa import Affine, Size
from helpa_annotation.fields import FARTHEST
from helpa_annotation.lengths import pixels
from helpa_annotation.shapes import (
    Arrow,
    Boxed,
    Callout,
    Ended,
    Highlighter,
    Lettered,
    Magnifier,
    Measure,
    Outlined,
    Pen,
    Rectangle,
    Shape,
    Spotlight,
    Step,
)

Point = tuple[float, float]
Polygon = Sequence[Point]
Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom."""

HEAD = 2.4
"""Half the breadth of an arrow's head, in widths of the arrow."""

STEP = 0.95
"""Radius of a step's circle, in ems, for up to two digits."""

MARK = 0.9
"""Half the length of a measure's marks, in ems of its label."""

SHADOW, DROP = 0.9, 0.28
"""How far a shadow reaches, and how far below it lies, in percent of the shorter side."""

ARCS = 12
"""Polygons along a bent arrow."""

CHUNK = 16
"""Points of a line by hand that share a polygon."""


def rotation(degrees: float, x: float, y: float) -> Affine:
    """Return the turn clockwise about a point."""
    radians = math.radians(degrees)
    cos, sin = math.cos(radians), math.sin(radians)
    return Affine(cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y)


def middle(shape: Shape) -> Point:
    """Return the point that a shape is turned about."""
    if isinstance(shape, Ended):
        return (shape.x1 + shape.x2) / 2, (shape.y1 + shape.y2) / 2
    if isinstance(shape, Pen | Highlighter):
        left, top, right, bottom = bounds_of([shape.points])
        return (left + right) / 2, (top + bottom) / 2
    if isinstance(shape, Step):
        return shape.x, shape.y
    assert isinstance(shape, Boxed | Lettered)
    assert shape.w is not None
    assert shape.h is not None
    return shape.x + shape.w / 2, shape.y + shape.h / 2


def bounds_of(polygons: Sequence[Sequence[Sequence[float]]]) -> Bounds:
    """Return the box around some polygons."""
    xs = [point[0] for polygon in polygons for point in polygon]
    ys = [point[1] for polygon in polygons for point in polygon]
    return min(xs), min(ys), max(xs), max(ys)


def bounds(shape: Shape, size: Size) -> list[Bounds]:
    """Return the box a shape lies in; of a magnifier, that of its part and that of its lens."""
    if isinstance(shape, Magnifier):
        part, lens, _ = hulls(shape, size)
        return [bounds_of([part]), bounds_of([lens])]
    return [bounds_of(hulls(shape, size))]


def reach(shape: Shape, size: Size) -> float:
    """Return how far the shadow of a shape reaches beyond its polygons, in pixels."""
    return pixels(SHADOW + DROP, size) if shape.shadow else 0.0


def hulls(shape: Shape, size: Size) -> list[Polygon]:
    """Return convex polygons that hold all of a shape but its shadow.

    Args:
        shape: whose boxes of words are completed.
        size: of the upright picture.
    """
    turned = rotation(shape.rotation, *middle(shape)) if shape.rotation else Affine()
    found: list[Polygon] = [
        [turned.apply(*point) for point in polygon] for polygon in _hulls(shape, size)
    ]
    if isinstance(shape, Callout):
        x, y = middle(shape)
        assert shape.w is not None
        assert shape.h is not None
        thick = pixels(shape.stroke_width + shape.size, size)
        foot = thick + min(shape.w, shape.h) / 2
        found.append(_capsule((x, y), (shape.tip_x, shape.tip_y), foot))
    if isinstance(shape, Magnifier):
        x, y = middle(shape)
        lens = [
            (shape.to_x + (px - x) * shape.zoom, shape.to_y + (py - y) * shape.zoom)
            for px, py in found[0]
        ]
        wide = math.hypot(shape.w, shape.h) * shape.zoom / 2 + pixels(shape.stroke_width, size)
        found += [lens, _capsule((x, y), (shape.to_x, shape.to_y), wide)]
    return found


def _hulls(shape: Shape, size: Size) -> Iterator[Polygon]:
    """Yield the polygons of a shape before it is turned."""
    if isinstance(shape, Step):
        em = pixels(shape.size, size)
        radius = 2.2 * em  # as four digits need
        yield _box(shape.x - radius, shape.y - radius, 2 * radius, 2 * radius, 0)
    elif isinstance(shape, Ended):
        yield from _line(shape, size)
    elif isinstance(shape, Pen | Highlighter):
        thick = pixels(shape.stroke_width, size)
        for start in range(0, max(1, len(shape.points) - 1), CHUNK):
            left, top, right, bottom = bounds_of(
                [shape.points[max(0, start - 1) : start + CHUNK + 2]]
            )
            yield _box(left, top, right - left, bottom - top, thick)
    elif isinstance(shape, Outlined):
        thick = pixels(shape.stroke_width, size) if shape.stroke is not None else 0.0
        if isinstance(shape, Rectangle) and shape.fill is None:
            yield from _edges(shape, thick + pixels(shape.radius, size))
        else:
            yield _box(shape.x, shape.y, shape.w, shape.h, thick)
    elif isinstance(shape, Lettered):
        assert shape.w is not None
        assert shape.h is not None
        # A letter may be wider than its box.
        yield _box(shape.x, shape.y, shape.w, shape.h, pixels(shape.size, size))
    elif isinstance(shape, Boxed):
        thick = 0.0 if isinstance(shape, Spotlight) else max(shape.w, shape.h) / 12
        if isinstance(shape, Magnifier):
            thick = 2 * pixels(shape.stroke_width, size) / shape.zoom + 1e-3
        yield _box(shape.x, shape.y, shape.w, shape.h, thick)


def _line(shape: Ended, size: Size) -> Iterator[Polygon]:
    thick = pixels(shape.stroke_width, size)
    ends = (shape.x1, shape.y1), (shape.x2, shape.y2)
    if isinstance(shape, Arrow):
        path = bow(*ends, shape.bend, ARCS)
        # So far is the curve from its chords, at most.
        aside = abs(shape.bend) * math.dist(*ends) / ARCS**2
        for first, last in pairwise(path):
            yield _capsule(first, last, (HEAD + 0.5) * thick + aside)
        return
    if isinstance(shape, Measure):
        em = pixels(shape.size, size)
        yield _capsule(*ends, thick + MARK * em)
        x, y = middle(shape)
        wide = em * (2 + len(shape.label or "123456789012 px"))  # no letter is wider than two ems
        yield _box(x - wide, y - 2 * em, 2 * wide, 4 * em, thick)
        return
    yield _capsule(*ends, thick)


def bow(start: Point, end: Point, bend: float, parts: int) -> list[Point]:
    """Return points along a curve from one point to another, bent to the right as it goes."""
    across = (end[0] - start[0], end[1] - start[1])
    # A curve of the second degree comes half as near to its middle point.
    x = (start[0] + end[0]) / 2 - across[1] * bend * 2
    y = (start[1] + end[1]) / 2 + across[0] * bend * 2
    found = []
    for number in range(parts + 1):
        t = number / parts
        u = 1 - t
        found.append(
            (
                u * u * start[0] + 2 * u * t * x + t * t * end[0],
                u * u * start[1] + 2 * u * t * y + t * t * end[1],
            )
        )
    return found


def _edges(shape: Outlined, thick: float) -> Iterator[Polygon]:
    left, top, right, bottom = shape.x, shape.y, shape.x + shape.w, shape.y + shape.h
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    for number in range(4):
        yield _capsule(corners[number], corners[number - 1], thick)


def _box(x: float, y: float, w: float, h: float, grown: float) -> Polygon:
    left, top, right, bottom = x - grown, y - grown, x + w + grown, y + h + grown
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _capsule(start: Point, end: Point, radius: float) -> Polygon:
    """Return the box around a line of some half width with round ends."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if length < 1e-9 or length > 4 * FARTHEST:
        return _box(*start, 0, 0, radius)
    ax, ay = dx / length * radius, dy / length * radius
    return [
        (start[0] - ax + ay, start[1] - ay - ax),
        (end[0] + ax + ay, end[1] + ay - ax),
        (end[0] + ax - ay, end[1] + ay + ax),
        (start[0] - ax - ay, start[1] - ay + ax),
    ]
