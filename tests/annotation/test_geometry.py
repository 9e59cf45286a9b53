"""Where shapes go with their picture, against matrices computed apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.layers import EVERY, shapes, stored
from helpa import Affine, Size
from helpa_annotation.document import Annotation, parse
from helpa_annotation.geometry import moved
from helpa_annotation.outlines import bounds

W, H = 400, 300
BEFORE = Size(W, H)

EDITS: dict[str, tuple[list[list[float]], tuple[int, int]]] = {
    "nothing": ([[1, 0, 0], [0, 1, 0]], (W, H)),
    "right": ([[0, -1, H], [1, 0, 0]], (H, W)),
    "half": ([[-1, 0, W], [0, -1, H]], (W, H)),
    "left": ([[0, 1, 0], [-1, 0, W]], (H, W)),
    "mirror": ([[-1, 0, W], [0, 1, 0]], (W, H)),
    "upside": ([[1, 0, 0], [0, -1, H]], (W, H)),
    "transposed": ([[0, 1, 0], [1, 0, 0]], (H, W)),
    "transverse": ([[0, -1, H], [-1, 0, W]], (H, W)),
    "larger": ([[2.5, 0, 0], [0, 2.5, 0]], (1000, 750)),
}
"""What may be done to a picture of 400×300 without losing any of it."""


def affine(rows: list[list[float]]) -> Affine:
    return Affine(*rows[0], *rows[1])


def matrix(t: Affine) -> np.ndarray[Any, Any]:
    return np.array([[t.a, t.b, t.c], [t.d, t.e, t.f], [0, 0, 1]])


def turned(degrees: float, x: float, y: float) -> np.ndarray[Any, Any]:
    r = math.radians(degrees)
    cos, sin = math.cos(r), math.sin(r)
    there = np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])
    back = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]])
    return np.asarray(there @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]) @ back)


def corners(shape: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Return the corners of a box as it is turned, or the points of a line, as columns."""
    if shape["type"] in ("pen", "highlighter"):
        points = shape["points"]
    elif "x1" in shape:
        points = [[shape["x1"], shape["y1"]], [shape["x2"], shape["y2"]]]
    elif shape["type"] == "step":
        points = [[shape["x"], shape["y"]]]
    else:
        x, y, w, h = (shape[k] for k in ("x", "y", "w", "h"))
        points = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
    columns = np.array([*zip(*points, strict=True), [1] * len(points)], dtype=float)
    middle = (columns.max(axis=1) + columns.min(axis=1)) / 2
    return np.asarray(turned(shape["rotation"], middle[0], middle[1]) @ columns)


def same(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any], ordered: bool) -> bool:
    if not ordered:
        one, other = (a[:, np.lexsort((a[1].round(1), a[0].round(1)))] for a in (one, other))
    return bool(np.allclose(one, other, atol=0.01))


@pytest.mark.parametrize("name", EDITS)
@settings(max_examples=30, deadline=None)
@given(drawn=shapes)
def test_corners_land_where_the_map_says(name: str, drawn: list[dict[str, Any]]) -> None:
    rows, after = EDITS[name]
    before = stored(drawn)
    there = moved(before, affine(rows), Size(W, H), Size(*after))
    kept = {shape["id"]: shape for shape in there["shapes"]}
    for shape in before["shapes"]:
        if shape["id"] not in kept:
            continue
        ordered = shape["type"] in ("pen", "highlighter", "step") or "x1" in shape
        wanted = matrix(affine(rows)) @ corners(shape)
        found = corners(kept[shape["id"]])
        if ordered:
            assert same(wanted, found, ordered)
        else:  # in any order: a box may begin at another corner
            distances = np.linalg.norm(wanted[:2, :, None] - found[:2, None, :], axis=0)
            assert distances.min(axis=0).max() < 0.02
            assert distances.min(axis=1).max() < 0.02
        for x, y in (("tip_x", "tip_y"), ("to_x", "to_y")):
            if x in shape:
                point = matrix(affine(rows)) @ [shape[x], shape[y], 1]
                assert [kept[shape["id"]][x], kept[shape["id"]][y]] == pytest.approx(
                    point[:2], abs=0.01
                )


