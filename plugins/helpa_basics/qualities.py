"""What low, medium, high and auto mean by format and kind of picture.

Numbers of equal look. Written by ``python -m bench.calibrate``, from 7 pictures at
2 sizes: the qualities at which SSIMULACRA2 meets
photographs low 50, medium 65, high 82, auto 74;
graphics low 60, medium 74, high 86, auto 82.
"""

from __future__ import annotations

QUALITIES: dict[str, dict[str, dict[str, int]]] = {
    "jpg": {
        "photograph": {"low": 34, "medium": 58, "high": 86, "auto": 75},
        "graphic": {"low": 38, "medium": 70, "high": 89, "auto": 84},
    },
    "webp": {
        "photograph": {"low": 33, "medium": 61, "high": 90, "auto": 81},
        "graphic": {"low": 33, "medium": 69, "high": 92, "auto": 84},
    },
    "avif": {
        "photograph": {"low": 39, "medium": 51, "high": 77, "auto": 59},
        "graphic": {"low": 44, "medium": 56, "high": 75, "auto": 66},
    },
}
