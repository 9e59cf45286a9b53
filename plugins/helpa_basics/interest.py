"""``g=smart``, ``entropy`` and ``face``: what is looked for, and where the crop then stands."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from helpa import Measure, Point, Size, invalid
from helpa.parameters import Gravity
from helpa_basics.parameters import Interest

SMART_SIDE = 320
"""Longer side, in pixels, of what attention and entropy look at: the smallest level has as many,
and libvips looks for attention in 32 × 32."""

FACE_SIDE = 640
"""Longer side, in pixels, of what faces are looked for in. The cascade knows faces of 20 px and
more, so of a 32nd of this."""

ABOVE, BELOW, BESIDE = 0.3, 0.1, 0.1
"""What is kept around a face, in parts of its box. The box that the cascade finds ends at forehead
and chin; with more room above than below, the eyes come to stand in the middle."""

CASCADE = "haarcascade_frontalface_alt2.xml"
"""Of OpenCV's cascades the one that took nothing else for a face: frontalface_default also finds
some in coins and in a space suit."""

Box = Sequence[float]


@cache
def cascade() -> Path | None:
    """Return the file that tells faces, or None where no package carries it.

    OpenCV itself is not loaded, for nothing that reads pixels is in the web process. The file is
    asked for, not the package: OpenCV 5 has no cascades any more.
    """
    spec = importlib.util.find_spec("cv2")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "data" / CASCADE
    return path if path.is_file() else None


def check_faces(given: Gravity | Interest | None) -> None:
    """Refuse ``face`` where nothing can find one.

    Raises:
        InvalidValue: names the extra that is missing.
    """
    if given is Interest.FACE and cascade() is None:
        words = ", ".join([*Gravity, Interest.SMART, Interest.ENTROPY])
        hint = "This server finds no faces: helpa[faces] is not installed."
        raise invalid("g", given.value, f"one of {words}", hint=hint)


def look(
    size: Size, target: Size, wanted: Interest, measured: Mapping[str, Any] | None
) -> Point | Measure:
    """Return the point that the crop is to have in its middle, or what must be measured first.

    Where no face is found, ``face`` looks for what ``smart`` does.

    Args:
        size: of the picture, in pixels.
        target: box whose ratio the crop has.
        wanted: what is looked for.
        measured: what the last measurement found.
    """
    found = measured or {}
    # In thousandths, so that the same box at another dpr is cropped at the same place.
    share = (target.width * size.height) / (target.height * size.width)
    keep = [round(min(1.0, share), 3), round(min(1.0, 1 / share), 3)]
    if wanted is Interest.FACE and "at" not in found:
        if "faces" not in found:
            return Measure({"find": wanted.value}, side=FACE_SIDE)
        if found["faces"]:
            boxes = found["faces"]
            across = [(x - BESIDE * w, x + (1 + BESIDE) * w) for x, _, w, _ in boxes]
            down = [(y - ABOVE * h, y + (1 + BELOW) * h) for _, y, _, h in boxes]
            areas = [w * h for *_, w, h in boxes]
            return Point(_middle(across, areas, keep[0]), _middle(down, areas, keep[1]))
        wanted = Interest.SMART
    if "at" not in found:
        return Measure({"find": wanted.value, "keep": keep}, side=SMART_SIDE)
    return Point(*found["at"])


def _middle(spans: list[tuple[float, float]], areas: list[float], room: float) -> float:
    """Return the middle of the neighbours of the largest area that fit into ``room`` together.

    Where not one of them fits, the middle of the largest.
    """
    order = sorted(range(len(spans)), key=lambda n: spans[n])
    best, middle = (-1, 0.0, 0.0), 0.5
    for first in range(len(order)):
        for last in range(first, len(order)):
            group = order[first : last + 1]
            low, high = min(spans[n][0] for n in group), max(spans[n][1] for n in group)
            # Faces at an edge need no room outside the picture.
            extent = min(1.0, high) - max(0.0, low)
            rank = (int(extent <= room), sum(areas[n] for n in group), -extent)
            if (rank[0] or len(group) == 1) and rank > best:
                best, middle = rank, (low + high) / 2
    return min(1.0, max(0.0, middle))
