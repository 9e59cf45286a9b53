"""Pixels of a redaction."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa import DrawContext
from helpa.drawing import bare
from helpa_redaction.draw.decoy import mosaic
from helpa_redaction.draw.mask import fitted, mask_of


def redact(image: pyvips.Image, args: dict[str, Any], context: DrawContext) -> pyvips.Image:
    """Fill rectangles so that nothing of what was there is left.

    What is filled is opaque, and where a picture is transparent elsewhere it holds no colour.

    Args:
        image: 8-bit sRGB or grey, upright.
        args: ``rects``: x, y, width and height in pixels of the planned size, not outside of it;
            ``style``: ``solid`` or ``decoy``; ``colour`` of a solid fill: red, green and blue;
            ``cell`` of a decoy: side in pixels; perhaps ``snap``: side of the blocks, in pixels
            of the image, that are filled whole (where a level that is JPEG was opened).
        context: the plan around the step.
    """
    if not args["rects"]:
        return bare(image)
    rects = fitted(image, args["rects"], args, context)
    mask = mask_of(image.width, image.height, rects)
    if args["style"] == "decoy":
        image = image.copy_memory()  # read twice: for the border, and for what stays
        share = image.width / context.before.width
        cell = max(2, round(args["cell"] * share))
        return _filled(image, mask, mosaic(image, mask, rects, cell))
    colour = [int(channel) for channel in args["colour"][:3]]
    if image.bands < 3 and len(set(colour)) > 1:
        image = _kept(image.colourspace("srgb"), "srgb")
    return _filled(image, mask, colour if image.bands >= 3 else colour[:1])


def _filled(
    image: pyvips.Image, mask: pyvips.Image, fill: pyvips.Image | list[int]
) -> pyvips.Image:
    """Return the image with a fill, in its colour bands, where the mask is 255."""
    kind, image = image.interpretation, bare(image)
    if image.hasalpha():
        fill = [*fill, 255] if isinstance(fill, list) else fill.bandjoin(255)
    return _kept(mask.ifthenelse(fill, image), kind)


def _kept(image: pyvips.Image, interpretation: str) -> pyvips.Image:
    return image.cast("uchar").copy(interpretation=interpretation)
