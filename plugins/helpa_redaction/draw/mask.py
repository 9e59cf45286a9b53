"""Masks of what is filled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyvips

from helpa import DrawContext

Rect = Sequence[int]

KERNEL = 3
"""Pixels of a smaller picture whose sources reach to a pixel of it, to each side: Lanczos 3. The
fractions that JPEG decodes at reach less far."""

LEVEL_BLOCK = 8
"""Levels of photographs are JPEG without subsampling, whose blocks spread what they hold."""

MOST_GAPS = 30
"""Between the rows that hold a mask's bytes; each costs a step of drawing."""


def fitted(
    image: pyvips.Image, rects: Sequence[Rect], args: dict[str, Any], context: DrawContext
) -> list[list[int]]:
    """Return the filled rectangles on an image that may be smaller than planned.

    There they grow until no pixel outside of them has any part of one inside.
    """
    across, down = image.width / context.before.width, image.height / context.before.height
    scaled = across != 1 or down != 1
    block = max(int(args.get("snap", 1)), LEVEL_BLOCK if scaled else 1)
    if not scaled and block == 1:
        return [[*rect] for rect in rects]
    reach = KERNEL if scaled else 0
    found = set()
    for x, y, width, height in rects:
        left = math.floor((x * across - reach) / block) * block
        top = math.floor((y * down - reach) / block) * block
        right = math.ceil(((x + width) * across + reach) / block) * block
        bottom = math.ceil(((y + height) * down + reach) / block) * block
        left, top = max(0, left), max(0, top)
        right, bottom = min(image.width, right), min(image.height, bottom)
        found.add((left, top, right - left, bottom - top))
    return [[*rect] for rect in sorted(found)]


def mask_of(width: int, height: int, rects: Sequence[Rect]) -> pyvips.Image:
    """Return one band of 8 bits, 255 where anything is filled and 0 elsewhere.

    Held is a byte for each pixel of the boxes around the rectangles of some rows, however many
    rectangles there are.

    Args:
        width: in pixels.
        height: in pixels.
        rects: x, y, width and height in pixels, inside of it; at least one.
    """
    mask: Any = None
    bottom = 0
    for rows in _runs(rects):
        top, end = rows[0][1], max(y + down for _, y, _, down in rows)
        # As high as the gap above it, too.
        strip = _strip(width, top, end, rows).embed(0, top - bottom, width, end - bottom)
        mask, bottom = strip if mask is None else mask.join(strip, "vertical"), end
    return mask.embed(0, 0, width, height).copy(interpretation="b-w")


def _runs(rects: Sequence[Rect]) -> list[list[Rect]]:
    """Return the rectangles from top to bottom, parted where the widest gaps are."""
    ordered = sorted(rects, key=lambda rect: rect[1])
    bottom, gaps = 0, []
    for number, (_, y, _, down) in enumerate(ordered):
        if number and y > bottom:
            gaps.append((y - bottom, number))
        bottom = max(bottom, y + down)
    parts = sorted(number for _, number in sorted(gaps)[-MOST_GAPS:])
    return [ordered[a:b] for a, b in zip([0, *parts], [*parts, len(ordered)], strict=True)]


def _strip(width: int, top: int, bottom: int, rects: Sequence[Rect]) -> pyvips.Image:
    left, right = min(rect[0] for rect in rects), max(rect[0] + rect[2] for rect in rects)
    wide = right - left
    filled = bytearray(wide * (bottom - top))
    for x, y, across, down in rects:
        row = b"\xff" * across
        begin = (y - top) * wide + x - left
        for at in range(begin, begin + down * wide, wide):
            filled[at : at + across] = row
    strip = pyvips.Image.new_from_memory(filled, wide, bottom - top, 1, "uchar")
    return strip.embed(left, 0, width, bottom - top)
