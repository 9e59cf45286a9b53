"""What stands for a picture's pixels: ThumbHash and palette, and the pixels of ``fmt=json``."""

from __future__ import annotations

import base64
import json
from typing import Any

import pyvips

from helpa.core.pixels import colours
from helpa.core.pixels.resample import resample
from helpa.core.pixels.thumbhash import encode as hash_pixels
from helpa.core.values import Size

SIDE = 48
"""Longer side, in pixels, of the picture that colours are counted in."""

HASHED_SIDE = 32
"""Longer side, in pixels, of the picture that is hashed; ThumbHash keeps seven waves of it."""


def thumbnail(image: pyvips.Image, side: int = SIDE) -> pyvips.Image:
    """Return the picture in RGBA and in memory, shrunk to ``side`` px where it is larger.

    Args:
        image: 8-bit sRGB or grey, with or without alpha; it is read once.
        side: longest side, in pixels.
    """
    if image.bands < 3:
        image = image.colourspace("srgb")
    if not image.hasalpha():
        image = image.addalpha()
    factor = min(1.0, side / max(image.width, image.height))
    size = Size(max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return resample(image, size).copy_memory()


def pixels(thumb: pyvips.Image) -> bytes:
    """Return the RGBA bytes of a thumbnail."""
    return bytes(thumb.write_to_memory())


def hash_of(thumb: pyvips.Image) -> str:
    """Return the ThumbHash of a thumbnail in base64."""
    small = thumbnail(thumb, HASHED_SIDE)
    return base64.b64encode(hash_pixels(small.width, small.height, pixels(small))).decode()


def palette_of(thumb: pyvips.Image) -> list[dict[str, Any]]:
    """Return the palette of a thumbnail as documents show it."""
    return [{"hex": name, "share": share} for name, share in colours.palette(pixels(thumb))]


def thumbhash(image: pyvips.Image) -> str:
    """Return the ThumbHash of a picture in base64: some 25 bytes a blurred stand-in is drawn from.

    Args:
        image: 8-bit sRGB or grey, with or without alpha.
    """
    return hash_of(thumbnail(image))


def palette(image: pyvips.Image) -> list[dict[str, Any]]:
    """Return up to 8 colours of a picture, largest first: ``hex`` and ``share`` of what is visible.

    Args:
        image: 8-bit sRGB or grey, with or without alpha.
    """
    return palette_of(thumbnail(image))


def encode(image: pyvips.Image, _: dict[str, Any]) -> bytes:
    """Return what ``fmt=json`` says of a rendition's pixels."""
    thumb = thumbnail(image)
    shares = palette_of(thumb)
    found = {
        "dominant_color": shares[0]["hex"] if shares else colours.NOTHING,
        "palette": shares,
        "thumbhash": hash_of(thumb),
    }
    return json.dumps(found, separators=(",", ":")).encode()
