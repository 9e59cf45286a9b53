"""What several tests of effects share: one chart uploaded once, answers as numbers."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image

from operations.seeing import Floats, chart, rgb, show
from pictures import encode
from serving import Server

SIZE = (200, 120)


def picture(kind: str = "RGB") -> Image.Image:
    """Return the chart as RGB, RGBA (its alpha rises to the right), L or LA."""
    image = rgb(chart(*SIZE))
    if "A" in kind:
        image.putalpha(Image.linear_gradient("L").rotate(90).resize(SIZE))
    return image.convert(kind)


_ids: dict[tuple[str, str], str] = {}


def uploaded(server: Server, kind: str = "RGB") -> str:
    """Return the id of the chart on a server, which is uploaded the first time."""
    key = (server.url, kind)
    if key not in _ids:
        _ids[key] = server.upload(encode(picture(kind), "PNG"))["id"]
    return _ids[key]


@cache
def colours(kind: str = "RGB") -> Floats:
    """Return the colours of the chart, 0–1."""
    return numbers(picture(kind))[..., :3]


def numbers(image: Image.Image) -> Floats:
    """Return a picture as RGBA of 0–1."""
    return np.asarray(image.convert("RGBA"), np.float64) / 255


def answer(server: Server, image_id: str, query: str) -> Floats:
    """Return what a query answers as PNG, as RGBA of 0–1."""
    return numbers(show(server, image_id, f"{query}&fmt=png"))


def levels_off(one: Floats, other: Floats) -> float:
    """Return the largest difference of two pictures' values, in steps of 8 bits."""
    assert one.shape == other.shape
    return float(np.abs(one - np.clip(other, 0, 1)).max() * 255)
