"""What the plugin registers."""

from __future__ import annotations

from helpa import Encoder, hookimpl

TEXT = "text/plain; charset=utf-8"

MAX_SIDE = 1_000_000
"""Nothing here depends on how large the picture is; the limits of every answer do."""

SIDE = 96
"""Longer side, in pixels, of a picture that has the colours and waves of the whole one."""


@hookimpl
def register_operations() -> list[Encoder]:
    """Return the formats that tell of a picture's colours instead of showing it."""
    return [
        Encoder(
            "thumbhash",
            TEXT,
            ("thumbhash.txt",),
            "helpa_hashes.encode.thumbhash:encode",
            lossless=False,
            exif=False,
            max_side=MAX_SIDE,
            picture=False,
            side=SIDE,
            doc="A placeholder of some 25 bytes, in base64; keeps aspect ratio and transparency.",
        ),
        Encoder(
            "blurhash",
            TEXT,
            ("blurhash.txt",),
            "helpa_hashes.encode.blurhash:encode",
            alpha=False,
            lossless=False,
            exif=False,
            max_side=MAX_SIDE,
            picture=False,
            side=SIDE,
            doc="A placeholder of 28 characters: 4×3 waves, upright pictures 3×4.",
        ),
        Encoder(
            "palette",
            "application/json",
            ("palette.json",),
            "helpa_hashes.encode.palette:encode",
            lossless=False,
            exif=False,
            max_side=MAX_SIDE,
            picture=False,
            side=SIDE,
            doc="Up to eight colours with their shares, the largest first, as JSON.",
        ),
    ]
