"""BlurHash: a short text that a page can draw a blurred stand-in from.

Algorithm: Dag Ågren, "BlurHash" (2018): a cosine transform of linear light, of which a few of the
lowest waves are kept in digits of base 83.
"""

from __future__ import annotations

import math
from typing import Any

import pyvips

SIDE = 64
"""Longer side, in pixels, of the picture that is transformed; few waves need no more."""

LONG, SHORT = 4, 3
"""Waves along the longer and the shorter side."""

DIGITS = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    "#$%*+,-.:;=?@[]^_{|}~"
)  # fmt: skip

Rows = list[list[float]]
Wave = tuple[float, float, float]


def encode(image: pyvips.Image, _: dict[str, Any]) -> bytes:
    """Return the BlurHash of an opaque image."""
    light = _light(image)
    across, down = (LONG, SHORT) if image.width >= image.height else (SHORT, LONG)
    channels = [light[band].tolist() for band in range(3)]
    return hash_of(channels, across, down, (image.width, image.height)).encode()


def _light(image: pyvips.Image) -> pyvips.Image:
    """Return the image in linear light, shrunk; in gamma space fine patterns would darken."""
    light = image.colourspace("srgb").colourspace("scrgb")
    scale = min(1.0, SIDE / max(image.width, image.height))
    if scale < 1:
        # A linear kernel: Lanczos would overshoot at edges.
        down = max(scale, 1 / image.height)
        light = light.resize(max(scale, 1 / image.width), vscale=down, kernel="linear")
    return light.copy_memory()


def hash_of(channels: list[Rows], across: int, down: int, size: tuple[int, int]) -> str:
    """Return the BlurHash of a small picture.

    Args:
        channels: linear light of 0–1 by row and column: red, green and blue.
        across: waves kept along its width, 1–9.
        down: waves kept along its height, 1–9.
        size: width and height in pixels before it was shrunk.
    """
    waves = _waves(channels, across, down, size)
    largest = max((abs(part) for wave in waves[1:] for part in wave), default=0.0)
    steps = max(0, min(82, math.floor(largest * 166 - 0.5)))
    mean = 0
    for part in waves[0]:
        mean = mean << 8 | _gamma(part)
    text = _digits(across - 1 + (down - 1) * 9, 1) + _digits(steps, 1) + _digits(mean, 4)
    for wave in waves[1:]:
        number = 0
        for part in wave:
            ratio = part * 166 / (steps + 1)
            root = math.copysign(math.sqrt(abs(ratio)), ratio)
            number = number * 19 + max(0, min(18, math.floor(root * 9 + 9.5)))
        text += _digits(number, 2)
    return text


def _waves(channels: list[Rows], across: int, down: int, size: tuple[int, int]) -> list[Wave]:
    """Return mean and waves, row by row."""
    width, height = len(channels[0][0]), len(channels[0])
    cos_x = [_cosines(i, width, size[0]) for i in range(across)]
    cos_y = [_cosines(j, height, size[1]) for j in range(down)]
    # Rows first, then columns: a product of one-dimensional transforms.
    partial = [
        [[sum(map(float.__mul__, row, cosines)) for row in channel] for cosines in cos_x]
        for channel in channels
    ]
    waves = []
    for j in range(down):
        for i in range(across):
            norm = (2 if i or j else 1) / (width * height)
            red, green, blue = (
                norm * sum(map(float.__mul__, partial[c][i], cos_y[j])) for c in range(3)
            )
            waves.append((red, green, blue))
    return waves


def _cosines(wave: int, count: int, whole: int) -> list[float]:
    # The algorithm takes the cosine at the edge of a pixel, not at its middle: of a pixel of the
    # picture as it was before it was shrunk.
    edge = 0.5 - 0.5 * count / whole
    return [math.cos(math.pi * wave * (n + edge) / count) for n in range(count)]


def _gamma(light: float) -> int:
    value = max(0.0, min(1.0, light))
    coded = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return int(coded * 255 + 0.5)


def _digits(number: int, count: int) -> str:
    text = ""
    for _ in range(count):
        number, digit = divmod(number, 83)
        text = DIGITS[digit] + text
    return text
