"""What a worker tells a drawing function about its step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from helpa.core.affine import Affine
from helpa.core.values import Size

if TYPE_CHECKING:
    import pyvips


ONE = Size(1, 1)


@dataclass(frozen=True, slots=True)
class DrawContext:
    """The plan around one step.

    Args:
        before: planned size of the picture handed in; the image may be smaller before the resize,
            because a prepared level was opened, and lengths then scale with it.
        after: planned size of the picture handed back.
        alpha: whether anything may shine through after the step.
        frame: number of the frame, counted from 0.
        pictures: other pictures the request names, by id, in the size that the step planned to
            draw them in, or their own where it planned none.
        layer: the content of the stored layer that the step draws, else None.
        transform: where a point of the upright picture lands in the picture handed in, at its
            planned size.
        picture: upright size of the picture, in pixels.
    """

    before: Size
    after: Size
    alpha: bool
    frame: int = 0
    pictures: Mapping[str, pyvips.Image] = field(default_factory=dict)
    layer: Mapping[str, Any] | None = None
    transform: Affine = field(default_factory=Affine)
    picture: Size = ONE
