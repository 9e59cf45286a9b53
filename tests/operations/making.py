"""Files made by hand: colour profiles, 16-bit PNG, JPEG segments."""

from __future__ import annotations

import itertools
import struct
import zlib

import numpy as np
import numpy.typing as npt

from operations.seeing import P3, WHITE, Floats


def _s15(value: float) -> bytes:
    return struct.pack("!i", round(value * 65536))


def _xyz(values: npt.ArrayLike) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_s15(float(v)) for v in np.asarray(values))


def _curve(gamma: float | None) -> bytes:
    """Return a tone curve: a power, or that of sRGB as a table."""
    if gamma is not None:
        return b"curv\0\0\0\0" + struct.pack("!IH", 1, round(gamma * 256))
    x = np.linspace(0, 1, 1024)
    table = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return b"curv\0\0\0\0" + struct.pack("!I1024H", 1024, *np.round(table * 65535).astype(int))


def _text(version: int, text: str) -> bytes:
    if version >= 4:
        raw = text.encode("utf-16-be")
        return b"mluc\0\0\0\0" + struct.pack("!II2s2sII", 1, 12, b"en", b"US", len(raw), 28) + raw
    raw = text.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack("!I", len(raw)) + raw + bytes(4 + 4 + 2 + 1 + 67)


def _profile(
    version: int, kind: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes]
) -> bytes:
    copyright_ = _text(4, "none") if version >= 4 else b"text\0\0\0\0none\0"
    tags = {
        b"desc": _text(version, "PROFILEMARKER"),
        b"cprt": copyright_,
        b"wtpt": _xyz(WHITE),
    } | tags
    table, data = b"", b""
    offset = 128 + 4 + 12 * len(tags)
    for name, raw in tags.items():
        padded = raw + bytes(-len(raw) % 4)
        table += name + struct.pack("!II", offset + len(data), len(raw))
        data += padded
    size = offset + len(data)
    head = struct.pack("!I4sI4s4s4s", size, b"none", version << 24, kind, space, pcs)
    head += struct.pack("!6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(4 + 4 + 4 + 4 + 8 + 4)
    head += b"".join(_s15(v) for v in WHITE)
    head += bytes(128 - len(head))
    return head + struct.pack("!I", len(tags)) + table + data


def p3_profile(version: int = 4) -> bytes:
    """Return a Display P3 profile: a matrix and the curve of sRGB."""
    tags = {name: _xyz(P3[:, i]) for i, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(None))
    return _profile(version, b"mntr", b"RGB ", b"XYZ ", tags)


def linear_grey_profile() -> bytes:
    """Return a profile of grey whose values are light itself."""
    return _profile(2, b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _curve(1.0)})


def ink_lab(cmyk: Floats) -> Floats:
    """Return what the inks of :func:`ink_profile` look like: odd, but within sRGB."""
    c, m, y, k = (cmyk[..., i] for i in range(4))
    lightness = 92 - 14 * c - 14 * m - 8 * y - 36 * k
    return np.stack([lightness, 28 * (c - m), 28 * (y - c) + 8 * k], axis=-1)


def ink_profile() -> bytes:
    """Return a CMYK profile whose table holds :func:`ink_lab`, which is linear, so exact."""
    grid = 3
    corners = np.array(list(itertools.product(np.linspace(0, 1, grid), repeat=4)))
    values = ink_lab(corners)
    stored = np.stack(
        [values[:, 0] * 652.8, *((values[:, i] + 128) * 256 for i in (1, 2))], axis=-1
    )
    table = np.clip(np.round(stored), 0, 65535).astype(">u2").tobytes()
    lut = b"mft2\0\0\0\0" + bytes([4, 3, grid, 0])
    lut += b"".join(_s15(v) for v in (1, 0, 0, 0, 1, 0, 0, 0, 1)) + struct.pack("!HH", 2, 2)
    lut += struct.pack("!8H", *([0, 65535] * 4)) + table + struct.pack("!6H", *([0, 65535] * 3))
    return _profile(2, b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut})


PNG_COLOUR = {1: 0, 2: 4, 3: 2, 4: 6}


def png_chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    body = name + data
    return struct.pack("!I", len(data)) + body + struct.pack("!I", zlib.crc32(body))


def png16(values: Floats, profile: bytes = b"") -> bytes:
    """Return values of 0–1 as a PNG of 16 bits; the last axis is the channel."""
    height, width, channels = values.shape
    rows = np.round(values * 65535).astype(">u2").reshape(height, -1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    head = struct.pack("!IIBBBBB", width, height, 16, PNG_COLOUR[channels], 0, 0, 0)
    icc = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(profile)) if profile else b""
    parts = png_chunk(b"IHDR", head) + icc + png_chunk(b"IDAT", zlib.compress(raw, 1))
    return b"\x89PNG\r\n\x1a\n" + parts + png_chunk(b"IEND", b"")


def with_segment(jpeg: bytes, marker: int, data: bytes) -> bytes:
    """Return a JPEG with a segment more, right after its start."""
    return jpeg[:2] + b"\xff" + bytes([marker]) + struct.pack("!H", len(data) + 2) + data + jpeg[2:]
