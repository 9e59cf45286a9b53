"""Faces drawn for tests, plain enough to be nobody's and enough of a face to be found."""

from __future__ import annotations

from functools import cache

from PIL import Image, ImageDraw, ImageFilter

WALL = (150, 165, 180)
CENTRE = (0.5, 0.46)
"""Middle between brows and mouth, in parts of the drawing."""


@cache
def face(side: int) -> Image.Image:
    """Return a head before a wall, drawn on a square of ``side`` pixels."""
    image = Image.new("RGB", (800, 800), WALL)
    draw = ImageDraw.Draw(image)
    draw.ellipse((190, 60, 610, 520), fill=(60, 42, 34))  # hair
    draw.rectangle((330, 560, 470, 760), fill=(190, 140, 115))  # neck
    draw.ellipse((215, 130, 585, 690), fill=(225, 178, 150))  # head
    for x in (315, 485):
        draw.ellipse((x - 62, 330, x + 62, 405), fill=(175, 125, 105))  # socket
        draw.rounded_rectangle((x - 66, 300, x + 66, 324), 10, fill=(70, 48, 38))  # brow
        draw.ellipse((x - 44, 345, x + 44, 390), fill=(240, 235, 230))  # eye
        draw.ellipse((x - 22, 343, x + 22, 391), fill=(40, 28, 22))  # iris
    draw.polygon(((400, 360), (360, 490), (440, 490)), fill=(238, 195, 168))  # nose
    for x in (375, 425):
        draw.ellipse((x - 23, 470, x + 23, 500), fill=(150, 98, 82))  # nostril
    draw.ellipse((315, 545, 485, 605), fill=(165, 75, 70))  # lips
    draw.rectangle((320, 570, 480, 578), fill=(90, 35, 35))  # mouth
    draw.ellipse((330, 610, 470, 640), fill=(195, 148, 122))  # chin
    soft = image.filter(ImageFilter.GaussianBlur(8))
    return soft.resize((side, side), Image.Resampling.LANCZOS)


def wall(size: tuple[int, int], *heads: tuple[int, int, int]) -> Image.Image:
    """Return a wall with heads before it.

    Args:
        size: of the picture.
        heads: left, top and side of each drawing.
    """
    image = Image.new("RGB", size, WALL)
    for left, top, side in heads:
        image.paste(face(side), (left, top))
    return image
