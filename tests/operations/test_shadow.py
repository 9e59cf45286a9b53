"""``shadow``."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from operations.effects import answer, numbers, picture, uploaded
from operations.seeing import Floats, show
from operations.test_blur import blurred
from pictures import encode
from serving import Server


def shadowed(
    values: Floats, blur: int, dx: int, dy: int, colour: tuple[int, int, int, int]
) -> Floats:
    """Return the light (colours times alpha) and alpha of a picture above its shadow."""
    reach = math.ceil(1.5 * blur)
    left, top = max(0, reach - dx), max(0, reach - dy)
    height, width = values.shape[:2]
    wide, high = left + width + max(0, reach + dx), top + height + max(0, reach + dy)
    shape = np.zeros((high, wide, 1))
    shape[top + dy : top + dy + height, left + dx : left + dx + width] = values[..., 3:]
    alpha = (blurred(shape, blur / 2) if blur else shape) * colour[3] / 255
    below = np.concatenate([alpha * np.array(colour[:3]) / 255, alpha], axis=-1)
    above = np.zeros((high, wide, 4))
    above[top : top + height, left : left + width] = light(values)
    result: Floats = above + below * (1 - above[..., 3:])
    return result


def light(values: Floats) -> Floats:
    return np.concatenate([values[..., :3] * values[..., 3:], values[..., 3:]], axis=-1)


def test_a_blurred_copy_of_the_shape_lies_behind_the_picture(server: Server) -> None:
    for kind in ("RGB", "LA"):
        for query, cast in (
            ("20", (20, 0, 10, (0, 0, 0, 0x4D))),
            ("7,4,-9", (7, 4, -9, (0, 0, 0, 0x4D))),
            ("0,-12,5,f00", (0, -12, 5, (255, 0, 0, 255))),
            ("60,30,-20,3060c0c0", (60, 30, -20, (0x30, 0x60, 0xC0, 0xC0))),
            ("3,40,0,808080", (3, 40, 0, (128, 128, 128, 255))),
        ):
            shown = answer(server, uploaded(server, kind), f"shadow={query}")
            expected = shadowed(numbers(picture(kind)), *cast)
            assert shown.shape == expected.shape, (kind, query)
            difference = np.abs(light(shown) - expected) * 255
            assert difference.mean() <= 0.7, (kind, query)
            assert difference.max() <= 7, (kind, query)


def test_lengths_grow_with_dpr_and_the_default_lies_in_the_documents(server: Server) -> None:
    image_id = uploaded(server)
    one = show(server, image_id, "w=50&dpr=2&shadow=8,2,3,000&fmt=png")
    other = show(server, image_id, "w=100&shadow=16,4,6,000&fmt=png")
    assert np.array_equal(np.asarray(one), np.asarray(other))
    assert np.array_equal(
        answer(server, image_id, "shadow=21"), answer(server, image_id, "shadow=21,0,10,0000004d")
    )


def test_it_lies_on_the_background(server: Server) -> None:
    expected = shadowed(numbers(picture()), 20, 0, 10, (0, 0, 0, 0x4D))
    for query, colour in (("fmt=jpg&q=95", (255, 255, 255)), ("bg=80ff40&fmt=png", (128, 255, 64)),
                          ("bg=80ff40&fmt=jpg&q=95", (128, 255, 64))):  # fmt: skip
        shown = numbers(show(server, uploaded(server), f"shadow=20&{query}"))
        ground = expected[..., :3] + (1 - expected[..., 3:]) * np.array(colour) / 255
        assert np.abs(shown[..., :3] - ground).mean() * 255 <= 3, query
        assert shown[..., 3].min() == 1


def test_it_follows_rounded_corners_and_the_border(server: Server) -> None:
    image = Image.new("RGB", (60, 60), "white")
    image_id = server.upload(encode(image, "PNG"))["id"]
    for extra in ("", "&border=4,fff"):
        round_one = answer(server, image_id, f"radius=max&shadow=0,70,0,000{extra}")
        grown = 4 if extra else 0
        assert round_one.shape[:2] == (60 + 2 * grown, 130 + 2 * grown)
        picture_alpha = round_one[:, : 60 + 2 * grown, 3]
        shadow_alpha = round_one[:, 70 : 130 + 2 * grown, 3]
        assert np.array_equal(picture_alpha, shadow_alpha)
        assert picture_alpha[0, 0] == 0


def test_a_pixel_casts_a_shadow(server: Server) -> None:
    pixel = server.upload(encode(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG"))["id"]
    assert answer(server, pixel, "shadow=250").shape[:2] == (751, 751)
