"""PNG."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa_basics.encode import fitting, indexed
from helpa_basics.encode.common import notice

EXACT_SIZE = 3.0
"""Bytes without loss, of graphics, relative to the best palette."""

RUNGS: list[fitting.Rung] = [
    ((8, 100, 1.0), 1.0),
    ((8, 80, 0.5), 0.85),
    ((8, 60, 0.5), 0.7),
    ((8, 40, 0.0), 0.6),
    ((8, 20, 0.0), 0.5),
    ((4, 100, 0.5), 0.45),
    ((4, 100, 0.0), 0.4),
]
"""Bits a pixel, quality of the palette, dithering; each with its bytes relative to the first,
estimated: a wrong estimate costs an encode, no more."""

EFFORT = 3
"""Work put into finding a palette, 1–10."""


def encode(image: pyvips.Image, args: dict[str, Any]) -> bytes:
    """Return the image as PNG: every pixel kept, unless that takes more bytes than allowed."""
    limit = args.get("max_bytes")
    if limit is None:
        return exact(image, args)
    advice = "A smaller w, or fmt=webp or avif, takes fewer."
    image = image.copy_memory()
    if args["insists"]:
        return fitting.exactly(limit, exact(image, args), advice=advice)

    def at(rung: tuple[int, int, float] | None) -> bytes:
        return exact(image, args) if rung is None else quantised(image, args, *rung)

    return fitting.fit(limit, [(None, EXACT_SIZE), *RUNGS], at, advice=advice)


def exact(image: pyvips.Image, args: dict[str, Any]) -> bytes:
    """Return the image with every pixel kept: with a palette where its colours fit into one."""
    image, keep = notice(image.copy_memory(), args)
    how = {"compression": args["compression"], "interlace": args["progressive"], "keep": keep}
    data: bytes = indexed.save(image, **how) or image.pngsave_buffer(**how)
    return data


def quantised(
    image: pyvips.Image, args: dict[str, Any], bits: int, quality: int, dither: float
) -> bytes:
    """Return the image with its colours reduced to a palette."""
    image, keep = notice(image, args)
    data: bytes = image.pngsave_buffer(
        compression=args["compression"],
        interlace=args["progressive"],
        palette=True,
        bitdepth=bits,
        Q=quality,
        dither=dither,
        effort=EFFORT,
        keep=keep,
    )
    return data
