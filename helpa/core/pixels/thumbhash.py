"""ThumbHash: some 25 bytes that a page can draw a blurred stand-in from.

Algorithm: Evan Wallace, "ThumbHash" (2023): a discrete cosine transform of luminance, two colour
differences and alpha, of which the lowest frequencies are kept in 4 bits each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Channel = list[float]


def encode(width: int, height: int, rgba: Sequence[int]) -> bytes:
    """Return the hash of a small picture.

    Args:
        width: in pixels, up to 100; 32 is plenty.
        height: in pixels, up to 100.
        rgba: 4 · width · height values of 0–255, row by row, alpha not premultiplied.
    """
    pixels = width * height
    alphas = [rgba[i * 4 + 3] / 255 for i in range(pixels)]
    opacity = sum(alphas)
    mean = [
        sum(alphas[i] * rgba[i * 4 + c] / 255 for i in range(pixels)) / opacity if opacity else 0.0
        for c in range(3)
    ]
    has_alpha = opacity < pixels
    light: Channel = []
    yellow_blue: Channel = []
    red_green: Channel = []
    for i in range(pixels):
        alpha = alphas[i]
        red, green, blue = (mean[c] * (1 - alpha) + alpha / 255 * rgba[i * 4 + c] for c in range(3))
        light.append((red + green + blue) / 3)
        yellow_blue.append((red + green) / 2 - blue)
        red_green.append(red - green)
    limit = 5 if has_alpha else 7
    longest = max(width, height)
    light_x = max(1, _round(limit * width / longest))
    light_y = max(1, _round(limit * height / longest))
    l_dc, l_ac, l_scale = _transform(light, width, height, max(3, light_x), max(3, light_y))
    p_dc, p_ac, p_scale = _transform(yellow_blue, width, height, 3, 3)
    q_dc, q_ac, q_scale = _transform(red_green, width, height, 3, 3)
    landscape = width > height
    head = (
        _round(63 * l_dc)
        | _round(31.5 + 31.5 * p_dc) << 6
        | _round(31.5 + 31.5 * q_dc) << 12
        | _round(31 * l_scale) << 18
        | has_alpha << 23
    )
    tail = (
        (light_y if landscape else light_x)
        | _round(63 * p_scale) << 3
        | _round(63 * q_scale) << 9
        | landscape << 15
    )
    result = bytearray(head.to_bytes(3, "little") + tail.to_bytes(2, "little"))
    waves = [*l_ac, *p_ac, *q_ac]
    if has_alpha:
        a_dc, a_ac, a_scale = _transform(alphas, width, height, 5, 5)
        result.append(_round(15 * a_dc) | _round(15 * a_scale) << 4)
        waves += a_ac
    for first, second in zip(waves[::2], [*waves[1::2], 0.0], strict=False):
        result.append(_round(15 * first) | _round(15 * second) << 4)
    return bytes(result)


def _round(value: float) -> int:
    return math.floor(value + 0.5)


def _transform(
    channel: Channel, width: int, height: int, across: int, down: int
) -> tuple[float, Channel, float]:
    """Return mean, the waves scaled to 0–1 and their largest size."""
    rows = [channel[y * width : (y + 1) * width] for y in range(height)]
    cos_x = [
        [math.cos(math.pi / width * cx * (x + 0.5)) for x in range(width)] for cx in range(across)
    ]
    cos_y = [
        [math.cos(math.pi / height * cy * (y + 0.5)) for y in range(height)] for cy in range(down)
    ]
    # Rows first, then columns: a product of one-dimensional transforms.
    partial = [[sum(map(float.__mul__, row, cos_x[cx])) for row in rows] for cx in range(across)]
    mean, waves, scale = 0.0, [], 0.0
    for cy in range(down):
        for cx in range(across):
            if cx * down >= across * (down - cy):
                break
            value = sum(map(float.__mul__, partial[cx], cos_y[cy])) / (width * height)
            if cx or cy:
                waves.append(value)
                scale = max(scale, abs(value))
            else:
                mean = value
    if scale > 0:
        waves = [0.5 + 0.5 / scale * wave for wave in waves]
    return mean, waves, scale
