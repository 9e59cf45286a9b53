"""The pixel job of an upload: decode everything once, say what it is, write the first level."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyvips

from helpa.core import levels
from helpa.core.grid import grid_of
from helpa.core.pixels import blocks, colours, pillow, summary
from helpa.core.pixels.coding import coding_of
from helpa.core.pixels.failures import PixelError
from helpa.core.pixels.level import save_level
from helpa.core.pixels.opening import (
    Header,
    Source,
    damaged,
    open_source,
    read_header,
    turn_upright,
)
from helpa.core.pixels.resample import resample
from helpa.core.values import Size, scaled

ANIMATIONS = frozenset({"gif", "webp"})
LOSSY = frozenset({"jpg", "heic", "avif"})
WHOLE_PIXELS = 25_000_000
"""Pictures of up to this many pixels are held whole while they are looked at."""

NOISE = 8
"""A step between neighbours of 0 is flat, of 1–8 is what cameras and lenses leave behind."""

SAMPLE = 500_000
"""Some so many pixels, in whole rows, are enough to tell a graphic from a photograph."""


def inspect(job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return what an uploaded file is, and the bytes of its first level.

    Args:
        job: ``path``, ``format`` and ``limits`` (``input_pixels``, ``animation_pixels``,
            ``frames``).

    Raises:
        PixelError: damaged, over a limit, or no decoder.
    """
    source = Source(job["path"], job["format"])
    if source.format == "gif" and blocks.gif_is_cut_off(Path(source.path).read_bytes()):
        raise PixelError("damaged", "The picture is damaged: premature end of GIF image.")
    header = read_header(source)
    size = header.upright
    animated = header.frames > 1 and source.format in ANIMATIONS
    check_limits(size, header.frames, animated, job["limits"])
    try:
        if animated:
            _decode_frames(source, header.frames)
        image = open_source(source, upright=False)
        factor = levels.first_factor(source.format, size, animated=animated)
        if size.pixels <= WHOLE_PIXELS:
            image = image.copy_memory()  # decoded once, looked at twice
        stored = Size(image.width, image.height)
        base = resample(image, scaled(stored, factor or 1)).copy_memory()
        whole = image if size.pixels <= WHOLE_PIXELS else base
        if header.orientation != 1:
            base = turn_upright(base, header.orientation)
        looks, base = looked_at(base, whole, source.format)
        drawn = Size(base.width, base.height)
        level_format = levels.level_format(drawn, graphic=looks["graphic"], alpha=looks["alpha"])
        body = save_level(base, level_format) if factor else b""
    except pyvips.Error as error:
        raise damaged(error) from None
    except MemoryError:
        raise PixelError(
            "memory", "Decoding the picture needs more memory than a job may have."
        ) from None
    coding = coding_of(Path(source.path), source.format)
    stored_size = (header.width, header.height)
    grid = grid_of(source.format, stored_size, header.orientation, **asdict(coding))
    facts = {
        "grid": asdict(grid),
        "width": size.width,
        "height": size.height,
        "frames": header.frames,
        "animated": animated,
        **looks,
        "removed_metadata": sorted(metadata_kinds(header, source)),
        "copyright": copyright_notice(header.image),
        "level": {"factor": factor, "format": level_format} if factor else None,
    }
    return facts, body


def looked_at(
    base: pyvips.Image, whole: pyvips.Image, uploaded: str
) -> tuple[dict[str, Any], pyvips.Image]:
    """Return what a picture looks like, and its base without an alpha channel that hides nothing.

    Args:
        base: the upright picture as its first level has it, in memory.
        whole: in full size where that is held, else the base.
        uploaded: the format it was uploaded in.
    """
    alpha = bool(base.hasalpha()) and base[base.bands - 1].min() < 255
    if base.hasalpha() and not alpha:
        base = base[: base.bands - 1]
    graphic = uploaded == "svg" or is_graphic(whole)
    thumb = summary.thumbnail(base)
    looks = {
        "alpha": alpha,
        "graphic": graphic,
        "lossless": graphic and uploaded not in LOSSY,
        "thumbhash": summary.hash_of(thumb),
        "dominant_color": colours.dominant(summary.pixels(thumb)),
    }
    return looks, base


