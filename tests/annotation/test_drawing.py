"""Pixels of a layer: where they should be, at every scale and turn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import pyvips
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.layers import EVERY, SIZE, shapes, stored
from annotation.test_geometry import EDITS, affine
from helpa import Affine, DrawContext, Size
from helpa_annotation.draw.layer import draw_layer, layer
from helpa_annotation.geometry import moved

Pixels = np.ndarray[Any, Any]

STAMP = pyvips.Image.black(20, 20, bands=3).linear(1, [0, 0, 255]).cast("uchar")
PICTURES = {"A" * 22: STAMP.copy(interpretation="srgb")}


def ground(width: int, height: int, colour: tuple[int, ...] = (255, 255, 255)) -> pyvips.Image:
    image = pyvips.Image.black(width, height, bands=len(colour)).linear(1, list(colour))
    return image.cast("uchar").copy(interpretation="srgb" if len(colour) > 2 else "b-w")


def drawn(
    content: dict[str, Any],
    transform: Affine | None = None,
    out: tuple[int, int] = (400, 300),
    size: Size = SIZE,
    image: pyvips.Image | None = None,
) -> Pixels:
    below = image if image is not None else ground(*out)
    found = draw_layer(below, content, transform or Affine(), size, PICTURES)
    assert (found.width, found.height) == (below.width, below.height)
    return np.asarray(found.numpy()).astype(int)


def box(pixels: Pixels) -> tuple[int, int, int, int]:
    """Return the box around what is not white: left, top, right, bottom."""
    rows, columns = np.nonzero((pixels[..., :3] < 200).any(axis=2))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def middle(pixels: Pixels) -> tuple[float, float]:
    ink = 255 - pixels[..., :3].mean(axis=2)
    rows, columns = np.indices(ink.shape)
    return (
        float((ink * (columns + 0.5)).sum() / ink.sum()),
        float((ink * (rows + 0.5)).sum() / ink.sum()),
    )


def dot(x: float, y: float, radius: float = 5) -> dict[str, Any]:
    side = 2 * radius
    place = {"x": x - radius, "y": y - radius, "w": side, "h": side}
    return {"type": "ellipse", **place, "fill": "000", "stroke": None}


def composed(rect: tuple[int, int, int, int], w: int, h: int, degrees: int, flip: str) -> Any:
    """Return rect, fit=fill, flip, then rot with its margin, as a matrix; and the size after."""
    m = np.array([[1, 0, -rect[0]], [0, 1, -rect[1]], [0, 0, 1.0]])
    m = np.diag([w / rect[2], h / rect[3], 1]) @ m
    if "h" in flip:
        m = np.array([[-1, 0, w], [0, 1, 0], [0, 0, 1]]) @ m
    if "v" in flip:
        m = np.array([[1, 0, 0], [0, -1, h], [0, 0, 1]]) @ m
    r = math.radians(degrees)
    cos, sin = math.cos(r), math.sin(r)
    width = math.ceil(abs(w * cos) + abs(h * sin) - 1e-9)
    height = math.ceil(abs(w * sin) + abs(h * cos) - 1e-9)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    back = np.array([[1, 0, -w / 2], [0, 1, -h / 2], [0, 0, 1]])
    there = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]])
    return there @ turn @ back @ m, (width, height)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(
        st.integers(0, 100), st.integers(0, 80), st.integers(200, 300), st.integers(150, 220)
    ),
    st.integers(100, 700),
    st.integers(100, 700),
    st.sampled_from([0, 17, 90, 180, 200, 270]),
    st.sampled_from(["", "h", "v", "hv"]),
)
def test_a_place_is_drawn_where_the_picture_is(
    rect: tuple[int, int, int, int], w: int, h: int, degrees: int, flip: str
) -> None:
    m, out = composed(rect, w, h, degrees, flip)
    point = (rect[0] + 60, rect[1] + 90)
    transform = Affine(*m[0], *m[1])
    found = middle(drawn(stored([dot(*point)]), transform, out))
    assert found == pytest.approx((m @ [*point, 1])[:2], abs=0.15)


def test_the_tip_of_an_arrow_is_where_it_points() -> None:
    arrow = {"type": "arrow", "x1": 50, "y1": 200, "x2": 300.5, "y2": 80.5, "shadow": False}
    pixels = drawn(stored([arrow]))
    left, top, right, bottom = box(pixels)
    assert right == pytest.approx(302, abs=2)
    assert bottom == pytest.approx(201, abs=2)
    assert (pixels[82:84, 297:299, 1] < 150).any()
    assert (pixels[70:78, 304:312] == 255).all()
    assert left == pytest.approx(49, abs=2)
    assert top < 82


@pytest.mark.parametrize("name", EDITS)
def test_drawing_what_was_moved_is_moving_what_was_drawn(name: str) -> None:
    # The transform of a URL and a stored edit have one meaning, letters and shadows too.
    rows, out = EDITS[name]
    content = stored([s for s in EVERY if s["type"] not in ("measure", "magnifier")])
    for shape in content["shapes"]:
        shape["shadow"] = False  # which falls down in the picture as it was saved
    there = moved(content, affine(rows), SIZE, Size(*out))
    one = drawn(content, affine(rows), out)
    other = drawn(there, None, out, Size(*out))
    assert np.abs(one - other).mean() < 0.1
    assert (np.abs(one - other).max(axis=2) > 60).mean() < 0.001


@settings(max_examples=25, deadline=None)
@given(shapes, st.sampled_from(["mirror", "left", "half"]))
def test_any_layer_is_drawn_where_it_was_moved(drawn_: list[dict[str, Any]], name: str) -> None:
    rows, out = EDITS[name]
    wanted = [s for s in drawn_ if s["type"] not in ("measure", "magnifier", "spotlight")]
    content = stored([s | {"shadow": False} for s in wanted])
    one = drawn(content, affine(rows), out)
    other = drawn(moved(content, affine(rows), SIZE, Size(*out)), None, out, Size(*out))
    assert np.abs(one - other).mean() < 0.3


def test_letters_are_not_mirrored() -> None:
    content = stored([{"type": "text", "x": 40, "y": 40, "text": "RF", "size": 20, "halo": False}])
    plain = drawn(content)
    flipped = drawn(content, Affine(a=-1, c=400))
    upside = drawn(content, Affine(e=-1, f=300))
    left, top, right, bottom = box(plain)
    # As far as letters have more room on one side than on the other.
    assert box(flipped) == pytest.approx((400 - right, top, 400 - left, bottom), abs=5)
    letters = plain[top:bottom, left:right]
    for other in (flipped, upside):
        x0, y0, *_ = box(other)
        found = other[y0 : y0 + bottom - top, x0 : x0 + right - left]
        assert np.abs(found - letters).mean() < 12
        assert np.abs(found - letters[:, ::-1]).mean() > 25


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_a_part_at_another_scale_is_a_part_of_the_whole(scale: float) -> None:
    content = stored(EVERY)
    out = (round(400 * scale), round(300 * scale))
    whole = drawn(content, Affine(a=scale, e=scale), out)
    x, y, w, h = 60, 40, 200, 150
    inside = Affine(a=scale, c=-x * scale, e=scale, f=-y * scale)
    part = drawn(content, inside, (round(w * scale), round(h * scale)))
    cut = whole[
        round(y * scale) : round((y + h) * scale), round(x * scale) : round((x + w) * scale)
    ]
    assert np.abs(part - cut).mean() < 0.05


def test_drawn_small_is_drawn_large_and_made_smaller() -> None:
    content = stored(EVERY)
    small = drawn(content)
    large = draw_layer(ground(1600, 1200), content, Affine(a=4, e=4), SIZE, PICTURES)
    shrunk = np.asarray(large.shrink(4, 4).numpy()).astype(int)
    assert np.abs(small - shrunk).mean() < 1


def test_large_output_is_drawn_in_parts_that_join() -> None:
    scale = 7.3
    content = stored([s for s in EVERY if s["type"] != "magnifier"])
    out = (2920, 2190)
    whole = draw_layer(ground(*out), content, Affine(a=scale, e=scale), SIZE, PICTURES)
    for x, y in ((1024, 1024), (2048, 1024), (1024, 0)):
        moved_ = Affine(a=scale, c=200 - x, e=scale, f=200 - y)
        alone = drawn(content, moved_, (400, 400))
        top = max(0, y - 200)
        seen = np.asarray(whole.crop(x - 200, top, 400, y + 200 - top).numpy()).astype(int)
        assert np.abs(alone[-len(seen) :] - seen).mean() < 0.05


@pytest.mark.parametrize("colour", [(200,), (200, 255), (9, 99, 200), (9, 99, 200, 128)])
def test_every_kind_of_picture_is_drawn_on(colour: tuple[int, ...]) -> None:
    found = draw_layer(ground(400, 300, colour), stored(EVERY), Affine(), SIZE, PICTURES)
    assert found.bands == {1: 3, 2: 4, 3: 3, 4: 4}[len(colour)]
    assert found.interpretation == "srgb"
    assert found.format == "uchar"
    assert found.getpoint(210, 30) != [*colour]


def test_over_transparency_ink_is_as_opaque_as_it_is() -> None:
    shape = {"type": "rectangle", "x": 0, "y": 0, "w": 400, "h": 300, "fill": "ff000080"}
    content = stored([shape | {"stroke": None, "radius": 0}])
    assert list(drawn(content, image=ground(400, 300, (0, 0, 0, 0)))[5, 5]) == [255, 0, 0, 128]
    over = drawn(content, image=ground(400, 300, (0, 0, 255, 128)))[5, 5]
    assert over == pytest.approx([170, 0, 85, 192], abs=2)


def test_a_highlighter_leaves_dark_and_light_letters_apart_from_their_ground() -> None:
    content = stored([{"type": "highlighter", "points": [[0, 150], [400, 150]]}])
    on_white = drawn(content)[150, 50]
    on_black = drawn(content, image=ground(400, 300, (0, 0, 0)))[150, 50]
    assert list(on_white) == pytest.approx([255, 225, 77], abs=2)
    assert 40 < on_black[0] < 70
    on_nothing = drawn(content, image=ground(400, 300, (0, 0, 0, 0)))[150, 50]
    assert list(on_nothing) == pytest.approx([255, 225, 77, 255], abs=2)


def test_spotlights_share_one_dimming() -> None:
    one = {"type": "spotlight", "x": 10, "y": 10, "w": 100, "h": 100, "opacity": 0.5}
    pixels = drawn(stored([one, one | {"x": 60, "form": "ellipse"}]))
    assert list(pixels[60, 80]) == [255, 255, 255]
    assert list(pixels[60, 30]) == [255, 255, 255]
    assert list(pixels[200, 300]) == pytest.approx([127] * 3, abs=1)


@given(angle=st.integers(0, 359), x=st.integers(-40, 200), y=st.integers(-40, 200))
@settings(max_examples=30)
def test_a_dimming_ends_where_the_picture_does(angle: int, x: int, y: int) -> None:
    """In margins nothing is dimmed, however the picture was turned and placed."""
    lit = {"type": "spotlight", "x": 10, "y": 10, "w": 30, "h": 30, "opacity": 0.5}
    turn = math.radians(angle)
    cos, sin = math.cos(turn) / 2, math.sin(turn) / 2
    transform = Affine(cos, -sin, x, sin, cos, y)
    pixels = drawn(stored([lit]), transform, out=(260, 240))[..., 0]
    rows, columns = np.indices(pixels.shape) + 0.5
    # Back into the picture: the inverse of a turn with half its size, without the code's own.
    u = 4 * (cos * (columns - x) + sin * (rows - y))
    v = 4 * (cos * (rows - y) - sin * (columns - x))
    from_edge = np.minimum.reduce([u, 400 - u, v, 300 - v]) / 2
    from_hole = np.maximum.reduce([10 - u, u - 40, 10 - v, v - 40]) / 2
    assert (pixels[from_edge < -1.5] == 255).all()
    dimmed = pixels[(from_edge > 1.5) & (from_hole > 1.5)]
    assert (abs(dimmed - 127) <= 1).all()


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_lens_shows_its_part_enlarged(mirrored: bool) -> None:
    below = pyvips.Image.new_from_array(np.full((300, 400, 3), 255, np.uint8)).copy(
        interpretation="srgb"
    )
    below = below.draw_rect([0, 128, 0], 56, 46, 4, 8, fill=True)  # around (58, 50)
    lens = {"type": "magnifier", "x": 40, "y": 35, "w": 40, "h": 30, "zoom": 3, "shadow": False}
    content = stored([lens | {"to_x": 250, "to_y": 180}])
    transform = Affine()
    if mirrored:
        below, transform = below.fliphor(), Affine(a=-1, c=400)
    pixels = drawn(content, transform, image=below)
    if mirrored:
        pixels = pixels[:, ::-1]
    green = (pixels[..., 1] - pixels[..., 0] > 60) & (pixels[..., 1] - pixels[..., 2] > 60)
    rows, columns = np.nonzero(green[150:, 150:])
    assert (columns.min() + 150, columns.max() + 151) == pytest.approx((238, 250), abs=1)
    assert (rows.min() + 150, rows.max() + 151) == pytest.approx((168, 192), abs=1)


def test_a_lens_whose_part_was_cut_off_is_left_out() -> None:
    lens = {"type": "magnifier", "x": 10, "y": 10, "w": 20, "h": 20, "to_x": 300, "to_y": 200}
    assert (drawn(stored([lens]), Affine(c=-200), (200, 300)) == 255).all()


@pytest.mark.parametrize(
    "transform", [Affine(), Affine(a=-1, c=400), Affine(0.8, -0.6, 100, 0.6, 0.8, 0)]
)
def test_a_picture_is_fitted_into_its_box(transform: Affine) -> None:
    shape = {"type": "stamp", "image": "A" * 22, "x": 100, "y": 100, "w": 60, "h": 40}
    pixels = drawn(stored([shape]), transform)
    assert middle(pixels) == pytest.approx(transform.apply(130, 120), abs=0.6)
    ink = (255 - pixels[..., 0]).sum() / 255
    assert ink == pytest.approx(1600, rel=0.05)


def test_a_picture_that_is_gone_is_left_out() -> None:
    shape = {"type": "stamp", "image": "B" * 22, "x": 100, "y": 100, "w": 60, "h": 40}
    assert (drawn(stored([shape])) == 255).all()


def test_equal_layers_have_equal_pixels() -> None:
    assert (drawn(stored(EVERY)) == drawn(stored(EVERY))).all()


def test_places_far_away_are_no_harm() -> None:
    far = 131_072
    content = stored(
        [
            {"type": "arrow", "x1": -far, "y1": -far, "x2": far, "y2": far, "stroke_width": 5},
            {"type": "rectangle", "x": -far, "y": -far, "w": 2 * far, "h": 2 * far, "fill": "00f"},
            {"type": "text", "x": -50, "y": -50, "text": "a", "size": 10_000},
        ]
    )
    assert drawn(content, Affine(a=40, e=40), (500, 500)).shape == (500, 500, 3)


def test_the_step_is_wired() -> None:
    context = DrawContext(
        Size(800, 600),
        Size(800, 600),
        False,
        layer=stored([dot(100, 100)]),
        transform=Affine(a=2, e=2),
        picture=SIZE,
    )
    image = layer(ground(800, 600), {}, context)
    assert middle(np.asarray(image.numpy()).astype(int)) == pytest.approx((200, 200), abs=0.1)
    half = layer(ground(400, 300), {}, context)  # of a smaller level
    assert middle(np.asarray(half.numpy()).astype(int)) == pytest.approx((100, 100), abs=0.1)
