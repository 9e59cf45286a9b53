"""Laying one image over another, in 8 bits."""

from __future__ import annotations

import pyvips


def over(image: pyvips.Image, layer: pyvips.Image, x: int, y: int) -> pyvips.Image:
    """Return the image with a layer over it, cut off at the edges of the image.

    Args:
        image: 8-bit sRGB or grey, with or without alpha; alpha and kind of colour are kept, but a
            grey image becomes sRGB under a coloured layer.
        layer: the same, with alpha.
        x: left edge of the layer in the image, in pixels.
        y: its top edge.
    """
    left, top = max(0, x), max(0, y)
    width = min(image.width, x + layer.width) - left
    height = min(image.height, y + layer.height) - top
    if width < 1 or height < 1:
        return image
    if image.bands < 3 <= layer.bands:
        image = image.colourspace("srgb")
    if layer.bands < 3 <= image.bands:
        layer = layer.colourspace("srgb")
    layer = layer.crop(left - x, top - y, width, height)
    # Read here and there: in the file's order no row could be read twice.
    image = image.copy_memory()
    below = image.crop(left, top, width, height)
    drawn = _blend(below, layer).copy(interpretation=image.interpretation)
    if (width, height) == (image.width, image.height):
        return drawn
    return image.insert(drawn, left, top)


def _blend(below: pyvips.Image, layer: pyvips.Image) -> pyvips.Image:
    """Return Porter and Duff's "over" of two images of one size, rounded to 8 bits."""
    colours = layer.bands - 1
    cover = layer[colours] / 255
    if not below.hasalpha():
        mixed = layer[:colours] * cover + below * (1 - cover)
        return mixed.rint().cast("uchar")
    behind = below[colours] / 255 * (1 - cover)
    alpha = cover + behind
    mixed = (layer[:colours] * cover + below[:colours] * behind) / (alpha + (alpha == 0))
    return mixed.bandjoin(alpha * 255).rint().cast("uchar")


def with_alpha(image: pyvips.Image, opacity: float) -> pyvips.Image:
    """Return the image with an alpha channel, as far as it had, times an opacity of 0–1."""
    if not image.hasalpha():
        image = image.addalpha()
    if opacity == 1:
        return image
    last = image.bands - 1
    faded = (image[last] * opacity).rint().cast("uchar")
    return image[:last].bandjoin(faded).copy(interpretation=image.interpretation)
