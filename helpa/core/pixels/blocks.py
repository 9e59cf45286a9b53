"""The blocks of JPEG and GIF files, for what libvips does not say: comments, and cut-off GIFs."""

from __future__ import annotations

from pathlib import Path


def has_comment(path: Path, kind: str) -> bool:
    """Whether a file holds a comment; always False for formats other than JPEG and GIF."""
    if kind == "jpg":
        return in_jpeg(path.read_bytes())
    return kind == "gif" and in_gif(path.read_bytes())


def in_jpeg(data: bytes) -> bool:
    """Whether a JPEG has a comment segment (ITU T.81, B.2.4.5) before its scan."""
    at = 2
    while data[at : at + 1] == b"\xff" and data[at + 1 : at + 2] not in (b"", b"\xda"):
        if data[at + 1] == 0xFE:
            return True
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def in_gif(data: bytes) -> bool:
    """Whether a GIF has a comment extension (GIF89a, 24)."""
    at = 13 + _table(data[10:11])
    while at < len(data):
        if data[at] == 0x21:
            if data[at + 1 : at + 2] == b"\xfe":
                return True
            at = _after_blocks(data, at + 2)
        elif data[at] == 0x2C:
            at = _after_blocks(data, at + 11 + _table(data[at + 9 : at + 10]))
        else:
            return False
    return False


def gif_is_cut_off(data: bytes) -> bool:
    """Whether a GIF ends in the middle of a block; libvips shows the frames before it."""
    at = 13 + _table(data[10:11])
    while at < len(data):
        if data[at] == 0x21:
            at = _after_blocks(data, at + 2)
        elif data[at] == 0x2C:
            at = _after_blocks(data, at + 11 + _table(data[at + 9 : at + 10]))
        else:
            return False  # the trailer, or what follows the pictures
    return at > len(data)


def _table(flags: bytes) -> int:
    """Return the length of the colour table that a byte of flags announces."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1
