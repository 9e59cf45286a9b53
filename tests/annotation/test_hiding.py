"""Shapes that hide what was found in a picture."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.layers import SIZE, stored
from helpa_annotation.document import Annotation
from helpa_annotation.hiding import hides

WORD = (100.0, 100.0, 160.0, 120.0)
OVER = {"x": 90, "y": 95, "w": 80, "h": 30}


def found(*drawn: dict[str, Any]) -> list[int]:
    return hides(Annotation.model_validate(stored(list(drawn))), [WORD], SIZE)


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "rectangle", "fill": "000", **OVER},
        {"type": "rectangle", "fill": "000", **OVER, "rotation": 180},
        {"type": "ellipse", "fill": "fff", **OVER},
        {"type": "text", "text": "x", "fill": "fff", **OVER},
        {"type": "callout", "text": "x", "tip_x": 0, "tip_y": 0, **OVER},
        {"type": "stamp", "sign": "heart", **OVER},
        {"type": "pen", "points": [[90, 110], [170, 110]], "stroke_width": 7},
        {"type": "line", "x1": 90, "y1": 110, "x2": 170, "y2": 110, "stroke_width": 7},
        {"type": "spotlight", "x": 0, "y": 0, "w": 9, "h": 9, "opacity": 1},
    ],
)
def test_opaque_ink_hides(shape: dict[str, Any]) -> None:
    assert found(shape) == [0]
    assert found({"type": "step", "x": 350, "y": 280}, shape) == [1]


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "rectangle", **OVER},
        {"type": "rectangle", "fill": "0008", **OVER},
        {"type": "rectangle", "fill": "000", "opacity": 0.5, **OVER},
        {"type": "rectangle", "fill": "000", **OVER, "rotation": 90},
        {"type": "rectangle", "fill": "000", **OVER, "x": 140},
        {"type": "text", "text": "x", **OVER},
        {"type": "highlighter", "points": [[90, 110], [170, 110]], "stroke_width": 9},
        {"type": "pen", "points": [[90, 110], [170, 110]], "stroke_width": 1},
        {"type": "spotlight", "opacity": 1, **OVER},
        {"type": "spotlight", "x": 0, "y": 0, "w": 9, "h": 9},
    ],
)
def test_what_is_seen_through_or_beside_hides_nothing(shape: dict[str, Any]) -> None:
    assert found(shape) == []


def test_together_they_hide_what_none_hides_alone() -> None:
    left = {"type": "rectangle", "fill": "000", "x": 95, "y": 95, "w": 35, "h": 30}
    assert found(left) == []
    assert found(left, {**left, "x": 128}) == [0, 1]
