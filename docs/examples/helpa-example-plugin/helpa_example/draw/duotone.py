"""Painting in two colours."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa import DrawContext
from helpa.drawing import on_colours


def duotone(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Take each pixel's lightness as its place between the two colours."""
    dark, light = args["colours"]
    share = args["strength"] / 100

    def paint(colours: pyvips.Image) -> pyvips.Image:
        grey = colours.copy(interpretation="srgb").colourspace("b-w")[0] / 255
        slopes = [high - low for low, high in zip(dark, light, strict=True)]
        painted = (grey.bandjoin([grey, grey])).linear(slopes, dark)
        return colours * (1 - share) + painted * share + 0.5

    if image.bands < 3:  # a grey picture, with or without alpha, gets colours first
        image = image.colourspace("srgb")
    return on_colours(image, paint)
