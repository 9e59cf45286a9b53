"""Finds faces in a grey picture: a program of its own, for OpenCV takes 245 MB of address space.

Its arguments are the file of the cascade, width and height; the pixels come on standard input, and
JSON goes out.

Of a screenshot only the photographs in it are looked at, enlarged: portraits are smaller than the
cascade finds faces in, and letters and lines are left out that look like one by chance.
"""

from __future__ import annotations

import json
import math
import signal
import sys
from typing import Any

SECONDS = 60
"""The program ends after these, even where who called it was killed meanwhile."""

MOST = 200
"""The largest faces that are told of."""

STEP, NEIGHBOURS = 1.1, 4
"""From one size of faces that are looked for to the next, and hits beside each other that make a
face. Of 19 portraits in screenshots 17 are found so at 40 px, 15 at 32, 11 at 24, and none in 35
screenshots without one; 3 hits find two more, and as many in photographs of other things."""

SMALLEST = 20
"""Side of the smallest face that is looked for, in pixels of the enlarged picture: the cascade
knows none below (it was made with pictures of 20×20)."""

PIXELS, LARGEST = 2_000_000, 2.0
"""Of all photographs together as far as they are enlarged, and how much they are at most."""

CELL = 16
"""Side of the squares that are of a photograph or not, in pixels."""

FLAT = 0.4
"""Share of the pixels of a square equal to those beside and beneath them, from which on it is none
of a photograph: in screenshots without any 99.8 % of all squares have more."""

FACE_FLAT = 0.5
"""The same share of the pixels of a face, from which on it is none."""

AROUND = 2
"""Squares around those of a photograph that are looked at with it."""


def main() -> None:
    """Read grey pixels and write the boxes of faces."""
    signal.alarm(SECONDS)
    import cv2
    import numpy as np

    cascade, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    cv2.setNumThreads(1)
    grey = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(height, width)
    # Whether each pixel is as bright as the next ones; 0 for the last row and column.
    same = np.zeros((height, width), np.float32)
    inner = grey[:-1, :-1]
    same[:-1, :-1] = (inner == grey[:-1, 1:]) & (inner == grey[1:, :-1])
    areas = _photographs(cv2, np, same)
    scale = _scale(areas)
    finder = cv2.CascadeClassifier(cascade)
    boxes = []
    for left, top, right, bottom in areas:
        area: Any = grey[top:bottom, left:right]
        if scale > 1:
            area = cv2.resize(area, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        found = finder.detectMultiScale(
            area, scaleFactor=STEP, minNeighbors=NEIGHBOURS, minSize=(SMALLEST, SMALLEST)
        )
        for place in found:
            x, y, w, h = (int(value / scale) for value in place)
            x, y = x + left, y + top
            if same[y : y + h, x : x + w].mean() < FACE_FLAT:
                boxes.append([x, y, w, h])
    boxes.sort(key=lambda box: (-box[2] * box[3], box))
    sys.stdout.write(json.dumps(boxes[:MOST]))


def _photographs(cv2: Any, np: Any, same: Any) -> list[tuple[int, int, int, int]]:
    """Return where photographs are: left, top, right, bottom.

    Args:
        cv2: OpenCV.
        np: NumPy.
        same: 1 for each pixel as bright as the next ones, else 0.
    """
    height, width = same.shape
    size = (-(-width // CELL), -(-height // CELL))
    busy = (cv2.resize(same, size, interpolation=cv2.INTER_AREA) < FLAT).astype(np.uint8)
    reach = 2 * AROUND + 1
    busy = cv2.dilate(busy, np.ones((reach, reach), np.uint8))
    _, _, found, _ = cv2.connectedComponentsWithStats(busy)
    across, down = width / size[0], height / size[1]
    return [
        (
            int(x * across),
            int(y * down),
            min(width, math.ceil((x + w) * across)),
            min(height, math.ceil((y + h) * down)),
        )
        for x, y, w, h, _ in found[1:].tolist()
    ]


def _scale(areas: list[tuple[int, int, int, int]]) -> float:
    """Return how much photographs are enlarged."""
    pixels = sum((right - left) * (bottom - top) for left, top, right, bottom in areas)
    return min(LARGEST, max(1.0, math.sqrt(PIXELS / max(1, pixels))))


if __name__ == "__main__":
    main()
