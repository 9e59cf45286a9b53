"""``q``, ``max_bytes``, ``progressive``, ``meta``: how the answer is encoded."""

from __future__ import annotations

import enum
from typing import Annotated

from helpa import Frame, Parameter, Step, UnfitFormat, invalid
from helpa_basics.byte_count import ByteCount
from helpa_basics.encoders import ENCODERS
from helpa_basics.qualities import QUALITIES
from helpa_basics.settings import OutputSettings

PROGRESSIVE_PIXELS = 2_000_000
"""Pixels from which JPEG comes in passes by default."""

EFFORT_PIXELS = 1_000_000
"""AVIF of up to so many pixels is made with effort 1, which saves 4–6 % of the bytes of photographs
and mostly 10–20 % of those of graphics for three to five times the work; 2 saves little more."""


class QualityWord(enum.StrEnum):
    """Quality in a word."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    AUTO = "auto"


class Meta(enum.StrEnum):
    """What of the upload's metadata an answer carries."""

    NONE = "none"
    COPYRIGHT = "copyright"


def output(
    frame: Frame,
    *,
    q: Annotated[
        int | QualityWord | None,
        Parameter(
            "Quality, 1–100, or a word: low, medium and high look alike in every format, auto "
            "takes what suits the kind of picture. Formats that keep every pixel ignore it.",
            aliases=("quality",),
            ge=1,
            le=100,
            example="75",
        ),
    ] = None,
    max_bytes: Annotated[
        ByteCount | None,
        Parameter(
            "The answer has at most so many bytes: quality falls from q as far as it must, or "
            "colours of PNG and GIF do. 422 where even the lowest is too large.",
            example="20k",
        ),
    ] = None,
    progressive: Annotated[
        bool | None,
        Parameter("1 sends JPEG and PNG in passes, coarse first; 0 does not.", example="0"),
    ] = None,
    meta: Annotated[
        Meta,
        Parameter(
            "copyright keeps the copyright notice and artist of the upload; nothing else ever is.",
            example="copyright",
        ),
    ] = Meta.NONE,
) -> Step:
    """Say how the answer is encoded."""
    settings = frame.settings
    assert isinstance(settings, OutputSettings)
    name = frame.encoder.name
    args: dict[str, object] = {}
    if meta is Meta.COPYRIGHT:
        if not frame.encoder.exif:
            raise invalid("meta", meta.value, f"none with {name}, which has no place for it")
        if frame.picture.copyright:
            args["copyright"] = frame.picture.copyright
    if max_bytes is not None:
        if not any(name == encoder.name for encoder in ENCODERS):
            raise invalid("max_bytes", str(max_bytes), f"nothing with {name}, which cannot obey it")
        args["max_bytes"] = max_bytes.value
    if name in QUALITIES and (not frame.lossless or (max_bytes and not frame.insists)):
        args["quality"] = quality(q, name, frame.picture.graphic, settings)
    if name in ("webp", "avif"):
        args["lossless"] = frame.lossless
    if name in ("png", "webp", "avif") and max_bytes is not None:
        args["insists"] = frame.insists
    if name == "jpg":
        args["progressive"] = _progressive(progressive, frame, settings)
        # Chroma at full resolution keeps coloured text crisp.
        args["full_chroma"] = frame.picture.graphic
    elif name == "png":
        args["progressive"] = bool(progressive)
        args["compression"] = settings.png_compression
    elif name == "webp":
        args["effort"] = settings.webp_effort
    elif name == "avif":
        args["effort"] = _avif_effort(frame, settings)
        args["full_chroma"] = frame.picture.graphic
    elif name == "gif":
        args["effort"] = settings.gif_effort
    return Step(args, frame.size, origins=_origins(q, progressive, name, settings))


def _origins(
    q: int | QualityWord | None, progressive: bool | None, name: str, settings: OutputSettings
) -> dict[str, str]:
    """Return where each argument comes from, for ``explain=1``."""
    by_area = name == "avif" and settings.avif_effort is None
    chosen = "area of the answer" if settings.progressive is None else "setting progressive"
    return {
        "quality": f"setting {name}_quality" if q is None else f"q={q}",
        "progressive": chosen if progressive is None else "progressive",
        "compression": "setting png_compression",
        "effort": "area of the answer" if by_area else f"setting {name}_effort",
        "full_chroma": "kind of the picture",
        "lossless": "kind of the picture, or lossless",
        "copyright": "meta=copyright",
        "max_bytes": "max_bytes",
    }


def quality(q: int | QualityWord | None, name: str, graphic: bool, settings: OutputSettings) -> int:
    """Return the number that a quality means in a format.

    Args:
        q: what was asked for.
        name: of a lossy format.
        graphic: whether it is a drawing or screenshot rather than a photograph.
        settings: the numbers taken where nothing was asked for.
    """
    if isinstance(q, QualityWord):
        return QUALITIES[name]["graphic" if graphic else "photograph"][q.value]
    return q if q is not None else int(getattr(settings, f"{name}_quality"))


def _progressive(asked: bool | None, frame: Frame, settings: OutputSettings) -> bool:
    if asked is not None:
        return asked
    if settings.progressive is not None:
        return settings.progressive
    return frame.size.pixels >= PROGRESSIVE_PIXELS


def _avif_effort(frame: Frame, settings: OutputSettings) -> int:
    pixels = frame.size.pixels
    setting = "avif_auto_pixels" if frame.auto else "avif_max_pixels"
    allowed = getattr(settings, setting)
    if pixels > allowed:
        raise UnfitFormat(
            f"AVIF of {pixels} px would take too long; the setting {setting} allows {allowed} px.",
            field="fmt",
            given="avif",
            allowed=f"up to {allowed} px, or another format",
        )
    if settings.avif_effort is not None:
        return settings.avif_effort
    return 1 if pixels <= EFFORT_PIXELS else 0
