"""One small whole picture of every readable kind, each carrying marks that must never come out."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator

import pyvips
from PIL import ExifTags, Image, PngImagePlugin, features

from operations.making import png_chunk, with_segment
from pictures import animation, encode, photograph, screenshot

MARK = b"HOSTILE-MARK"
"""Stands in the metadata and behind the end of the pictures."""

SIZE = (48, 36)


def exif() -> bytes:
    """Return an EXIF block with a place in it."""
    block = Image.Exif()
    block[ExifTags.Base.Make] = MARK.decode()
    gps = block.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 29.5)
    gps[ExifTags.GPS.GPSAreaInformation] = MARK
    return block.tobytes()


def profile() -> bytes:
    """Return a sound colour profile."""
    from PIL import ImageCms

    made: bytes = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made


def vips(image: Image.Image) -> pyvips.Image:
    """Return a picture of Pillow's as one of libvips'."""
    made = pyvips.Image.new_from_memory(
        image.tobytes(), image.width, image.height, len(image.getbands()), "uchar"
    )
    return made.copy(interpretation="srgb")


def _jpegs(photo: Image.Image) -> Iterator[tuple[str, bytes]]:
    plain = encode(photo, "JPEG", quality=88, exif=exif(), icc_profile=profile(), comment=MARK)
    yield "baseline.jpg", plain
    yield "progressive.jpg", encode(photo, "JPEG", progressive=True, exif=exif())
    yield "cmyk.jpg", encode(photo.convert("CMYK"), "JPEG", comment=MARK)
    yield "grey.jpg", encode(photo.convert("L"), "JPEG", comment=MARK)
    at = plain.index(b"\xff\xc0") + 4
    yield "12bit.jpg", plain[:at] + b"\x0c" + plain[at + 1 :]


def _pngs(photo: Image.Image, screen: Image.Image) -> Iterator[tuple[str, bytes]]:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", MARK.decode())
    yield "rgb.png", encode(screen, "PNG", pnginfo=info, exif=exif(), icc_profile=profile())
    yield "palette.png", encode(screen.convert("P"), "PNG", pnginfo=info)
    yield "alpha.png", encode(photo.convert("RGBA"), "PNG")
    deep = (vips(photo).cast("ushort") * 257).cast("ushort").copy(interpretation="rgb16")
    yield "16bit.png", deep.pngsave_buffer(bitdepth=16)
    yield "interlaced.png", vips(photo).pngsave_buffer(interlace=True)
    yield "animated.png", animation("PNG", 4, *SIZE)


def _others(photo: Image.Image, screen: Image.Image) -> Iterator[tuple[str, bytes]]:
    yield "lossy.webp", encode(photo, "WEBP", quality=80, exif=exif(), icc_profile=profile())
    yield "lossless.webp", encode(screen, "WEBP", lossless=True)
    yield "animated.webp", animation("WEBP", 4, *SIZE)
    yield "still.gif", encode(screen, "GIF", comment=MARK)
    yield "animated.gif", animation("GIF", 5, *SIZE)
    yield "picture.avif", encode(photo, "AVIF", exif=exif())
    yield "strips.tiff", encode(screen, "TIFF", compression="tiff_lzw", description=MARK.decode())
    picture = vips(photo)
    yield "tiled.tiff", picture.tiffsave_buffer(tile=True, tile_width=16, tile_height=16)
    yield "big.tiff", picture.tiffsave_buffer(bigtiff=True, compression="deflate")
    pages = [screen.rotate(90 * n) for n in range(3)]
    yield "pages.tiff", encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    yield "jpeg.tiff", encode(photo, "TIFF", compression="jpeg")
    yield "rgb.bmp", encode(photo, "BMP")
    yield "palette.bmp", encode(screen.convert("P"), "BMP")
    yield "icon.ico", encode(screen, "ICO", sizes=[(16, 16), (32, 32)])
    yield "bitmap.ico", encode(screen, "ICO", sizes=[(32, 32)], bitmap_format="bmp")
    yield (
        "drawing.svg",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='48' height='36'><!-- " + MARK + b" -->"
        b"<rect width='30' height='20' fill='#c03'/><circle cx='30' cy='20' r='9'/></svg>",
    )
    if heic_installed():
        import pillow_heif

        buffer = io.BytesIO()
        pillow_heif.from_pillow(photo).save(buffer, exif=exif())
        yield "picture.heic", buffer.getvalue()


def heic_installed() -> bool:
    """Whether the extra for HEIC is there."""
    try:
        import pillow_heif
    except ImportError:
        return False
    return bool(pillow_heif.get_file_mimetype)


@functools.cache
def whole() -> dict[str, bytes]:
    """Return the pictures by name."""
    assert features.check("avif")
    photo, screen = photograph(*SIZE), screenshot(*SIZE)
    return dict([*_jpegs(photo), *_pngs(photo, screen), *_others(photo, screen)])


def with_png_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    """Return a PNG with a chunk more, right after its header."""
    return png[:33] + png_chunk(name, data) + png[33:]


__all__ = [
    "MARK", "SIZE", "exif", "heic_installed", "profile", "vips", "whole", "with_png_chunk",
    "with_segment",
]  # fmt: skip
