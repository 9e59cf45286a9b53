"""The formats renditions come in."""

from __future__ import annotations

from helpa import Encoder

ENCODERS = [
    Encoder(
        "jpg",
        "image/jpeg",
        ("jpg", "jpeg"),
        "helpa_basics.encode.jpg:encode",
        aliases=("jpeg", "pjpg"),
        alpha=False,
        lossless=False,
        max_side=65535,
        doc="Photographs, everywhere.",
    ),
    Encoder(
        "png",
        "image/png",
        ("png",),
        "helpa_basics.encode.png:encode",
        version=2,
        max_side=100_000,
        doc="Screenshots and drawings, lossless, everywhere.",
    ),
    Encoder(
        "webp",
        "image/webp",
        ("webp",),
        "helpa_basics.encode.webp:encode",
        animation=True,
        max_side=16383,
        doc="Smaller than JPEG and PNG; every browser since 2020.",
    ),
    Encoder(
        "avif",
        "image/avif",
        ("avif",),
        "helpa_basics.encode.avif:encode",
        max_side=16384,
        doc="Smallest for photographs; slow to encode; every browser since 2024.",
    ),
    Encoder(
        "gif",
        "image/gif",
        ("gif",),
        "helpa_basics.encode.gif:encode",
        animation=True,
        lossless=False,
        exif=False,
        max_side=65535,
        doc="Animations, everywhere; 256 colours.",
    ),
]
