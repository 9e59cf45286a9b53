"""``hue``, ``sat``, ``gray``, ``sepia``: every pixel through one matrix.

The matrices are those of W3C Filter Effects Module Level 1 (feColorMatrix, and the functions
grayscale() and sepia()), applied to sRGB values, so that CSS shows what an answer will look like.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

from helpa import Frame, Parameter, Step

Matrix = Sequence[Sequence[float]]

LUMINANCE = ((0.2126, 0.7152, 0.0722),) * 3
WEIGHTS = ((0.213, 0.715, 0.072),) * 3
"""The same in three places, as saturate and hueRotate of feColorMatrix have it."""
COSINE = ((0.787, -0.715, -0.072), (-0.213, 0.285, -0.072), (-0.213, -0.715, 0.928))
SINE = ((-0.213, -0.715, 0.928), (0.143, 0.140, -0.283), (-0.787, 0.715, 0.072))
SEPIA = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))
IDENTITY = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def hue(
    frame: Frame,
    *,
    hue: Annotated[
        float,
        Parameter(
            "Turns every hue around the colour wheel, as CSS hue-rotate().",
            ge=-360,
            le=360,
            unit="degrees",
            example="90",
        ),
    ] = 0.0,
) -> Step | None:
    """Turn the hues; greys stay as they are."""
    angle = hue % 360
    if angle == 0:
        return None
    turn = math.radians(angle)
    return _step(frame, (WEIGHTS, 1.0), (COSINE, math.cos(turn)), (SINE, math.sin(turn)))


def sat(
    frame: Frame,
    *,
    sat: Annotated[
        float,
        Parameter(
            "Saturation: 0 changes nothing, -100 is grey, 100 doubles it, as CSS saturate().",
            aliases=("saturation",),
            ge=-100,
            le=100,
            example="50",
        ),
    ] = 0.0,
) -> Step | None:
    """Move every colour away from grey, or towards it."""
    if sat == 0:
        return None
    return _step(frame, (WEIGHTS, -sat / 100), (IDENTITY, 1 + sat / 100))


def gray(
    frame: Frame,
    *,
    gray: Annotated[
        bool,
        Parameter(
            "1 takes the colour away, as CSS grayscale().",
            aliases=("grey", "grayscale", "greyscale"),
            example="1",
        ),
    ] = False,
) -> Step | None:
    """Show the luminance alone."""
    return Step({"weights": list(LUMINANCE[0])}, frame.size) if gray else None


def sepia(
    frame: Frame,
    *,
    sepia: Annotated[
        float,
        Parameter(
            "How far colours go to the brown of old photographs, as CSS sepia().",
            ge=0,
            le=100,
            unit="percent",
            example="80",
        ),
    ] = 0.0,
) -> Step | None:
    """Tone the picture brown."""
    if sepia == 0:
        return None
    return _step(frame, (SEPIA, sepia / 100), (IDENTITY, 1 - sepia / 100), toned=True)


def _step(frame: Frame, *terms: tuple[Matrix, float], toned: bool = False) -> Step:
    """Return the step of a sum of matrices; ``toned`` where greys do not stay grey."""
    matrix = [
        [round(sum(m[row][column] * share for m, share in terms), 6) for column in range(3)]
        for row in range(3)
    ]
    return Step({"matrix": matrix, "toned": toned}, frame.size)
