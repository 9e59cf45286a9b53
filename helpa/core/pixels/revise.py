"""The pixel job of a revision: the whole picture drawn anew, and a file rebuilt from its pixels.

Nothing of the earlier file is copied: no metadata, no thumbnail, no frame that is not shown, no
colour under what is transparent. The file is lossless, so that a picture revised ten times has lost
nothing, and a fill has exactly its colour.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyvips

from helpa.core import levels
from helpa.core.pixels.bare import bare, plain
from helpa.core.pixels.failures import PixelError
from helpa.core.pixels.inspect import WHOLE_PIXELS, looked_at
from helpa.core.pixels.level import save_level
from helpa.core.pixels.opening import Header, Source, damaged, open_source, read_header
from helpa.core.pixels.render import load_function
from helpa.core.pixels.resample import resample
from helpa.core.pixels.strip import strip_of
from helpa.core.values import Size, scaled
from helpa.core.workbench import DrawContext

GRAPHIC_COMPRESSION, PHOTOGRAPH_COMPRESSION = 6, 1
"""Of PNG: graphics shrink to a third, photographs hardly at all for ten times the work."""


def revise(job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the facts of the new file, and its bytes, with those of its first level after them.

    Args:
        job: ``source`` (all its frames), ``animated``, ``uploaded`` (the format of the upload) and
            ``steps`` (``draw``, ``args``, ``before``, ``after``).

    Raises:
        PixelError: the source is damaged, or what is wanted needs too much memory.
    """
    source = Source.of(job["source"])
    try:
        if source.frames > 1:
            return _several(source, job)
        return _one(source, job)
    except pyvips.Error as error:
        raise damaged(error, "The revision cannot be made") from None
    except MemoryError:
        raise PixelError(
            "memory", "Making the revision needs more memory than a job may have."
        ) from None


def _one(source: Source, job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    def drawn() -> pyvips.Image:
        return _made(open_source(source), job["steps"], 0)

    image = drawn()
    size = Size(image.width, image.height)
    small = size.pixels <= WHOLE_PIXELS
    if small:
        image = image.copy_memory()  # drawn once, looked at twice
    factor = levels.first_factor("png", size, animated=False)
    base = resample(image, scaled(size, factor or 1)).copy_memory()
    facts, base = looked_at(base, image if small else base, job["uploaded"])
    level, body = None, b""
    if factor:
        shrunk = Size(base.width, base.height)
        kind = levels.level_format(shrunk, graphic=facts["graphic"], alpha=facts["alpha"])
        level, body = {"factor": factor, "format": kind}, save_level(base, kind)
    if not small:
        del base
        image = drawn()  # a source is read from top to bottom, once
    if image.hasalpha() and not facts["alpha"]:
        image = image[: image.bands - 1]
    compression = GRAPHIC_COMPRESSION if facts["graphic"] else PHOTOGRAPH_COMPRESSION
    data: bytes = image.pngsave_buffer(compression=compression, keep="none")
    return _reply("png", size, 1, facts, level, data, body, animated=False)


def _several(source: Source, job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    # Pages may be of several sizes; all of them together are then no image.
    header = read_header(source if job["animated"] else replace(source, frames=1))
    frames = _frames(source, header, job) if job["animated"] else _pages(source, job)
    if all(frame[frame.bands - 1].min() == 255 for frame in frames if frame.hasalpha()):
        # What shone through, if anything did, is hidden.
        frames = [frame[: frame.bands - 1] if frame.hasalpha() else frame for frame in frames]
    size = Size(frames[0].width, frames[0].height)
    facts, _ = looked_at(frames[0], frames[0], job["uploaded"])
    strip = strip_of(frames, header)
    if job["animated"]:
        data: bytes = strip.webpsave_buffer(lossless=True, exact=True, effort=1, keep="none")
        # The encoder makes one of neighbours that are equal, shown for as long as both.
        left = pyvips.Image.webpload_buffer(data)
        kept = int(left.get("n-pages")) if left.get_typeof("n-pages") else 1
        if kept == 1:  # whatever moved is hidden: as if nothing ever had
            return _one(replace(source, frames=1), job)
        return _reply("webp", size, kept, facts, None, data, b"", animated=True)
    level, body = None, b""
    factor = levels.first_factor("tiff", size, animated=False)
    if factor:
        kind = levels.level_format(size, graphic=facts["graphic"], alpha=facts["alpha"])
        level, body = {"factor": factor, "format": kind}, save_level(frames[0], kind)
    data = strip.tiffsave_buffer(
        compression="deflate", predictor="horizontal", page_height=size.height, keep="none"
    )
    return _reply("tiff", size, len(frames), facts, level, data, body, animated=False)


def _frames(source: Source, header: Header, job: dict[str, Any]) -> list[pyvips.Image]:
    whole = open_source(source).copy_memory()
    height = header.height
    frames = []
    for number in range(source.frames):
        frame = plain(whole.crop(0, number * height, whole.width, height))
        frames.append(_made(frame, job["steps"], number).copy_memory())
    return frames


def _pages(source: Source, job: dict[str, Any]) -> list[pyvips.Image]:
    """Return the pages of the first one's size, the only ones that can be shown."""
    found: list[pyvips.Image] = []
    first: Size | None = None
    for number in range(source.frames):
        page = replace(source, page=number, frames=1)
        size = read_header(page).upright
        first = first or size
        if size == first:
            image = plain(open_source(page))
            found.append(_made(image, job["steps"], number).copy_memory())
    return found


def _made(image: pyvips.Image, steps: list[dict[str, Any]], frame: int) -> pyvips.Image:
    """Return a frame with the steps drawn, and nothing in it that is not shown."""
    if image.bands < 3:
        # An upload that has colour where it is hidden, and nowhere else, must not differ from one
        # that has none: grey and coloured files are encoded differently.
        image = image.colourspace("srgb")
    for step in steps:
        before, after = Size(*step["before"]), Size(*step["after"])
        context = DrawContext(before, after, alpha=True, frame=frame)
        image = load_function(step["draw"])(image, step["args"], context)
        if (image.width, image.height) != (after.width, after.height):
            raise PixelError(
                "internal",
                f"{step['draw']} drew {image.width}×{image.height} px instead of "
                f"{after.width}×{after.height}.",
            )
    return bare(plain(image))


def _reply(
    kind: str,
    size: Size,
    frames: int,
    facts: dict[str, Any],
    level: dict[str, Any] | None,
    data: bytes,
    body: bytes,
    *,
    animated: bool,
) -> tuple[dict[str, Any], bytes]:
    head = {
        "format": kind,
        "file_bytes": len(data),
        "level": level,
        "facts": {
            "width": size.width,
            "height": size.height,
            "frames": frames,
            "animated": animated,
            **facts,
        },
    }
    return head, data + body
