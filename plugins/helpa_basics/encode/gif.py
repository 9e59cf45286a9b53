"""GIF, still and animated."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa_basics.encode import fitting

RUNGS: list[fitting.Rung] = [
    ((8, 1.0, 0.0), 1.0),
    ((7, 1.0, 2.0), 0.88),
    ((7, 0.0, 2.0), 0.78),
    ((6, 0.5, 4.0), 0.68),
    ((6, 0.0, 4.0), 0.6),
    ((5, 0.5, 8.0), 0.52),
    ((5, 0.0, 8.0), 0.45),
    ((4, 0.0, 12.0), 0.32),
]
"""Bits a pixel, dithering, and how much a pixel may differ from the frame before and count as
unchanged; each with its bytes relative to the first, estimated: between a screenshot's
and a photograph's. A wrong estimate costs an encode, no more."""


def encode(image: pyvips.Image, args: dict[str, Any]) -> bytes:
    """Return the image as GIF."""

    def at(rung: tuple[int, float, float]) -> bytes:
        bits, dither, same = rung
        data: bytes = image.gifsave_buffer(
            effort=args["effort"], bitdepth=bits, dither=dither, interframe_maxerror=same,
            keep_duplicate_frames=True, keep="none",
        )  # fmt: skip
        return data

    if "max_bytes" not in args:
        return at(RUNGS[0][0])
    image = image.copy_memory()
    return fitting.fit(
        args["max_bytes"], RUNGS, at, advice="A smaller w, or fmt=webp, takes fewer."
    )
