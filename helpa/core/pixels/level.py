"""Writing levels."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa.core.pixels import raw
from helpa.core.pixels.opening import Source, damaged, open_source
from helpa.core.pixels.resample import resample
from helpa.core.values import Size


def write_level(job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the bytes of a level, drawn from the first level.

    Args:
        job: ``source``, ``size`` of the new level in pixels, and ``format``.

    Raises:
        PixelError: the source is damaged.
    """
    source = Source.of(job["source"])
    image = open_source(source)
    width, height = job["size"]
    try:
        return {}, save_level(resample(image, Size(width, height)), job["format"])
    except pyvips.Error as error:
        raise damaged(error) from None


def save_level(image: pyvips.Image, level_format: str) -> bytes:
    """Return the image as a level: quick to read, and JPEG only where nothing of it shows."""
    if level_format == "raw":
        return raw.pack(image)
    if level_format == "png":
        data: bytes = image.pngsave_buffer(compression=1, keep="none")
    else:
        data = image.jpegsave_buffer(Q=95, subsample_mode="off", keep="none")
    return data
