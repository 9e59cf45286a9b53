"""``w``, ``h``, ``ar``, ``dpr``, ``fit``, ``enlarge``, ``g``, ``fp``: the size of the answer."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated

from helpa import Affine, Frame, Measure, Parameter, Point, Ratio, Size, Step, invalid
from helpa.parameters import Background, Gravity, PixelRatio, fill
from helpa_basics.interest import check_faces, look
from helpa_basics.parameters import FocalPoint, Interest, Place, one_place
from helpa_basics.rounding import offset, side


class Fit(enum.StrEnum):
    """How a picture takes the box of w and h."""

    INSIDE = "inside"
    COVER = "cover"
    CONTAIN = "contain"
    FILL = "fill"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Box:
    """The box asked for, in output pixels; None where a side is free."""

    width: int | None
    height: int | None


def resize(
    frame: Frame,
    *,
    w: Annotated[
        int | None,
        Parameter(
            "Width of the box.", aliases=("width",), ge=1, le=16384, unit="px", example="400"
        ),
    ] = None,
    h: Annotated[
        int | None,
        Parameter(
            "Height of the box.", aliases=("height",), ge=1, le=16384, unit="px", example="300"
        ),
    ] = None,
    ar: Annotated[
        Ratio | None,
        Parameter(
            "Aspect ratio of the box; gives the side that w or h leaves open. With it, fit is "
            "cover unless said otherwise.",
            aliases=("aspect_ratio",),
            example="16:9",
        ),
    ] = None,
    dpr: PixelRatio = 1.0,
    fit: Annotated[
        Fit | None,
        Parameter(
            "inside keeps the ratio within the box (default), cover fills the box and crops, "
            "contain fits and pads, fill stretches, outside keeps the ratio around the box.",
            example="cover",
        ),
    ] = None,
    enlarge: Annotated[
        bool | None,
        Parameter(
            "1 lets inside, outside and contain enlarge; 0 keeps cover and fill from it: their "
            "box shrinks in its own ratio.",
            example="1",
        ),
    ] = None,
    g: Place = None,
    fp: FocalPoint = None,
    bg: Background = None,
) -> Step | Measure | None:
    """Resize to a box of ``w`` × ``h``, times ``dpr``.

    ``inside``, ``outside`` and ``contain`` never enlarge the picture unless ``enlarge=1``;
    ``cover`` and ``fill`` give exactly the box unless ``enlarge=0``: then the box shrinks, in its
    own ratio, until nothing is enlarged.
    """
    one_place(g, fp)
    check_faces(g)
    if w is not None and h is not None and ar is not None:
        raise invalid("ar", str(ar), "with w or with h, not with both, which say it already")
    how = fit or (Fit.COVER if ar is not None else Fit.INSIDE)
    box = _box(frame.size, w, h, ar, dpr, how)
    if box is None:
        return None
    if box.width is None or box.height is None or how in (Fit.INSIDE, Fit.OUTSIDE):
        return _scale(frame, _keep_ratio(frame.size, box, how, bool(enlarge)))
    target = Size(box.width, box.height)
    if enlarge is False and how is not Fit.CONTAIN:
        target = _shrunk(frame.size, target)
    if how is Fit.FILL:
        return _scale(frame, target)
    if how is Fit.COVER:
        return _cover(frame, target, g, fp)
    # All of the picture is seen, so that what is interesting in it moves nothing.
    at = fp or (g.point if isinstance(g, Gravity) else MIDDLE)
    return _contain(frame, target, at, bool(enlarge), fill(frame, bg))


MIDDLE = Point(0.5, 0.5)


def _box(
    size: Size, w: int | None, h: int | None, ar: Ratio | None, dpr: float, how: Fit
) -> Box | None:
    width = None if w is None else side(w * dpr)
    height = None if h is None else side(h * dpr)
    if ar is not None:
        if width is not None:
            height = side(width / ar.value)
        elif height is not None:
            width = side(height * ar.value)
        else:
            # The largest box of that ratio inside the picture, or, where all of the picture is to
            # be inside the box, the smallest around it.
            nearer = max if how in (Fit.CONTAIN, Fit.INSIDE) else min
            width = nearer(size.width, side(size.height * ar.value))
            height = nearer(size.height, side(size.width / ar.value))
    return None if width is None and height is None else Box(width, height)


def _keep_ratio(size: Size, box: Box, how: Fit, enlarge: bool) -> Size:
    across = None if box.width is None else box.width / size.width
    down = None if box.height is None else box.height / size.height
    scales = [s for s in (across, down) if s is not None]
    # With one side given every fit is the same: the other side follows.
    one_sided = len(scales) == 1
    scale = max(scales) if how is Fit.OUTSIDE else min(scales)
    if scale > 1 and not enlarge and (how not in (Fit.COVER, Fit.FILL) or one_sided):
        return size
    # The side that decides is met exactly, whatever floating point says.
    width = box.width if scale == across else None
    height = box.height if scale == down else None
    return Size(width or side(size.width * scale), height or side(size.height * scale))


def _shrunk(size: Size, box: Size) -> Size:
    """Return the largest box of the same ratio that asks for no more pixels than there are."""
    # Whole numbers are compared, for scales that are equal may differ in floating point.
    if box.width * size.height >= box.height * size.width:
        if box.width > size.width:
            return Size(size.width, side(box.height * size.width / box.width))
    elif box.height > size.height:
        return Size(side(box.width * size.height / box.height), size.height)
    return box


def _scale(frame: Frame, target: Size) -> Step | None:
    if target == frame.size:
        return None
    return Step({"to": [target.width, target.height]}, target, _stretch(frame.size, target))


def _stretch(size: Size, target: Size) -> Affine:
    return Affine(a=target.width / size.width, e=target.height / size.height)


def _cover(
    frame: Frame, target: Size, g: Gravity | Interest | None, point: Point | None
) -> Step | Measure | None:
    size = frame.size
    scale = max(target.width / size.width, target.height / size.height)
    scaled = Size(
        max(target.width, side(size.width * scale)),
        max(target.height, side(size.height * scale)),
    )
    room_x, room_y = scaled.width - target.width, scaled.height - target.height
    if room_x == 0 and room_y == 0:
        return _scale(frame, target)
    if isinstance(g, Interest):
        found = look(size, target, g, frame.measured)
        if isinstance(found, Measure):
            return found
        point = found
    if point is not None:  # it comes as near to the middle as the edges allow
        x = offset(point.x * scaled.width - target.width / 2)
        y = offset(point.y * scaled.height - target.height / 2)
        x, y = min(max(x, 0), room_x), min(max(y, 0), room_y)
    else:
        at = g.point if isinstance(g, Gravity) else MIDDLE
        x, y = offset(room_x * at.x), offset(room_y * at.y)
    args = {
        "to": [scaled.width, scaled.height],
        "crop": [x, y, target.width, target.height],
    }
    return Step(args, target, _stretch(size, scaled).then(Affine(c=-x, f=-y)))


def _contain(
    frame: Frame, target: Size, focus: Point, enlarge: bool, colour: tuple[int, int, int, int]
) -> Step | None:
    scaled = _keep_ratio(frame.size, Box(target.width, target.height), Fit.INSIDE, enlarge)
    if scaled == target:
        return _scale(frame, target)
    x = offset((target.width - scaled.width) * focus.x)
    y = offset((target.height - scaled.height) * focus.y)
    args = {
        "to": [scaled.width, scaled.height],
        "place": [x, y, target.width, target.height],
        "fill": list(colour),
    }
    move = _stretch(frame.size, scaled).then(Affine(c=x, f=y))
    return Step(args, target, move, alpha=frame.alpha or colour[3] < 255)
