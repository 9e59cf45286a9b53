"""Pixels of ``wm``."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa import DrawContext
from helpa_overlays.draw.over import over, with_alpha


def watermark(image: pyvips.Image, args: dict[str, Any], context: DrawContext) -> pyvips.Image:
    """Draw another picture over the image, once or all over."""
    layer = with_alpha(context.pictures[args["picture"]], args["opacity"] / 100)
    pad = args["pad"]
    x, y = (
        round(pad + (side - 2 * pad - own) * part)
        for side, own, part in zip(
            (image.width, image.height), (layer.width, layer.height), args["place"], strict=True
        )
    )
    if args["tile"]:
        layer = layer.embed(0, 0, layer.width + pad, layer.height + pad)
        x, y = x % layer.width - layer.width, y % layer.height - layer.height
        across = -(-(image.width - x) // layer.width)
        down = -(-(image.height - y) // layer.height)
        layer = layer.replicate(across, down)
    return over(image, layer, x, y)
