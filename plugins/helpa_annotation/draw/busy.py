"""Whether something that can be read lies in parts of a picture; measured, not read."""

from __future__ import annotations

import math
from typing import Any

import pyvips

STEP = 48
"""Difference between neighbours, of 255, that makes the edge of a letter."""

BLOCK = 12
"""Side of the blocks that are looked at, in pixels: about a letter."""

LEAST, MOST = 0.05, 0.75
"""Share of a block's pixels that are edges where letters stand, across and down."""

LOWEST = 6
"""Sides, in pixels, below which nothing can be read."""

BLOCKS = 2
"""So many blocks like letters make a word."""

SCALES = (1, 2, 4)
"""Letters are looked for in the picture and in smaller ones: tall strokes have few edges."""

LARGEST = 4_000_000
"""Pixels of a part; a larger one is looked at in a smaller size."""

MOST_RUNS = 60
"""Of one part, spread over it: what is told is whether a shape lies on letters, not on which."""

Box = list[int]
"""Left, top, width and height in pixels."""


def busy(image: pyvips.Image, args: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Say where in some boxes something lies that can be read.

    Args:
        image: the upright picture.
        args: ``boxes``: left, top, width and height of each, in pixels.
    """
    grey = _grey(image)
    return {"busy": [_runs(grey, *box) for box in args["boxes"]]}, b""


def _grey(image: pyvips.Image) -> pyvips.Image:
    if image.hasalpha():
        ground = 65535 if image.format == "ushort" else 255
        image = image.flatten(background=[ground] * (image.bands - 1))
    return image.colourspace("b-w")[0].cast("uchar").copy_memory()


def _runs(grey: pyvips.Image, left: int, top: int, width: int, height: int) -> list[Box]:
    """Return boxes around what looks like words in a part of a picture."""
    part = grey.crop(left, top, width, height)
    least = max(1, math.isqrt(width * height // LARGEST))
    for shrink in SCALES:
        by = shrink * least
        smaller = part.shrink(by, by).cast("uchar") if by > 1 else part
        if min(smaller.width, smaller.height) < LOWEST:
            break
        across, letters = _letters(smaller)
        if sum(letters) >= BLOCKS:
            runs = _words(across, letters)
            kept = runs[:: -(-len(runs) // MOST_RUNS)]
            side = BLOCK * by
            return [_placed(run, side, (left, top, width, height)) for run in kept]
    return []


def _placed(run: tuple[int, int, int], side: int, within: tuple[int, int, int, int]) -> Box:
    column, row, length = run
    left, top, width, height = within
    x, y = column * side, row * side
    return [left + x, top + y, min(length * side, width - x), min(side, height - y)]


def _words(across: int, letters: bytes) -> list[tuple[int, int, int]]:
    """Return runs of blocks beside each other: column, row and how many."""
    runs: list[tuple[int, int, int]] = []
    for place, is_letter in enumerate(letters):
        row, column = divmod(place, across)
        if not is_letter:
            continue
        if runs and runs[-1][1] == row and runs[-1][0] + runs[-1][2] == column:
            runs[-1] = (runs[-1][0], row, runs[-1][2] + 1)
        else:
            runs.append((column, row, 1))
    return runs


def _letters(grey: pyvips.Image) -> tuple[int, bytes]:
    """Return how many blocks lie beside each other, and which have edges like letters: 1, else 0.

    They are sharp, and both across and down; lines and the frames of boxes are one of both.
    """
    wide, high = -(-grey.width // BLOCK) * BLOCK, -(-grey.height // BLOCK) * BLOCK
    x, y = (
        _edges(grey, *by).embed(0, 0, wide, high).cast("float").shrink(BLOCK, BLOCK)
        for by in ((1, 0), (0, 1))
    )
    low, high_share = LEAST * 255, MOST * 255
    both = (x >= low) & (y >= low) & (x <= high_share) & (y <= high_share)
    return both.width, bytes((both / 255).cast("uchar").write_to_memory())


def _edges(grey: pyvips.Image, x: int, y: int) -> pyvips.Image:
    width, height = grey.width - x, grey.height - y
    here, there = grey.crop(0, 0, width, height), grey.crop(x, y, width, height)
    return (here.cast("short") - there.cast("short")).abs() >= STEP
