"""What a lens shows: a part of the canvas, enlarged."""

from __future__ import annotations

import pyvips

from helpa_annotation.draw.canvas import Canvas
from helpa_annotation.parts import Box, clip

MARGIN = 3
"""Pixels that interpolation reads beyond a part."""

NOTHING = 232
"""Grey that a lens shows where its part lies outside of the canvas."""


class Lens:
    """A part of a canvas as it is now, enlarged about a point.

    Args:
        canvas: that it reads; drawn on later, it changes nothing here.
        centre: of the part, in pixels of the canvas.
        there: middle of the lens.
        zoom: how many times larger it shows the part.
        seen: the pixels that the lens covers.
    """

    def __init__(
        self,
        canvas: Canvas,
        centre: tuple[float, float],
        there: tuple[float, float],
        zoom: float,
        seen: Box,
    ) -> None:
        self.seen = seen
        self._zoom = zoom
        left, top, width, height = seen
        edges = [
            centre[axis] + (edge - there[axis]) / zoom
            for edge, axis in ((left, 0), (top, 1), (left + width, 0), (top + height, 1))
        ]
        low, high = edges[:2], edges[2:]
        read = clip(
            low[0] - MARGIN, low[1] - MARGIN, high[0] + MARGIN, high[1] + MARGIN, canvas.size
        )
        self._image = canvas.read(read) if read is not None else None
        start = read or (0, 0, 0, 0)
        # Places are counted from the edges of pixels; affine counts from their middles.
        self._shift = [
            there[axis] - 0.5 - zoom * (centre[axis] - 0.5 - start[axis]) for axis in (0, 1)
        ]
        self._bands = canvas.bands

    def shown(self, box: Box) -> pyvips.Image:
        """Return the pixels of a part of the lens."""
        empty = [NOTHING] * 3 + [255] * (self._bands - 3)
        if self._image is None:
            ground = pyvips.Image.black(box[2], box[3], bands=self._bands)
            return ground.linear(1, empty).cast("uchar").copy(interpretation="srgb")
        alpha = self._bands == 4
        image = self._image.premultiply() if alpha else self._image
        image = image.affine(
            [self._zoom, 0, 0, self._zoom],
            oarea=list(box),
            odx=self._shift[0],
            ody=self._shift[1],
            interpolate=pyvips.Interpolate.new("bicubic"),
            extend="background",
            background=empty,
        )
        if alpha:
            image = image.unpremultiply().rint()
        return image.cast("uchar").copy(interpretation="srgb")
