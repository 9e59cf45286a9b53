"""``sharp``."""

from __future__ import annotations

import numpy as np
from PIL import Image

from operations.effects import answer, colours, levels_off, numbers, uploaded
from operations.seeing import Floats
from operations.test_blur import blurred
from pictures import encode
from serving import Server

LUMA = np.array([0.2126, 0.7152, 0.0722])


def sharpened(values: Floats, amount: float) -> Floats:
    """Return the unsharp mask of the luminance, sigma 1."""
    light = (values @ LUMA)[..., None]
    result: Floats = np.clip(values + (light - blurred(light, 1.0)) * amount, 0, 1)
    return result


def test_it_is_an_unsharp_mask_of_the_luminance(server: Server) -> None:
    for kind in ("RGB", "L"):
        for sharp in (0.3, 1, 4, 10):
            shown = answer(server, uploaded(server, kind), f"sharp={sharp}")[..., :3]
            expected = sharpened(colours(kind), sharp / 2)
            assert np.abs(shown - expected).mean() * 255 <= 0.6, (kind, sharp)
            # The mask of libvips ends at 2.8 sigma, the sum here at 4.
            assert levels_off(shown, expected) <= 1 + sharp, (kind, sharp)


def test_no_rim_shows_where_transparency_begins(server: Server) -> None:
    pixels = np.zeros((40, 60, 4), np.uint8)
    pixels[:, :30] = (120, 130, 90, 255)
    for mode in ("RGBA", "LA"):
        image = Image.fromarray(pixels, "RGBA").convert(mode)
        image_id = server.upload(encode(image, "PNG"))["id"]
        shown = answer(server, image_id, "sharpen=10")
        assert levels_off(shown[:, :30], numbers(image)[:, :30]) <= 1, mode
        assert shown[:, 30:, 3].max() == 0


def test_flat_pictures_stay(server: Server) -> None:
    for size in ((1, 1), (2, 3), (50, 40)):
        image = Image.new("RGB", size, (200, 100, 5))
        image_id = server.upload(encode(image, "PNG"))["id"]
        assert levels_off(answer(server, image_id, "sharp=10"), numbers(image)) == 0
