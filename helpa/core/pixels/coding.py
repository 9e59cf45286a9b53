"""How the pixels of a file were coded, read from its bytes: what no decoder says.

Every reader here is for hostile files: it ends, raises nothing, and where anything is unclear it
answers what makes a redaction fill more.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG's frame header (ITU T.81, table B.1)."""

PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})

MARKER = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]")
"""Those with a segment, and the end of the image: neither restarts nor a byte of the scan."""

SEGMENTS = 10_000
"""So many segments of a JPEG are looked at; encoders write some fifty."""

LOSSLESS_TIFF = frozenset({1, 2, 3, 4, 5, 8, 32771, 32773, 32809, 32946, 34925, 50000})
"""Compressions that keep every pixel: none, fax, LZW, Deflate, PackBits, ThunderScan, LZMA and
Zstandard."""

PARTS = 10_000
"""So many pages of a TIFF, and parts of a WebP, are looked at."""

TURNING = re.compile(rb"irot|imir|clap|grid|iovl|tili")
"""Boxes and items of a HEIF file by which blocks begin elsewhere than at the top left: turned,
mirrored and cropped after decoding, or put together from tiles (ISO/IEC 23008-12, 6.5, 6.6)."""

HEADER_BYTES = 1 << 20
"""Within so many bytes those boxes are looked for in a HEIF file; where its header is longer or
stands elsewhere, they may be anywhere."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How a file's pixels were coded.

    Args:
        lossy: whether with loss.
        sampling: of JPEG: samples of the finest component for each of the coarsest one, across
            and down; None where it cannot be read.
        anchored: whether blocks begin at the stored top left corner of the picture.
        smoothed: of JPEG: whether decoding fills in coefficients that the file leaves out.
    """

    lossy: bool = True
    sampling: tuple[int, int] | None = None
    anchored: bool = True
    smoothed: bool = False


def coding_of(path: Path, kind: str) -> Coding:
    """Return how the pixels of a file of some format were coded."""
    if kind == "jpg":
        data = path.read_bytes()
        return Coding(sampling=jpeg_sampling(data), smoothed=jpeg_is_smoothed(data))
    if kind == "webp":
        lossy, offset = webp_frames(path.read_bytes())
        return Coding(lossy=lossy, anchored=not offset)
    if kind == "tiff":
        return Coding(lossy=tiff_is_lossy(path.read_bytes()), anchored=False)
    if kind in ("avif", "heic"):
        return Coding(anchored=not heif_is_turned(path.read_bytes()))
    return Coding(lossy=False)


def jpeg_sampling(data: bytes) -> tuple[int, int] | None:
    """Return how many pixels a sample of a JPEG's coarsest component is wide and high.

    A block of that component, with what was rounded in it, is eight times as large: (2, 2) are
    blocks of 16×16 px. Where there are several frame headers, the largest of each counts.

    Returns:
        Each 1 to 4 (ITU T.81, B.2.2); None where no frame header can be read.
    """
    found: tuple[int, int] | None = None
    for marker, at in _segments(data):
        if marker in FRAMES:
            each = _sampling(data, at)
            if each is None:
                return None
            found = (max(found[0], each[0]), max(found[1], each[1])) if found else each
    return found


def _sampling(data: bytes, at: int) -> tuple[int, int] | None:
    """Return the largest sampling of a frame header: its own segment may lie about its length."""
    count = data[at + 7] if at + 7 < len(data) else 0
    factors = data[at + 9 : at + 8 + 3 * count : 3]
    if not 1 <= count <= 4 or len(factors) != count:
        return None
    if count == 1:
        return (1, 1)  # its blocks stand alone, whatever its factors say (A.2.2)
    across, down = zip(*((factor >> 4, factor & 15) for factor in factors), strict=True)
    if not all(1 <= each <= 4 for each in across + down):
        return None
    return max(across), max(down)


