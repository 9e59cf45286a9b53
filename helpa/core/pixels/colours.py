"""The few colours a picture is made of: k-means over a histogram, in a space of equal looks.

The space is Oklab (Björn Ottosson, "A perceptual color space for image processing", 2020).
Nothing is drawn by lot: equal pixels give equal answers.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

COLOURS = 8
"""A palette has no more."""

ROUNDS = 6
"""Of k-means; more move no colour by what an eye sees."""

FINENESS = (0xF8, 0xF0, 0xE0)
"""Bits of a channel that tell cells apart: as many as :data:`MANY` cells allow."""

MANY = 128
"""Cells at the most, but for noise: the work grows with them. Screenshots have fewer."""

ALIKE = 0.06
"""Colours nearer than this in Oklab are one. An eye tells neighbours apart from some 0.02, but the
shades at the edge of a letter should be no colours of their own."""

FAINT = 0.005
"""Share of the picture below which a colour is left out."""

FLAT = 0.25
"""Share of a group from which on its most frequent colour stands for it, rather than its mean:
flat areas keep exactly the colour they were drawn in."""

NOTHING = "ffffff"
"""The dominant colour of what nothing is visible of: the page behind it."""

Lab = tuple[float, float, float]


def _light(value: int) -> float:
    part = value / 255
    light: float = part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
    return light


LIGHT = tuple(_light(value) for value in range(256))
"""Linear light by sRGB value (IEC 61966-2-1)."""


@dataclass(eq=False, slots=True)
class _Cell:
    """Colours that share the upper bits of each channel."""

    weight: float = 0.0
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    top: tuple[float, tuple[int, int, int]] = (0.0, (0, 0, 0))
    lab: Lab = (0.0, 0.0, 0.0)

    @property
    def mean(self) -> tuple[int, int, int]:
        """The mean of its colours."""
        red, green, blue = (round(each / self.weight) for each in self.sums)
        return red, green, blue


def palette(rgba: bytes) -> list[tuple[str, float]]:
    """Return the colours of a small picture and their shares of what is visible, largest first.

    Args:
        rgba: four bytes a pixel, alpha not premultiplied; some 2,000 pixels are plenty.

    Returns:
        Up to :data:`COLOURS` of (six hex digits, share of 0–1); nothing where nothing is visible.
    """
    cells = _cells(rgba)
    total = sum(cell.weight for cell in cells)
    groups = _merged(_grouped(cells))
    shares = sorted(
        ((sum(cell.weight for cell in group) / total, _colour(group)) for group in groups),
        key=lambda each: (-each[0], each[1]),
    )
    return [(colour, round(share, 4)) for share, colour in shares if share >= FAINT]


def dominant(rgba: bytes) -> str:
    """Return the first colour of the palette, as six hex digits."""
    found = palette(rgba)
    return found[0][0] if found else NOTHING


def oklab(red: int, green: int, blue: int) -> Lab:
    """Return the Oklab coordinates of an sRGB colour of 0–255."""
    r, g, b = LIGHT[red], LIGHT[green], LIGHT[blue]
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _cells(rgba: bytes) -> list[_Cell]:
    # Pixels are counted as numbers of 32 bits, in the order of this machine's bytes.
    counts = Counter(memoryview(rgba).cast("I").tolist())
    masks = [_number(each, each, each, 0) for each in FINENESS]
    mask = next((m for m in masks if len({pixel & m for pixel in counts}) <= MANY), masks[-1])
    cells: dict[int, _Cell] = {}
    for pixel, count in counts.items():
        red, green, blue, alpha = pixel.to_bytes(4, sys.byteorder)
        if not alpha:
            continue
        cell = cells.setdefault(pixel & mask, _Cell())
        weight = count * alpha / 255
        cell.weight += weight
        cell.sums[0] += red * weight
        cell.sums[1] += green * weight
        cell.sums[2] += blue * weight
        cell.top = max(cell.top, (weight, (red, green, blue)))
    for cell in cells.values():
        cell.lab = oklab(*cell.mean)
    return [cells[key] for key in sorted(cells)]


def _number(*parts: int) -> int:
    return int.from_bytes(bytes(parts), sys.byteorder)


def _distance(one: Lab, other: Lab) -> float:
    """Return the square of the distance."""
    light, green_red, blue_yellow = one[0] - other[0], one[1] - other[1], one[2] - other[2]
    return light * light + green_red * green_red + blue_yellow * blue_yellow


def _seeds(cells: Sequence[_Cell]) -> list[Lab]:
    """Return where the groups begin: each where most is still far from every other."""
    seeds = [max(cells, key=lambda cell: cell.weight).lab]
    far = [_distance(cell.lab, seeds[0]) for cell in cells]
    while len(seeds) < COLOURS:
        gains = [cell.weight * each for cell, each in zip(cells, far, strict=True)]
        best = max(range(len(cells)), key=gains.__getitem__)
        if not gains[best]:
            break
        seeds.append(cells[best].lab)
        far = [min(f, _distance(c.lab, seeds[-1])) for c, f in zip(cells, far, strict=True)]
    return seeds


def _grouped(cells: Sequence[_Cell]) -> list[list[_Cell]]:
    if not cells:
        return []
    centres = _seeds(cells)
    groups: list[list[_Cell]] = []
    for _ in range(ROUNDS):
        groups = [[] for _ in centres]
        for cell in cells:
            far = [_distance(cell.lab, centre) for centre in centres]
            groups[far.index(min(far))].append(cell)
        groups = [group for group in groups if group]
        moved = [_centre(group) for group in groups]
        if moved == centres:
            break
        centres = moved
    return groups


def _centre(group: Sequence[_Cell]) -> Lab:
    weight = sum(cell.weight for cell in group)
    sums = (sum(cell.lab[axis] * cell.weight for cell in group) for axis in range(3))
    light, green_red, blue_yellow = (each / weight for each in sums)
    return light, green_red, blue_yellow


def _merged(groups: list[list[_Cell]]) -> list[list[_Cell]]:
    """Return the groups with those of one look put together."""
    groups = sorted(groups, key=lambda group: -sum(cell.weight for cell in group))
    kept: list[list[_Cell]] = []
    for group in groups:
        centre = _centre(group)
        same = [each for each in kept if _distance(_centre(each), centre) < ALIKE**2]
        if same:
            same[0].extend(group)
        else:
            kept.append(group)
    return kept


def _colour(group: Sequence[_Cell]) -> str:
    weight = sum(cell.weight for cell in group)
    top, colour = max(cell.top for cell in group)
    if top < FLAT * weight:
        sums = (sum(cell.sums[axis] for cell in group) for axis in range(3))
        red, green, blue = (round(each / weight) for each in sums)
        colour = (red, green, blue)
    return bytes(colour).hex()
