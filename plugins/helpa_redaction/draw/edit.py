"""Pixels of edits."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa import DrawContext

QUARTERS = {90: "d90", 180: "d180", 270: "d270"}


def crop(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Keep a rectangle, given in pixels: revisions are drawn in full size."""
    return image.crop(*args["rect"])


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
