"""Another picture as a stamp."""

from __future__ import annotations

import math

import pyvips

from helpa import Affine, Size
from helpa.drawing import resample
from helpa_annotation.geometry import turn_of
from helpa_annotation.outlines import middle, rotation
from helpa_annotation.parts import Box
from helpa_annotation.shapes import Stamp


class Fitted:
    """A picture fitted into a stamp's box, where the output shows the box.

    Args:
        image: 8-bit sRGB or grey, with or without alpha.
        shape: the stamp.
        transform: where a point of the upright picture that it lies on lands in the output.
    """

    def __init__(self, image: pyvips.Image, shape: Stamp, transform: Affine) -> None:
        if image.bands < 3:
            image = image.colourspace("srgb")
        if not image.hasalpha():
            image = image.addalpha()
        place = _place(image, shape, transform)
        across = math.hypot(place.a, place.d)
        down = math.hypot(place.b, place.e)
        smaller = Size(
            max(1, round(image.width * min(1.0, across))),
            max(1, round(image.height * min(1.0, down))),
        )
        back = Affine(a=image.width / smaller.width, e=image.height / smaller.height)
        self._place = back.then(place)
        self._image = resample(image, smaller).copy_memory()
        if shape.opacity < 1:
            faded = (self._image[3] * shape.opacity).rint().cast("uchar")
            self._image = self._image[:3].bandjoin(faded).copy(interpretation="srgb")

    def shown(self, box: Box) -> pyvips.Image:
        """Return a part of the output with nothing but the picture."""
        p = self._place
        straight = abs(p.b) + abs(p.d) < 1e-9
        if (
            straight
            and abs(p.a - 1) * self._image.width < 0.6
            and (abs(p.e - 1) * self._image.height < 0.6)
        ):
            # It has its size: on whole pixels it stays as sharp as it is.
            left, top = round(p.c) - box[0], round(p.f) - box[1]
            image = self._image
            x, y = max(0, left), max(0, top)
            width = min(left + image.width, box[2]) - x
            height = min(top + image.height, box[3]) - y
            if width < 1 or height < 1:
                empty = pyvips.Image.black(box[2], box[3], bands=4)
                return empty.copy(interpretation="srgb")
            return image.crop(x - left, y - top, width, height).embed(x, y, box[2], box[3])
        # Places are counted from the edges of pixels; affine counts from their middles.
        image = self._image.premultiply().affine(
            [p.a, p.b, p.d, p.e],
            oarea=list(box),
            odx=p.c - 0.5 + (p.a + p.b) / 2,
            ody=p.f - 0.5 + (p.d + p.e) / 2,
            interpolate=pyvips.Interpolate.new("bicubic"),
            extend="background",
            background=[0, 0, 0, 0],
        )
        return image.unpremultiply().rint().cast("uchar").copy(interpretation="srgb")


def _place(image: pyvips.Image, shape: Stamp, transform: Affine) -> Affine:
    """Return where a point of the stamp's picture lands in the output."""
    x, y = middle(shape)
    scale = min(shape.w / image.width, shape.h / image.height)
    place = Affine(scale, 0, x - image.width * scale / 2, 0, scale, y - image.height * scale / 2)
    mirrored = turn_of(transform).mirrored
    if mirrored == "h":
        place = place.then(Affine(a=-1, c=2 * x))
    elif mirrored == "v":
        place = place.then(Affine(e=-1, f=2 * y))
    return place.then(rotation(shape.rotation, x, y)).then(transform)
