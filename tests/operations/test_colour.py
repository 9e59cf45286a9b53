"""Colour and orientation of every kind of picture, drawn directly and through levels.

The expectation is computed here with numpy and Pillow alone; mean CIE ΔE 2 is less than anybody
sees side by side.
"""

from __future__ import annotations

import io
import sqlite3
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from operations.making import (
    ink_lab,
    ink_profile,
    linear_grey_profile,
    p3_profile,
    png16,
    with_segment,
)
from operations.seeing import (
    P3,
    SRGB,
    Floats,
    blob_of,
    chart,
    difference,
    from_lab,
    from_linear,
    levels_of,
    over,
    resized,
    rgb,
    show,
    to_linear,
    upload,
)
from pictures import animation, encode, photograph
from serving import Server

LARGE, SMALL = (1400, 875), (300, 188)
SIZES = {LARGE: (800, 450, 200), SMALL: (300, 150, 40)}
"""Widths asked for: of a large picture the first is drawn directly, the others from levels."""

TOLERANCE = 2.0
INK = 3.0
"""Perceptual intent moves the black of a print profile to that of the screen: 1.95 by itself."""


@dataclass(frozen=True)
class Made:
    """A file, and how it should look."""

    data: bytes
    looks: Image.Image
    within: float = TOLERANCE


def p3_to_srgb(values: Floats) -> Floats:
    return from_linear(to_linear(values) @ P3.T @ np.linalg.inv(SRGB).T)


def grey_of(values: Floats) -> Floats:
    return np.repeat(values[..., :1], 3, axis=-1)


