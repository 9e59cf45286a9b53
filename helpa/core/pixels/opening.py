"""The one opening step: any readable file to 8-bit sRGB or grey, upright.

Levels are written from what this returns, and renditions that need no level are drawn from it,
so the two paths cannot disagree about colour or orientation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyvips

from helpa.core.pixels import pillow, raw
from helpa.core.pixels.failures import PixelError
from helpa.core.values import Size

PAGED = frozenset({"gif", "webp", "tiff"})
ROTATIONS = frozenset({3, 4, 5, 6, 7, 8})
"""EXIF orientations whose undoing reads the picture in another order than its file's."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file and how to read it.

    Args:
        path: where it is.
        format: what its bytes are.
        page: first frame or page.
        frames: how many frames.
        alpha: False drops an alpha channel that hides nothing.
        level: whether it is a prepared level, which needs no more than decoding.
    """

    path: str
    format: str
    page: int = 0
    frames: int = 1
    alpha: bool = True
    level: bool = False

    @classmethod
    def of(cls, head: dict[str, Any]) -> Source:
        """Return the source a job names."""
        return cls(**head)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself before anything is decoded.

    Args:
        width: as stored, in pixels, of one frame.
        height: as stored, in pixels, of one frame.
        frames: number of frames or pages.
        orientation: EXIF orientation, 1–8.
        delays: milliseconds of each frame, where it says them.
        loop: how often an animation plays; 0 is for ever.
        fields: names of its metadata.
        image: the undecoded image, where libvips reads the format.
    """

    width: int
    height: int
    frames: int = 1
    orientation: int = 1
    delays: tuple[int, ...] = ()
    loop: int = 0
    fields: frozenset[str] = frozenset()
    image: pyvips.Image | None = None

    @property
    def upright(self) -> Size:
        """Size of one frame once its orientation is undone."""
        turned = self.orientation >= 5
        return Size(self.height, self.width) if turned else Size(self.width, self.height)


def read_header(source: Source) -> Header:
    """Return what the file says of itself.

    Raises:
        PixelError: the header is damaged or the format cannot be read.
    """
    if source.format in pillow.FORMATS:
        width, height = pillow.size(source.path, source.format)
        return Header(width, height)
    try:
        image = _load(source)
        fields = frozenset(name.decode("utf-8", "replace") for name in field_names(image))
        frames = int(image.get("n-pages")) if "n-pages" in fields else 1
        delays = tuple(image.get("delay")) if "delay" in fields else ()
        loop = int(image.get("loop")) if "loop" in fields else 0
        return Header(
            image.width,
            image.get_page_height(),
            max(1, frames) if source.format in PAGED else 1,
            orientation_of(image),
            delays,
            loop,
            fields,
            image,
        )
    except pyvips.Error as error:
        raise damaged(error) from None


def field_names(image: pyvips.Image) -> list[bytes]:
    """Return the names of an image's metadata, as bytes.

    pyvips takes them for UTF-8 and fails on others; the keywords of PNG's texts are Latin-1
    (PNG, third edition, 11.3.3.2) and may be anything in damaged files.
    """
    array = pyvips.vips_lib.vips_image_get_fields(image.pointer)
    names: list[bytes] = []
    while array[len(names)] != pyvips.ffi.NULL:
        at = array[len(names)]
        names.append(pyvips.ffi.string(at))
        pyvips.glib_lib.g_free(at)
    pyvips.glib_lib.g_free(array)
    return names


def damaged(error: pyvips.Error, what: str = "The picture is damaged") -> PixelError:
    """Return what libvips said, in one line and without paths."""
    lines = [
        re.sub(r"^\w+: ", "", line.strip())  # the name of libvips' loader says nothing to a user
        for line in str(error.detail or error.message).splitlines()
    ]
    said = "; ".join(dict.fromkeys(line for line in lines if line and "/" not in line))
    low = said.lower()
    if "memory" in low or "unable to allocate" in low or "malloc" in low:
        return PixelError("memory", "This needs more memory than a job may have (limits.memory).")
    return PixelError("damaged", f"{what}: {said or 'libvips does not say why'}."[:400])


