"""Which shapes hide something that was found in the picture.

An annotation can be taken away again, by a URL too: what it covers is hidden from nobody who may
ask for the picture without it. Whoever paints over an address means to redact it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from helpa import Colour, Size
from helpa_annotation.document import Annotation
from helpa_annotation.lengths import pixels
from helpa_annotation.outlines import STEP, Bounds, bounds, middle, rotation
from helpa_annotation.shapes import (
    Boxed,
    Callout,
    Ellipse,
    Ended,
    Highlighter,
    Label,
    Outlined,
    Pen,
    Shape,
    Spotlight,
    Stamp,
    Step,
)

HIDDEN = 0.6
"""Of a box, that is covered where what is in it counts as hidden."""

DENSE = 0.9
"""Opacity from which on what is below is not made out any more."""

GRID = 10
"""Points each way at which a box is looked at."""

Covers = Callable[[float, float], bool]


def hides(annotation: Annotation, boxes: Sequence[Bounds], size: Size) -> list[int]:
    """Return the places of the shapes that hide something, in order.

    Args:
        annotation: a completed layer.
        boxes: of what was found, such as words and faces: left, top, right, bottom in pixels of the
            upright picture.
        size: of the picture.

    Returns:
        Shapes whose opaque ink covers :data:`HIDDEN` of a box, alone; where none does alone but all
        of them do together, those that cover some of it.
    """
    opaque: list[tuple[int, Bounds | None, Covers]] = []
    for number, shape in enumerate(annotation.shapes):
        covers = _covers(shape, size)
        if covers is not None:
            where = None if isinstance(shape, Spotlight) else bounds(shape, size)[0]
            opaque.append((number, where, covers))
    found: set[int] = set()
    for box in boxes:
        found |= _hiding(box, opaque)
    return sorted(found)


def _hiding(box: Bounds, opaque: Sequence[tuple[int, Bounds | None, Covers]]) -> set[int]:
    left, top, right, bottom = box
    points = [
        (
            left + (right - left) * (column + 0.5) / GRID,
            top + (bottom - top) * (row + 0.5) / GRID,
        )
        for row in range(GRID)
        for column in range(GRID)
    ]
    enough = HIDDEN * len(points)
    covered: set[int] = set()
    alone, some = set(), set()
    for number, where, covers in opaque:
        if where is not None and (
            where[0] >= right or where[1] >= bottom or where[2] <= left or where[3] <= top
        ):
            continue
        own = {place for place, point in enumerate(points) if covers(*point)}
        if len(own) >= enough:
            alone.add(number)
        if own:
            some.add(number)
        covered |= own
    return alone or (some if len(covered) >= enough else set())


def _dense(shape: Shape, ink: str | None) -> bool:
    return ink is not None and shape.opacity * Colour.parse(ink).alpha / 255 >= DENSE


def _covers(shape: Shape, size: Size) -> Covers | None:
    """Return what tells whether a point lies under opaque ink of a shape, or None for no ink."""
    back = rotation(-shape.rotation, *middle(shape))
    if isinstance(shape, Pen | Ended):
        return _line(shape, size) if _dense(shape, shape.stroke) else None
    if isinstance(shape, Highlighter):
        return None
    if isinstance(shape, Step):
        x, y, radius = shape.x, shape.y, STEP * pixels(shape.size, size)
        dense = _dense(shape, shape.fill)
        return (lambda px, py: math.hypot(px - x, py - y) <= radius) if dense else None
    if isinstance(shape, Spotlight):
        hole = _box(shape)
        dense = _dense(shape, shape.fill)
        return (lambda px, py: not hole(*back.apply(px, py))) if dense else None
    ink: str | None = None
    if isinstance(shape, Outlined | Label | Callout):
        ink = shape.fill
    elif isinstance(shape, Stamp):
        ink = "000000"
    if not _dense(shape, ink):
        return None
    inside = _box(shape)
    return lambda px, py: inside(*back.apply(px, py))


def _box(shape: Shape) -> Covers:
    assert isinstance(shape, Boxed | Label | Callout)
    assert shape.w is not None
    assert shape.h is not None
    left, top, right, bottom = shape.x, shape.y, shape.x + shape.w, shape.y + shape.h
    if isinstance(shape, Ellipse) or (isinstance(shape, Spotlight) and shape.form == "ellipse"):
        x, y, rx, ry = (left + right) / 2, (top + bottom) / 2, shape.w / 2, shape.h / 2
        return lambda px, py: ((px - x) / rx) ** 2 + ((py - y) / ry) ** 2 <= 1
    return lambda px, py: left <= px <= right and top <= py <= bottom


def _line(shape: Pen | Ended, size: Size) -> Covers:
    half = pixels(shape.stroke_width, size) / 2
    back = rotation(-shape.rotation, *middle(shape))
    if isinstance(shape, Pen):
        points = [(x, y) for x, y in shape.points]
    else:
        points = [(shape.x1, shape.y1), (shape.x2, shape.y2)]
    pieces = list(zip(points, points[1:] or points, strict=False))

    def covers(px: float, py: float) -> bool:
        x, y = back.apply(px, py)
        return any(_near(x, y, start, end, half) for start, end in pieces)

    return covers


def _near(
    x: float, y: float, start: tuple[float, float], end: tuple[float, float], reach: float
) -> bool:
    """Whether a point lies within some reach of a line."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = ((x - start[0]) * dx + (y - start[1]) * dy) / ((dx * dx + dy * dy) or 1.0)
    along = min(1.0, max(0.0, along))
    return math.hypot(x - start[0] - along * dx, y - start[1] - along * dy) <= reach
