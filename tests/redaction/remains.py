"""What is left of pictures in the files of a server."""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image
from sqlalchemy import text

from api.asking import contents
from serving import Server

SECRET = (250, 20, 240)
"""A colour that no photograph made for tests has."""

NEAR, FEW = 40, 8
"""What differs by less in every channel is that colour; so many pixels are an accident."""

MAGICS = (b"\x89PNG\r\n", b"RIFF", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"ftyp", b"HRAW")
HEAD = 4096
"""Within so many bytes a picture begins in a file of a cache."""


def has_secret(pixels: np.ndarray) -> bool:
    """Whether more than a few pixels have about the secret colour."""
    near = (np.abs(pixels.astype(np.int16) - np.array(SECRET, np.int16)) < NEAR).all(axis=-1)
    return int(near.sum()) > FEW


def shows_secret(data: bytes) -> bool:
    """Whether bytes are, or begin with a head and then are, a picture that shows the secret."""
    return any(has_secret(pixels) for pixels in _pictures(data))


def telling(server: Server, upload: bytes) -> list[Path]:
    """Return the files below a server's folder that hold bytes of an upload, or its hash."""
    digest = hashlib.sha256(upload)
    needles = [upload[len(upload) // 2 :][:64], digest.digest(), digest.hexdigest().encode()]
    files = contents(server.data_dir).items()
    return [path for path, data in files if any(each in data for each in needles)]


def remains(server: Server, upload: bytes) -> list[Path]:
    """Return the files below a server's folder that show the secret or tell of an upload."""
    return [*telling(server, upload), *showing(server)]


def showing(server: Server) -> list[Path]:
    """Return the files below a server's folder that show the secret."""
    files = contents(server.data_dir).items()
    return [path for path, data in files if shows_secret(data)]


def let_go(server: Server) -> None:
    """Let the leases run out of jobs that a killed process had begun: in 150 s else."""
    said = "UPDATE jobs SET lease_until = 0 WHERE state = 'running'"
    server.database.write(lambda c: c.execute(text(said)))


def make_due(server: Server, *kinds: str) -> None:
    """Make jobs due that wait for an hour."""
    for kind in kinds:
        said = "UPDATE jobs SET due_at = 0 WHERE kind = :kind AND state = 'queued'"
        server.database.write(lambda c, s=said, k=kind: c.execute(text(s), {"kind": k}))  # type: ignore[misc]


def _pictures(data: bytes) -> Iterator[np.ndarray]:
    pillow_heif.register_heif_opener()
    for magic in MAGICS:
        at = data.find(magic, 0, HEAD)
        if at < 0:
            continue
        at -= 4 if magic == b"ftyp" else 0
        if magic == b"HRAW":
            width, height, bands = struct.unpack_from("!IIB", data, at + 4)
            pixels = np.frombuffer(data, np.uint8, width * height * bands, at + 13)
            if bands > 2:
                yield pixels.reshape(height, width, bands)[:, :, :3]
            continue
        try:
            image = Image.open(io.BytesIO(data[at:]))
            for frame in range(getattr(image, "n_frames", 1)):
                image.seek(frame)
                yield np.asarray(image.convert("RGB"))
        except (OSError, ValueError, SyntaxError):
            continue
