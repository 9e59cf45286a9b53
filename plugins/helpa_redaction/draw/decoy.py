"""A mosaic that looks like what mosaics are made of, and holds nothing of it.

It is computed from the pixels that touch what is filled from outside, and from where that is.
A decoy keeps a picture pleasant; that it is one is said in the manifest.
"""

from __future__ import annotations

import hashlib
import random
from collections import deque
from collections.abc import Sequence

import pyvips

MOST_CELLS = 20_000
"""Cells of a picture, the filled ones with those between; where there would be more they are
larger, so that a decoy takes half a second at most."""

NEUTRAL = 128.0
"""Grey where a fill has no border: it is all of the picture, or all around is transparent."""

CONTRAST = 14.0
"""Least spread of the cells' brightness: of a border of one colour they would else show nothing."""

Cell = tuple[int, int]
Colour = tuple[float, ...]


def mosaic(
    image: pyvips.Image, mask: pyvips.Image, rects: Sequence[Sequence[int]], cell: int
) -> pyvips.Image:
    """Return a mosaic as large as the image and in its colour bands.

    Args:
        image: the picture, in memory.
        mask: 255 where it will be filled; nothing of the image is used there.
        rects: the same as rectangles: x, y, width and height in pixels.
        cell: side of a cell in pixels.
    """
    while -(-image.width // cell) * -(-image.height // cell) > MOST_CELLS:
        cell *= 2
    wide, high = -(-image.width // cell), -(-image.height // cell)
    border = _border(image, mask, cell, wide, high)
    filled = {
        (column, row)
        for x, y, width, height in rects
        for row in range(y // cell, (y + height - 1) // cell + 1)
        for column in range(x // cell, (x + width - 1) // cell + 1)
    }
    bands = image.bands - 1 if image.hasalpha() else image.bands
    said = repr((cell, sorted(filled), sorted(border.items()), [list(rect) for rect in rects]))
    draw = random.Random(int.from_bytes(hashlib.sha256(said.encode()).digest(), "big"))
    values = bytearray(wide * high * bands)
    for part in _parts(filled):
        for (column, row), colour in _coloured(part, border, bands, draw).items():
            at = (row * wide + column) * bands
            values[at : at + bands] = bytes(min(255, max(0, round(value))) for value in colour)
    small = pyvips.Image.new_from_memory(values, wide, high, bands, "uchar")
    return small.zoom(cell, cell).crop(0, 0, image.width, image.height)


def _border(
    image: pyvips.Image, mask: pyvips.Image, cell: int, wide: int, high: int
) -> dict[Cell, Colour]:
    """Return the mean colour, by cell, of the pixels that touch what is filled from outside."""
    around = mask.embed(1, 1, mask.width + 2, mask.height + 2).dilate(
        pyvips.Image.new_from_array([[255] * 3] * 3)
    )
    ring = around.crop(1, 1, mask.width, mask.height) & (mask ^ 255)
    colours, weight = image, ring / 255
    if image.hasalpha():
        colours = image[: image.bands - 1]
        weight = weight * image[image.bands - 1]
    # Whole numbers times 0 are 0: no pixel that is filled takes part.
    sums = (colours * weight).bandjoin(weight)
    sums = sums.embed(0, 0, wide * cell, high * cell).shrink(cell, cell).cast("double")
    numbers = memoryview(sums.write_to_memory()).cast("d")
    bands = sums.bands
    found = {}
    for at in range(wide * high):
        *total, share = numbers[at * bands : (at + 1) * bands]
        if share > 0:
            found[at % wide, at // wide] = tuple(round(value / share, 3) for value in total)
    return found


def _near(cell: Cell) -> list[Cell]:
    x, y = cell
    return [(i, j) for j in (y - 1, y, y + 1) for i in (x - 1, x, x + 1) if (i, j) != cell]


def _parts(filled: set[Cell]) -> list[set[Cell]]:
    """Return the cells that hang together, part by part."""
    left, parts = set(filled), []
    for first in sorted(filled):
        if first not in left:
            continue
        left.discard(first)
        part, waiting = {first}, [first]
        while waiting:
            for other in _near(waiting.pop()):
                if other in left:
                    left.discard(other)
                    part.add(other)
                    waiting.append(other)
        parts.append(part)
    return parts


def _coloured(
    part: set[Cell], border: dict[Cell, Colour], bands: int, draw: random.Random
) -> dict[Cell, Colour]:
    """Return a colour for each cell of a part, from its own border inward."""
    cells = sorted(part)
    edge = sorted({other for each in cells for other in (each, *_near(each)) if other in border})
    samples = [border[each] for each in edge] or [(NEUTRAL,) * bands]
    smooth = {each: border[each] for each in edge}
    layer = deque(edge)
    if not edge:
        smooth[cells[0]] = samples[0]
        layer.append(cells[0])
    while layer:
        for other in _near(layer.popleft()):
            if other in part and other not in smooth:
                known = [smooth[each] for each in _near(other) if each in smooth]
                smooth[other] = tuple(sum(c) / len(known) for c in zip(*known, strict=True))
                layer.append(other)
    means = [sum(sample) / bands for sample in samples]
    spread = max(CONTRAST, (max(means) - min(means)) / 4)
    found = {}
    for each in cells:
        sample, shade = samples[int(draw.random() * len(samples))], draw.uniform(-spread, spread)
        # Inward from the edges of the range, where half of the shades would else be cut off.
        base = [(2 * a + b) / 3 for a, b in zip(smooth[each], sample, strict=True)]
        light = sum(base) / bands
        shade = -abs(shade) if light > 255 - spread else abs(shade) if light < spread else shade
        found[each] = tuple(value + shade for value in base)
    return found
