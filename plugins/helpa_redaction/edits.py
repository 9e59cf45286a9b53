"""Edits as clients send them: cut, then turned, then mirrored; and what they come to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from helpa import Affine, Size, invalid
from helpa.api import Body
from helpa_redaction.regions import Amount

ERROR = 1e-6
"""Pixels by which percentages that add up to 100 may pass an edge."""


class CropBody(Body):
    """The part of the upright picture that is kept, in pixels or percent of it."""

    x: Amount = Field(description='Left edge: pixels, or percent such as "10%".')
    y: Amount = Field(description="Top edge.")
    w: Amount = Field(description="Width.")
    h: Amount = Field(description="Height.")


class EditBody(Body):
    """An edit: what is given of it is done in the order crop, rotate, flip."""

    crop: CropBody | None = Field(None, description="What is kept.")
    rotate: Literal[0, 90, 180, 270] = Field(0, description="Degrees clockwise.")
    flip: Literal["h", "v", "hv"] | None = Field(
        None, description="h mirrors left and right, v top and bottom."
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A step of an edit.

    Args:
        name: ``crop``, ``rotate`` or ``flip``, as the function that draws it.
        args: JSON values handed to that.
        size: of the picture after it, in pixels.
        transform: where a point of the picture before lands after it; points are counted from
            the outer edges of pixels.
    """

    name: str
    args: dict[str, Any]
    size: Size
    transform: Affine

    @property
    def draw(self) -> str:
        """Import path of the function that draws it."""
        return f"helpa_redaction.draw.edit:{self.name}"


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit comes to.

    Args:
        changes: its steps, at least one.
        size: of the picture after all of them, in pixels.
        transform: where a point of the picture before lands after all of them.
    """

    changes: tuple[Change, ...]
    size: Size
    transform: Affine


def edit_of(body: EditBody, size: Size) -> Edit:
    """Return what an edit comes to on an upright picture.

    Raises:
        InvalidValue: names the field: the part to keep is empty or not inside of the picture, or
            nothing would change.
    """
    changes = []
    after, transform = size, Affine()
    for plan in (_crop, _rotate, _flip):
        change = plan(body, after)
        if change is not None:
            changes.append(change)
            after, transform = change.size, transform.then(change.transform)
    if after == size and transform == Affine():
        given = str(body.model_dump(mode="json", exclude_defaults=True))
        raise invalid("body", given, "a crop, rotate or flip that changes the picture")
    return Edit(tuple(changes), after, transform)


def _crop(body: EditBody, size: Size) -> Change | None:
    if body.crop is None:
        return None
    left, right = _sides(body.crop, "x", "w", size.width)
    top, bottom = _sides(body.crop, "y", "h", size.height)
    after = Size(right - left, bottom - top)
    if after == size:
        return None
    args = {"rect": [left, top, after.width, after.height]}
    return Change("crop", args, after, Affine(c=-left, f=-top))


def _sides(crop: CropBody, start: str, length: str, side: int) -> tuple[int, int]:
    """Return both edges of what is kept, to the nearest whole pixels."""
    begin, extent = getattr(crop, start).of(side), getattr(crop, length).of(side)
    if not 0 <= begin < side:
        raise invalid(f"crop.{start}", f"{begin:g}", f"0 to less than {side} px")
    if extent <= 0 or begin + extent > side + ERROR:
        allowed = f"more than 0, and at most the {side - begin:g} px from {start} to the edge"
        raise invalid(f"crop.{length}", f"{extent:g}", allowed)
    first = min(math.floor(begin + 0.5 + ERROR), side - 1)
    return first, max(first + 1, min(side, math.floor(begin + extent + 0.5 + ERROR)))


def _rotate(body: EditBody, size: Size) -> Change | None:
    if not body.rotate:
        return None
    w, h = size.width, size.height
    after, transform = {
        90: (Size(h, w), Affine(0, -1, h, 1, 0, 0)),
        180: (size, Affine(-1, 0, w, 0, -1, h)),
        270: (Size(h, w), Affine(0, 1, 0, -1, 0, w)),
    }[body.rotate]
    return Change("rotate", {"degrees": body.rotate}, after, transform)


def _flip(body: EditBody, size: Size) -> Change | None:
    if not body.flip:
        return None
    across = (-1, size.width) if "h" in body.flip else (1, 0)
    down = (-1, size.height) if "v" in body.flip else (1, 0)
    transform = Affine(across[0], 0, across[1], 0, down[0], down[1])
    return Change("flip", {"flip": body.flip}, size, transform)
