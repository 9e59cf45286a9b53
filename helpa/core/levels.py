"""Levels: smaller copies of a picture, prepared once, that renditions are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from helpa.core.values import Size, scaled

SMALLEST = 320
"""No level has a longer side below this many pixels."""

EXPENSIVE = frozenset({"heic", "avif", "svg", "tiff", "bmp", "ico"})
"""Formats so slow to decode, or needing another decoder, that level 1 is written too."""


@dataclass(frozen=True, slots=True)
class Level:
    """A prepared copy: 8-bit sRGB or grey, upright, without metadata.

    Args:
        factor: what the sides were divided by, rounded up.
        format: ``raw`` where small; else ``jpg`` for opaque photographs, ``png`` for the rest.
    """

    factor: int
    format: str

    @property
    def name(self) -> str:
        """File name."""
        return f"{self.factor}.{self.format}"


UNCOMPRESSED_PIXELS = 1_000_000
"""Levels of up to this many pixels are not compressed: 960×600 px open in 1 ms instead of 6 from
PNG or 5 from JPEG, for 1.7 MB of disk."""

MARGIN = 1.5
"""How much larger than its target a level must be. Two Lanczos steps of which the second is
small blur: 3840 → 480 → 400 px scores 68 in SSIMULACRA2, 3840 → 960 → 400 px 71, directly 77."""


def level_format(size: Size, *, graphic: bool, alpha: bool) -> str:
    """Return the format a level takes: JPEG only for large opaque photographs."""
    if size.pixels <= UNCOMPRESSED_PIXELS:
        return "raw"
    return "png" if graphic or alpha else "jpg"


def first_factor(source_format: str, size: Size, *, animated: bool) -> int | None:
    """Return the factor of the level written at upload, or None where none is of use."""
    if animated:
        return None
    if source_format in EXPENSIVE:
        return 1
    return 2 if max(scaled(size, 2).width, scaled(size, 2).height) >= SMALLEST else None


def next_factor(factor: int, size: Size) -> int | None:
    """Return the factor of the level after ``factor``, or None where it would be too small."""
    smaller = scaled(size, factor * 2)
    return factor * 2 if max(smaller.width, smaller.height) >= SMALLEST else None


def choose_level(
    levels: tuple[Level, ...], scale: float, *, lossless: bool, frames: int, page: int
) -> Level | None:
    """Return the smallest level that serves a plan well, or None for the original.

    Args:
        levels: those that exist.
        scale: largest scale of the source that the plan needs.
        lossless: whether every pixel is to be kept, so that no JPEG level will do.
        frames: frames of the answer.
        page: which frame is wanted; levels are of the first.
    """
    if frames > 1 or page:
        return None
    if lossless and any(level.format == "jpg" for level in levels):
        return None  # smaller levels are drawn from that one, whatever their own format
    fit = [
        level for level in levels if level.factor == 1 or scale * level.factor * MARGIN <= 1 + 1e-9
    ]
    return max(fit, key=lambda level: level.factor, default=None)
