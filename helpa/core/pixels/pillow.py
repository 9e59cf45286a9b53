"""Formats that libvips does not read here, decoded by Pillow under the same limits."""

from __future__ import annotations

import struct
import warnings

import pyvips
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from helpa.core.pixels.failures import PixelError

FORMATS = frozenset({"bmp", "ico", "heic"})

PLUGINS = {"bmp": ["BMP"], "ico": ["ICO"], "heic": ["HEIF"]}

# Sizes are checked from the header before anything is decoded, so Pillow's own guess at a
# bomb would only add a second, different limit.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False


_BROKEN = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError,
    struct.error, TypeError, OverflowError, AttributeError, RuntimeError,
)  # fmt: skip
"""What Pillow's readers raise on damaged files."""


def heic_available() -> bool:
    """Whether the extra ``heic`` is installed; it registers itself with Pillow."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener(thumbnails=False)
    return True


def size(path: str, kind: str) -> tuple[int, int]:
    """Return width and height from the header; nothing is decoded.

    Raises:
        PixelError: damaged, or HEIC without the extra.
    """
    with _open(path, kind) as opened:
        return opened.size


def metadata(path: str, kind: str) -> set[str]:
    """Return the kinds of metadata the file carries."""
    with _open(path, kind) as opened:
        info = opened.info
        found = {name for name in ("exif", "xmp") if info.get(name)}
        if info.get("exif") and _has_place(opened):
            found.add("gps")
        if info.get("icc_profile"):
            found.add("icc")
        if info.get("thumbnails") or info.get("depth_images") or info.get("aux"):
            found.add("auxiliary images")
        return found


def _has_place(opened: Image.Image) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(opened.getexif().get_ifd(ExifTags.IFD.GPSInfo))
    except _BROKEN:
        return False  # a block that nobody can read names no place


def load(path: str, kind: str) -> pyvips.Image:
    """Return the decoded picture, with its colour profile.

    Raises:
        PixelError: damaged, or HEIC without the extra.
    """
    with _open(path, kind) as opened:
        profile = opened.info.get("icc_profile")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                opened.load()
                mode = _mode(opened)
                pixels = opened.convert(mode)
        except MemoryError:
            raise PixelError(
                "memory", "Decoding the picture needs more memory than a job may have."
            ) from None
        except _BROKEN as error:
            raise _damaged(error) from None
    bands = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]
    image = pyvips.Image.new_from_memory(
        pixels.tobytes(), pixels.width, pixels.height, bands, "uchar"
    )
    image = image.copy(interpretation="b-w" if bands < 3 else "srgb")
    if profile:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    return image


def _mode(opened: Image.Image) -> str:
    alpha = opened.has_transparency_data
    grey = opened.mode in ("1", "L", "LA", "I", "I;16")
    return ("LA" if alpha else "L") if grey else ("RGBA" if alpha else "RGB")


def _open(path: str, kind: str) -> Image.Image:
    if kind == "heic" and not heic_available():
        raise PixelError(
            "unsupported",
            "HEIC needs the extra 'heic' (pip install 'helpa[heic]'); or send JPEG or PNG.",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(path, formats=PLUGINS[kind])
    except _BROKEN as error:
        raise _damaged(error) from None


def _damaged(error: Exception) -> PixelError:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    said = "it cannot be identified" if "/" in text else text[:200]
    return PixelError("damaged", f"The picture is damaged: {said}.")
