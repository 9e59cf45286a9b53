"""Where shapes go when their picture is cut, turned or mirrored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from helpa import Affine, Size
from helpa_annotation.document import Annotation
from helpa_annotation.fields import FARTHEST, LARGEST_SHARE, normal_angle
from helpa_annotation.outlines import bounds, middle, rotation
from helpa_annotation.shapes import (
    Arrow,
    Boxed,
    Callout,
    Ended,
    Highlighter,
    Lettered,
    Magnifier,
    Pen,
    Shape,
    Step,
)

SHARES = ("stroke_width", "size", "radius")
"""Members in percent of the picture's shorter side."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a map does to letters: it turns and enlarges them, and would mirror them.

    Args:
        degrees: clockwise.
        scale: how many times larger.
        mirrored: about which axis of their box they are mirrored back before they are turned:
            ``h`` swaps left and right, ``v`` top and bottom.
    """

    degrees: float
    scale: float
    mirrored: Literal["h", "v"] | None


def turn_of(transform: Affine) -> Turn:
    """Return what a map does to letters, of the two ways to mirror that which turns them less."""
    t = transform
    det = t.a * t.e - t.b * t.d
    scale = math.sqrt(abs(det))
    if det >= 0:
        return Turn(math.degrees(math.atan2(t.d - t.b, t.a + t.e)), scale, None)
    degrees = math.degrees(math.atan2(-t.d - t.b, t.e - t.a))
    if -90 < round(degrees, 6) <= 90:
        return Turn(degrees, scale, "h")
    return Turn(degrees + (180 if degrees < 0 else -180), scale, "v")


def moved(
    content: Mapping[str, Any], transform: Affine, before: Size, after: Size
) -> dict[str, Any]:
    """Return a layer after its picture was cut, turned, mirrored or enlarged.

    Shapes stay on what they were drawn on, and look as they did: letters are turned with the
    picture but never mirrored, and percentages are of the new shorter side. Shapes of which nothing
    lies in the picture any more are dropped; for long thin ones their upright box counts. Where
    that takes a numbered step away, those after it keep their numbers.

    Args:
        content: the layer as it is stored.
        transform: where a point of the picture before lands in the one after it: any turn, mirror
            image, scale and shift. It may not stretch one side more than the other.
        before: size of the upright picture before, in pixels.
        after: its size after, in pixels.
    """
    annotation = Annotation.model_validate(dict(content))
    kept: list[Shape] = []
    number, gap = 0, False
    for shape in annotation.shapes:
        there = _moved(shape, transform, before, after)
        counted = isinstance(shape, Step)
        if isinstance(shape, Step):
            number = number + 1 if shape.number is None else shape.number
        if not _is_seen(there, after):
            gap = gap or counted
            continue
        if isinstance(there, Step):
            if gap and there.number is None:
                there = there.model_copy(update={"number": min(number, 9999)})
            gap = False
        kept.append(there)
    return annotation.model_copy(update={"shapes": kept}).content()


def _is_seen(shape: Shape, size: Size) -> bool:
    return all(
        left < size.width and top < size.height and right > 0 and bottom > 0
        for left, top, right, bottom in bounds(shape, size)
    )


def _moved(shape: Shape, transform: Affine, before: Size, after: Size) -> Shape:
    turn = turn_of(transform)
    shape = _unturned(shape, transform)
    way = -1 if turn.mirrored else 1
    changed: dict[str, Any] = {}
    if isinstance(shape, Boxed | Lettered):
        assert shape.w is not None
        assert shape.h is not None
        x, y = transform.apply(shape.x + shape.w / 2, shape.y + shape.h / 2)
        w, h = (
            min(2.0 * FARTHEST, max(0.002, round(side * turn.scale, 3)))
            for side in (shape.w, shape.h)
        )
        changed |= {"x": _kept(x - w / 2), "y": _kept(y - h / 2), "w": w, "h": h}
        changed["rotation"] = normal_angle(turn.degrees + way * shape.rotation)
    elif isinstance(shape, Step):
        changed["x"], changed["y"] = map(_kept, transform.apply(shape.x, shape.y))
        changed["rotation"] = normal_angle(turn.degrees + way * shape.rotation)
    else:
        changed["rotation"] = normal_angle(way * shape.rotation)
    if isinstance(shape, Ended):
        changed["x1"], changed["y1"] = map(_kept, transform.apply(shape.x1, shape.y1))
        changed["x2"], changed["y2"] = map(_kept, transform.apply(shape.x2, shape.y2))
    if isinstance(shape, Pen | Highlighter):
        changed["points"] = [[*map(_kept, transform.apply(*point))] for point in shape.points]
    if isinstance(shape, Arrow):
        changed["bend"] = way * shape.bend + 0.0
    if isinstance(shape, Callout):
        changed["tip_x"], changed["tip_y"] = map(_kept, transform.apply(shape.tip_x, shape.tip_y))
    if isinstance(shape, Magnifier):
        changed["to_x"], changed["to_y"] = map(_kept, transform.apply(shape.to_x, shape.to_y))
    if isinstance(shape, Lettered):
        changed["align"], changed["valign"] = aligned(shape, turn)
    ratio = turn.scale * min(before.width, before.height) / min(after.width, after.height)
    for name in SHARES:
        if hasattr(shape, name):
            share = round(getattr(shape, name) * ratio, 6)
            changed[name] = min(LARGEST_SHARE, max(0.1 if name == "size" else 0.0, share))
    return shape.model_copy(update=changed)


def aligned(shape: Lettered, turn: Turn) -> tuple[str, str]:
    """Return how lines stand in a box, across and down, once a map was undone in it."""
    across, down = shape.align, shape.valign
    if turn.mirrored == "h" and across != "center":
        across = "left" if across == "right" else "right"
    if turn.mirrored == "v" and down != "middle":
        down = "top" if down == "bottom" else "bottom"
    return across, down


def _kept(value: float) -> float:
    return min(float(FARTHEST), max(-float(FARTHEST), round(value, 3))) + 0.0


def _unturned(shape: Shape, transform: Affine) -> Shape:
    """Return a line whose own turn is in its points, where the box about them would be another."""
    quarter = abs(transform.a) + abs(transform.e) < 1e-9 or (
        abs(transform.b) + abs(transform.d) < 1e-9
    )
    if shape.rotation == 0 or quarter:
        return shape
    if not isinstance(shape, Ended | Pen | Highlighter):
        return shape
    turned = rotation(shape.rotation, *middle(shape))
    changed: dict[str, Any] = {"rotation": 0.0}
    if isinstance(shape, Ended):
        changed["x1"], changed["y1"] = turned.apply(shape.x1, shape.y1)
        changed["x2"], changed["y2"] = turned.apply(shape.x2, shape.y2)
    else:
        changed["points"] = [list(turned.apply(*point)) for point in shape.points]
    return shape.model_copy(update=changed)
