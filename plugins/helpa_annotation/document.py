"""A layer as a whole: its document, its limits, and what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from helpa import ContentTooLarge, InvalidValue
from helpa_annotation import shapes
from helpa_annotation.mistakes import refusal
from helpa_annotation.shapes import AnyShape, Highlighter, Pen, Stamp

MOST_SHAPES = 200
MOST_POINTS = 20_000
"""Of all lines drawn by hand in a layer."""

MOST_BYTES = 256 * 1024
"""Of a document: as long as :data:`MOST_POINTS` are, a dozen bytes each."""


class Annotation(BaseModel):
    """A layer: what is drawn over a picture, from the bottom to the top."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    version: Literal[1] = Field(1, description="Of this schema.")
    shapes: list[AnyShape] = Field(
        max_length=MOST_SHAPES, description="What is drawn; later ones lie over earlier ones."
    )

    @model_validator(mode="after")
    def _together(self) -> Self:
        points = sum(len(s.points) for s in self.shapes if isinstance(s, Pen | Highlighter))
        if points > MOST_POINTS:
            raise ValueError(f"at most {MOST_POINTS} points in all lines drawn by hand: {points}")
        named = [shape.id for shape in self.shapes if shape.id is not None]
        twice = next((name for name in named if named.count(name) > 1), None)
        if twice is not None:
            raise ValueError(
                f"ids that each stand once; {twice!r} stands {named.count(twice)} times"
            )
        return self

    @property
    def pictures(self) -> tuple[str, ...]:
        """Ids of the pictures that are drawn in it, each once."""
        stamps = (s.image for s in self.shapes if isinstance(s, Stamp))
        return tuple(dict.fromkeys(image for image in stamps if image is not None))

    def content(self) -> dict[str, Any]:
        """Return it as JSON: every member is there, so that no later default changes its looks."""
        return self.model_dump(mode="json")


def read(data: bytes) -> Annotation:
    """Return the layer in a JSON text.

    Raises:
        ContentTooLarge: it is longer than :data:`MOST_BYTES`.
        InvalidValue: it is no JSON, or no layer.
    """
    _measured(len(data))
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise InvalidValue("The layer is not JSON.", field="body", allowed="JSON") from None
    return parse(value)


def parse(value: object) -> Annotation:
    """Return the layer that a JSON value is; shapes without an id are given one.

    Raises:
        ContentTooLarge: it is longer than :data:`MOST_BYTES` as JSON.
        InvalidValue: it is none; names the shape and its member, what was given and what is
            allowed, of the first mistake, and of others in ``errors``.
    """
    try:
        _measured(len(json.dumps(value, ensure_ascii=True, separators=(",", ":"))))
        annotation = Annotation.model_validate(value)
    except ValidationError as error:
        raise refusal(error, value, _members) from None
    except (RecursionError, TypeError, ValueError):
        raise InvalidValue("The layer is not JSON.", field="body", allowed="JSON") from None
    return _named(annotation)


def _measured(length: int) -> None:
    if length > MOST_BYTES:
        raise ContentTooLarge(
            f"The layer has {length} bytes; allowed are {MOST_BYTES}.",
            field="body",
            given=f"{length} bytes",
            allowed=f"up to {MOST_BYTES} bytes",
        )


def _named(annotation: Annotation) -> Annotation:
    taken = {shape.id for shape in annotation.shapes}
    free = (name for n in range(1, 2 * MOST_SHAPES + 2) if (name := f"s{n}") not in taken)
    return annotation.model_copy(
        update={
            "shapes": [
                shape if shape.id is not None else shape.model_copy(update={"id": next(free)})
                for shape in annotation.shapes
            ]
        }
    )


KINDS: Mapping[str, type[shapes.Shape]] = {
    kind.model_fields["type"].annotation.__args__[0]: kind  # type: ignore[union-attr]
    for kind in (
        shapes.Arrow,
        shapes.Line,
        shapes.Rectangle,
        shapes.Ellipse,
        shapes.Pen,
        shapes.Highlighter,
        shapes.Label,
        shapes.Callout,
        shapes.Step,
        shapes.Spotlight,
        shapes.Magnifier,
        shapes.Stamp,
        shapes.Measure,
    )
}
"""Shapes by the word for them in ``type``."""


def _members(kind: object) -> list[str]:
    """Return the members a shape of some type may have, or those of the document."""
    model: type[BaseModel] = KINDS[kind] if isinstance(kind, str) and kind in KINDS else Annotation
    return list(model.model_fields)


@cache
def schema() -> dict[str, Any]:
    """Return the JSON schema of a layer (draft 2020-12); made when it is first asked for."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "/api/annotations/schema",
        **Annotation.model_json_schema(),
    }
