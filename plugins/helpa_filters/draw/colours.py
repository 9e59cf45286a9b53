"""Pixels of the colour adjustments."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa import DrawContext
from helpa.drawing import on_colours

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Of red, green and blue, as CSS grayscale() has it."""

FINE = 16
"""Tones between two grey levels: of the 18 levels up to pure blue each would else be a band."""


def rounded(image: pyvips.Image) -> pyvips.Image:
    """Return numbers in 8 bits, to the nearest; libvips itself cuts off their fractions."""
    return (image + 0.5).cast("uchar")


def coloured(image: pyvips.Image) -> pyvips.Image:
    """Return a grey picture in three channels, others as they are."""
    return image.colourspace("srgb") if image.bands < 3 else image


def luminance(colours: pyvips.Image) -> pyvips.Image:
    """Return how light each pixel is, 0–255 in one band, of colours without alpha."""
    if colours.bands < 3:
        return colours
    return colours.recomb(pyvips.Image.new_from_array([list(LUMINANCE)]))


def curve(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Send every channel through a line or a power."""
    values = pyvips.Image.identity()
    if "exponent" in args:
        values = ((values / 255) ** args["exponent"]) * 255
    else:
        values = values * args["slope"] + args["offset"]
    table = rounded(values).copy_memory()
    return on_colours(image, lambda colours: colours.maplut(table))


def matrix(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Multiply every colour by a matrix."""
    if image.bands < 3 and not args["toned"]:
        return image  # its rows sum to 1: greys stay
    numbers = pyvips.Image.new_from_array(args["matrix"])
    return on_colours(coloured(image), lambda colours: rounded(colours.recomb(numbers)))


def gray(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Keep the luminance, in one channel."""
    if image.bands < 3:
        return image
    alpha = image[3] if image.hasalpha() else None
    weights = pyvips.Image.new_from_array([args["weights"]])
    grey = rounded(image[:3].recomb(weights))
    if alpha is not None:
        grey = grey.bandjoin(alpha)
    return grey.copy(interpretation="b-w")


def tint(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Replace each colour by one of its luminance on the line black, colour, white."""
    middle = sum(w * c for w, c in zip(LUMINANCE, args["colour"], strict=True))
    last = 255 * FINE
    entries = bytes(
        min(255, max(0, round(_tone(light / FINE, middle, channel))))
        for light in range(last + 1)
        for channel in args["colour"]
    )
    table = pyvips.Image.new_from_memory(entries, last + 1, 1, 3, "uchar")
    share = args["share"]

    def change(colours: pyvips.Image) -> pyvips.Image:
        toned = (luminance(colours) * FINE + 0.5).cast("ushort").maplut(table)
        return toned if share == 1 else rounded(toned * share + colours * (1 - share))

    return on_colours(coloured(image), change)


def _tone(light: float, middle: float, channel: float) -> float:
    if light <= middle:
        return channel * light / middle if middle else 0.0
    return channel + (255 - channel) * (light - middle) / (255 - middle)
