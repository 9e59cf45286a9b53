"""Files whose insides are bombs, loops and other languages."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from PIL import Image

from hostile.cases import Case
from hostile.damage import chunk
from hostile.formats import MARK, profile, whole, with_png_chunk, with_segment
from pictures import declared_png, encode, photograph

ZEROS = 100_000_000


def deflated_zeros() -> bytes:
    """Return what inflates to a hundred megabytes."""
    packer = zlib.compressobj(9)
    return (
        b"".join(packer.compress(bytes(1_000_000)) for _ in range(ZEROS // 1_000_000))
        + packer.flush()
    )


def ifd(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    """Return a directory of a little-endian TIFF: (tag, type, count, value), next directory."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + body + struct.pack("<I", following)


def tiff(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    """Return a TIFF of one directory."""
    return b"II*\0" + struct.pack("<I", 8) + ifd(*entries, following=following)


def tiff_of(width: int, height: int, *, following: int = 0) -> bytes:
    """Return a TIFF that says a size and holds a few zeros."""
    fields = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (273, 4, 1, 150), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 64),
    ]  # fmt: skip
    return tiff(*fields, following=following).ljust(214, b"\0")


def gif_of(width: int, height: int, frames: int = 1) -> bytes:
    """Return a GIF of frames of one pixel in a screen of a size."""
    frame = b"!\xf9\x04\0\x0a\0\0\0,\0\0\0\0\1\0\1\0\0\x02\x02D\x01\0"
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0\xff\xff\xff\0\0\0"
    return head + frame * frames + b";"


def bmp_of(width: int, height: int) -> bytes:
    """Return a BMP that says a size."""
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 64, 0, 0, 54) + info + bytes(64)


def jpeg_of(width: int, height: int) -> bytes:
    """Return a JPEG whose frame header says a size."""
    data = whole()["baseline.jpg"]
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack("!HH", height, width) + data[at + 4 :]


def webp_of(width: int, height: int) -> bytes:
    """Return a WebP whose canvas says a size of up to 2^24 a side."""
    data = whole()["lossy.webp"]
    at = data.index(b"VP8X") + 12
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return data[:at] + sides + data[at + 6 :]


def avif_of(name: str, width: int, height: int) -> bytes:
    """Return an AVIF or HEIC whose properties say a size."""
    data = whole()[name]
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack("!II", width, height) + data[at + 8 :]


def ico_of(inside: bytes, side: int = 16) -> bytes:
    """Return an icon that says it is small around a picture."""
    head = struct.pack("<HHH", 0, 1, 1)
    return head + struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(inside), 22) + inside


def declared() -> Iterator[Case]:
    """Yield pictures that say they are enormous, or nothing."""
    for width, height in ((65535, 65535), (2**31 - 1, 2**31 - 1), (2**31, 1), (1, 2**31 - 1), (0, 5),
                          (5, 0), (0, 0), (60_000, 60_000), (9_000_000, 1)):  # fmt: skip
        size = f"of {width}×{height}"
        yield Case(f"a PNG {size}", declared_png(width, height))
        yield Case(f"a TIFF {size}", tiff_of(width, height))
        yield Case(f"an icon around a PNG {size}", ico_of(declared_png(width, height)))
        yield Case(f"an AVIF {size}", avif_of("picture.avif", width, height))
        if "picture.heic" in whole():
            yield Case(f"a HEIC {size}", avif_of("picture.heic", width, height))
        if max(width, height) < 2**31:
            yield Case(f"a BMP {size}", bmp_of(width, height))
            yield Case(f"a BMP upside down {size}", bmp_of(width, -height))
        if max(width, height) <= 65535:
            yield Case(f"a JPEG {size}", jpeg_of(width, height))
            yield Case(f"a GIF {size}", gif_of(width, height))
        if min(width, height) > 0 and max(width, height) < 2**24:
            yield Case(f"a WebP {size}", webp_of(width, height))


