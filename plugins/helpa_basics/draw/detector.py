"""Finds faces in a grey picture: a program that a worker runs for one picture at a time.

OpenCV and numpy take 245 MB of address space and never give it back, half of what a worker may
have for whatever it draws next; and a crash in them costs no worker.
"""

from __future__ import annotations

import json
import os
import signal
import sys

SECONDS = 20
"""The program ends after these, even where its worker was killed meanwhile; it needs under one."""

FACES = 32
"""The largest that are told of."""

SMALLEST = 24
"""Side of the smallest face that is looked for, in pixels; below, pattern and noise look like one.
"""


def main() -> None:
    """Read grey pixels from standard input and write the boxes of faces as JSON."""
    signal.alarm(SECONDS)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each further thread reserves memory
    cascade, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    pixels = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(height, width)
    found = cv2.CascadeClassifier(cascade).detectMultiScale(
        pixels, scaleFactor=1.1, minNeighbors=4, minSize=(SMALLEST, SMALLEST)
    )
    boxes = sorted(([int(v) for v in box] for box in found), key=lambda b: (-b[2] * b[3], b))
    sys.stdout.write(json.dumps(boxes[:FACES]))


if __name__ == "__main__":
    main()
