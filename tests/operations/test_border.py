"""``border``."""

from __future__ import annotations

import numpy as np
from PIL import Image

from operations.effects import SIZE, answer, levels_off, numbers, picture, uploaded
from operations.seeing import show
from operations.test_radius import shape
from pictures import encode
from serving import Server

COLOURS = {
    "3060c0": (0x30, 0x60, 0xC0, 255),
    "808080": (128, 128, 128, 255),
    "f008": (255, 0, 0, 136),
}


def test_the_answer_grows_and_nothing_of_the_picture_is_covered(server: Server) -> None:
    for kind in ("RGB", "RGBA", "L", "LA"):
        for width in (1, 10):
            for text, colour in COLOURS.items():
                size = (SIZE[0] + 2 * width, SIZE[1] + 2 * width)
                expected = np.empty((size[1], size[0], 4))
                expected[:] = np.array(colour) / 255
                expected[width:-width, width:-width] = numbers(picture(kind))
                shown = answer(server, uploaded(server, kind), f"border={width},{text}")
                assert levels_off(shown, expected) == 0, (kind, width, text)


def test_it_is_black_unless_told_and_grows_with_dpr(server: Server) -> None:
    shown = show(server, uploaded(server), "border=3&w=50&dpr=2&fmt=png")
    assert shown.size == (112, 72)
    assert shown.convert("RGB").getpixel((5, 5)) == (0, 0, 0)
    assert shown.convert("RGB").getpixel((6, 6)) != (0, 0, 0)


def test_it_follows_rounded_corners(server: Server) -> None:
    for kind in ("RGB", "RGBA", "L", "LA"):
        for text, colour in COLOURS.items():
            query = f"border=8,{text}&radius=20,0,60,5"
            outer = shape((SIZE[0] + 16, SIZE[1] + 16), (28, 0, 68, 13))
            inner = np.pad(shape(SIZE, (20, 0, 60, 5)), ((8, 8), (8, 8), (0, 0)))
            image = np.pad(numbers(picture(kind)), ((8, 8), (8, 8), (0, 0)))
            shares = [outer * (1 - inner) * colour[3] / 255, inner * image[..., 3:]]
            alpha = shares[0] + shares[1]
            colours = shares[0] * np.array(colour[:3]) / 255 + shares[1] * image[..., :3]
            shown = answer(server, uploaded(server, kind), query)
            assert shown.shape == image.shape
            assert np.abs(shown[..., 3:] - alpha).mean() * 255 <= 0.5, (kind, text)
            light = shown[..., :3] * shown[..., 3:]
            assert np.abs(light - colours).mean() * 255 <= 1, (kind, text)
            assert np.abs(light - colours).max() * 255 <= 40, (kind, text)


def test_no_ground_shows_between_a_picture_and_its_border(server: Server) -> None:
    image_id = server.upload(encode(Image.new("RGB", (80, 60), "white"), "PNG"))["id"]
    shown = answer(server, image_id, "border=6,fff&radius=25")
    inside = shape((92, 72), (31,) * 4)[..., 0] == 1
    assert shown[inside][:, 3].min() * 255 >= 254


def test_a_pixel_has_a_border_too(server: Server) -> None:
    pixel = server.upload(encode(Image.new("L", (1, 1), 9), "PNG"))["id"]
    assert answer(server, pixel, "border=2,red&radius=max").shape == (5, 5, 4)
    assert answer(server, pixel, "border=2,red").shape == (5, 5, 4)
