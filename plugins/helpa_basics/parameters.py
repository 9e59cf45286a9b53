"""Parameters that several operations of this plugin read; each is declared once, here."""

from __future__ import annotations

import enum
from typing import Annotated

from helpa import Parameter, Point, invalid
from helpa.parameters import COMPASS, Gravity


class Interest(enum.StrEnum):
    """What in a picture decides where it is cropped."""

    SMART = "smart"
    ENTROPY = "entropy"
    FACE = "face"


Place = Annotated[
    Gravity | Interest | None,
    Parameter(
        "Which part cover keeps, and where contain stands; compass words are understood. smart "
        "looks for what draws the eye, entropy for detail, face for faces.",
        aliases=("gravity", "a", "pos", "position", "crop_gravity"),
        synonyms=(
            *COMPASS,
            ("attention", "smart"),
            ("auto", "smart"),
            ("faces", "face"),
        ),
        example="top-left",
    ),
]

FocalPoint = Annotated[
    Point | None,
    Parameter(
        "The point of the picture that cover keeps nearest to the middle.",
        parts=(("fp-x", "fp-y"), ("fpx", "fpy")),
        example="0.3,0.7",
    ),
]


def one_place(gravity: Gravity | Interest | None, focus: Point | None) -> None:
    """Refuse a gravity and a focal point together.

    Raises:
        InvalidValue: both are given.
    """
    if gravity is not None and focus is not None:
        raise invalid("fp", str(focus), "either g or fp, not both")
