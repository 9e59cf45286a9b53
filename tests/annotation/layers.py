"""Layers for tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from helpa import Size
from helpa_annotation.boxes import completed
from helpa_annotation.document import parse
from helpa_annotation.fonts import fonts
from helpa_annotation.signs import SIGNS

EVERY: list[dict[str, Any]] = [
    {"type": "arrow", "x1": 20, "y1": 30, "x2": 90, "y2": 60, "bend": 0.2},
    {"type": "line", "x1": 100, "y1": 30, "x2": 180, "y2": 50, "dash": "dashed"},
    {"type": "rectangle", "x": 200, "y": 20, "w": 60, "h": 30, "fill": "0091ff80"},
    {"type": "ellipse", "x": 280, "y": 20, "w": 60, "h": 30, "rotation": 30},
    {"type": "pen", "points": [[20, 90], [40, 70], [60, 100], [80, 80]]},
    {"type": "highlighter", "points": [[100, 90], [180, 92]]},
    {"type": "text", "x": 200, "y": 70, "text": "Hello <b>&amp; you", "size": 6},
    {"type": "callout", "x": 30, "y": 130, "text": "Look", "tip_x": 20, "tip_y": 200, "size": 6},
    {"type": "step", "x": 150, "y": 150, "size": 6},
    {"type": "spotlight", "x": 200, "y": 120, "w": 60, "h": 40, "opacity": 0.3},
    {"type": "magnifier", "x": 280, "y": 120, "w": 30, "h": 20, "to_x": 330, "to_y": 190},
    {"type": "stamp", "sign": "check", "x": 200, "y": 190, "w": 30, "h": 30},
    {"type": "stamp", "image": "A" * 22, "x": 240, "y": 190, "w": 30, "h": 30},
    {"type": "measure", "x1": 60, "y1": 250, "x2": 260, "y2": 250, "size": 5},
]
"""A shape of every kind, for a picture of 400×300."""

SIZE = Size(400, 300)


def stored(shapes: list[dict[str, Any]], size: Size = SIZE) -> dict[str, Any]:
    """Return the content of a layer as it is stored."""
    return completed(parse({"shapes": shapes}), size, fonts()).content()


place = st.integers(-400, 8000).map(lambda n: n / 10)
length = st.integers(1, 3000).map(lambda n: n / 10)
angle = st.integers(-180, 180)
ink = st.sampled_from(["e5484d", "00f8", "white", "0091ff", "FFD60A", "#1c2024"])
letters = st.text(
    st.sampled_from("abc XYZ 12,.-<>&\"'{}%äß→✓\nשלאم"), min_size=1, max_size=30
).filter(lambda text: bool(text.strip()))
common = {"rotation": angle, "opacity": st.sampled_from([1.0, 0.5]), "shadow": st.booleans()}
ended = {"x1": place, "y1": place, "x2": place, "y2": place, **common}
boxed = {"x": place, "y": place, "w": length, "h": length, **common}
points = st.lists(st.lists(place, min_size=2, max_size=2), min_size=1, max_size=80)
share = st.integers(1, 100).map(lambda n: n / 10)


def _shape(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **fields})


words = {
    "x": place,
    "y": place,
    "w": length | st.none(),
    "text": letters,
    "align": st.sampled_from(["left", "center", "right"]),
    "valign": st.sampled_from(["top", "middle", "bottom"]),
    "size": share,
    **common,
}

shape = st.one_of(
    _shape("arrow", **ended, bend=st.sampled_from([-0.5, 0.0, 0.3]), stroke=ink),
    _shape("line", **ended, dash=st.sampled_from(["solid", "dashed", "dotted"])),
    _shape("rectangle", **boxed, fill=ink | st.none(), radius=share),
    _shape("ellipse", **boxed, stroke=ink | st.none()),
    _shape("pen", points=points, **common),
    _shape("highlighter", points=points, **common),
    _shape("text", **words, fill=ink | st.none()),
    _shape("callout", **words, tip_x=place, tip_y=place),
    _shape("step", x=place, y=place, number=st.integers(0, 9999) | st.none(), **common),
    _shape("spotlight", **boxed, form=st.sampled_from(["rectangle", "ellipse"])),
    _shape("magnifier", **boxed, to_x=place, to_y=place, form=st.sampled_from(["ellipse"])),
    _shape("stamp", **boxed, sign=st.sampled_from(SIGNS)),
    _shape("measure", **ended, label=letters | st.none()),
)
shapes = st.lists(shape, min_size=1, max_size=6)
