"""Colours of fills."""

from __future__ import annotations

from helpa import Colour


def colour_of(text: str) -> Colour:
    """Return a colour that hides: opaque.

    Raises:
        ValueError: it is none, or something shines through.
    """
    colour = Colour.parse(text)
    if not colour.opaque:
        raise ValueError("an opaque colour: something would shine through this one")
    return colour
