"""Whether two pictures look alike, in the units of the eye.

The measure is CIEDE2000 (ISO/CIE 11664-6) as G. Sharma, W. Wu and E. N. Dalal give it in "The
CIEDE2000 color-difference formula", Color Research & Application 30 (2005), on CIE Lab relative to
D65 from sRGB (IEC 61966-2-1). About 1 is a difference the eye just sees, side by side.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageSequence

Floats: TypeAlias = npt.NDArray[np.float64]
Pixels: TypeAlias = npt.NDArray[np.uint8]
Pictured: TypeAlias = "bytes | Path | Image.Image | npt.NDArray[np.uint8]"

_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_D65 = _TO_XYZ.sum(axis=1)
_LIGHT = np.arange(256) / 255
_LIGHT = np.where(_LIGHT <= 0.04045, _LIGHT / 12.92, ((_LIGHT + 0.055) / 1.055) ** 2.4)
_BACKGROUNDS = ((255, 255, 255), (0, 0, 0))


@dataclass(frozen=True)
class Difference:
    """How far two pictures of one size are apart, in CIEDE2000.

    Args:
        mean: over all pixels and frames.
        maximum: of the pixel that differs most.
        at: where that pixel is: x, y, and the number of its frame.
        box: left, top, right, bottom around every pixel of that frame at least half as far off.
    """

    mean: float
    maximum: float
    at: tuple[int, int, int]
    box: tuple[int, int, int, int]

    def __str__(self) -> str:
        x, y, frame = self.at
        left, top, right, bottom = self.box
        return (
            f"mean ΔE00 {self.mean:.3f}, maximum {self.maximum:.2f} at x={x}, y={y}"
            + (f" of frame {frame}" if frame else "")
            + f"; the most of it lies within x {left}–{right}, y {top}–{bottom}"
        )


def ciede2000(one: Floats, other: Floats) -> Floats:
    """Return the colour difference of CIE Lab values; the last axis holds L, a and b."""
    l1, a1, b1 = np.moveaxis(one, -1, 0)
    l2, a2, b2 = np.moveaxis(other, -1, 0)
    chroma7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(chroma7 / (chroma7 + 25.0**7))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    coloured = c1 * c2 != 0
    turn = np.where(coloured, (h2 - h1 + 180) % 360 - 180, 0)
    turn = np.where(coloured & (turn == -180) & (h2 > h1), 180, turn)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    apart = np.abs(h1 - h2) > 180
    hue = (h1 + h2 + np.where(apart, np.where(h1 + h2 < 360, 360, -360), 0)) / 2
    hue = np.where(coloured, hue, h1 + h2)
    weight = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    s_light = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * weight
    mean7 = chroma**7
    twist = -2 * np.sqrt(mean7 / (mean7 + 25.0**7))
    twist = twist * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    by_chroma, by_hue = (c2 - c1) / s_chroma, d_hue / s_hue
    squared = ((l2 - l1) / s_light) ** 2 + by_chroma**2 + by_hue**2 + twist * by_chroma * by_hue
    distance: Floats = np.sqrt(np.maximum(squared, 0))
    return distance


def difference(actual: Pictured, expected: Pictured) -> Difference:
    """Return how far two pictures are apart.

    Args:
        actual: an encoded picture, its path, an image, or 8-bit pixels.
        expected: the same. Where either is transparent, both are compared over white and over
            black, and the larger difference counts.

    Raises:
        AssertionError: their sizes or numbers of frames differ.
    """
    one, other = _frames(actual), _frames(expected)
    assert len(one) == len(other), f"{len(one)} frames, expected {len(other)}"
    total, worst = 0.0, Difference(0, -1, (0, 0, 0), (0, 0, 0, 0))
    for number, (frame, wanted) in enumerate(zip(one, other, strict=True)):
        size, right = frame.shape[1::-1], wanted.shape[1::-1]
        assert size == right, f"{size[0]}×{size[1]} px, expected {right[0]}×{right[1]} px"
        opaque = bool((frame[..., 3] == 255).all() and (wanted[..., 3] == 255).all())
        each = [
            ciede2000(_lab(frame, colour), _lab(wanted, colour))
            for colour in (_BACKGROUNDS[:1] if opaque else _BACKGROUNDS)
        ]
        distance = np.maximum.reduce(each)
        total += float(distance.mean())
        if distance.max() > worst.maximum:
            worst = _worst(distance, number)
    return Difference(total / len(one), worst.maximum, worst.at, worst.box)


def assert_similar(
    actual: Pictured, expected: Pictured, *, mean: float = 1.0, maximum: float = 10.0
) -> None:
    """Insist that two pictures look alike.

    Args:
        actual: what was drawn: encoded, its path, an image, or 8-bit pixels.
        expected: what it should look like.
        mean: largest mean ΔE00 allowed.
        maximum: largest ΔE00 of any pixel allowed.

    Raises:
        AssertionError: they differ in size or frames, or look different; says how much and where.
    """
    found = difference(actual, expected)
    assert found.mean <= mean and found.maximum <= maximum, (  # noqa: PT018  one message of both
        f"The pictures differ: {found}. Allowed: mean {mean:g}, maximum {maximum:g}."
    )


def _worst(distance: Floats, frame: int) -> Difference:
    y, x = np.unravel_index(int(distance.argmax()), distance.shape)
    rows, columns = np.nonzero(distance >= distance.max() / 2)
    box = (int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max()))
    return Difference(0, float(distance.max()), (int(x), int(y), frame), box)


def _frames(picture: Pictured) -> list[Pixels]:
    if isinstance(picture, np.ndarray):
        return [np.asarray(Image.fromarray(picture).convert("RGBA"))]
    if isinstance(picture, bytes | bytearray | memoryview):
        picture = Image.open(io.BytesIO(picture))
    elif isinstance(picture, Path):
        picture = Image.open(picture)
    return [np.asarray(frame.convert("RGBA")) for frame in ImageSequence.Iterator(picture)]


def _lab(pixels: Pixels, background: tuple[int, int, int]) -> Floats:
    alpha = pixels[..., 3:].astype(np.float64) / 255
    colours = pixels[..., :3] * alpha + np.array(background) * (1 - alpha)
    ratio = _LIGHT[np.round(colours).astype(np.uint8)] @ _TO_XYZ.T / _D65
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    x, y, z = np.moveaxis(f, -1, 0)
    values: Floats = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
    return values
