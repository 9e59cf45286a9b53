"""Ways to damage a picture."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator

from hostile.cases import Case

LIES = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\x7f", b"\0\0\0\0")
"""Four bytes that make a number negative, enormous or nothing, in either byte order."""

LIE_BYTES = 64
FLIPS = 20


def truncated(name: str, data: bytes) -> Iterator[Case]:
    """Cut it off at every percent of its length."""
    for length in sorted({len(data) * percent // 100 for percent in range(100)}):
        yield Case(f"{name} cut off at {length}", data[:length])


def flipped(name: str, data: bytes) -> Iterator[Case]:
    """Turn over some bits; which ones depends on the name alone."""
    chosen = random.Random(name)
    for number in range(FLIPS):
        damaged = bytearray(data)
        for _ in range(chosen.choice((1, 2, 8, 40))):
            damaged[chosen.randrange(len(damaged))] ^= 1 << chosen.randrange(8)
        yield Case(f"{name} with flipped bits {number}", bytes(damaged))


def lying(name: str, data: bytes) -> Iterator[Case]:
    """Put enormous numbers and nothing everywhere in its head."""
    for at in range(4, min(len(data) - 4, LIE_BYTES), 4):
        for lie in LIES:
            changed = data[:at] + lie + data[at + 4 :]
            yield Case(f"{name} with {lie.hex()} at {at}", changed)


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the chunks of a PNG."""
    found, at = [], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def chunk(
    kind: bytes, data: bytes, *, length: int | None = None, checksum: int | None = None
) -> bytes:
    """Return a chunk of a PNG, true or not."""
    crc = zlib.crc32(kind + data) if checksum is None else checksum
    said = len(data) if length is None else length
    return struct.pack("!I", said & 0xFFFFFFFF) + kind + data + struct.pack("!I", crc)


def rechunked(name: str, data: bytes) -> Iterator[Case]:
    """Give each chunk of a PNG a wrong length, a wrong sum, another place, or take it out."""
    parts = chunks(data)
    for number, (kind, body) in enumerate(parts):
        before = data[:8] + b"".join(chunk(*part) for part in parts[:number])
        after = b"".join(chunk(*part) for part in parts[number + 1 :])
        label = f"{name}, chunk {number} {kind.decode()}"
        for length in (0, len(body) - 1, len(body) + 1, 2**31 - 1, 2**31, 2**32 - 1):
            yield Case(
                f"{label} said to have {length}", before + chunk(kind, body, length=length) + after
            )
        yield Case(f"{label} with a wrong sum", before + chunk(kind, body, checksum=0) + after)
        yield Case(f"{label} missing", before + after)
        yield Case(f"{label} twice", before + chunk(kind, body) * 2 + after)
        yield Case(f"{label} empty", before + chunk(kind, b"") + after)
        yield Case(f"{label} last", before + after + chunk(kind, body))


def resegmented(name: str, data: bytes) -> Iterator[Case]:
    """Give each segment of a JPEG a wrong length, or take it out."""
    at = 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        label = f"{name}, segment {data[at + 1]:02x} at {at}"
        for said in (0, 1, 2, length - 1, length + 1, 65535):
            head = data[: at + 2] + struct.pack("!H", said)
            yield Case(f"{label} said to have {said}", head + data[at + 4 :])
        yield Case(f"{label} missing", data[:at] + data[at + 2 + length :])
        yield Case(f"{label} twice", data[:at] + data[at : at + 2 + length] + data[at:])
        at += 2 + length


def reboxed(name: str, data: bytes) -> Iterator[Case]:
    """Give each outer box of an ISO base media file a wrong size."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        for said in (0, 1, 7, size - 1, size + 1, 2**31, 2**32 - 1):
            changed = data[:at] + struct.pack("!I", said & 0xFFFFFFFF) + data[at + 4 :]
            yield Case(f"{name}, box {data[at + 4 : at + 8]!r} said to have {said}", changed)
        if size < 8:
            return
        at += size


def reriffed(name: str, data: bytes) -> Iterator[Case]:
    """Give each chunk of a WebP a wrong size."""
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        for said in (0, 1, size - 1, size + 1, 2**31, 2**32 - 1):
            changed = data[: at + 4] + struct.pack("<I", said & 0xFFFFFFFF) + data[at + 8 :]
            yield Case(f"{name}, chunk {data[at : at + 4]!r} said to have {said}", changed)
        at += 8 + size + size % 2
