"""Edits: what they come to, and that pixels and points go the same way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import pyvips
from hypothesis import given
from hypothesis import strategies as st

from helpa import Affine, DrawContext, Grid, InvalidValue, Size
from helpa.api import checked
from helpa_redaction.draw import edit as drawing
from helpa_redaction.edits import Edit, EditBody, edit_of

SIZE = Size(30, 20)


def planned(size: Size = SIZE, **body: Any) -> Edit:
    return edit_of(checked(EditBody, body), size)


def box(x: Any, y: Any, w: Any, h: Any) -> dict[str, Any]:
    return {"x": x, "y": y, "w": w, "h": h}


def test_a_crop_moves_what_is_kept() -> None:
    edit = planned(crop=box(10, "50%", 20, 5.2))
    assert edit.changes[0].args == {"rect": [10, 10, 20, 5]}
    assert (edit.size, edit.transform) == (Size(20, 5), Affine(c=-10, f=-10))
    assert edit.changes[0].draw == "helpa_redaction.draw.edit:crop"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"rotate": 0}, "body"),
        ({"crop": box(0, 0, "100%", "100%")}, "body"),
        ({"rotate": 180, "flip": "hv"}, "body"),
        ({"crop": box(30, 0, 5, 5)}, "crop.x"),
        ({"crop": box(0, -1, 5, 5)}, "crop.y"),
        ({"crop": box(0, 0, 31, 5)}, "crop.w"),
        ({"crop": box(0, 0, 5, 0)}, "crop.h"),
        ({"crop": box(0, 0, 5, "x")}, "crop.h"),
        ({"crop": {"x": 0, "y": 0, "w": 5}}, "crop.h"),
        ({"rotate": 45}, "rotate"),
        ({"flip": "x"}, "flip"),
        ({"turn": 90}, "turn"),
    ],
)
def test_what_is_wrong_is_named(body: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        planned(**body)
    assert caught.value.field == field
    assert caught.value.allowed


SIDES = st.integers(1, 40)


@given(
    st.builds(Size, SIDES, SIDES),
    st.tuples(*[st.floats(0, 1)] * 4) | st.none(),
    st.sampled_from([0, 90, 180, 270]),
    st.sampled_from([None, "h", "v", "hv"]),
    st.integers(0, 15),
)
def test_pixels_go_where_the_transform_says_and_blocks_stay_whole(
    size: Size,
    cut: tuple[float, ...] | None,
    degrees: int,
    flip: str | None,
    line: int,
) -> None:
    body: dict[str, Any] = {"rotate": degrees, "flip": flip}
    if cut:
        x, y = int(cut[0] * (size.width - 1)), int(cut[1] * (size.height - 1))
        w, h = 1 + int(cut[2] * (size.width - x - 1)), 1 + int(cut[3] * (size.height - y - 1))
        body["crop"] = box(x, y, w, h)
    try:
        edit = planned(size, **body)
    except InvalidValue:
        return
    y_of, x_of = np.mgrid[0 : size.height, 0 : size.width]
    numbers = np.dstack([x_of, y_of, 0 * x_of]).astype(np.uint8)
    # A copy, for libvips copies nothing that is in memory, and lets it go.
    image = pyvips.Image.new_from_array(numbers).copy()
    grid, before = Grid(16, 8, line, line % 8), size
    after = grid
    for change in edit.changes:
        context = DrawContext(before, change.size, alpha=False)
        image = getattr(drawing, change.name)(image, change.args, context)
        before, after = change.size, after.moved(change.transform)
        assert Size(image.width, image.height) == change.size
    assert before == edit.size
    pixels = image.numpy()
    corners = {(0, 0), (edit.size.width - 1, edit.size.height - 1), (edit.size.width - 1, 0)}
    for x, y in corners:
        was_x, was_y = (int(v) for v in pixels[y, x][:2])
        assert edit.transform.apply(was_x + 0.5, was_y + 0.5) == (x + 0.5, y + 0.5)
    y_now, x_now = np.mgrid[0 : edit.size.height, 0 : edit.size.width]
    blocks = (y_now - after.y) // after.h * 1000 + (x_now - after.x) // after.w
    for block in np.unique(blocks):
        was = pixels[blocks == block].astype(int)
        assert len(np.unique((was[:, 0] - grid.x) // grid.w)) == 1
        assert len(np.unique((was[:, 1] - grid.y) // grid.h)) == 1
