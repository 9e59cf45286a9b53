"""A picture in memory that is drawn on in place, part by part.

The picture is held once, however many shapes lie over each other; everything else that drawing
needs is as large as a part. Images laid over each other in a pipeline would be made again and again
for each that reads them, or be held whole.
"""

from __future__ import annotations

import pyvips

from helpa import Size
from helpa_annotation.parts import Box


class Canvas:
    """A picture that can be drawn on.

    Args:
        image: 8-bit sRGB or grey, with or without alpha; grey becomes sRGB.
    """

    def __init__(self, image: pyvips.Image) -> None:
        if image.bands < 3:
            image = image.colourspace("srgb")
        self.size = Size(image.width, image.height)
        self.bands = int(image.bands)
        # A buffer of libvips's own memory, which nobody else reads.
        self._buffer = image.copy(interpretation="srgb").write_to_memory()
        self._bytes = memoryview(self._buffer).cast("B")

    @property
    def image(self) -> pyvips.Image:
        """The picture as it stands; it is not to be drawn on any more."""
        return self._image(self._buffer, self.size.width, self.size.height)

    def read(self, box: Box) -> pyvips.Image:
        """Return a copy of a part."""
        left, top, width, height = box
        row, start = self.size.width * self.bands, left * self.bands
        length = width * self.bands
        rows = (
            self._bytes[(top + y) * row + start : (top + y) * row + start + length]
            for y in range(height)
        )
        return self._image(b"".join(rows), width, height)

    def write(self, box: Box, part: pyvips.Image) -> None:
        """Put a part of equal size and bands in its place."""
        left, top, width, height = box
        row, start = self.size.width * self.bands, left * self.bands
        length = width * self.bands
        data = memoryview(part.write_to_memory()).cast("B")
        assert len(data) == length * height
        for y in range(height):
            at = (top + y) * row + start
            self._bytes[at : at + length] = data[y * length : (y + 1) * length]

    def lay(self, box: Box, layer: pyvips.Image) -> None:
        """Lay a layer over a part (Porter and Duff's "over").

        Args:
            box: the part.
            layer: 8-bit sRGB with alpha, of its size.
        """
        below = self.read(box)
        if self.bands == 3:
            # In whole numbers, rounded: four times as fast as with floats.
            self.write(box, layer[3].ifthenelse(layer[:3], below, blend=True))
            return
        cover = layer[3] / 255
        behind = below[3] / 255 * (1 - cover)
        alpha = cover + behind
        mixed = (layer[:3] * cover + below[:3] * behind) / (alpha + (alpha == 0))
        self.write(box, mixed.bandjoin(alpha * 255).rint().cast("uchar"))

    def tint(self, box: Box, colour: list[float], strength: pyvips.Image) -> None:
        """Mix a colour into a part; what is transparent stays so.

        Args:
            box: the part.
            colour: red, green and blue, 0–255.
            strength: 0–255 for each pixel.
        """
        below = self.read(box)
        mixed = strength.ifthenelse(_plain(box, colour), below[:3], blend=True)
        self.write(box, mixed if self.bands == 3 else mixed.bandjoin(below[3]))

    def ink(self, box: Box, colour: list[float], strength: pyvips.Image) -> None:
        """Lay ink over a part as a highlighter does, on light and on dark ground.

        Light ground takes the colour of the ink and dark ground a part of it, so that letters
        stay apart from their ground: c·(0.78·b + 0.22), where ink alone would be c and multiplying
        c·b, which leaves black black.

        Args:
            box: the part.
            colour: red, green and blue, 0–255.
            strength: 0–255 for each pixel.
        """
        below = self.read(box)
        # A cast to whole numbers cuts off.
        gains, starts = [0.78 * c / 255 for c in colour], [0.22 * c + 0.5 for c in colour]
        tinted = below[:3].linear(gains, starts, uchar=True)
        if self.bands == 3:
            self.write(box, strength.ifthenelse(tinted, below, blend=True))
            return
        strength = strength / 255
        # W3C Compositing 1, 5.1: where nothing is below, the ink is seen as it is.
        there = below[3] / 255
        alpha = strength + there * (1 - strength)
        mixed = (
            below[:3] * there * (1 - strength)
            + tinted * there * strength
            + _plain(box, colour) * (strength * (1 - there))
        ) / (alpha + (alpha == 0))
        self.write(box, mixed.bandjoin(alpha * 255).rint().cast("uchar"))

    def replace(self, box: Box, other: pyvips.Image, strength: pyvips.Image) -> None:
        """Put other pixels, transparent ones too, in the place of a part's.

        Args:
            box: the part.
            other: of the canvas's bands and the part's size.
            strength: 0–255 for each pixel.
        """
        below = self.read(box)
        if self.bands == 3:
            self.write(box, strength.ifthenelse(other, below, blend=True))
            return
        strength = strength / 255
        old, new = below[3] * (1 - strength), other[3] * strength
        alpha = old + new
        mixed = (below[:3] * old + other[:3] * new) / (alpha + (alpha == 0))
        self.write(box, mixed.bandjoin(alpha).rint().cast("uchar"))

    def _image(self, data: object, width: int, height: int) -> pyvips.Image:
        image = pyvips.Image.new_from_memory(data, width, height, self.bands, "uchar")
        return image.copy(interpretation="srgb")


def _plain(box: Box, colour: list[float]) -> pyvips.Image:
    image = pyvips.Image.black(box[2], box[3], bands=3).linear(1, colour, uchar=True)
    return image.copy(interpretation="srgb")