def frames() -> Iterator[Case]:
    """Yield animations and documents of very many frames."""
    yield Case("a GIF of 1,001 frames", gif_of(1, 1, 1001))
    yield Case("a GIF of 100,000 frames", gif_of(1, 1, 100_000))
    yield Case("a GIF of 900 frames of 2000×2000", gif_of(2000, 2000, 900))
    small = [Image.new("RGB", (2, 2), (n % 256, n // 256, 9)) for n in range(1100)]
    for kind in ("WEBP", "PNG", "TIFF"):
        data = encode(small[0], kind, save_all=True, append_images=small[1:], lossless=True)
        yield Case(f"1,100 frames of {kind}", data)
    yield Case("an icon of 65,535 pictures", b"\0\0\1\0\xff\xff" + bytes(16) * 65535)
    yield Case("a TIFF whose directory follows itself", tiff_of(9, 9, following=8))
    chain = b"II*\0" + struct.pack("<I", 8)
    for n in range(20_000):
        chain += ifd((256, 4, 1, 9), following=8 + 18 * (n + 1))
    yield Case("a TIFF of 20,000 directories", chain)


def bombs() -> Iterator[Case]:
    """Yield metadata that inflates, repeats, or goes round in circles."""
    png, jpg, zeros = whole()["palette.png"], whole()["progressive.jpg"], deflated_zeros()
    yield Case("a profile that inflates", with_png_chunk(png, b"iCCP", b"x\0\0" + zeros))
    yield Case("a text that inflates", with_png_chunk(png, b"zTXt", b"x\0\0" + zeros))
    yield Case("an iTXt that inflates", with_png_chunk(png, b"iTXt", b"x\0\1\0\0\0" + zeros))
    many = b"".join(chunk(b"tEXt", b"k%d\0v" % n) for n in range(50_000))
    yield Case("50,000 texts", png[:33] + many + png[33:])
    yield Case(
        "a text with a Latin-1 keyword", with_png_chunk(png, b"tEXt", b"Sch\xf6pfer\0J\xf6rg")
    )
    yield Case("pixels that inflate", png[:33] + chunk(b"IDAT", zeros) + png[33:])
    for size in (10_000, 5_000_000):
        noise = random.Random(1).randbytes(size)
        packed = b"x\0\0" + zlib.compress(profile()[:128] + noise)
        yield Case(f"a profile of {size} bytes", with_png_chunk(png, b"iCCP", packed))
    head = profile()[:128]
    for name, data in {
        "2^32 tags": head + b"\xff\xff\xff\xff" + profile()[132:],
        "a tag behind its end": head + struct.pack("!I4sII", 1, b"A2B0", 2**31, 2**31),
        "nothing": b"",
        "half of itself": profile()[: len(profile()) // 2],
    }.items():
        yield Case(
            f"a profile with {name}", with_png_chunk(png, b"iCCP", b"x\0\0" + zlib.compress(data))
        )
        yield Case(
            f"a JPEG profile with {name}", with_segment(jpg, 0xE2, b"ICC_PROFILE\0\1\1" + data)
        )
    blocks = {
        "that points to itself": tiff((34665, 4, 1, 8), (34853, 4, 1, 8), following=8),
        "in a ring": tiff((34665, 4, 1, 40), following=40).ljust(40, b"\0")
        + ifd((40965, 4, 1, 8), (34853, 4, 1, 40), following=8),
        "with 2^32 values": tiff((271, 2, 2**32 - 1, 8), (274, 3, 2**32 - 1, 8)),
        "with 65,535 entries": tiff((274, 3, 1, 6))[:8] + b"\xff\xff" + bytes(900),
        "with orientation 0": tiff((274, 3, 1, 0)),
        "with orientation 65,535": tiff((274, 3, 1, 65535)),
        "with Latin-1": tiff((33432, 2, 12, 26)) + b"\xa9 J\xf6rg \xff\xfe\0\0\0\0",
        "of noise": random.Random(2).randbytes(9000),
        "of nothing": b"",
    }
    for name, block in blocks.items():
        yield Case(f"a JPEG with EXIF {name}", with_segment(jpg, 0xE1, b"Exif\0\0" + block))
        yield Case(f"a PNG with EXIF {name}", with_png_chunk(png, b"eXIf", block))
        yield Case(f"a TIFF {name}", block)
        yield Case(
            f"a WebP with EXIF {name}", encode(photograph(9, 9), "WEBP", exif=b"Exif\0\0" + block)
        )
    jpeg_parts = b"".join(b"\xff\xfe\0\x04ab" for _ in range(100_000))
    yield Case("a JPEG of 100,000 comments", jpg[:2] + jpeg_parts + jpg[2:])
    scan = jpg[jpg.index(b"\xff\xda") : -2]
    yield Case("a JPEG of thousands of scans", jpg[:-2] + scan * 3000 + jpg[-2:])
    yield Case("a GIF of blocks without end", gif_of(9, 9)[:-1] + b"!\xfe" + b"\xffa" * 500_000)


def archive() -> bytes:
    """Return a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("evil.html", b"<script>alert(1)</script>" + MARK)
    return buffer.getvalue()


SCRIPT = b"<script>alert(1)</script><?php system($_GET[0]); ?>" + MARK


def polyglots() -> Iterator[Case]:
    """Yield pictures that are something else, too; all of them are whole as pictures."""
    for name, data in whole().items():
        if name not in ("12bit.jpg", "drawing.svg"):
            yield Case(f"{name} with an archive behind it", data + archive())
            yield Case(f"{name} with a script behind it", data + SCRIPT)
    jpg, png = whole()["baseline.jpg"], whole()["rgb.png"]
    pdf = b"\n%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    yield Case("a JPEG with PHP", with_segment(jpg, 0xFE, SCRIPT), "shell.php.jpg")
    yield Case("a JPEG that is a PDF", with_segment(jpg, 0xFE, pdf) + pdf, "a.pdf")
    yield Case("a PNG that is a page", with_png_chunk(png, b"tEXt", b"x\0" + SCRIPT), "a.html")
    yield Case(
        "a PNG with a script in a private chunk", with_png_chunk(png, b"evIl", SCRIPT), "a.js"
    )
    gif = gif_of(0x2A2F, 8)[:6] + gif_of(0x2A2F, 8)[6:-1] + b"!\xfe\x0b*/=alert(1)\0;"
    yield Case("a GIF that is a program", gif, "a.js")


FOREIGN: dict[str, bytes] = {
    "a page": b"<!doctype html><html><img src=x onerror=alert(1)></html>",
    "a page with a drawing": b"<html><body><svg xmlns='http://www.w3.org/2000/svg'/></body></html>",
    "MVG": b"push graphic-context\nviewbox 0 0 640 480\nfill 'url(https://127.0.0.1/x\"|id; \")'\npop graphic-context",
    "MSL": b"<?xml version='1.0'?><image><read filename='/etc/passwd'/><write filename='x'/></image>",
    "PostScript": b"%!PS\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\nshowpage",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nuserdict /setpagedevice undef",
    "EPS with a preview": b"\xc5\xd0\xd3\xc6" + struct.pack("<IIIIII", 30, 9, 0, 0, 0, 0) + b"%!PS",
    "PDF": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj",
    "XPM": b"/* XPM */\nstatic char *x[]={\"1 1 1 1\",\"a c red\",\"a\"};",
    "a text for ImageMagick": b"label:@/etc/passwd",
    "PPM": b"P6\n9 9\n255\n" + bytes(243),
    "Matlab": b"MATLAB 5.0 MAT-file" + bytes(200),
    "NIfTI": b"\x5c\x01\0\0" + bytes(340) + b"n+1\0",
    "Analyze": bytes(40),
    "PSD": b"8BPS\0\1" + bytes(40),
    "JPEG XL": b"\xff\x0a" + bytes(40),
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40),
    "EXR": b"\x76\x2f\x31\x01" + bytes(40),
    "a video": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2mp41" + bytes(40),
    "a playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "a program": b"\x7fELF" + bytes(40),
    "an archive": archive(),
    "text": b"hello",
    "nothing of use": b"\0" * 4096,
}  # fmt: skip
"""What is no picture of ours, by name."""
