"""The operation ``duo``: what its parameter means. No pixels here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from helpa import Colour, Frame, Parameter, Step


@dataclass(frozen=True, slots=True)
class Duotone:
    """Two colours: what black becomes, and what white becomes."""

    dark: Colour
    light: Colour

    expects: ClassVar[str] = "dark,light, two opaque colours, e.g. 1d3557,f1faee"
    pattern: ClassVar[str] = r"^[0-9A-Za-z]+,[0-9A-Za-z]+$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the two colours.

        Raises:
            ValueError: not two opaque colours.
        """
        dark, light = map(Colour.parse, text.split(","))
        if not (dark.opaque and light.opaque):
            raise ValueError(text)
        return cls(dark, light)

    def __str__(self) -> str:
        return f"{self.dark},{self.light}"


def duo(
    frame: Frame,
    *,
    duo: Annotated[
        Duotone | None,
        Parameter(
            "Paints in two colours: what black becomes, and what white becomes.",
            aliases=("duotone",),
            example="1d3557,f1faee",
        ),
    ] = None,
) -> Step | None:
    """Paint the picture in two colours."""
    if duo is None:
        return None
    colours = [[each.red, each.green, each.blue] for each in (duo.dark, duo.light)]
    return Step({"colours": colours, "strength": frame.settings.strength}, frame.size)
