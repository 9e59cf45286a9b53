"""Frames below each other, as libvips keeps and encodes animations and pages."""

from __future__ import annotations

from collections.abc import Sequence

import pyvips

from helpa.core.pixels.opening import Header


def strip_of(frames: Sequence[pyvips.Image], header: Header) -> pyvips.Image:
    """Return frames of one size as one image, which plays as its file says.

    Args:
        frames: at least one.
        header: of the file that they were made from.
    """
    bands = max(frame.bands for frame in frames)
    strip = pyvips.Image.arrayjoin([_with_bands(f, bands) for f in frames], across=1).copy()
    strip.set_type(pyvips.GValue.gint_type, "page-height", frames[0].height)
    delays = list(header.delays[: len(frames)]) or [100]
    delays += [delays[-1]] * (len(frames) - len(delays))
    strip.set_type(pyvips.GValue.array_int_type, "delay", delays)
    strip.set_type(pyvips.GValue.gint_type, "loop", header.loop)
    return strip


def _with_bands(image: pyvips.Image, bands: int) -> pyvips.Image:
    if image.bands < 3 <= bands:
        image = image.colourspace("srgb")
    return image.addalpha() if image.bands < bands else image
