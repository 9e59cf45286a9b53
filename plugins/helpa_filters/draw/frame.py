"""Pixels of ``radius``, ``border`` and ``shadow``."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa import DrawContext
from helpa_filters.draw.colours import coloured, rounded
from helpa_filters.draw.gaussian import gaussian

LEAST_SIGMA = 0.2


def rounded_rectangle(width: int, height: int, corners: list[float]) -> pyvips.Image:
    """Return how much of each pixel lies inside, 0–255 in 8 bits.

    Args:
        width: in pixels.
        height: in pixels.
        corners: radii in pixels from the top left on clockwise.
    """
    top_left, top_right, bottom_right, bottom_left = corners
    # Signed distance from the edge to the middles of pixels, which libvips counts as 0, 1, 2 …
    distance = pyvips.Image.sdf(
        width,
        height,
        "rounded-box",
        a=[-0.5, -0.5],
        b=[width - 0.5, height - 0.5],
        corners=[bottom_right, top_right, bottom_left, top_left],
    )
    return rounded((0.5 - distance) * 255)


def round_corners(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Make what lies outside of the rounded corners transparent."""
    kind = image.interpretation
    inside = rounded_rectangle(image.width, image.height, args["corners"])
    if image.hasalpha():
        last = image.bands - 1
        alpha = rounded(image[last] * inside / 255)
        return image[:last].bandjoin(alpha).copy(interpretation=kind)
    return image.bandjoin(inside).copy(interpretation=kind)


def border(image: pyvips.Image, args: dict[str, Any], context: DrawContext) -> pyvips.Image:
    """Draw a border around the image, along its rounded corners."""
    width, colour, corners = args["width"], args["colour"], args["corners"]
    image = coloured(image) if image.bands > 2 or len(set(colour[:3])) > 1 else image
    wide, high = context.after.width, context.after.height
    if context.alpha and not image.hasalpha():
        image = image.addalpha()
    fill = [*colour[: image.bands - 1], colour[3]] if image.hasalpha() else colour[: image.bands]
    if not any(corners):
        return image.embed(width, width, wide, high, extend="background", background=fill)
    outer = rounded_rectangle(wide, high, [r + width if r else 0 for r in corners])
    inner = rounded_rectangle(image.width, image.height, corners)
    inner = inner.embed(width, width, wide, high)
    # Where picture and border share a pixel, their shares add up to it.
    ring = _sheet(image, colour, rounded((outer.cast("float") - inner) * (colour[3] / 255)))
    placed = image.embed(width, width, wide, high).copy(interpretation=image.interpretation)
    return ring.composite2(placed, "add").cast("uchar").copy(interpretation=image.interpretation)


def shadow(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Place the image above a blurred copy of its shape."""
    colour, (wide, high) = args["colour"], args["size"]
    if image.bands < 3 and len(set(colour[:3])) > 1:
        image = coloured(image)
    if not image.hasalpha():
        image = image.addalpha()
    image = image.copy_memory()
    shape = image[image.bands - 1].embed(*args["shadow"], wide, high).copy_memory()
    if args["sigma"] >= LEAST_SIGMA:
        shape = gaussian(shape, args["sigma"])
    below = _sheet(image, colour, rounded(shape * (colour[3] / 255)))
    placed = image.embed(*args["picture"], wide, high).copy(interpretation=image.interpretation)
    return below.composite2(placed, "over").cast("uchar").copy(interpretation=image.interpretation)


def _sheet(like: pyvips.Image, colour: list[int], alpha: pyvips.Image) -> pyvips.Image:
    """Return one colour with an alpha, in the bands of an image that has some."""
    flat = alpha.new_from_image(colour[: like.bands - 1])
    return flat.bandjoin(alpha).copy(interpretation=like.interpretation)
