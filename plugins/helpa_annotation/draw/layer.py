"""Pixels of an annotation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyvips

from helpa import Affine, Colour, DrawContext, Size
from helpa.drawing import refusal, seconds_left
from helpa_annotation.boxes import completed
from helpa_annotation.content import plain
from helpa_annotation.document import Annotation
from helpa_annotation.draw import lens, picture
from helpa_annotation.draw.canvas import Canvas
from helpa_annotation.fonts import Fonts, fonts
from helpa_annotation.parts import Box, clip, divided, holds, placed, touched
from helpa_annotation.shapes import Highlighter, Magnifier, Spotlight, Stamp
from helpa_annotation.svg import Piece, numbered, polygon, svg


def layer(image: pyvips.Image, args: dict[str, Any], context: DrawContext) -> pyvips.Image:
    """Draw the stored layer over the image."""
    assert context.layer is not None
    across = image.width / context.before.width
    down = image.height / context.before.height
    transform = context.transform.then(Affine(a=across, e=down))
    sources = tuple(args.get("fonts", ()))
    return draw_layer(
        image, plain(context.layer), transform, context.picture, context.pictures, fonts(sources)
    )


def draw_layer(
    image: pyvips.Image,
    content: Mapping[str, Any],
    transform: Affine,
    size: Size,
    pictures: Mapping[str, pyvips.Image],
    letters: Fonts | None = None,
) -> pyvips.Image:
    """Return the image with a layer over it, in the image's size.

    Args:
        image: 8-bit sRGB or grey, with or without alpha; grey becomes sRGB.
        content: the layer as it is stored.
        transform: where a point of the upright picture lands in the image.
        size: of the upright picture, in pixels.
        pictures: those that stamps name, by id; a stamp of another is left out.
        letters: fonts to write with; without them those that come with Helpa.

    Raises:
        PixelError: the time that was given is up.
    """
    written = letters or fonts()
    annotation = completed(Annotation.model_validate(dict(content)), size, written)
    if not annotation.shapes:
        return image
    drawing = _Drawing(Canvas(image), size, transform, written)
    dims = [Piece(s, "mask") for s in annotation.shapes if isinstance(s, Spotlight)]
    for shape in numbered(annotation.shapes):
        if isinstance(shape, Spotlight):
            drawing.dim(dims)
            dims = []
        elif isinstance(shape, Highlighter):
            drawing.highlight(shape)
        elif isinstance(shape, Magnifier):
            drawing.magnify(shape)
        elif isinstance(shape, Stamp) and shape.image is not None:
            drawing.stamp(shape, pictures.get(shape.image))
        else:
            drawing.add(Piece(shape))
    drawing.flush()
    return drawing.canvas.image


class _Drawing:
    """A layer as it is drawn: what is made of paths alone is gathered, and drawn together."""

    def __init__(self, canvas: Canvas, size: Size, transform: Affine, written: Fonts) -> None:
        self.canvas = canvas
        self._size = size
        self._transform = transform
        self._fonts = written
        self._pieces: list[Piece] = []

    def add(self, piece: Piece) -> None:
        """Draw something made of paths alone, before anything else is drawn or at the end."""
        self._pieces.append(piece)

    def flush(self) -> None:
        """Draw what has been gathered."""
        pieces, self._pieces = self._pieces, []
        where = [placed(p.shape, self._size, self._transform) for p in pieces]
        for box, found in touched(self.canvas.size, where):
            self.canvas.lay(box, self._svg([pieces[number] for number in found], box))

    def highlight(self, shape: Highlighter) -> None:
        """Draw over with a highlighter."""
        self.flush()
        colour = Colour.parse(shape.stroke)
        piece = Piece(shape)
        for box, _ in touched(self.canvas.size, [placed(shape, self._size, self._transform)]):
            strength = _part(self._svg([piece], box)[3], shape.opacity)
            self.canvas.ink(box, [colour.red, colour.green, colour.blue], strength)

    def dim(self, pieces: Sequence[Piece]) -> None:
        """Dim all of the picture that no spotlight leaves as it is; margins stay what they are."""
        if not pieces:
            return
        self.flush()
        first = pieces[0].shape
        assert isinstance(first, Spotlight)
        colour = Colour.parse(first.fill)
        ink: list[float] = [colour.red, colour.green, colour.blue]
        dark = first.opacity * colour.alpha / 255
        where = [placed(p.shape, self._size, self._transform) for p in pieces]
        for box in divided((0, 0, self.canvas.size.width, self.canvas.size.height)):
            left, top, width, height = box
            found = [
                piece
                for piece, there in zip(pieces, where, strict=True)
                if there.within(left, top, left + width, top + height) is not None
            ]
            if found:
                strength = _part(self._svg(found, box)[3].invert(), dark)
            else:
                full = pyvips.Image.black(width, height).linear(1, 255, uchar=True)
                strength = _part(full, dark)
            picture = self._picture(box)
            if picture is not None:
                strength = (strength * picture).linear(1 / 255, 0.5, uchar=True)
            self._in_time()
            self.canvas.tint(box, ink, strength)

    def magnify(self, shape: Magnifier) -> None:
        """Draw a lens with what lies below it."""
        centre = self._transform.apply(shape.x + shape.w / 2, shape.y + shape.h / 2)
        there = self._transform.apply(shape.to_x, shape.to_y)
        where = placed(shape, self._size, self._transform)
        if clip(*where.polygons[0][1], self.canvas.size) is None:
            return  # the part lies in what was cut off: there is nothing to show
        self.flush()
        seen = clip(*where.polygons[1][1], self.canvas.size)
        glass = lens.Lens(self.canvas, centre, there, shape.zoom, seen) if seen else None
        self.add(Piece(shape, "under"))
        self.flush()
        if glass is not None:
            mask = Piece(shape, "mask")
            for box in divided(glass.seen):
                strength = _part(self._svg([mask], box)[3], shape.opacity)
                self.canvas.replace(box, glass.shown(box), strength)
        self.add(Piece(shape, "over"))

    def stamp(self, shape: Stamp, image: pyvips.Image | None) -> None:
        """Draw another picture."""
        if image is None:
            return
        self.flush()
        where = placed(shape, self._size, self._transform)
        drawn = picture.Fitted(image, shape, self._transform)
        for box, _ in touched(self.canvas.size, [where]):
            self._in_time()
            self.canvas.lay(box, drawn.shown(box))

    def _picture(self, box: Box) -> pyvips.Image | None:
        """Return where a part shows the picture, 0–255; None where there is nothing beside it."""
        w, h = self._size.width, self._size.height
        corners = [self._transform.apply(*each) for each in ((0, 0), (w, 0), (w, h), (0, h))]
        if holds(corners, box):
            return None
        return pyvips.Image.svgload_buffer(polygon(corners, box).encode("ascii"))[3].copy_memory()

    def _svg(self, pieces: Sequence[Piece], box: Box) -> pyvips.Image:
        self._in_time()
        text = svg(pieces, self._size, self._transform, box, self._fonts)
        # Our own text, from memory: numbers, colours and outlines of glyphs.
        return pyvips.Image.svgload_buffer(text.encode("ascii"), unlimited=True).copy_memory()

    @staticmethod
    def _in_time() -> None:
        if seconds_left() <= 0:
            raise refusal(
                "The annotation takes longer to draw than is allowed.",
                field="ann",
                given="this layer",
                allowed="fewer shapes, or a smaller size",
            )


def _part(mask: pyvips.Image, share: float) -> pyvips.Image:
    """Return a mask of 0–255 times a share of 0–1."""
    return mask if share == 1 else mask.linear(share, 0.5, uchar=True)  # a cast cuts off
