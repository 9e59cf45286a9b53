"""``rot`` and ``flip``."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from operations.seeing import chart, difference, over, resized, rgb, show, upload
from pictures import encode
from serving import Server

QUARTERS = {
    "90": Image.Transpose.ROTATE_270,
    "180": Image.Transpose.ROTATE_180,
    "270": Image.Transpose.ROTATE_90,
    "-90": Image.Transpose.ROTATE_90,
    "-180": Image.Transpose.ROTATE_180,
}
FLIPS = {
    "h": [Image.Transpose.FLIP_LEFT_RIGHT],
    "v": [Image.Transpose.FLIP_TOP_BOTTOM],
    "hv": [Image.Transpose.ROTATE_180],
}


def test_quarters_move_pixels_without_loss(server: Server) -> None:
    image = rgb(chart(300, 188))
    document = server.upload(encode(image, "PNG"))
    for angle, method in QUARTERS.items():
        shown = show(server, document["id"], f"rot={angle}&fmt=png")
        assert difference(shown, image.transpose(method)) == 0, angle
    for angle in ("0", "360", "-360"):
        assert difference(show(server, document["id"], f"rot={angle}&fmt=png"), image) == 0


def test_quarters_keep_grey_and_alpha(server: Server) -> None:
    grey = rgb(chart(90, 60)).convert("L")
    clear = rgb(chart(90, 60)).convert("RGBA")
    clear.putalpha(grey)
    for image in (grey, clear):
        document = server.upload(encode(image, "PNG"))
        for angle, method in QUARTERS.items():
            shown = show(server, document["id"], f"rot={angle}&fmt=png")
            assert difference(shown, image.transpose(method)) <= 0.01, angle


def test_mirrors(server: Server) -> None:
    image = rgb(chart(300, 188))
    document = server.upload(encode(image, "PNG"))
    for value, methods in FLIPS.items():
        expected = image
        for method in methods:
            expected = expected.transpose(method)
        assert difference(show(server, document["id"], f"flip={value}&fmt=png"), expected) == 0
        assert difference(show(server, document["id"], f"flop={value}&fmt=png"), expected) == 0


def test_a_picture_is_mirrored_after_it_was_turned(server: Server) -> None:
    image = rgb(chart(300, 188))
    document = server.upload(encode(image, "PNG"))
    expected = image.transpose(Image.Transpose.ROTATE_270).transpose(
        Image.Transpose.FLIP_LEFT_RIGHT
    )
    assert difference(show(server, document["id"], "flip=h&rot=90&fmt=png"), expected) == 0


def turned(image: Image.Image, angle: float) -> Image.Image:
    """Return a picture turned clockwise by Pillow, in its bounding box and transparent around."""
    width, height = image.size
    turn = math.radians(angle)
    cos, sin = math.cos(turn), math.sin(turn)
    box = (
        max(1, round(abs(width * cos) + abs(height * sin))),
        max(1, round(abs(width * sin) + abs(height * cos))),
    )
    # The inverse map, from the middle of the box to the middle of the picture.
    c = width / 2 - (cos * box[0] / 2 + sin * box[1] / 2)
    f = height / 2 - (-sin * box[0] / 2 + cos * box[1] / 2)
    source = image.convert("RGBA").convert("RGBa")
    result = source.transform(
        box, Image.Transform.AFFINE, (cos, sin, c, -sin, cos, f), Image.Resampling.BICUBIC
    )
    return result.convert("RGBA")


@pytest.mark.parametrize("angle", [10, 45, 100, 135.5, 200, -30, 300])
def test_other_angles_turn_about_the_middle(server: Server, angle: float) -> None:
    image = rgb(chart(240, 150))
    document = server.upload(encode(image, "PNG"))
    expected = turned(image, angle)
    shown = show(server, document["id"], f"rot={angle}&fmt=png")
    assert shown.size == expected.size
    # Half a pixel beside its place is 1.1 and more.
    assert difference(shown, expected) <= 0.9
    for fmt, query, colour in (
        ("png", "bg=2040ff&", (32, 64, 255)),
        ("jpg&q=95", "", (255, 255, 255)),
        ("jpg&q=95", "bg=2040ff&", (32, 64, 255)),
    ):
        shown = show(server, document["id"], f"rot={angle}&{query}fmt={fmt}")
        assert not shown.has_transparency_data
        assert difference(shown, over(expected, colour)) <= 2.0, (fmt, query)


def test_a_turned_large_picture_is_the_same_through_a_level(server: Server) -> None:
    image = rgb(chart(1000, 625))
    document = upload(server, encode(image, "PNG"))
    expected = over(turned(image, 20), (255, 255, 255))
    for w in (700, 300, 100):
        shown = show(server, document["id"], f"rot=20&bg=white&w={w}&fmt=png")
        assert shown.width == w
        assert difference(shown, resized(expected, *shown.size)) <= 2.0, w
    quarter = image.transpose(Image.Transpose.ROTATE_270)
    for w in (500, 180, 80):
        shown = show(server, document["id"], f"rot=90&w={w}&fmt=png")
        assert difference(shown, resized(quarter, *shown.size)) <= 2.0, w


def test_no_dark_seam_shows_around_a_turned_picture(server: Server) -> None:
    document = server.upload(encode(Image.new("RGB", (200, 120), (255, 255, 255)), "PNG"))
    shown = show(server, document["id"], "rot=33&bg=white&fmt=png").convert("L")
    assert np.asarray(shown).min() >= 250
    clear = np.asarray(show(server, document["id"], "rot=33&fmt=png").convert("RGBA"))
    seen = clear[clear[..., 3] > 20]
    assert seen[:, :3].min() >= 245


@pytest.mark.parametrize("query", ["rot=361", "rot=-361", "rot=left", "flip=x", "flip=1", "rot="])
def test_what_is_no_turn_is_refused(server: Server, query: str) -> None:
    document = server.upload(encode(Image.new("RGB", (9, 9)), "PNG"))
    reply = server.get(f"/img/{document['id']}?{query}")
    assert reply.status_code == 400
    assert reply.json()["field"] == query.partition("=")[0]
