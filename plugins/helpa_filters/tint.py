"""``tint``: one colour instead of many."""

from __future__ import annotations

from typing import Annotated

from helpa import Colour, Frame, Parameter, Step


def tint(
    frame: Frame,
    *,
    tint: Annotated[
        Colour | None,
        Parameter(
            "Colours the picture with one colour and keeps how light each part is; the colour's "
            "alpha says how far.",
            example="3060c0",
        ),
    ] = None,
) -> Step | None:
    """Tone the picture with a colour.

    The luminance is kept: black stays black, white stays white, and what is as light as the
    colour becomes the colour.
    """
    if tint is None or tint.alpha == 0:
        return None
    args = {"colour": [tint.red, tint.green, tint.blue], "share": round(tint.alpha / 255, 6)}
    return Step(args, frame.size)
