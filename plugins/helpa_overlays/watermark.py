"""``wm``: another picture over the picture."""

from __future__ import annotations

from typing import Annotated

from helpa import Frame, ImageId, Parameter, Size, Step
from helpa.parameters import COMPASS, Gravity, PixelRatio


def watermark(
    frame: Frame,
    *,
    wm: Annotated[
        ImageId | None,
        Parameter(
            "A picture to draw over this one, by its id; who asks must be allowed to see it.",
            example="Hs3jUHLqQ1y0q1hYJcY7Kw",
        ),
    ] = None,
    wm_g: Annotated[
        Gravity,
        Parameter(
            "Where the watermark stands; tiles are counted from there.",
            synonyms=COMPASS,
            example="top-right",
        ),
    ] = Gravity.BOTTOM_RIGHT,
    wm_o: Annotated[
        float,
        Parameter(
            "Opacity of the watermark; 0 draws nothing.", ge=0, le=100, unit="percent", example="40"
        ),
    ] = 100.0,
    wm_s: Annotated[
        float | None,
        Parameter(
            "Width of the watermark as a fraction of the picture's; without it, its own size in "
            "output pixels.",
            ge=0,
            le=1,
            example="0.25",
        ),
    ] = None,
    wm_pad: Annotated[
        int,
        Parameter(
            "Distance from the edges, and between tiles.",
            ge=0,
            le=4096,
            unit="output pixels",
            example="12",
        ),
    ] = 0,
    wm_tile: Annotated[bool, Parameter("1 repeats the watermark all over.", example="1")] = False,
    dpr: PixelRatio = 1.0,
) -> Step | None:
    """Draw another picture over the picture, after every effect and frame.

    It keeps its ratio and is made smaller where it would be larger than the picture less its
    padding. Of an animation its first frame is drawn, and on an animation every frame bears it.
    """
    if wm is None or wm_o == 0 or wm_s == 0:
        return None
    size = _size(frame, frame.pictures[wm.text].size, wm_s, wm_pad, dpr)
    point = wm_g.point
    args = {
        "picture": wm.text,
        "size": [size.width, size.height],
        "place": [point.x, point.y],
        "opacity": wm_o,
        "pad": round(wm_pad * dpr),
        "tile": wm_tile,
    }
    return Step(args, frame.size, pictures={wm.text: size})


def _size(frame: Frame, own: Size, share: float | None, pad: int, dpr: float) -> Size:
    """Return the size to draw at: as asked, but within the picture less its padding."""
    scale = dpr if share is None else frame.size.width * share / own.width
    room_x = max(1, frame.size.width - 2 * round(pad * dpr))
    room_y = max(1, frame.size.height - 2 * round(pad * dpr))
    scale = min(scale, room_x / own.width, room_y / own.height)
    return Size(max(1, round(own.width * scale)), max(1, round(own.height * scale)))
