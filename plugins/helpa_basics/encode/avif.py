"""AVIF."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa_basics.encode import fitting
from helpa_basics.encode.common import notice

STEP = 2
"""AV1 has 64 quantisers for 100 qualities: neighbours are often the same."""

LOSSLESS_SIZE = 4.0
"""Bytes without loss, of graphics, relative to quality 80; estimated."""

ADVICE = "A smaller w takes fewer."


def encode(image: pyvips.Image, args: dict[str, Any]) -> bytes:
    """Return the image as AVIF, 8 bit.

    Without loss, libvips stores RGB itself (matrix coefficients 0, 4:4:4): every pixel is kept.
    """
    image, keep = notice(image, args)

    def save(**how: Any) -> bytes:
        data: bytes = image.heifsave_buffer(
            compression="av1", bitdepth=8, effort=args["effort"], keep=keep, **how
        )
        return data

    def at(quality: int | None) -> bytes:
        if quality is None:
            return save(lossless=True)
        return save(Q=quality, subsample_mode="off" if args["full_chroma"] else "auto")

    if "max_bytes" not in args:
        return at(None if args["lossless"] else args["quality"])
    image = image.copy_memory()
    if args["insists"]:
        return fitting.exactly(args["max_bytes"], at(None), advice=ADVICE)
    rungs = fitting.qualities(args["quality"], STEP)
    if args["lossless"]:
        rungs.insert(0, (None, LOSSLESS_SIZE))
    return fitting.fit(args["max_bytes"], rungs, at, advice=ADVICE)
