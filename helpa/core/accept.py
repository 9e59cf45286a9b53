"""What a client says it can show: the four classes of the Accept header, and auto's choice."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from helpa.core.errors import InvalidValue
from helpa.core.operations import Encoder, Picture


@lru_cache(maxsize=1024)
def accept_class(header: bytes) -> int:
    """Return the class of an Accept header: 1 where it names AVIF, plus 2 where it names WebP.

    Only the exact media types with q > 0 count. Wildcards do not: mail clients and chat fetchers
    send them and show neither.
    """
    found = 0
    for piece in header.lower().split(b","):
        media, *parameters = (part.strip() for part in piece.split(b";"))
        bit = {b"image/avif": 1, b"image/webp": 2}.get(media, 0)
        if bit and all(_weight(p) > 0 for p in parameters if p.startswith(b"q=")):
            found |= bit
    return found


def _weight(parameter: bytes) -> float:
    try:
        return float(parameter[2:])
    except ValueError:
        return 0.0


def choose_format(
    picture: Picture,
    accept: int,
    encoders: Mapping[str, Encoder],
    *,
    animated: bool,
    lossless: bool,
) -> str:
    """Return the format auto takes.

    Args:
        picture: what is to be shown.
        accept: class of the Accept header.
        encoders: the formats there are.
        animated: whether the answer holds several frames.
        lossless: whether every pixel is to be kept.

    Raises:
        InvalidValue: no registered encoder can hold the picture.
    """
    wishes: list[str] = []
    if animated:
        # AVIF sequences as libvips writes them do not play in browsers.
        wishes = ["webp"] if accept & 2 else []
        wishes += ["gif"]
    elif lossless:
        wishes = ["webp"] if accept & 2 else []
        wishes += ["png"]
    else:
        wishes = ["avif"] if accept & 1 else []
        wishes += ["webp"] if accept & 2 else []
        wishes += ["png" if picture.alpha else "jpg"]
    for name in [*wishes, *encoders]:
        if name in encoders and encoders[name].picture:
            return name
    raise InvalidValue("No encoder is registered; enable the plugin basics.", field="fmt")
