"""Compares a served picture with its manifest: a program that decodes one file and ends.

Reads the manifest from standard input, writes JSON: ``text`` and ``problems``.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pyvips

EXACT, LOSSY = 1, 40
"""By how much a channel of a fill may be off: rounding in lossless formats; in lossy ones what is
left of a step from white to black two pixels away."""

EDGE = {"exact": 1, "lossy": 4}
"""Pixels from the edge of a fill that are not looked at, at the served size: the resampler and the
codec mix there what lies on both sides."""

SECONDS = 60


def main() -> int:
    """Compare; return the exit code."""
    pyvips.block_untrusted_set(True)
    pyvips.cache_set_max(0)
    manifest = json.load(sys.stdin)
    image = pyvips.Image.new_from_file(sys.argv[1]).autorot()
    exact = _is_lossless(image)
    image = _rgb(image).copy_memory()
    sys.stdout.write(json.dumps(compared(image, manifest, exact=exact)))
    return 0


def compared(image: pyvips.Image, manifest: Mapping[str, Any], *, exact: bool) -> dict[str, Any]:
    """Return what a comparison finds.

    Args:
        image: the served picture, RGB.
        manifest: whose signature holds.
        exact: whether it was served in a format that keeps every pixel.
    """
    width, height = manifest["width"], manifest["height"]
    across, down = image.width / width, image.height / height
    if abs(image.width - width * down) > 1.5 and abs(image.height - height * across) > 1.5:
        said = (
            f"It has {image.width}×{image.height} px, the revision {width}×{height}: only the "
            "whole picture can be compared, in any size, with ann=0."
        )
        return {"text": "", "problems": [said]}
    problems: list[str] = []
    looked, small = 0, 0
    edge = EDGE["exact" if exact else "lossy"]
    tolerance = EXACT if exact else LOSSY
    for number, filled in enumerate(manifest["covered"]):
        x, y, w, h = filled["rect"]
        left, top = math.ceil(x * across) + edge, math.ceil(y * down) + edge
        right, bottom = math.floor((x + w) * across) - edge, math.floor((y + h) * down) - edge
        if right <= left or bottom <= top:
            small += 1
            continue
        looked += 1
        part = image.crop(left, top, right - left, bottom - top)
        name = f"Region {number + 1} at {x},{y} of {w}×{h} px"
        problems += [f"{name}: {said}" for said in _problems(part, filled, tolerance, across)]
    text = f"{looked} filled rectangles show nothing but their fill."
    if small:
        text += f" {small} are too small at this size to be looked at."
    return {"text": text, "problems": problems[:20]}


def _problems(
    part: pyvips.Image, filled: Mapping[str, Any], tolerance: int, scale: float
) -> Iterator[str]:
    if filled["style"] == "solid":
        colour = [int(filled["colour"][at : at + 2], 16) for at in (0, 2, 4)]
        off = (part - colour).abs().max()
        if off > tolerance:
            yield f"a pixel is {off:.0f} off its colour."
        return
    # A decoy's cells are flat: detail between their lines would be somebody's.
    cell = filled["cell"] * scale
    if cell >= 6:
        step = part.crop(0, 0, part.width - 1, part.height) if part.width > 1 else part
        if part.width > 1:
            right = part.crop(1, 0, part.width - 1, part.height)
            edges = (step.cast("short") - right).abs() > max(tolerance, 8)
            share = edges.bandor().avg() / 255
            if share > 3.0 / cell:
                yield "it is no mosaic of flat cells."


def _is_lossless(image: pyvips.Image) -> bool:
    loader = str(image.get("vips-loader")) if image.get_typeof("vips-loader") else ""
    return loader.startswith(("png", "gif", "tiff"))


def _rgb(image: pyvips.Image) -> pyvips.Image:
    if image.hasalpha():
        image = image.flatten()
    image = image.colourspace("srgb")
    return image[:3] if image.bands > 3 else image


if __name__ == "__main__":
    sys.exit(main())
