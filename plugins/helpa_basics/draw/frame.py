"""Pixels of ``pad``, ``contain`` and ``bg``."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa import DrawContext


def place(image: pyvips.Image, args: dict[str, Any], context: DrawContext) -> pyvips.Image:
    """Place the image on a larger canvas of one colour."""
    x, y, width, height = args["place"]
    fill = args["fill"]
    if image.bands < 3 and (len(set(fill[:3])) > 1 or context.alpha):
        image = image.colourspace("srgb")
    if context.alpha and not image.hasalpha():
        image = image.addalpha()
    background = [*fill[: image.bands - 1], fill[3]] if image.hasalpha() else fill[: image.bands]
    return image.embed(x, y, width, height, extend="background", background=background)


pad = place


def flatten(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Put a colour behind the image."""
    if not image.hasalpha():
        return image
    fill = args["fill"]
    if len(fill) == 4:  # it shines through itself
        image = image.colourspace("srgb") if image.bands < 3 else image
        below = image.new_from_image(fill).copy(interpretation="srgb")
        return below.composite2(image, "over").cast("uchar").copy(interpretation="srgb")
    if image.bands < 4 and len(set(fill)) > 1:
        image = image.colourspace("srgb")
    return image.flatten(background=fill[: image.bands - 1]).cast("uchar")