def _load(source: Source, shrink: int = 1) -> pyvips.Image:
    path, kind = source.path, source.format
    options: dict[str, Any] = {"access": "sequential", "fail_on": "truncated"}
    if kind in pillow.FORMATS:
        return pillow.load(path, kind)
    if kind == "svg":
        # From memory: without a base address nothing beside the file can be loaded.
        return pyvips.Image.svgload_buffer(Path(path).read_bytes(), access="sequential")
    if kind in PAGED and not source.level:
        options |= {"page": source.page, "n": source.frames}
    if kind == "raw" and source.level:
        return raw.load(path)
    if kind == "jpg":
        return pyvips.Image.jpegload(path, shrink=shrink, **options)
    if kind == "png":
        return pyvips.Image.pngload(path, **options)
    if kind == "webp":
        return pyvips.Image.webpload(path, **options)
    if kind == "gif":
        return pyvips.Image.gifload(path, **options)
    if kind == "tiff":
        # What is missing of a TIFF would else be black: libvips tells a cut-off strip or tile from
        # other mistakes no more.
        return pyvips.Image.tiffload(path, **options | {"fail_on": "error"})
    if kind == "avif":
        return pyvips.Image.heifload(path, **options)
    raise PixelError("unsupported", f"There is no decoder for {kind}.")


def open_source(source: Source, *, upright: bool = True, scale: float = 1.0) -> pyvips.Image:
    """Return the picture in 8-bit sRGB or grey, lazily.

    Args:
        source: the file.
        upright: whether to undo the EXIF orientation.
        scale: scale it will be shrunk to; JPEG then decodes at a fraction that leaves the
            resampler a factor of two, as libvips' own thumbnail does.

    Raises:
        PixelError: damaged, or no decoder.
    """
    shrink = 1
    if source.format == "jpg" and not source.level:
        shrink = next((s for s in (8, 4, 2) if scale * s * 2 <= 1), 1)
    try:
        image = _load(source, shrink)
        orientation = orientation_of(image)
        if not source.level:
            image = to_srgb(image)
            if image.hasalpha() and not source.alpha:
                image = image[: image.bands - 1]
        if upright and orientation != 1:
            image = turn_upright(image, orientation)
    except pyvips.Error as error:
        raise damaged(error) from None
    return image


def check_page(source: Source) -> None:
    """Refuse a page that is not of the first page's size, from which every plan is made.

    Raises:
        PixelError: says both sizes.
    """
    if source.format != "tiff" or source.page == 0:
        return
    first, wanted = (read_header(each).upright for each in (replace(source, page=0), source))
    if first != wanted:
        raise PixelError(
            "damaged",
            f"Page {source.page} has {wanted.width}×{wanted.height} px; only pages of the first "
            f"one's size can be shown, {first.width}×{first.height} px.",
            field="page",
            given=str(source.page),
        )


def orientation_of(image: pyvips.Image) -> int:
    """Return the EXIF orientation, 1–8; anything else counts as 1."""
    if image.get_typeof("orientation") == 0:
        return 1
    value = int(image.get("orientation"))
    return value if 1 <= value <= 8 else 1


def turn_upright(image: pyvips.Image, orientation: int) -> pyvips.Image:
    """Undo an EXIF orientation."""
    if orientation in ROTATIONS:
        image = image.copy_memory()
    turned = image.copy()
    turned.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    return turned.autorot()


def to_srgb(image: pyvips.Image) -> pyvips.Image:
    """Return the image in 8-bit sRGB or grey, through its colour profile where it has one."""
    grey = image.bands < 3
    if image.get_typeof("icc-profile-data") != 0 and image.coding == "none":
        image = _through_profile(image)
    elif image.interpretation == "cmyk":
        image = image.icc_transform("srgb", input_profile="cmyk", intent="perceptual")
    if image.interpretation == "multiband" or image.bands > 4:
        image = image[:3] if image.bands >= 3 else image[0]
        image = image.copy(interpretation="srgb" if image.bands == 3 else "b-w")
    wanted = "b-w" if grey else "srgb"
    if image.interpretation != wanted:
        image = image.colourspace(wanted)
    return image if image.format == "uchar" else image.cast("uchar")


def _through_profile(image: pyvips.Image) -> pyvips.Image:
    try:
        # Perceptual, as browsers and littleCMS do where a profile says nothing else.
        converted = image.icc_transform("srgb", embedded=True, intent="perceptual", depth=8)
    except pyvips.Error:
        return image  # a broken profile says nothing about the pixels
    return converted
