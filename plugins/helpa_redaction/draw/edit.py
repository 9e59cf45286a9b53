"""Pixels of edits."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa import DrawContext

QUARTERS = {90: "d90", 180: "d180", 270: "d270"}


def crop(image: pyvips.Image, args: dict[str, Any], context: DrawContext) -> pyvips.Image:
    """Keep a rectangle given in pixels of the planned size."""
    x, y, width, height = args["rect"]
    across, down = image.width / context.before.width, image.height / context.before.height
    left, top = min(int(x * across), image.width - 1), min(int(y * down), image.height - 1)
    right = min(image.width, max(left + 1, round((x + width) * across)))
    bottom = min(image.height, max(top + 1, round((y + height) * down)))
    return image.crop(left, top, right - left, bottom - top)


def rotate(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Turn clockwise by 90, 180 or 270 degrees."""
    return image.copy_memory().rot(QUARTERS[args["degrees"]])


def flip(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Mirror left and right (h), top and bottom (v), or both."""
    if "h" in args["flip"]:
        image = image.fliphor()
    if "v" in args["flip"]:
        image = image.copy_memory().flipver()
    return image
