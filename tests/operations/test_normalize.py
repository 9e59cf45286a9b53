"""``normalize``."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageSequence

from operations.effects import answer, levels_off
from operations.seeing import chart, rgb
from pictures import encode
from serving import Server

LUMA = np.array([0.2126, 0.7152, 0.0722])


def dull(low: int = 80, high: int = 160) -> Image.Image:
    return rgb((chart(200, 120) * (high - low) + low) / 255)


def stretched(image: Image.Image, seen: slice = slice(None)) -> np.ndarray:
    values = np.asarray(image.convert("RGB"), np.float64)
    light = np.sort(np.round(values[:, seen] @ LUMA).ravel())
    low, high = light[int(len(light) * 0.01)], light[int(len(light) * 0.99)]
    result: np.ndarray = np.clip((values - low) * 255 / (high - low), 0, 255) / 255
    return result


def test_a_dull_picture_uses_the_whole_range(server: Server) -> None:
    for image in (dull(), dull().convert("L"), dull(0, 90)):
        image_id = server.upload(encode(image, "PNG"))["id"]
        shown = answer(server, image_id, "normalize=1")
        # One level of the range found is worth some levels of a stretched picture.
        assert levels_off(shown[..., :3], stretched(image)) <= 5
        assert shown[..., :3].min() == 0
        assert shown[..., :3].max() == 1


def test_what_is_transparent_is_not_measured(server: Server) -> None:
    image = dull()
    image.paste((255, 255, 255), (100, 0, 150, 120))
    image.paste((0, 0, 0), (150, 0, 200, 120))
    alpha = Image.new("L", image.size, 0)
    alpha.paste(255, (0, 0, 100, 120))
    image.putalpha(alpha)
    image_id = server.upload(encode(image, "PNG"))["id"]
    shown = answer(server, image_id, "normalise=1")[:, :100, :3]
    assert levels_off(shown, stretched(image, slice(0, 100))[:, :100]) <= 5


def test_pictures_of_one_tone_or_of_all_stay(server: Server) -> None:
    for image in (Image.new("RGB", (50, 30), (90, 90, 90)), Image.linear_gradient("L"),
                  Image.new("RGBA", (9, 9), (0, 0, 0, 0))):  # fmt: skip
        image_id = server.upload(encode(image, "PNG"))["id"]
        shown = answer(server, image_id, "normalize=1")
        assert levels_off(shown, answer(server, image_id, "")) <= 6


def test_an_animation_is_stretched_alike_in_all_frames(server: Server) -> None:
    first, second = dull(), Image.new("RGB", (200, 120), (100, 100, 100))
    data = encode(first, "WEBP", save_all=True, append_images=[second], lossless=True, duration=80)
    image_id = server.upload(data, "two.webp")["id"]
    reply = server.get(f"/img/{image_id}?normalize=1&fmt=webp&lossless=1")
    frames = [f.convert("RGB").copy() for f in ImageSequence.Iterator(_opened(reply.content))]
    assert len(frames) == 2
    assert levels_off(np.asarray(frames[0]) / 255, stretched(first)) <= 5
    values = np.asarray(first, np.float64)
    light = np.sort(np.round(values @ LUMA).ravel())
    low, high = light[int(len(light) * 0.01)], light[int(len(light) * 0.99)]
    grey = (100 - low) * 255 / (high - low)
    assert np.abs(np.asarray(frames[1], np.float64) - grey).max() <= 6


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))
