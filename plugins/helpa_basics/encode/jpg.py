"""JPEG."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa_basics.encode import fitting
from helpa_basics.encode.common import notice


def encode(image: pyvips.Image, args: dict[str, Any]) -> bytes:
    """Return the image as JPEG."""
    image, keep = notice(image, args)

    def at(quality: int) -> bytes:
        data: bytes = image.jpegsave_buffer(
            Q=quality,
            interlace=args["progressive"],
            optimize_coding=True,
            subsample_mode="off" if args["full_chroma"] else "auto",
            keep=keep,
        )
        return data

    if "max_bytes" not in args:
        return at(args["quality"])
    image = image.copy_memory()
    return fitting.fit(
        args["max_bytes"],
        fitting.qualities(args["quality"]),
        at,
        advice="A smaller w, or fmt=webp or avif, takes fewer.",
    )
