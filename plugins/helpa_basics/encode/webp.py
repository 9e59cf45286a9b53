"""WebP, still and animated."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa_basics.encode import fitting
from helpa_basics.encode.common import notice

LOSSLESS_SIZE = 3.0
"""Bytes without loss, of graphics, relative to quality 80."""

ADVICE = "A smaller w, or fmt=avif, takes fewer."


def encode(image: pyvips.Image, args: dict[str, Any]) -> bytes:
    """Return the image as WebP."""
    animated = image.get_typeof("page-height") != 0
    image, keep = notice(image, args)

    def at(quality: int | None) -> bytes:
        how: dict[str, Any] = {"lossless": True, "exact": False} if quality is None else {
            "Q": quality,
            # Frames that take fewer bytes without loss are kept without: half the bytes where
            # areas are flat, for no more time.
            "mixed": animated,
        }  # fmt: skip
        data: bytes = image.webpsave_buffer(effort=args["effort"], keep=keep, **how)
        return data

    if "max_bytes" not in args:
        return at(None if args["lossless"] else args["quality"])
    image = image.copy_memory()
    if args["insists"]:
        return fitting.exactly(args["max_bytes"], at(None), advice=ADVICE)
    rungs = fitting.qualities(args["quality"])
    if args["lossless"]:
        rungs.insert(0, (None, LOSSLESS_SIZE))
    return fitting.fit(args["max_bytes"], rungs, at, advice=ADVICE)
