"""Looking at answers: colour difference, reference resampling, levels of a running server."""

from __future__ import annotations

import io
import json
import sqlite3
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from serving import Server

Floats = npt.NDArray[np.float64]

LEVEL_SECONDS = 60.0
SMALLEST_LEVEL = 320

# Colourants of sRGB and Display P3, adapted to D50, as their ICC profiles hold them.
SRGB = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)
P3 = np.array(
    [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
)
WHITE = np.array([0.9642, 1.0, 0.8249])


def to_linear(values: Floats) -> Floats:
    """Return light from sRGB values of 0–1."""
    light: Floats = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return light


def from_linear(light: Floats) -> Floats:
    """Return sRGB values of 0–1 from light; what is out of range is clipped."""
    light = np.clip(light, 0, 1)
    values: Floats = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return values


LIGHT = to_linear(np.arange(256) / 255)


def lab(image: Image.Image) -> Floats:
    """Return the CIE Lab values of an sRGB picture, relative to D50."""
    ratio = LIGHT[np.asarray(image.convert("RGB"))] @ SRGB.T / WHITE
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    values: Floats = np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])],
        axis=-1,
    )
    return values


def from_lab(values: Floats) -> Floats:
    """Return sRGB values of 0–1 from CIE Lab relative to D50."""
    y = (values[..., 0] + 16) / 116
    f = np.stack([y + values[..., 1] / 500, y, y - values[..., 2] / 200], axis=-1)
    ratio = np.where(f**3 > 216 / 24389, f**3, (116 * f - 16) / (24389 / 27))
    return from_linear((ratio * WHITE) @ np.linalg.inv(SRGB).T)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean CIE ΔE (1976) of two pictures of one size; over white and over black."""
    assert one.size == other.size
    if not (one.has_transparency_data or other.has_transparency_data):
        return _mean(one, other)
    return max(_mean(over(one, c), over(other, c)) for c in ((255, 255, 255), (0, 0, 0)))


def _mean(one: Image.Image, other: Image.Image) -> float:
    return float(np.sqrt(((lab(one) - lab(other)) ** 2).sum(axis=-1)).mean())


def over(image: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """Return a picture with a colour behind it."""
    behind = Image.new("RGBA", image.size, (*colour, 255))
    return Image.alpha_composite(behind, image.convert("RGBA")).convert("RGB")


def resized(image: Image.Image, width: int, height: int) -> Image.Image:
    """Return a picture resampled by Pillow, its alpha premultiplied."""
    if image.has_transparency_data:
        small = (
            image.convert("RGBA").convert("RGBa").resize((width, height), Image.Resampling.LANCZOS)
        )
        return small.convert("RGBA")
    return image.resize((width, height), Image.Resampling.LANCZOS)


def rgb(values: Floats) -> Image.Image:
    """Return a picture of sRGB values of 0–1."""
    return Image.fromarray(np.round(values * 255).astype(np.uint8), "RGB")


def show(server: Server, image_id: str, query: str = "", **headers: str) -> Image.Image:
    """Return a decoded answer."""
    reply = server.get(f"/img/{image_id}?{query}", **headers)
    assert reply.status_code == 200, reply.text
    image = Image.open(io.BytesIO(reply.content))
    image.load()
    return image


def blob_of(server: Server, image_id: str) -> tuple[str, int, str]:
    """Return the blob of an image, its longer side, and the names of its levels."""
    database = sqlite3.connect(f"file:{server.data_dir}/helpa.sqlite3?mode=ro", uri=True)
    row = database.execute(
        "SELECT b.id, b.facts, b.levels FROM images i JOIN blobs b ON b.id = i.blob WHERE i.id = ?",
        (image_id,),
    ).fetchone()
    database.close()
    facts = json.loads(row[1])
    return str(row[0]), max(facts["width"], facts["height"]), str(row[2])


def levels_of(server: Server, image_id: str) -> dict[int, Path]:
    """Return the level files by factor, once the background job has written all of them."""
    ends = time.monotonic() + LEVEL_SECONDS
    while True:
        blob, side, names = blob_of(server, image_id)
        folder = server.data_dir / "levels" / blob[:2] / blob
        paths = {int(name.partition(".")[0]): folder / name for name in names.split()}
        if not paths or side / (2 * max(paths)) <= SMALLEST_LEVEL:
            return paths
        assert time.monotonic() < ends, f"levels of {image_id}: only {names}"
        time.sleep(0.02)


def upload(server: Server, data: bytes, name: str = "picture") -> dict[str, Any]:
    """Upload a picture and wait until all its levels are written."""
    document = server.upload(data, name)
    levels_of(server, document["id"])
    return document


@cache
def chart(width: int, height: int) -> Floats:
    """Return smooth colours of a wide range with some edges, as RGB of 0–1."""
    y, x = np.mgrid[0:height, 0:width]
    u, v = x / max(1, width - 1), y / max(1, height - 1)
    colours = np.stack(
        [
            0.5 + 0.45 * np.sin(5 * u + 1),
            0.5 + 0.45 * np.cos(4 * v + 2 * u),
            0.1 + 0.8 * (u + v) / 2,
        ],
        axis=-1,
    )
    colours[: height // 5, : width // 4] = (0.9, 0.1, 0.15)
    colours[-(height // 5) :, -(width // 4) :] = (0.1, 0.75, 0.2)
    colours[height // 3 : height // 2, width // 2 : width // 2 + width // 8] = (0.97, 0.97, 0.97)
    return np.asarray(colours, np.float64)
