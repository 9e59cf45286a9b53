"""Reads QR and bar codes in a grey picture: a program of its own, for a crash in it harms no other.

Its arguments are width and height; the pixels come on standard input, and JSON goes out.
"""

from __future__ import annotations

import json
import signal
import sys

SECONDS = 60
"""The program ends after these, even where who called it was killed meanwhile."""

MOST = 200
"""Codes that are told of."""

MATRIX = frozenset(
    ("QRCode", "MicroQRCode", "RMQRCode", "Aztec", "DataMatrix", "PDF417", "MaxiCode")
)
WEAK = frozenset(("ITF", "ITF14", "Codabar", "Code39", "Code93", "DXFilmEdge", "DataBarLimited"))
"""Codes with a weak check or none, or with none at all: lines of text look like short ones."""

LEAST = 6
"""Letters of a weak code below which it is taken for text."""


def main() -> None:
    """Read grey pixels and write what the codes in them are."""
    signal.alarm(SECONDS)
    import zxingcpp

    width, height = int(sys.argv[1]), int(sys.argv[2])
    pixels = memoryview(sys.stdin.buffer.read()).cast("B", shape=(height, width))
    found = []
    for code in zxingcpp.read_barcodes(pixels):
        kind = str(code.format).replace(" ", "").replace("-", "")
        if not code.valid or (kind in WEAK and len(code.text) < LEAST):
            continue
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        x, y = [corner.x for corner in corners], [corner.y for corner in corners]
        found.append(
            {
                "kind": kind,
                "text": code.text,
                "upright": 45 < abs(code.orientation) % 180 < 135,
                "box": [min(x), min(y), max(x) - min(x), max(y) - min(y)],
            }
        )
    sys.stdout.write(json.dumps(found[:MOST]))


if __name__ == "__main__":
    main()
