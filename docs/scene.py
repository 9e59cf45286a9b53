"""The pictures that the reference shows effects on, drawn here."""

from __future__ import annotations

import io

import numpy as np
import pyvips
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 480, 320

SCENE = f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">
<defs>
 <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
  <stop offset="0" stop-color="#2b4c9b"/><stop offset=".55" stop-color="#e98d5b"/>
  <stop offset="1" stop-color="#ffd98a"/></linearGradient>
 <linearGradient id="lake" x1="0" y1="0" x2="0" y2="1">
  <stop offset="0" stop-color="#e8a06a"/><stop offset="1" stop-color="#1d3566"/></linearGradient>
</defs>
<rect width="480" height="200" fill="url(#sky)"/>
<circle cx="330" cy="140" r="34" fill="#fff3c4"/>
<path d="M0 200 L0 120 L60 150 L130 60 L190 130 L240 96 L330 200 Z" fill="#4a3b63"/>
<path d="M130 60 L108 88 L126 84 L136 96 L152 86 Z" fill="#f6f1ea"/>
<path d="M250 200 L330 140 L400 176 L480 120 L480 200 Z" fill="#6b4a6a"/>
<rect y="200" width="480" height="120" fill="url(#lake)"/>
<path d="M296 204 h68 M304 214 h52 M312 226 h36 M320 240 h20" stroke="#ffe9ad" stroke-width="4"/>
<path d="M70 262 h110 l-18 26 h-72 z" fill="#7a1f2b"/>
<path d="M124 176 v84 h-46 z" fill="#f7f3ec"/><path d="M130 190 v70 h36 z" fill="#e2d9cc"/>
<path d="M0 320 L0 286 Q60 270 96 320 Z" fill="#173a2a"/>
<path d="M480 320 V256 Q420 250 380 320 Z" fill="#1c4a33"/>
</svg>"""


ANNOTATION = [
    {"type": "arrow", "x1": 390, "y1": 60, "x2": 345, "y2": 115},
    {"type": "text", "x": 340, "y": 22, "text": "The sun", "size": 8, "bold": True},
    {"type": "ellipse", "x": 60, "y": 168, "w": 130, "h": 130, "stroke_width": 1.2},
    {"type": "step", "x": 60, "y": 190, "size": 8},
]
"""Shapes that are drawn over the scene, for ``ann``."""


def scene() -> Image.Image:
    """Return a lake at sunset, with the grain of a photograph."""
    drawn = pyvips.Image.svgload_buffer(SCENE.encode()).flatten()
    pixels = np.ndarray(
        buffer=drawn.write_to_memory(), dtype=np.uint8, shape=(HEIGHT, WIDTH, drawn.bands)
    )
    grain = np.random.default_rng(7).normal(0, 5, (HEIGHT, WIDTH, 1))
    return Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8), "RGB")


def framed() -> Image.Image:
    """Return the scene with a wide white border, for ``trim``."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    image.paste(scene().resize((340, 226)), (70, 47))
    return image


def logo() -> Image.Image:
    """Return a mark with transparency, for overlays and backgrounds."""
    image = Image.new("RGBA", (240, 160), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((20, 20, 220, 140), 40, fill=(255, 255, 255, 235))
    draw.ellipse((44, 44, 116, 116), fill=(214, 69, 65, 255))
    draw.rounded_rectangle((132, 56, 196, 72), 8, fill=(43, 76, 155, 255))
    draw.rounded_rectangle((132, 88, 180, 104), 8, fill=(43, 76, 155, 255))
    return image


def waves() -> bytes:
    """Return an animation, for frames and pages."""
    still = scene().convert("RGB")
    frames = []
    for number in range(6):
        frame = still.copy()
        ImageDraw.Draw(frame).ellipse(
            (40 + 66 * number, 30, 70 + 66 * number, 60), fill=(255, 255, 255)
        )
        frames.append(frame.resize((240, 160)))
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=120, loop=0)
    return buffer.getvalue()