def alpha_of(values: Floats) -> Floats:
    """Return an alpha channel with soft and hard edges."""
    height, width = values.shape[:2]
    ramp = np.tile(np.linspace(0, 1, width), (height, 1))
    ramp[height // 3 : height // 2] = 1
    ramp[-height // 6 :] = 0
    return ramp[..., None]


def rgba(values: Floats, alpha: Floats) -> Image.Image:
    return Image.fromarray(
        np.round(np.concatenate([values, alpha], -1) * 255).astype(np.uint8), "RGBA"
    )


def plain_png(values: Floats) -> Made:
    return Made(encode(rgb(values), "PNG"), rgb(values))


def plain_jpeg(values: Floats) -> Made:
    return Made(encode(rgb(values), "JPEG", quality=95), rgb(values))


def srgb_profile_png(values: Floats) -> Made:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return Made(encode(rgb(values), "PNG", icc_profile=profile), rgb(values))


def p3_png_v4(values: Floats) -> Made:
    return Made(encode(rgb(values), "PNG", icc_profile=p3_profile(4)), rgb(p3_to_srgb(values)))


def p3_jpeg_v2(values: Floats) -> Made:
    data = encode(rgb(values), "JPEG", quality=95, subsampling=0, icc_profile=p3_profile(2))
    return Made(data, rgb(p3_to_srgb(values)))


def p3_webp(values: Floats) -> Made:
    data = encode(rgb(values), "WEBP", lossless=True, icc_profile=p3_profile(4))
    return Made(data, rgb(p3_to_srgb(values)))


def p3_avif(values: Floats) -> Made:
    data = encode(
        rgb(values), "AVIF", quality=92, subsampling="4:4:4", speed=10, icc_profile=p3_profile(4)
    )
    return Made(data, rgb(p3_to_srgb(values)))


def p3_png_with_alpha(values: Floats) -> Made:
    alpha = alpha_of(values)
    data = encode(rgba(values, alpha), "PNG", icc_profile=p3_profile(4))
    return Made(data, rgba(p3_to_srgb(values), alpha))


def p3_png_of_16_bits(values: Floats) -> Made:
    return Made(png16(values, p3_profile(4)), rgb(p3_to_srgb(values)))


def a_broken_profile(values: Floats) -> Made:
    return Made(
        encode(rgb(values), "JPEG", quality=95, icc_profile=b"no profile" * 20), rgb(values)
    )


def cmyk_jpeg_with_profile(values: Floats) -> Made:
    cmyk = np.concatenate([values, 0.5 - values[..., :1] / 2], -1)
    image = Image.frombytes(
        "CMYK", cmyk.shape[1::-1], np.round(cmyk * 255).astype(np.uint8).tobytes()
    )
    data = encode(image, "JPEG", quality=95, subsampling=0, icc_profile=ink_profile())
    return Made(data, rgb(from_lab(ink_lab(cmyk))), INK)


def png_of_16_bits(values: Floats) -> Made:
    return Made(png16(values), rgb(values))


def grey_png_of_16_bits(values: Floats) -> Made:
    return Made(png16(values[..., :1]), rgb(grey_of(values)))


def grey_png_of_16_bits_with_alpha(values: Floats) -> Made:
    alpha = alpha_of(values)
    return Made(png16(np.concatenate([values[..., :1], alpha], -1)), rgba(grey_of(values), alpha))


def png_of_16_bits_with_alpha(values: Floats) -> Made:
    alpha = alpha_of(values)
    return Made(png16(np.concatenate([values, alpha], -1)), rgba(values, alpha))


def grey_png(values: Floats) -> Made:
    return Made(encode(rgb(grey_of(values)).convert("L"), "PNG"), rgb(grey_of(values)))


def grey_jpeg(values: Floats) -> Made:
    grey = rgb(grey_of(values))
    return Made(encode(grey.convert("L"), "JPEG", quality=95), grey)


def grey_png_with_profile(values: Floats) -> Made:
    data = encode(rgb(grey_of(values)).convert("L"), "PNG", icc_profile=linear_grey_profile())
    return Made(data, rgb(from_linear(grey_of(values))))


def grey_png_with_alpha(values: Floats) -> Made:
    image = rgba(grey_of(values), alpha_of(values))
    return Made(encode(image.convert("LA"), "PNG"), image)


def png_with_alpha(values: Floats) -> Made:
    image = rgba(values, alpha_of(values))
    return Made(encode(image, "PNG"), image)


def webp_with_alpha(values: Floats) -> Made:
    image = rgba(values, alpha_of(values))
    return Made(encode(image, "WEBP", lossless=True), image)


def palette_png_with_transparency(values: Floats) -> Made:
    image = rgb(values).quantize(64)
    image.info["transparency"] = bytes(n * 4 for n in range(64))
    return Made(
        encode(image, "PNG", transparency=image.info["transparency"]), image.convert("RGBA")
    )


def gif_with_transparency(values: Floats) -> Made:
    image = rgb(values).quantize(64)
    data = encode(image, "GIF", transparency=5)
    return Made(data, Image.open(io.BytesIO(data)).convert("RGBA"))


def png_of_one_bit(values: Floats) -> Made:
    image = Image.fromarray((values[..., 2] > 0.5).astype(np.uint8) * 255).convert("1")
    return Made(encode(image, "PNG"), image.convert("RGB"))


def tiff_of_16_bits(values: Floats) -> Made:
    raw = np.round(values[..., 0] * 65535).astype(np.uint16)
    return Made(encode(Image.fromarray(raw), "TIFF"), rgb(grey_of(values)))


def cmyk_tiff_with_profile(values: Floats) -> Made:
    cmyk = np.concatenate([values, 0.5 - values[..., :1] / 2], -1)
    image = Image.frombytes(
        "CMYK", cmyk.shape[1::-1], np.round(cmyk * 255).astype(np.uint8).tobytes()
    )
    data = encode(image, "TIFF", icc_profile=ink_profile(), compression="tiff_lzw")
    return Made(data, rgb(from_lab(ink_lab(cmyk))), INK)


def bmp(values: Floats) -> Made:
    return Made(encode(rgb(values), "BMP"), rgb(values))


def ultra_hdr_jpeg(values: Floats) -> Made:
    """A gain map stands behind the base picture, in a second JPEG."""
    base, gains = rgb(values), rgb(1 - values).convert("L")
    data = encode(base, "MPO", save_all=True, append_images=[gains], quality=95)
    xmp = (
        b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf="
        b"'http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description xmlns:hdrgm="
        b"'http://ns.adobe.com/hdr-gain-map/1.0/' hdrgm:Version='1.0' hdrgm:GainMapMax='2.5'/>"
        b"</rdf:RDF></x:xmpmeta>"
    )
    return Made(with_segment(data, 0xE1, xmp), base)


def jpeg_with_a_tail(values: Floats) -> Made:
    tail = encode(rgb(1 - values), "JPEG")
    return Made(encode(rgb(values), "JPEG", quality=95) + tail, rgb(values))


KINDS: list[Callable[[Floats], Made]] = [
    plain_png,
    plain_jpeg,
    srgb_profile_png,
    p3_png_v4,
    p3_jpeg_v2,
    p3_webp,
    p3_avif,
    p3_png_with_alpha,
    p3_png_of_16_bits,
    a_broken_profile,
    cmyk_jpeg_with_profile,
    cmyk_tiff_with_profile,
    png_of_16_bits,
    png_of_16_bits_with_alpha,
    grey_png_of_16_bits,
    grey_png_of_16_bits_with_alpha,
    grey_png,
    grey_jpeg,
    grey_png_with_profile,
    grey_png_with_alpha,
    png_with_alpha,
    webp_with_alpha,
    palette_png_with_transparency,
    gif_with_transparency,
    png_of_one_bit,
    tiff_of_16_bits,
    bmp,
    ultra_hdr_jpeg,
    jpeg_with_a_tail,
]


def test_the_reference_sees_differences() -> None:
    # Were the profile ignored, the tests below would say so.
    values = chart(*SMALL)
    for make in (p3_png_v4, cmyk_jpeg_with_profile, grey_png_with_profile, ultra_hdr_jpeg):
        made = make(values)
        ignored = Image.open(io.BytesIO(made.data))
        ignored.info.pop("icc_profile", None)
        wrong = rgb(1 - values) if make is ultra_hdr_jpeg else ignored.convert("RGB")
        assert difference(wrong, made.looks) > 1.5 * TOLERANCE, make.__name__
    assert difference(rgb(values), rgb(values)) == 0


@pytest.mark.parametrize("size", [LARGE, SMALL], ids=["large", "small"])
@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_a_picture_looks_the_same_at_every_size(
    server: Server, make: Callable[[Floats], Made], size: tuple[int, int]
) -> None:
    width, height = size
    made = make(chart(width, height))
    document = upload(server, made.data)
    assert (document["width"], document["height"]) == size
    if size == LARGE:
        assert {2, 4} <= levels_of(server, document["id"]).keys()
    for w in SIZES[size]:
        shown = show(server, document["id"], f"w={w}&fmt=png")
        expected = resized(made.looks, *shown.size)
        assert shown.size == (w, round(w * height / width))
        assert difference(shown, expected) <= made.within, w


@pytest.mark.parametrize(
    "make", [png_with_alpha, palette_png_with_transparency, grey_png_with_alpha]
)
def test_alpha_stands_over_the_colour_asked_for(
    server: Server, make: Callable[[Floats], Made]
) -> None:
    for size in ((640, 400), SMALL):
        made = make(chart(*size))
        document = upload(server, made.data)
        for w in (size[0], size[0] // 2, 40):
            for query, colour in (
                ("fmt=png&bg=1060c0", (16, 96, 192)),
                ("fmt=jpg&q=95", (255,) * 3),
            ):
                shown = show(server, document["id"], f"w={w}&{query}")
                assert not shown.has_transparency_data
                expected = over(resized(made.looks, *shown.size), colour)
                # At 40 px, JPEG's own loss at hard edges comes on top.
                assert difference(shown, expected) <= TOLERANCE + 0.5, (w, query)


def test_cmyk_without_a_profile_looks_like_ink_on_paper(server: Server) -> None:
    inks = {"paper": (0, 0, 0, 0), "cyan": (255, 0, 0, 0), "magenta": (0, 255, 0, 0),
            "yellow": (0, 0, 255, 0), "black": (0, 0, 0, 255)}  # fmt: skip
    image = Image.new("CMYK", (200 * len(inks), 200))
    for number, ink in enumerate(inks.values()):
        image.paste(ink, (200 * number, 0, 200 * number + 200, 200))
    document = upload(server, encode(image, "JPEG", quality=95, subsampling=0))
    for w in (1000, 250, 125):
        shown = show(server, document["id"], f"w={w}&fmt=png").convert("RGB")
        got = {}
        for number, name in enumerate(inks):
            pixel = shown.getpixel((round((number + 0.5) * w / len(inks)), w // 10))
            assert isinstance(pixel, tuple)
            got[name] = pixel
        assert min(got["paper"]) >= 250
        assert max(got["black"]) <= 60
        red, green, blue = got["cyan"]
        assert red < 60 < 120 < green < blue
        red, green, blue = got["magenta"]
        assert green < 60
        assert green < blue < red
        red, green, blue = got["yellow"]
        assert blue < 90
        assert min(red, green) > 200


# Orientation

TURNS: dict[int, list[Image.Transpose]] = {
    1: [],
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_270],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_90],
}
"""How a stored picture becomes upright, by its EXIF orientation (EXIF 2.32 §4.6.5.1.4)."""


def oriented(orientation: int, size: tuple[int, int], kind: str, **options: object) -> Made:
    stored = rgb(chart(*size))
    looks = stored
    for turn in TURNS[orientation]:
        looks = looks.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    return Made(encode(stored, kind, exif=exif, **options), looks)


@pytest.mark.parametrize("size", [LARGE, SMALL], ids=["large", "small"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_shown_upright(
    server: Server, orientation: int, size: tuple[int, int]
) -> None:
    made = oriented(orientation, size, "JPEG", quality=95)
    document = upload(server, made.data)
    assert (document["width"], document["height"]) == made.looks.size
    longer = "w" if made.looks.width > made.looks.height else "h"
    for side in SIZES[size]:
        shown = show(server, document["id"], f"{longer}={side}&fmt=png")
        assert max(shown.size) == side
        assert difference(shown, resized(made.looks, *shown.size)) <= TOLERANCE, side
        assert not shown.getexif()


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("AVIF", {"speed": 10})],
)
def test_orientation_counts_in_every_format_that_has_it(
    server: Server, kind: str, options: dict[str, object]
) -> None:
    made = oriented(6, SMALL, kind, **options)
    document = upload(server, made.data)
    assert (document["width"], document["height"]) == made.looks.size
    for w in (188, 100):
        shown = show(server, document["id"], f"w={w}&fmt=png")
        assert difference(shown, resized(made.looks, *shown.size)) <= TOLERANCE


def test_operations_count_from_the_upright_picture(server: Server) -> None:
    made = oriented(6, LARGE, "JPEG", quality=95)
    document = upload(server, made.data)
    for query, box in [("rect=100,200,400,300", (100, 200, 500, 500)),
                       ("rect=0,0,50p,50p", (0, 0, 438, 700))]:  # fmt: skip
        expected = made.looks.crop(box)
        for w in (box[2] - box[0], 100):
            shown = show(server, document["id"], f"{query}&w={w}&fmt=png")
            assert difference(shown, resized(expected, *shown.size)) <= TOLERANCE, (query, w)


# Levels that must not be used


def spoil(levels: dict[int, Path]) -> None:
    """Put quite another picture into every level file."""
    for path in levels.values():
        if path.suffix == ".raw":
            head = path.read_bytes()[:13]
            width, height, bands = struct.unpack("!IIB", head[4:])
            pixel = {1: b"\x7f", 3: b"\xff\x00\xff", 4: b"\xff\x00\xff\xff"}[bands]
            path.write_bytes(head + pixel * (width * height))
            continue
        with Image.open(path) as image:
            size, kind = image.size, image.format
        assert kind is not None
        path.write_bytes(encode(Image.new("RGB", size, (255, 0, 255)), kind))


def is_spoilt(image: Image.Image) -> bool:
    pixels = np.asarray(image.convert("RGB"), np.float64).reshape(-1, 3)
    return bool(np.abs(pixels - (255, 0, 255)).mean() < 10)


def test_lossless_answers_never_come_from_a_jpeg_level(server: Server) -> None:
    document = upload(server, encode(photograph(2400, 1800), "JPEG", quality=92))
    levels = levels_of(server, document["id"])
    # The small ones are drawn from the JPEG, so they are as lossy as it is.
    assert {path.suffix for path in levels.values()} == {".jpg", ".raw"}
    spoil(levels)
    for w in (450, 200, 100):
        assert is_spoilt(show(server, document["id"], f"w={w}&fmt=jpg"))
        assert is_spoilt(show(server, document["id"], f"w={w}&fmt=webp&lossless=0"))
        for query in ("lossless=1", "lossless=1&fmt=webp", "lossless=1&fmt=avif"):
            if (w, query) == (450, "lossless=1&fmt=avif"):
                continue  # costs a second and shows no more
            assert not is_spoilt(show(server, document["id"], f"w={w}&{query}")), (w, query)
    assert not is_spoilt(show(server, document["id"], "w=1000&fmt=jpg"))


def test_other_pages_never_come_from_a_level(server: Server) -> None:
    first, second = photograph(800, 500, 1), photograph(800, 500, 2)
    data = encode(first, "TIFF", save_all=True, append_images=[second])
    document = upload(server, data)
    spoil(levels_of(server, document["id"]))
    assert is_spoilt(show(server, document["id"], "w=200&fmt=jpg"))
    assert is_spoilt(show(server, document["id"], "w=200&fmt=jpg&page=0"))
    assert not is_spoilt(show(server, document["id"], "w=200&fmt=jpg&page=1"))


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_animations_never_come_from_a_level(server: Server, kind: str) -> None:
    document = server.upload(animation(kind, 4, 700, 400))
    blob, _, names = blob_of(server, document["id"])
    folder = server.data_dir / "levels" / blob[:2] / blob
    assert names == ""
    assert not folder.exists()
    # Were there a level after all, whole animations would still not be drawn from it.
    folder.mkdir(parents=True)
    (folder / "2.jpg").write_bytes(encode(Image.new("RGB", (350, 200), (255, 0, 255)), "JPEG"))
    database = sqlite3.connect(server.data_dir / "helpa.sqlite3", timeout=20)
    with database:
        database.execute("UPDATE blobs SET levels = '2.jpg' WHERE id = ?", (blob,))
    database.close()
    for fmt in ("webp", "gif"):
        shown = show(server, document["id"], f"w=100&fmt={fmt}")
        assert shown.n_frames == 4  # type: ignore[attr-defined]
        assert not is_spoilt(shown)
    assert not is_spoilt(show(server, document["id"], "w=100&fmt=webp&page=2"))
