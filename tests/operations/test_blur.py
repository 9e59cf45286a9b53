"""``blur``."""

from __future__ import annotations

import time

import numpy as np
from PIL import Image

from operations.effects import answer, levels_off, numbers, picture, uploaded
from operations.seeing import Floats
from pictures import encode, photograph
from serving import Server


def blurred(values: Floats, sigma: float) -> Floats:
    """Return the exact sum of a Gaussian over both directions, edges going on."""
    reach = int(np.ceil(4 * sigma))
    weights = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    weights /= weights.sum()
    for axis in (0, 1):
        side = values.shape[axis]
        matrix = np.zeros((side, side))
        for offset, weight in zip(range(-reach, reach + 1), weights, strict=True):
            matrix[np.arange(side), np.clip(np.arange(side) + offset, 0, side - 1)] += weight
        values = np.moveaxis(np.tensordot(matrix, values, (1, axis)), 0, axis)
    return values


def test_it_is_a_gaussian_at_every_sigma(server: Server) -> None:
    values = numbers(picture())
    for sigma in (0.5, 1, 2.5, 4, 9, 20, 60, 250):
        shown = answer(server, uploaded(server), f"blur={sigma}")
        expected = blurred(values, sigma)
        assert np.abs(shown - expected).mean() * 255 <= 0.7, sigma
        assert levels_off(shown, expected) <= 6, sigma


def test_flat_colours_stay_what_they_are(server: Server) -> None:
    image_id = server.upload(encode(Image.new("RGB", (90, 70), (255, 101, 3)), "PNG"))["id"]
    for sigma in (0.5, 1, 5, 30, 250):
        shown = answer(server, image_id, f"blur={sigma}")
        assert levels_off(shown, np.full_like(shown, 1) * (1, 101 / 255, 3 / 255, 1)) == 0, sigma


def test_sigma_grows_with_dpr_and_speaks_of_the_size_of_the_answer(server: Server) -> None:
    image_id = uploaded(server)
    shown = answer(server, image_id, "w=50&dpr=2&blur=3")
    assert shown.shape[:2] == (60, 100)
    expected = blurred(answer(server, image_id, "w=100"), 6)
    assert np.abs(shown - expected).mean() * 255 <= 0.7


def test_transparent_pixels_lend_no_colour(server: Server) -> None:
    pixels = np.zeros((80, 120, 4), np.uint8)  # black where nothing is seen
    pixels[:, :60] = (250, 200, 40, 255)
    for mode in ("RGBA", "LA"):
        image = Image.fromarray(pixels, "RGBA").convert(mode)
        image_id = server.upload(encode(image, "PNG"))["id"]
        colour = np.asarray(image.convert("RGBA"))[0, 0, :3] / 255
        for sigma in (2, 12):
            shown = answer(server, image_id, f"blur={sigma}")
            seen = shown[..., 3] > 0.05
            assert np.abs(shown[seen][:, :3] - colour).max() * 255 <= 2, (mode, sigma)
            alpha = blurred(np.asarray(image.convert("RGBA"))[..., 3:] / 255, sigma)
            assert levels_off(shown[..., 3:], alpha) <= 5, (mode, sigma)


def test_a_grey_picture_stays_grey_and_a_pixel_a_pixel(server: Server) -> None:
    shown = answer(server, uploaded(server, "L"), "blur=5")
    assert np.abs(shown - blurred(numbers(picture("L")), 5)).mean() * 255 <= 0.7
    image_id = server.upload(encode(Image.new("RGBA", (1, 1), (9, 99, 200, 77)), "PNG"))["id"]
    for sigma in (1, 250):
        shown = answer(server, image_id, f"blur={sigma}&dpr=5")
        assert levels_off(shown, np.array([[[9, 99, 200, 77]]]) / 255) <= 1


def test_the_widest_takes_no_longer_than_a_narrow_one(server: Server) -> None:
    image_id = server.upload(encode(photograph(1600, 1000), "JPEG", quality=90))["id"]
    took = []
    for sigma in (3, 250):
        began = time.perf_counter()
        answer(server, image_id, f"blur={sigma}&dpr=5&w=320")
        took.append(time.perf_counter() - began)
    # libvips alone takes some 20 s at this sigma of 1250.
    assert took[1] < took[0] * 4 + 2
