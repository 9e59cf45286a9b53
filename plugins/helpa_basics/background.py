"""``bg``: what stands behind transparency."""

from __future__ import annotations

from helpa import Frame, Step
from helpa.parameters import Background


def background(frame: Frame, *, bg: Background = None) -> Step | None:
    """Put a colour behind the picture.

    Without ``bg``, transparency is kept where the format carries it and becomes white where it
    does not.
    """
    if not frame.alpha:
        return None
    if bg is None:
        if frame.encoder.alpha:
            return None
        rgb = [255, 255, 255]
    elif not bg.opaque:
        if not frame.encoder.alpha:
            return Step({"fill": _over_white(bg)}, frame.size)
        if bg.alpha == 0:
            return None
        return Step({"fill": [bg.red, bg.green, bg.blue, bg.alpha]}, frame.size)
    else:
        rgb = [bg.red, bg.green, bg.blue]
    return Step({"fill": rgb}, frame.size, alpha=False)


def _over_white(colour: Background) -> list[int]:
    assert colour is not None
    share = colour.alpha / 255
    channels = (colour.red, colour.green, colour.blue)
    return [round(c * share + 255 * (1 - share)) for c in channels]