@pytest.mark.parametrize("name", EDITS)
@settings(max_examples=30, deadline=None)
@given(drawn=shapes)
def test_there_and_back_is_where_it_was(name: str, drawn: list[dict[str, Any]]) -> None:
    rows, after = EDITS[name]
    there = moved(stored(drawn), affine(rows), Size(W, H), Size(*after))
    back = moved(there, affine(rows).inverse(), Size(*after), Size(W, H))
    kept = {shape["id"] for shape in back["shapes"]}
    for model in Annotation.model_validate(stored(drawn)).shapes:
        # What only touches the picture's edge may be in it or not, as numbers are rounded.
        if all(a < W - 1 and b < H - 1 and c > 1 and d > 1 for a, b, c, d in bounds(model, BEFORE)):
            assert model.id in kept
    wanted = [shape for shape in stored(drawn)["shapes"] if shape["id"] in kept]
    for one, other in zip(back["shapes"], wanted, strict=True):
        for key in one:
            if key == "number":
                continue  # kept, where a step before it was dropped
            if isinstance(one[key], float):
                assert one[key] == pytest.approx(other[key], abs=0.005), key
            elif key == "points":
                assert np.allclose(one[key], other[key], atol=0.005)
            else:
                assert one[key] == other[key], key


def test_what_is_cut_off_is_dropped_and_what_is_left_looks_as_it_did() -> None:
    cut = moved(stored(EVERY), Affine(c=-190, f=-60), Size(W, H), Size(100, 90))
    left = {shape["type"] for shape in cut["shapes"]}
    assert "text" in left
    assert "spotlight" in left
    assert not left & {"arrow", "line", "pen", "highlighter", "callout", "stamp", "step"}
    before = next(s for s in stored(EVERY)["shapes"] if s["type"] == "text")
    text = next(s for s in cut["shapes"] if s["type"] == "text")
    assert text["x"] == before["x"] - 190
    assert text["w"] == before["w"]
    assert text["size"] * 90 == pytest.approx(before["size"] * 300)


def test_steps_keep_their_numbers_when_one_is_cut_off() -> None:
    drawn = [{"type": "step", "x": x, "y": 50} for x in (20, 150, 250, 350)]
    drawn[2]["number"] = None  # type: ignore[assignment]
    cut = moved(stored(drawn), Affine(c=-100), Size(W, H), Size(300, 300))
    assert [step["number"] for step in cut["shapes"]] == [2, None, None]


def test_letters_are_never_mirrored_and_lie_where_they_lay() -> None:
    text = {"type": "text", "x": 10, "y": 10, "w": 100, "h": 90, "text": "a", "rotation": 20}
    (shape,) = moved(stored([text]), *mirrored())["shapes"]
    assert (shape["rotation"], shape["align"], shape["valign"]) == (-20, "right", "top")
    upside = moved(stored([text]), Affine(e=-1, f=H), Size(W, H), Size(W, H))
    (shape,) = upside["shapes"]
    assert (shape["rotation"], shape["align"], shape["valign"]) == (-20, "left", "bottom")


def mirrored() -> tuple[Affine, Size, Size]:
    return Affine(a=-1, c=W), Size(W, H), Size(W, H)


def test_a_lens_goes_when_its_part_does() -> None:
    lens = {"type": "magnifier", "x": 10, "y": 10, "w": 20, "h": 20, "to_x": 300, "to_y": 200}
    assert moved(stored([lens]), Affine(c=-100), Size(W, H), Size(300, H))["shapes"] == []


@settings(max_examples=40, deadline=None)
@given(drawn=shapes, x=st.integers(0, 390), y=st.integers(0, 290))
def test_what_was_moved_can_be_edited_and_saved(
    drawn: list[dict[str, Any]], x: int, y: int
) -> None:
    cut = moved(stored(drawn), Affine(c=-x, f=-y), Size(W, H), Size(W - x, H - y))
    assert parse(cut).content() == cut