def check_limits(size: Size, frames: int, animated: bool, limits: dict[str, int]) -> None:
    """Refuse what the header says is too large.

    Raises:
        PixelError: naming the limit.
    """
    if size.width < 1 or size.height < 1:
        raise PixelError("damaged", "The picture is damaged: it has no width or no height.")
    checks = [("input_pixels", size.pixels, f"{size.width}×{size.height} px")]
    if frames > 1:
        checks.append(("frames", frames, f"{frames} frames"))
    if animated:
        checks.append(
            (
                "animation_pixels",
                size.pixels * frames,
                f"{frames} frames of {size.width}×{size.height} px",
            )
        )
    for name, value, text in checks:
        if value > limits[name]:
            raise PixelError(
                "too_large",
                f"The picture has {text}; limits.{name} allows {limits[name]}.",
                field=f"limits.{name}",
                given=text,
                allowed=str(limits[name]),
            )


def _decode_frames(source: Source, frames: int) -> None:
    whole = open_source(Source(source.path, source.format, frames=frames), upright=False)
    whole.avg()  # reads every pixel of every frame, holding only a few lines


def is_graphic(image: pyvips.Image) -> bool:
    """Whether a picture is a drawing or screenshot rather than a photograph.

    Neighbouring pixels of a screenshot are mostly equal; those of a photograph mostly differ by
    a little, even where it has a plain background. The comparison of the two shares tells them
    apart.
    """
    if image.width < 2:
        return True
    rows = max(1, image.width * image.height // SAMPLE)
    image = image.subsample(1, min(rows, image.height))
    bands = image.bands - 1 if image.hasalpha() else image.bands
    colour = image[:bands]
    left = colour.crop(0, 0, image.width - 1, image.height)
    right = colour.crop(1, 0, image.width - 1, image.height)
    step = (left.cast("short") - right).abs().cast("uchar")
    largest = step[0]
    for band in range(1, bands):
        largest = (largest > step[band]).ifthenelse(largest, step[band])
    counts = histogram(largest)
    return counts[0] >= 3 * sum(counts[1 : NOISE + 1])


def histogram(image: pyvips.Image) -> list[int]:
    """Return how many pixels have each of 256 values."""
    return [int(value) for value in image.hist_find().tolist()[0]]


def metadata_kinds(header: Header, source: Source) -> set[str]:
    """Return the kinds of metadata a file carries, all of which renditions leave out."""
    if source.format in pillow.FORMATS:
        return pillow.metadata(source.path, source.format)
    names = {
        "exif-data": "exif",
        "xmp-data": "xmp",
        "iptc-data": "iptc",
        "icc-profile-data": "icc",
        "gainmap-data": "gain map",
        "jpeg-thumbnail-data": "thumbnail",
        "gif-comment": "comment",
        "png-comment-0": "comment",
    }
    found = {kind for name, kind in names.items() if name in header.fields}
    if any(name.startswith("exif-ifd3-") for name in header.fields):
        found.add("gps")
    if any(name.startswith("png-comment-") for name in header.fields):
        found.add("comment")
    if blocks.has_comment(Path(source.path), source.format):
        found.add("comment")
    return found


def copyright_notice(image: pyvips.Image | None) -> str:
    """Return copyright and artist of the EXIF block, as one printable line of up to 200."""
    if image is None:
        return ""
    parts: list[str] = []
    for tag in ("Copyright", "Artist"):
        field = f"exif-ifd0-{tag}"
        if image.get_typeof(field) == 0:
            continue
        # libvips writes "text (text, ASCII, 5 components, 5 bytes)".
        text = re.sub(r" \(.*\)$", "", str(image.get(field)), flags=re.DOTALL).strip()
        text = "".join(c for c in text if c.isprintable())
        if text and text not in parts:
            parts.append(text)
    return ", ".join(parts)[:200]
