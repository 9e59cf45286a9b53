"""Pixels of ``rect`` and ``trim``."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa import DrawContext


def rect(image: pyvips.Image, args: dict[str, Any], context: DrawContext) -> pyvips.Image:
    """Keep a rectangle given in pixels of the planned size; the image may be a smaller level."""
    x, y, width, height = args["rect"]
    across, down = image.width / context.before.width, image.height / context.before.height
    left, top = min(int(x * across), image.width - 1), min(int(y * down), image.height - 1)
    right = min(image.width, max(left + 1, round((x + width) * across)))
    bottom = min(image.height, max(top + 1, round((y + height) * down)))
    return image.crop(left, top, right - left, bottom - top)


def find_border(image: pyvips.Image, args: dict[str, Any]) -> dict[str, Any]:
    """Return the rectangle inside a border of one colour; zero-sized where all is border."""
    colour = args["colour"]
    if colour is not None and image.bands < 3:
        image = image.colourspace("srgb")
    if image.hasalpha():
        corner = image(0, 0)
        if colour is None and corner[-1] == 0:
            # The border is what is transparent, whatever colours that hides: white ink and black.
            image, colour = image[image.bands - 1], [0]
        else:
            colour = colour or corner[:-1]
            image = image.flatten(background=colour[: image.bands - 1])
    x, y, width, height = image.find_trim(
        threshold=max(0.5, args["tolerance"]),
        background=(colour or image(0, 0))[: image.bands],
        # The median takes a picture at least as large as itself.
        line_art=args["exact"] or min(image.width, image.height) < 3,
    )
    return {"rect": [x, y, width, height]}
