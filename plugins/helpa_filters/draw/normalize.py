"""Pixels of ``normalize``."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa import DrawContext
from helpa.drawing import on_colours
from helpa_filters.draw.colours import luminance, rounded

SHARE = 0.01
"""Of what is seen, at either end, that may be lost in black and white."""


def normalize(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Stretch the tones of a range, which is found here where none is given."""
    if "range" in args:
        low, high = args["range"]
    else:
        image = image.copy_memory()
        found = find_range(image, args)
        low, high = found["low"], found["high"]
    if not 0 < high - low < 255:
        return image
    table = rounded((pyvips.Image.identity() - low) * (255 / (high - low))).copy_memory()
    return on_colours(image, lambda colours: colours.maplut(table))


def find_range(image: pyvips.Image, _: dict[str, Any]) -> dict[str, Any]:
    """Return the luminance below and above which a hundredth of what is seen lies."""
    if image.hasalpha():
        light = rounded(luminance(image[: image.bands - 1]))
        counted = image[image.bands - 1].hist_find_indexed(light)  # what is transparent counts less
    else:
        counted = rounded(luminance(image)).hist_find()
    counts = memoryview(counted.cast("double").write_to_memory()).cast("d")
    total = sum(counts)
    if total == 0:
        return {"low": 0, "high": 0}
    low = high = -1
    passed = 0.0
    for value, count in enumerate(counts):
        passed += count
        if low < 0 and passed > total * SHARE:
            low = value
        if passed >= total * (1 - SHARE):
            high = value
            break
    return {"low": low, "high": high}
