"""Pictures of few colours as PNG with a palette, exactly."""

from __future__ import annotations

import struct
import sys
import zlib
from typing import Any

import pyvips

COLOURS = 256
"""Entries of a palette (PNG, third edition, 11.2.2)."""

GREYS = 16
"""A palette of a byte a pixel says no less than grey itself; one of half a byte does."""

RUN = 4 * 32
"""Bytes of 32 pixels, which are looked up together: in drawings most such runs come again."""

RUNS = 20_000
"""Runs remembered, so that a large picture of noise takes no memory."""

HEAD = 33
"""Bytes of PNG's signature and its IHDR chunk (PNG, third edition, 5.2 and 11.2.1)."""

INDEXED = 3


class TooManyColoursError(Exception):
    """A picture has more colours than a palette holds."""


class Palette(dict[int, int]):
    """Number by colour; a colour not seen before gets the next.

    Args:
        most: how many it holds.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __missing__(self, colour: int) -> int:
        number = len(self)
        if number == self._most:
            raise TooManyColoursError
        self[colour] = number
        return number


class Runs(dict[bytes, bytes]):
    """Numbers of a run of pixels, by the run."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self._palette = palette

    def __missing__(self, run: bytes) -> bytes:
        numbers = bytes(map(self._palette.__getitem__, memoryview(run).cast("I")))
        if len(self) < RUNS:
            self[run] = numbers
        return numbers


def save(image: pyvips.Image, **how: Any) -> bytes | None:
    """Return the image as PNG with a palette, every pixel kept, or None where that cannot be.

    libvips' own palettes are made by a quantiser, which promises nothing. Counting stops at the
    first colour too many, so that it costs little where it is in vain.

    Args:
        image: 8-bit sRGB or grey, with or without alpha.
        how: options of libvips' ``pngsave_buffer``.
    """
    wide = image.colourspace("srgb") if image.bands < 3 else image
    if not wide.hasalpha():
        wide = wide.bandjoin(255)
    pixels: bytes = wide.write_to_memory()
    palette = Palette(GREYS if image.bands == 1 else COLOURS)
    runs = Runs(palette)
    try:
        numbers = b"".join(
            [runs[pixels[start : start + RUN]] for start in range(0, len(pixels), RUN)]
        )
    except TooManyColoursError:
        return None
    colours = [colour.to_bytes(4, sys.byteorder) for colour in palette]
    # tRNS ends at the last colour that is not opaque, so those come first.
    order = sorted(range(len(colours)), key=lambda number: (colours[number][3], number))
    bits = next(bits for bits in (1, 2, 4, 8) if len(colours) <= 1 << bits)
    place = bytearray(COLOURS)
    for new, old in enumerate(order):
        place[old] = new
    plain = pyvips.Image.new_from_memory(
        numbers.translate(place), image.width, image.height, 1, "uchar"
    ).copy(interpretation="b-w")
    for name in image.get_fields():
        if name.startswith("exif-"):
            plain.set_type(pyvips.GValue.gstr_type, name, image.get(name))
    return _coloured(plain.pngsave_buffer(bitdepth=bits, **how), [colours[old] for old in order])


def _coloured(grey: bytes, colours: list[bytes]) -> bytes:
    """Return a grey PNG as one whose values are numbers in a palette.

    Args:
        grey: the PNG.
        colours: red, green, blue and alpha of each number, the least opaque first.
    """
    head = bytearray(grey[16 : HEAD - 4])
    head[9] = INDEXED
    chunks = _chunk(b"IHDR", bytes(head)) + _chunk(b"PLTE", b"".join(c[:3] for c in colours))
    alphas = bytes(colour[3] for colour in colours).rstrip(b"\xff")
    if alphas:
        chunks += _chunk(b"tRNS", alphas)
    return grey[:8] + chunks + grey[HEAD:]


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack("!I", len(data)) + body + struct.pack("!I", zlib.crc32(body))
