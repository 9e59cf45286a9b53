"""``ann``: the layer of shapes over the picture."""

from __future__ import annotations

import math
from typing import Annotated

from helpa import Frame, Layer, Needs, Parameter, Picture, Size, Step, invalid
from helpa_annotation.names import LayerChoice
from helpa_annotation.settings import AnnotationSettings

CURRENT, NONE = LayerChoice("1"), LayerChoice("0")


def annotation(
    frame: Frame,
    *,
    ann: Annotated[  # noqa: ARG001
        LayerChoice,
        Parameter(
            "1 is the layer that the picture shows now, 0 is none, a name is another layer; but 1 "
            "needs the right of who manages the picture, or a link signed for exactly this.",
            example="0",
        ),
    ] = CURRENT,
) -> Step | None:
    """Draw a stored layer of arrows, boxes, words and other shapes over the picture.

    It is drawn at the size of the answer, so that it is sharp in every one, and over every frame of
    an animation. Where the picture is cut, turned or resized, its shapes stay where they belong.
    """
    layer = frame.layer
    if layer is None:
        return None
    stamps = {name: _stamped(frame, frame.pictures[name].size) for name in layer.pictures}
    settings: AnnotationSettings = frame.settings
    return Step({"fonts": list(settings.sources)}, frame.size, pictures=stamps)


def _stamped(frame: Frame, own: Size) -> Size:
    """Return the size that serves to draw another picture from.

    That of the whole picture as it is shown: a stamp that is larger than the picture it lies on is
    drawn a little softer, and a huge one costs no more than the picture does.
    """
    to, whole = frame.transform, frame.picture.size
    scale = max(math.hypot(to.a, to.d), math.hypot(to.b, to.e))
    share = min(1.0, scale * max(whole.width / own.width, whole.height / own.height))
    return Size(max(1, math.ceil(own.width * share)), max(1, math.ceil(own.height * share)))


def needs(*, ann: LayerChoice) -> Needs:
    """Return who may be shown it: what is not the default may show what that hides."""
    return Needs.NOTHING if ann == CURRENT else Needs.MANAGER


def drawn(picture: Picture, *, ann: LayerChoice) -> Layer | None:
    """Return the layer that is drawn, or None.

    Raises:
        InvalidValue: the picture has no layer of that name.
    """
    if ann == NONE:
        return None
    if ann == CURRENT:
        return next((each for each in picture.layers if each.current), None)
    found = next((each for each in picture.layers if each.name == ann.text), None)
    if found is None:
        names = ", ".join(sorted(each.name for each in picture.layers))
        has = f"a layer of this picture: {names}" if names else "1 or 0; this picture has no layer"
        raise invalid("ann", ann.text, has)
    return found
