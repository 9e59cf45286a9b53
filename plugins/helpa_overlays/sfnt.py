"""What a font file says of itself: family, style, and which characters it has (OpenType 1.9)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Read = Callable[[int, int], bytes]
"""Returns bytes of a file: offset, length."""

LARGEST_TABLE = 16 * 2**20


class FontError(Exception):
    """A file is no font that can be read; says why."""


@dataclass(frozen=True)
class Face:
    """A font.

    Args:
        family: name of its family.
        style: name of its style, such as Bold Italic.
        weight: 1–1000; 400 is regular, 700 bold.
        italic: whether it slants.
        colour: whether it has glyphs in colour.
        starts: first characters of the ranges it has, in order.
        ends: last characters of these ranges.
    """

    family: str
    style: str
    weight: int
    italic: bool
    colour: bool
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def has(self, character: str) -> bool:
        """Whether it has a character."""
        code = ord(character)
        at = bisect_right(self.starts, code) - 1
        return at >= 0 and code <= self.ends[at]


def read_face(path: Path) -> Face:
    """Return the first font of a file, reading no more than its tables of names and characters.

    Raises:
        FontError: it is none, or cannot be read.
    """
    try:
        with path.open("rb") as file:

            def read(offset: int, length: int) -> bytes:
                file.seek(offset)
                return file.read(length)

            return _face(read)
    except OSError as error:
        raise FontError(f"{path}: {error.strerror}") from None
    except FontError as error:
        raise FontError(f"{path}: {error}") from None


def face_of(data: bytes) -> Face:
    """Return the first font in some bytes.

    Raises:
        FontError: there is none.
    """
    return _face(lambda offset, length: data[offset : offset + length])


def _face(read: Read) -> Face:
    try:
        return _parse(read)
    except (struct.error, IndexError, UnicodeDecodeError):
        raise FontError("the font is damaged") from None


def _parse(read: Read) -> Face:
    start = 0
    if read(0, 4) == b"ttcf":
        start = struct.unpack(">L", read(12, 4))[0]
    if read(start, 4) not in (b"\0\1\0\0", b"OTTO", b"true"):
        raise FontError("this is no TrueType or OpenType font")
    tables = {}
    for number in range(struct.unpack(">H", read(start + 4, 2))[0]):
        tag, _, offset, length = struct.unpack(">4sLLL", read(start + 12 + 16 * number, 16))
        tables[tag] = (offset, min(length, LARGEST_TABLE))
    if b"name" not in tables or b"cmap" not in tables:
        raise FontError("the font has no names or no characters")
    names = _names(read(*tables[b"name"]))
    family = names.get(16) or names.get(1) or ""
    style = names.get(17) or names.get(2) or "Regular"
    if not family:
        raise FontError("the font has no name")
    os2 = read(*tables[b"OS/2"]) if b"OS/2" in tables else b""
    weight = struct.unpack_from(">H", os2, 4)[0] if len(os2) >= 6 else 400
    italic = bool(struct.unpack_from(">H", os2, 62)[0] & 1) if len(os2) >= 64 else False
    ranges = _ranges(read(*tables[b"cmap"]))
    return Face(
        family=family,
        style=style,
        weight=weight,
        italic=italic,
        colour=any(tag in tables for tag in (b"CBDT", b"COLR", b"sbix", b"SVG ")),
        starts=tuple(first for first, _ in ranges),
        ends=tuple(last for _, last in ranges),
    )


def _names(table: bytes) -> dict[int, str]:
    """Return names by their number; English ones of Windows first, as fontconfig prefers them."""
    _, count, texts = struct.unpack_from(">HHH", table)
    found: dict[int, tuple[int, str]] = {}
    for number in range(count):
        platform, _, language, name, length, offset = struct.unpack_from(
            ">HHHHHH", table, 6 + 12 * number
        )
        if name not in (1, 2, 16, 17) or platform not in (0, 1, 3):
            continue
        raw = table[texts + offset : texts + offset + length]
        text = raw.decode("mac_roman" if platform == 1 else "utf-16-be")
        rank = 3 if (platform, language) == (3, 0x409) else 2 if platform == 0 else 1
        if platform == 3 and language != 0x409:
            rank = 0
        if rank > found.get(name, (-1, ""))[0]:
            found[name] = (rank, text)
    return {name: text for name, (_, text) in found.items()}


def _ranges(table: bytes) -> list[tuple[int, int]]:
    """Return the ranges of characters in a cmap, in order and apart."""
    found: set[tuple[int, int]] = set()
    for number in range(struct.unpack_from(">H", table, 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHL", table, 4 + 8 * number)
        if platform not in (0, 3) or (platform, encoding) == (3, 0):
            continue  # of other encodings than Unicode
        kind = struct.unpack_from(">H", table, offset)[0]
        if kind == 4:
            found.update(_segments(table, offset))
        elif kind == 12:
            groups = struct.unpack_from(">L", table, offset + 12)[0]
            for first, last, _ in struct.iter_unpack(
                ">LLL", table[offset + 16 : offset + 16 + 12 * groups]
            ):
                found.add((first, last))
    merged: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _segments(table: bytes, at: int) -> list[tuple[int, int]]:
    """Return the ranges of a subtable of format 4; glyph 0, which means none, is left out."""
    count = struct.unpack_from(">H", table, at + 6)[0] // 2
    layout = f">{count}H"
    ends = struct.unpack_from(layout, table, at + 14)
    starts = struct.unpack_from(layout, table, at + 16 + 2 * count)
    offsets_at = at + 16 + 6 * count
    offsets = struct.unpack_from(layout, table, offsets_at)
    found = []
    for number, (first, last, offset) in enumerate(zip(starts, ends, offsets, strict=True)):
        if first == 0xFFFF or last < first:
            continue
        if offset == 0:
            found.append((first, last))
            continue
        glyphs_at = offsets_at + 2 * number + offset
        glyphs = struct.unpack_from(f">{last - first + 1}H", table, glyphs_at)
        found += [(first + i, first + i) for i, glyph in enumerate(glyphs) if glyph]
    return found
