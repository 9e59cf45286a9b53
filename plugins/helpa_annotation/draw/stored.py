"""Pixels of a stored layer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyvips

from helpa import DrawContext
from helpa_annotation.content import plain
from helpa_annotation.draw.layer import layer as draw


def layer(image: pyvips.Image, args: dict[str, Any], context: DrawContext) -> pyvips.Image:
    """Draw the shapes of a stored layer over the image."""
    assert context.layer is not None
    return draw(image, args, replace(context, layer=plain(context.layer)))
