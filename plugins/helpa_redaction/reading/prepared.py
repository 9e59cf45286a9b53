"""The grey planes of a picture, as a worker made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cells:
    """How dark a plane is, in squares.

    Args:
        dark: of each cell, 0 to 255, row by row.
        width: in cells.
        height: in cells.
        side: of a cell, in pixels of the plane.
    """

    dark: memoryview
    width: int
    height: int
    side: int


@dataclass(frozen=True, slots=True)
class Plane:
    """Grey pixels, row by row.

    Args:
        pixels: a byte each.
        width: of the plane.
        height: of it.
        scale: how many of its pixels are one of the picture's, along each side.
        ink: how much of each row is no background; empty for a plane that is not for letters.
        cells: how dark it is in squares; None for a plane that is not for letters.
    """

    pixels: memoryview
    width: int
    height: int
    scale: float
    ink: Sequence[int] = ()
    cells: Cells | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What can be read of a picture.

    Args:
        width: of the upright picture, in pixels.
        height: of it.
        letters: plane with dark letters on white; None where it was not wanted.
        plain: plane for codes and faces.
        unread: what could not be kept, in sentences without a full stop.
    """

    width: int
    height: int
    letters: Plane | None
    plain: Plane | None
    unread: tuple[str, ...] = ()

    @classmethod
    def of(cls, facts: Mapping[str, Any], pixels: bytes) -> Prepared:
        """Return what :func:`helpa_redaction.draw.reading.prepare` answered.

        Raises:
            ValueError: the planes do not fit the bytes.
        """
        view = memoryview(pixels)

        def cells_of(held: Mapping[str, Any] | None) -> Cells | None:
            if held is None:
                return None
            width, height, at = int(held["width"]), int(held["height"]), int(held["at"])
            dark = view[at : at + width * height]
            if len(dark) != width * height or int(held["side"]) < 1:
                raise ValueError(f"the cells are not {width} × {height} bytes")
            return Cells(dark, width, height, int(held["side"]))

        def plane(name: str) -> Plane | None:
            held = facts.get(name)
            if held is None:
                return None
            width, height, at = int(held["width"]), int(held["height"]), int(held["at"])
            part = view[at : at + width * height]
            if width < 1 or height < 1 or len(part) != width * height:
                raise ValueError(f"the plane for {name} is not {width} × {height} bytes")
            ink, cells = held.get("ink", ()), cells_of(held.get("cells"))
            return Plane(part, width, height, float(held["scale"]), ink, cells)

        return cls(
            int(facts["width"]), int(facts["height"]), plane("letters"), plane("plain"),
            tuple(facts.get("unread", ())),
        )  # fmt: skip
