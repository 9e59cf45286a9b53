"""``normalize``: the whole range from black to white is used."""

from __future__ import annotations

from typing import Annotated

from helpa import Frame, Measure, Parameter, Step


def normalize(
    frame: Frame,
    *,
    normalize: Annotated[
        bool,
        Parameter(
            "1 stretches the tones so that the darkest hundredth is black and the lightest white.",
            aliases=("normalise",),
            example="1",
        ),
    ] = False,
) -> Step | Measure | None:
    """Stretch the tones of a dull picture.

    The luminance at which 1 % of what is seen is darker becomes black, that at which 1 % is
    lighter white; one straight line for all channels, so hues stay. A picture of one tone stays as
    it is. The line of an animation is that of its first frame, so that nothing flickers.
    """
    if not normalize:
        return None
    if frame.frames == 1:
        return Step({}, frame.size)  # found in the pixels as they are drawn: no second look
    if frame.measured is None:
        return Measure({})
    low, high = int(frame.measured["low"]), int(frame.measured["high"])
    return Step({"range": [low, high]}, frame.size) if 0 < high - low < 255 else None
