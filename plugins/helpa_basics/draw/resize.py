"""Pixels of ``resize``."""

from __future__ import annotations

import math
from typing import Any

import pyvips

from helpa import DrawContext, Size
from helpa.drawing import resample
from helpa_basics.draw.frame import place

LONGEST = 1_000_000
"""Side in pixels up to which a picture is scaled whole before it is cropped; libvips' coordinates
end at ten times that."""


def resize(image: pyvips.Image, args: dict[str, Any], context: DrawContext) -> pyvips.Image:
    """Resample to the planned size, then crop or place."""
    if "crop" in args:
        return _cropped(image, Size(*args["to"]), args["crop"])
    image = resample(image, Size(*args["to"]))
    return place(image, args, context) if "place" in args else image


def _cropped(image: pyvips.Image, size: Size, crop: list[int]) -> pyvips.Image:
    left, top, width, height = crop
    if max(size.width, size.height) > LONGEST:
        # A strip enlarged to a box across it: only the pixels that are kept are scaled.
        across, down = size.width / image.width, size.height / image.height
        x, y = int(left / across), int(top / down)
        right = min(image.width, math.ceil((left + width) / across))
        bottom = min(image.height, math.ceil((top + height) / down))
        image = image.crop(x, y, max(1, right - x), max(1, bottom - y))
        left, top = round(left - x * across), round(top - y * down)
        size = Size(
            max(left + width, round(image.width * across)),
            max(top + height, round(image.height * down)),
        )
    return resample(image, size).crop(left, top, width, height)
