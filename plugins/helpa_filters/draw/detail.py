"""Pixels of ``blur``, ``sharp`` and ``px``: each pixel with its neighbours."""

from __future__ import annotations

import math
from typing import Any

import pyvips

from helpa import DrawContext
from helpa_filters.draw.colours import luminance, rounded
from helpa_filters.draw.gaussian import AMPLITUDE, gaussian


def blur(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Blur; what is transparent lends no colour to what is not."""
    kind, image = image.interpretation, image.copy_memory()
    if not image.hasalpha():
        return gaussian(image, args["sigma"]).copy(interpretation=kind)
    # 16 bits: of faint colours 8 would keep little once they are multiplied by alpha.
    deep = (image.premultiply(max_alpha=255) * 256).cast("ushort")
    blurred = gaussian(deep, args["sigma"]) / 256
    return rounded(blurred.unpremultiply(max_alpha=255)).copy(interpretation=kind)


def sharpen(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Add what a blurred luminance lacks."""
    kind, image = image.interpretation, image.copy_memory()
    alpha = image[image.bands - 1] if image.hasalpha() else None
    colours = image[: image.bands - 1] if alpha is not None else image
    light = luminance(colours).cast("float").copy_memory()
    if alpha is None:
        soft = _soft(light, args["sigma"])
    else:
        # The mean of what is seen nearby, so that no rim shows where transparency begins.
        weight = _soft(alpha.cast("float"), args["sigma"])
        soft = (weight > 0).ifthenelse(_soft(light * alpha, args["sigma"]) / weight, light)
    sharp = rounded(colours + (light - soft) * args["amount"])
    if alpha is not None:
        sharp = sharp.bandjoin(alpha)
    return sharp.copy(interpretation=kind)


def _soft(image: pyvips.Image, sigma: float) -> pyvips.Image:
    return image.gaussblur(sigma, precision="float", min_ampl=AMPLITUDE)


def pixelate(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Show the mean of each block; blocks at the right and lower edge may be cut."""
    kind, image = image.interpretation, image.copy_memory()
    across, down = args["block"]
    width, height = image.width, image.height
    whole = [0, 0, math.ceil(width / across) * across, math.ceil(height / down) * down]
    seen = image.premultiply(max_alpha=255) if image.hasalpha() else image
    # What lies beyond the edge is no part of the mean.
    inside = (pyvips.Image.black(width, height) + 1).cast("uchar").embed(*whole).cast("float")
    means = seen.embed(*whole).cast("float").shrink(across, down) / inside.shrink(across, down)
    if image.hasalpha():
        means = means.unpremultiply(max_alpha=255)
    blocks = rounded(means).copy_memory().zoom(across, down).crop(0, 0, width, height)
    return blocks.copy(interpretation=kind)
