"""Pixels of ``rot`` and ``flip``."""

from __future__ import annotations

import math
from typing import Any

import pyvips

from helpa import DrawContext

QUARTERS = {1: "d90", 2: "d180", 3: "d270"}


def rot(image: pyvips.Image, args: dict[str, Any], context: DrawContext) -> pyvips.Image:
    """Turn by quarters without loss, or by any angle into the bounding box."""
    if "turns" in args:
        return image.copy_memory().rot(QUARTERS[args["turns"]])
    across, down = image.width / context.before.width, image.height / context.before.height
    width = max(1, round(args["size"][0] * across))
    height = max(1, round(args["size"][1] * down))
    cos, sin = math.cos(math.radians(args["angle"])), math.sin(math.radians(args["angle"]))
    # About the middles of both boxes; libvips counts from the centres of pixels.
    middle, target = ((image.width - 1) / 2, (image.height - 1) / 2), (width - 1, height - 1)
    red, green, blue, alpha = args["fill"]
    image = image.copy_memory()
    if image.bands < 3:
        image = image.colourspace("srgb")
    if not image.hasalpha():
        image = image.addalpha()
    # Premultiplied, so that no dark seam shows where the picture meets what is transparent.
    turned = image.premultiply().affine(
        [cos, -sin, sin, cos],
        oarea=[0, 0, width, height],
        odx=target[0] / 2 - (cos * middle[0] - sin * middle[1]),
        ody=target[1] / 2 - (sin * middle[0] + cos * middle[1]),
        interpolate=pyvips.Interpolate.new("bicubic"),
        extend="background",
        background=[channel * alpha / 255 for channel in (red, green, blue)] + [alpha],
    )
    turned = turned.unpremultiply().rint().cast("uchar").copy(interpretation="srgb")
    return turned if context.alpha else turned[:3]


def flip(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Mirror."""
    if "h" in args["flip"]:
        image = image.fliphor()
    if "v" in args["flip"]:
        image = image.copy_memory().flipver()
    return image
