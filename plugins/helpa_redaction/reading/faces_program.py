"""Finds faces in a grey picture: a program of its own, for OpenCV takes 245 MB of address space.

Its arguments are the file of the cascade, width and height; the pixels come on standard input, and
JSON goes out.
"""

from __future__ import annotations

import json
import signal
import sys

SECONDS = 60
"""The program ends after these, even where who called it was killed meanwhile."""

MOST = 200
"""The largest faces that are told of."""

STEP = 1.15
"""From one size of faces that are looked for to the next: as many are found as with 1.1, in two
thirds of the time."""

SMALLEST = 24
"""Side of the smallest face that is looked for, in pixels; below, pattern and noise look like one.
"""


def main() -> None:
    """Read grey pixels and write the boxes of faces."""
    signal.alarm(SECONDS)
    import cv2
    import numpy as np

    cascade, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    cv2.setNumThreads(1)
    pixels = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(height, width)
    found = cv2.CascadeClassifier(cascade).detectMultiScale(
        pixels, scaleFactor=STEP, minNeighbors=5, minSize=(SMALLEST, SMALLEST)
    )
    boxes = sorted(([int(v) for v in box] for box in found), key=lambda b: (-b[2] * b[3], b))
    sys.stdout.write(json.dumps(boxes[:MOST]))


if __name__ == "__main__":
    main()