def jpeg_is_smoothed(data: bytes) -> bool:
    """Whether a progressive JPEG leaves coefficients out, so that decoders guess them.

    libjpeg-turbo then takes them from the means of the blocks around (jdcoefct.c,
    ``smoothing_ok``), and a block shows what its neighbours hold.
    """
    missing: dict[int, list[int]] | None = None
    for marker, at in _segments(data):
        if marker in FRAMES:
            if marker not in PROGRESSIVE:
                return False
            count = data[at + 7] if at + 7 < len(data) else 0
            ids = data[at + 8 : at + 8 + 3 * count : 3]
            missing = {component: [1] * 64 for component in ids}
        elif marker == 0xDA and missing is not None:
            count = data[at + 2] if at + 2 < len(data) else 0
            ids = data[at + 3 : at + 3 + 2 * count : 2]
            says = data[at + 3 + 2 * count : at + 6 + 2 * count]
            if len(says) < 3:
                return True
            for component in ids:
                for band in range(says[0], min(says[1], 63) + 1):
                    missing.get(component, [0] * 64)[band] = says[2] & 15
    return missing is None or any(any(bits) for bits in missing.values())


def _segments(data: bytes) -> list[tuple[int, int]]:
    """Return the markers of a JPEG and where their segments begin, those of later scans too."""
    found: list[tuple[int, int]] = []
    at = 2
    # Over entropy-coded data and rubbish decoders search for the next marker, too.
    while (marker := MARKER.search(data, at)) and len(found) < SEGMENTS:
        at = marker.end()
        if data[at - 1] == 0xD9:
            break
        found.append((data[at - 1], at))
        at += max(2, int.from_bytes(data[at : at + 2], "big"))
    return found


def webp_frames(data: bytes) -> tuple[bool, bool]:
    """Return whether any frame of a WebP is lossy, and whether any begins within the canvas.

    Lossy counts whatever is not clearly lossless (WebP container specification).
    """
    lossless = lossy = offset = False
    chunks, seen = [(12, len(data))], 0
    while chunks:
        at, end = chunks.pop()
        while at + 8 <= end and (seen := seen + 1) < PARTS:
            name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
            if name == b"ANMF":
                offset = offset or any(data[at + 8 : at + 14])
                chunks.append((at + 24, min(end, at + 8 + length)))
            lossy = lossy or name == b"VP8 "
            lossless = lossless or name == b"VP8L"
            at += 8 + length + (length & 1)
    unclear = not lossless or seen >= PARTS
    return lossy or unclear, offset or seen >= PARTS


def webp_is_lossy(data: bytes) -> bool:
    """Whether any frame of a WebP is lossy, or it cannot be told."""
    return webp_frames(data)[0]


def tiff_is_lossy(data: bytes) -> bool:
    """Whether any page of a TIFF is compressed with loss, or it cannot be told (TIFF 6.0)."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        return True
    big = data[2:4] in (b"+\0", b"\0+")
    number, pointer, entry, inside = ("Q", "Q", 20, 12) if big else ("H", "I", 12, 8)
    seen: set[int] = set()
    try:
        (at,) = struct.unpack_from(order + pointer, data, 8 if big else 4)
        while at and at not in seen and len(seen) < PARTS:
            seen.add(at)
            (count,) = struct.unpack_from(order + number, data, at)
            if count > 4096:
                return True
            at += struct.calcsize(number)
            for each in range(count):
                tag, kind = struct.unpack_from(order + "HH", data, at + each * entry)
                if tag != 259:
                    continue
                (value,) = struct.unpack_from(order + "H", data, at + each * entry + inside)
                if kind != 3 or value not in LOSSLESS_TIFF:
                    return True
            (at,) = struct.unpack_from(order + pointer, data, at + count * entry)
    except struct.error:
        return True
    return not seen or (at != 0 and at not in seen)


def heif_is_turned(data: bytes) -> bool:
    """Whether blocks of a HEIF or AVIF file may begin elsewhere than at the shown top left."""
    meta = data.find(b"meta", 0, HEADER_BYTES)
    length = int.from_bytes(data[meta - 4 : meta], "big") if meta >= 4 else 0
    if not 8 <= length <= HEADER_BYTES or b"moov" in data:
        return True
    return re.search(TURNING, data[meta : meta - 4 + length]) is not None
