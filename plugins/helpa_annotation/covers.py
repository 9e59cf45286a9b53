"""Where shapes may hide something, so that it is worth looking at what lies below them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from helpa import Size
from helpa_annotation.document import Annotation
from helpa_annotation.hiding import DENSE
from helpa_annotation.outlines import Bounds, bounds
from helpa_annotation.shapes import Callout, Ended, Label, Outlined, Pen, Shape, Stamp, Step

LEAST = 6
"""Sides of a box, in pixels, below which nothing that it hides could be read."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A shape that may hide something.

    Args:
        shape: which, counted from 0.
        id: of the shape.
        box: left, top, width and height in pixels of the picture, all within it.
    """

    shape: int
    id: str
    box: tuple[int, int, int, int]


def covers(annotation: Annotation, size: Size) -> list[Cover]:
    """Return the shapes of a layer that may hide something of a picture, with their boxes.

    Args:
        annotation: the layer, as it is stored.
        size: of the upright picture.
    """
    found = []
    for number, shape in enumerate(annotation.shapes):
        if shape.opacity >= DENSE and _has_ink(shape):
            box = _within(bounds(shape, size), size)
            if box is not None:
                found.append(Cover(number, shape.id or "", box))
    return found


def _has_ink(shape: Shape) -> bool:
    if isinstance(shape, Outlined | Label | Callout):
        return shape.fill is not None
    return isinstance(shape, Stamp | Step | Pen | Ended)


def _within(boxes: Sequence[Bounds], size: Size) -> tuple[int, int, int, int] | None:
    left = max(0, math.floor(min(b[0] for b in boxes)))
    top = max(0, math.floor(min(b[1] for b in boxes)))
    right = min(size.width, math.ceil(max(b[2] for b in boxes)))
    bottom = min(size.height, math.ceil(max(b[3] for b in boxes)))
    if right - left < LEAST or bottom - top < LEAST:
        return None
    return left, top, right - left, bottom - top
