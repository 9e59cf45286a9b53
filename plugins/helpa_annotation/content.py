"""What is stored of a layer: its document, and the size of the picture it was drawn for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpa import Affine, ContentTooLarge, InvalidValue, Size
from helpa_annotation import geometry
from helpa_annotation.boxes import completed
from helpa_annotation.document import Annotation, parse
from helpa_annotation.fonts import Fonts
from helpa_annotation.outlines import bounds
from helpa_annotation.settings import AnnotationSettings


def given(shapes: list[Any], size: Size, settings: AnnotationSettings, fonts: Fonts) -> Annotation:
    """Return the layer that shapes are which a client sent.

    Args:
        shapes: as they came.
        size: of the picture they are for.
        settings: limits.
        fonts: what is written with.

    Raises:
        ContentTooLarge: it is too long.
        InvalidValue: names the shape and its member, what was given and what is allowed.
    """
    if len(shapes) > settings.shapes:
        allowed = f"up to {settings.shapes} shapes"
        raise InvalidValue(
            f"shapes: given {len(shapes)}, expected {allowed}.",
            field="shapes",
            given=str(len(shapes)),
            allowed=allowed,
        )
    annotation = completed(parse({"shapes": shapes}), size, fonts)
    length = len(annotation.model_dump_json())
    if length > settings.bytes:
        raise ContentTooLarge(
            f"The layer has {length} bytes; allowed are {settings.bytes}.",
            field="shapes",
            given=f"{length} bytes",
            allowed=f"up to {settings.bytes} bytes",
        )
    return annotation


def stored(annotation: Annotation, size: Size) -> dict[str, Any]:
    """Return what is stored of a layer."""
    return {**annotation.content(), "size": [size.width, size.height]}


def plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document alone of what is stored."""
    return {name: value for name, value in content.items() if name != "size"}


def size_of(content: Mapping[str, Any]) -> Size:
    """Return the size of the picture that a stored layer was drawn for."""
    return Size(*content["size"])


def moved(
    content: Mapping[str, Any], transform: Affine, before: Size, after: Size
) -> dict[str, Any]:
    """Return what is stored of a layer after its picture was cut, turned or mirrored."""
    there = geometry.moved(plain(content), transform, before, after)
    return {**there, "size": [after.width, after.height]}


def fitted(annotation: Annotation, before: Size, after: Size) -> Annotation:
    """Return a layer for a picture of another size.

    It is scaled as a whole, so that its shapes keep their form and their places among each other,
    and keeps its share of the room that is left beside it: what lay in a corner lies in the corner.
    """
    if before == after:
        return annotation
    scale = min(after.width / before.width, after.height / before.height)
    boxes = [box for shape in annotation.shapes for box in bounds(shape, before)]
    if not boxes:
        return annotation
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[2] for b in boxes), max(b[3] for b in boxes)
    transform = Affine(
        a=scale,
        e=scale,
        c=(after.width - scale * before.width) * _share(left, right, before.width),
        f=(after.height - scale * before.height) * _share(top, bottom, before.height),
    )
    there = geometry.moved(annotation.content(), transform, before, after)
    return Annotation.model_validate(there)


def _share(low: float, high: float, side: int) -> float:
    """Return which part of the free room lies before a stretch; half where there is none."""
    free = side - (high - low)
    return min(1.0, max(0.0, low / free)) if free > 0 else 0.5
