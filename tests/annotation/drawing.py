"""Layers for tests, and pictures to draw them on."""

from __future__ import annotations

import io
from typing import Any

import httpx2
from PIL import Image, ImageDraw, ImageFont

from serving import Server

WHITE, RED = (255, 255, 255), (255, 0, 0)
BOX = {
    "type": "rectangle", "x": 20, "y": 20, "w": 40, "h": 30,
    "fill": "ff0000", "stroke": None, "radius": 0,
}  # fmt: skip
"""A red box, in pixels of a picture."""


def white(width: int = 200, height: int = 100) -> bytes:
    return encoded(Image.new("RGB", (width, height), WHITE))


def written(text: str = "jane@example.com") -> bytes:
    """A picture of 400×200 with words at (20, 20)."""
    image = Image.new("RGB", (400, 200), WHITE)
    ImageDraw.Draw(image).text((20, 20), text, (20, 20, 20), ImageFont.load_default(16))
    return encoded(image)


def animated(width: int = 200, height: int = 100) -> bytes:
    frames = [Image.new("RGB", (width, height), (255, 255, c)) for c in (255, 200, 150)]
    into = io.BytesIO()
    frames[0].save(into, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return into.getvalue()


def encoded(image: Image.Image) -> bytes:
    into = io.BytesIO()
    image.save(into, "PNG")
    return into.getvalue()


def seen(answer: httpx2.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def is_red(pixel: Any) -> bool:
    red, green, blue = pixel
    return bool(red > 200 and green < 60 and blue < 60)


def save(server: Server, image: str, *shapes: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Save a layer as the owner; return its document."""
    with server.client() as client:
        reply = client.put(f"/api/images/{image}/annotations", json={"shapes": shapes, **more})
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    return document
