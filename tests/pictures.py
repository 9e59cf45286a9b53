"""Pictures made for tests: drawn, encoded, damaged. Nothing is read from outside the project."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return an image in a format of Pillow's."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def photograph(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """Return a picture with a photograph's statistics: soft shapes, noise everywhere."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    channels = []
    for channel in range(3):
        wave = np.sin(x / (40 + 13 * channel)) + np.cos(y / (55 - 9 * channel)) + x / width
        channels.append(60 + 45 * wave + rng.normal(0, 3, (height, width)))
    pixels = np.clip(np.stack(channels, axis=-1), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels, "RGB")


def screenshot(width: int = 640, height: int = 400) -> Image.Image:
    """Return a picture with a screenshot's statistics: flat areas and sharp edges."""
    pixels = np.full((height, width, 3), 245, np.uint8)
    pixels[: height // 10] = (40, 44, 52)
    pixels[:, : width // 6] = (230, 232, 236)
    for row in range(height // 8, height - 10, 14):
        for column in range(width // 5, width - 40, 9):
            if (row * 31 + column * 17) % 5:
                pixels[row : row + 8, column : column + 6 : 2] = (30, 30, 34)
    pixels[height // 2 : height // 2 + 30, width // 2 : width // 2 + 90] = (200, 30, 40)
    return Image.fromarray(pixels, "RGB")


def png(width: int = 640, height: int = 400) -> bytes:
    """Return a screenshot as PNG."""
    return encode(screenshot(width, height), "PNG")


def jpeg(width: int = 640, height: int = 480, **options: object) -> bytes:
    """Return a photograph as JPEG."""
    return encode(photograph(width, height), "JPEG", **{"quality": 92, **options})


def animation(kind: str = "GIF", frames: int = 5, width: int = 60, height: int = 40) -> bytes:
    """Return an animation whose frames all differ."""
    images = [
        Image.new("RGB", (width, height), (40 * n % 256, 255 - 30 * n % 256, 80))
        for n in range(frames)
    ]
    return encode(images[0], kind, save_all=True, append_images=images[1:], duration=70, loop=0)


def declared_png(width: int, height: int) -> bytes:
    """Return a PNG that declares a size and holds next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack("!I", len(data)) + body + struct.pack("!I", zlib.crc32(body))

    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 4096)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    """Return a decoded answer."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
