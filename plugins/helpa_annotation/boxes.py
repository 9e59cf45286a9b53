"""Boxes of words: how large they are for what they say, and which characters cannot be drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

from helpa import InvalidValue, Size
from helpa_annotation.document import Annotation
from helpa_annotation.fonts import Fonts
from helpa_annotation.lengths import pixels
from helpa_annotation.lettering import ASCENT, LINE, Block, laid_out
from helpa_annotation.shapes import Lettered, Measure, Shape

PAD_X, PAD_Y = 0.45, 0.3
"""Room around the words of a box at its sides, and above and below, in ems."""


def block_of(shape: Lettered, size: Size, fonts: Fonts) -> Block:
    """Return the words of a box, broken at its width."""
    em = pixels(shape.size, size)
    width = None if shape.w is None else max(0.0, shape.w / em - 2 * PAD_X)
    return laid_out(shape.text, fonts, bold=shape.bold, width=width)


def completed(annotation: Annotation, size: Size, fonts: Fonts) -> Annotation:
    """Return the layer with the width and height of every box of words.

    It is what is stored: from then on a box has its place without any font being asked.

    Args:
        annotation: the layer.
        size: of the upright picture.
        fonts: that it is drawn with.

    Raises:
        InvalidValue: no font has a character; names the shape and the characters.
    """
    shapes: list[Shape] = []
    for number, shape in enumerate(annotation.shapes):
        written = shape.text if isinstance(shape, Lettered) else None
        if isinstance(shape, Measure):
            written = shape.label
        if written is not None:
            _check(number, shape, written, fonts)
        shapes.append(_completed(shape, size, fonts) if isinstance(shape, Lettered) else shape)
    return annotation.model_copy(update={"shapes": shapes})


def _completed(shape: Lettered, size: Size, fonts: Fonts) -> Lettered:
    em = pixels(shape.size, size)
    block = block_of(shape, size, fonts)
    # Rounded up, so that the words fit when they are broken at this width again.
    w = _up((block.width + 2 * PAD_X) * em) if shape.w is None else shape.w
    needed = _up((block.height + 2 * PAD_Y) * em)
    h = needed if shape.h is None else max(shape.h, needed)
    return shape.model_copy(update={"w": w, "h": h})


def _up(length: float) -> float:
    return max(0.002, math.ceil(length * 1000) / 1000)


def _check(number: int, shape: Shape, written: str, fonts: Fonts) -> None:
    missing = fonts.missing(written)
    if not missing:
        return
    name = "label" if isinstance(shape, Measure) else "text"
    field = f"shapes[{number}].{name}"
    shown = " ".join(f"{c} (U+{ord(c):04X})" for c in missing[:5])
    allowed = "characters that a font of this server has"
    raise InvalidValue(
        f"{field} (id {shape.id}): given {shown}, expected {allowed}. The setting "
        "plugin.annotation.fonts names further fonts; for many emoji there is a stamp.",
        field=field,
        given=shown,
        allowed=allowed,
        extra={
            "errors": [
                {
                    "shape": number,
                    "id": shape.id,
                    "field": field,
                    "given": shown,
                    "allowed": allowed,
                }
            ]
        },
    )


def feet(block: Block, shape: Lettered, size: Size, lines_down: str) -> Sequence[float]:
    """Return where the lines of a box stand: the foot of each, from the box's top, in pixels.

    Args:
        block: its lines.
        shape: the box, with its height.
        size: of the upright picture.
        lines_down: where the lines stand in it: top, middle or bottom.
    """
    em = pixels(shape.size, size)
    assert shape.h is not None
    free = shape.h - (block.height + 2 * PAD_Y) * em
    top = PAD_Y * em + free * {"top": 0.0, "middle": 0.5, "bottom": 1.0}[lines_down]
    return [top + (ASCENT + LINE * number) * em for number in range(len(block.lines))]
