"""``rot`` and ``flip``."""

from __future__ import annotations

import enum
import math
from typing import Annotated

from helpa import Affine, Frame, Parameter, Size, Step
from helpa.parameters import Background, fill
from helpa_basics.rounding import side


def rot(
    frame: Frame,
    *,
    rot: Annotated[
        float | None,
        Parameter(
            "Turns clockwise by degrees; corners that open are filled with bg.",
            aliases=("rotate", "ro", "or"),
            ge=-360,
            le=360,
            unit="degrees",
            example="90",
        ),
    ] = None,
    bg: Background = None,
) -> Step | None:
    """Turn the picture clockwise.

    Multiples of 90 degrees move pixels without loss; other angles enlarge the picture to its
    bounding box.
    """
    angle = (rot or 0.0) % 360
    if angle == 0:
        return None
    width, height = frame.size.width, frame.size.height
    if angle % 90 == 0:
        turns = int(angle // 90)
        size = Size(height, width) if turns % 2 else frame.size
        maps = {
            1: Affine(0, -1, height, 1, 0, 0),
            2: Affine(-1, 0, width, 0, -1, height),
            3: Affine(0, 1, 0, -1, 0, width),
        }
        return Step({"turns": turns}, size, maps[turns])
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    box_w = side(abs(width * cos) + abs(height * sin))
    box_h = side(abs(width * sin) + abs(height * cos))
    # About the middles of both boxes.
    c = box_w / 2 - (cos * width / 2 - sin * height / 2)
    f = box_h / 2 - (sin * width / 2 + cos * height / 2)
    colour = fill(frame, bg)
    args = {"angle": round(angle, 4), "fill": list(colour), "size": [box_w, box_h]}
    return Step(
        args,
        Size(box_w, box_h),
        Affine(cos, -sin, c, sin, cos, f),
        alpha=frame.alpha or colour[3] < 255,
    )


class Flip(enum.StrEnum):
    """Which way a picture is mirrored."""

    HORIZONTAL = "h"
    VERTICAL = "v"
    BOTH = "hv"


def flip(
    frame: Frame,
    *,
    flip: Annotated[
        Flip | None,
        Parameter(
            "Mirrors: h left to right, v top to bottom, hv both.",
            aliases=("flop",),
            synonyms=(("vh", "hv"), ("both", "hv"), ("horizontal", "h"), ("vertical", "v")),
            example="h",
        ),
    ] = None,
) -> Step | None:
    """Mirror the picture, after it was turned."""
    if flip is None:
        return None
    width, height = frame.size.width, frame.size.height
    across, down = "h" in flip.value, "v" in flip.value
    mirror = Affine(
        -1 if across else 1, 0, width if across else 0, 0, -1 if down else 1, height if down else 0
    )
    return Step({"flip": flip.value}, frame.size, mirror)
