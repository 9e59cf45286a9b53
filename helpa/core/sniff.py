"""What a file is, by its first bytes; names and extensions are never asked."""

from __future__ import annotations

import re

HEAD_BYTES = 4096
"""How much of a file is looked at."""

READABLE = ("jpg", "png", "webp", "gif", "avif", "tiff", "bmp", "ico", "heic", "svg")
"""Formats that uploads may have; heic needs the extra of that name."""

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}

_OTHER = (
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"PK\x03\x04", "a ZIP archive (perhaps an office document)"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "gzip data (perhaps SVGZ)"),
    (b"8BPS", "Photoshop PSD"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"OggS", "Ogg audio or video"),
    (b"ID3", "MP3 audio"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"#!", "a script"),
    (b"SIMPLE  =", "FITS"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
)

# What stands before the root is matched atomically: given back, a row of some thirty comments could
# be read in two to the thirtieth ways, and the web process would be busy for hours.
_SVG = re.compile(
    rb"^(?:\xef\xbb\xbf)?+(?>\s++|<\?xml.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[.*?\]\s*+)?>)*+"
    rb"<(?:[A-Za-z][\w.-]*:)?svg[\s>/]",
    re.DOTALL | re.IGNORECASE,
)


def sniff(head: bytes) -> str | None:
    """Return the name of the format that ``head`` begins, or None where it is none of ours."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return "tiff"
    if head[4:8] == b"ftyp":
        return _isobmff(head)
    if head.startswith(b"BM") and len(head) > 18 and head[14:18] in _BMP_HEADERS:
        return "bmp"
    if head.startswith(b"\x00\x00\x01\x00") and head[4:6] != b"\x00\x00":
        return "ico"
    if _SVG.match(head):
        return "svg"
    return None


_BMP_HEADERS = {size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124)}


def _isobmff(head: bytes) -> str | None:
    length = min(int.from_bytes(head[:4], "big"), 256)
    brands = {head[8:12]} | {head[i : i + 4] for i in range(16, length, 4)}
    if brands & {b"avif", b"avis"}:
        return "avif"
    return "heic" if brands & _HEIF_BRANDS else None


def describe(head: bytes) -> str:
    """Return, in words, what a file that is none of ours seems to be."""
    if not head:
        return "an empty file"
    for magic, name in _OTHER:
        if head.startswith(magic):
            return name
    if head[4:8] == b"ftyp":
        return "a video or HEIF variant of brand " + head[8:12].decode("ascii", "replace").strip()
    lowered = head.lstrip()[:256].lower()
    if lowered.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "an HTML page"
    if lowered.startswith(b"<"):
        return "XML that is not SVG"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return "data of no known picture format"
    return "text"
