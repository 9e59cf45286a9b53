"""The shapes of an annotation; their JSON schema is the one that is published.

Places are in pixels of the upright picture at the revision that the layer is drawn for: (0, 0) is
the outer corner of the top left pixel, so that a picture of 1440×900 ends at (1440, 900). Fractions
are allowed, and so are places outside. Lengths that should look alike on every picture (letters,
strokes, rounded corners) are in percent of the picture's shorter side.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from helpa import ImageId
from helpa_annotation.fields import (
    Angle,
    Coordinate,
    Extent,
    Ink,
    LetterSize,
    Part,
    Points,
    Share,
    Words,
)
from helpa_annotation.signs import SIGNS

RED, WHITE, BLACK = "e5484d", "ffffff", "000000"

STROKE = 0.45
"""Of lines, and LETTERS of letters, in percent of the shorter side: 4 px and 23 px at 900."""
LETTERS = 2.6


class Shape(BaseModel):
    """What every shape has."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="What the shape is called, once in a layer; without it, it is given one.",
    )
    opacity: Part = Field(1.0, description="1 hides what is below, 0 is not seen.")
    rotation: Angle = Field(0.0, description="Degrees clockwise about the middle of the shape.")
    shadow: bool = Field(False, description="Whether it throws a soft shadow.")


class Stroked(Shape):
    """A shape made of a line."""

    stroke: Ink = Field(RED, description="Colour of the line.")
    stroke_width: Share = Field(
        STROKE, description="Width of the line, in percent of the picture's shorter side."
    )


class Ended(Stroked):
    """A shape from a point to another."""

    x1: Coordinate = Field(description="Where it begins, from the left, in pixels.")
    y1: Coordinate = Field(description="Where it begins, from the top, in pixels.")
    x2: Coordinate = Field(description="Where it ends, from the left, in pixels.")
    y2: Coordinate = Field(description="Where it ends, from the top, in pixels.")


class Boxed(Shape):
    """A shape in a box; turned, the box keeps its sides and its middle."""

    x: Coordinate = Field(description="Left edge before it is turned, in pixels.")
    y: Coordinate = Field(description="Top edge before it is turned, in pixels.")
    w: Extent = Field(description="Width, in pixels.")
    h: Extent = Field(description="Height, in pixels.")


Dash = Literal["solid", "dashed", "dotted"]


class Outlined(Boxed):
    """A box with an outline and a filling."""

    stroke: Ink | None = Field(RED, description="Colour of the outline; null draws none.")
    stroke_width: Share = Field(
        STROKE, description="Width of the outline, in percent of the picture's shorter side."
    )
    fill: Ink | None = Field(None, description="Colour inside; null leaves it open.")
    dash: Dash = Field("solid", description="How the outline is broken.")


class Arrow(Ended):
    """An arrow, which is thinnest where it begins."""

    type: Literal["arrow"]
    stroke_width: Share = Field(
        0.8, description="Width where it is widest, in percent of the picture's shorter side."
    )
    heads: Literal["end", "start", "both"] = Field("end", description="Where it has a head.")
    bend: float = Field(
        0.0,
        ge=-1,
        le=1,
        allow_inf_nan=False,
        description="How far its middle is bent aside, to the right as it goes where positive, as "
        "a part of its length.",
    )
    shadow: bool = Field(True, description="Whether it throws a soft shadow.")


class Line(Ended):
    """A straight line."""

    type: Literal["line"]
    dash: Dash = Field("solid", description="How it is broken.")


class Rectangle(Outlined):
    """A rectangle."""

    type: Literal["rectangle"]
    radius: Share = Field(
        0.6, description="Radius of its corners, in percent of the picture's shorter side."
    )


class Ellipse(Outlined):
    """An ellipse that fills its box."""

    type: Literal["ellipse"]


class Pen(Stroked):
    """A line drawn by hand, smoothed."""

    type: Literal["pen"]
    points: Points = Field(description="Where it goes: [x, y] in pixels.")


class Highlighter(Stroked):
    """A broad line by hand that leaves words below it readable, dark ones and light ones."""

    type: Literal["highlighter"]
    points: Points = Field(description="Where it goes: [x, y] in pixels.")
    stroke: Ink = Field("ffe14d", description="Colour of the ink; transparency of it is not read.")
    stroke_width: Share = Field(
        3.0, description="Width of its line, in percent of the picture's shorter side."
    )


class Written(Shape):
    """A shape with words."""

    size: LetterSize = Field(
        LETTERS, description="Size of the letters, in percent of the picture's shorter side."
    )
    bold: bool = Field(False, description="Whether the letters are bold.")


class Lettered(Written):
    """A box of words.

    Without a width, lines are broken at line feeds alone; without a height, the box is as high as
    the words. A box that is too low for its words grows downwards.
    """

    x: Coordinate = Field(description="Left edge before it is turned, in pixels.")
    y: Coordinate = Field(description="Top edge before it is turned, in pixels.")
    w: Extent | None = Field(
        None, description="Width at which lines are broken, in pixels; null fits the words."
    )
    h: Extent | None = Field(None, description="Height in pixels; null fits the words.")
    text: Words = Field(description="What it says; markup in it is not read.")
    align: Literal["left", "center", "right"] = Field("left", description="How lines stand.")
    valign: Literal["top", "middle", "bottom"] = Field(
        "top", description="Where the lines stand in a box that is higher than they are."
    )


class Label(Lettered):
    """Words on the picture, on a ground of their own or with a halo."""

    type: Literal["text"]
    bold: bool = Field(True, description="Whether the letters are bold.")
    color: Ink = Field(RED, description="Colour of the letters.")
    fill: Ink | None = Field(None, description="Colour of the ground; null leaves it open.")
    halo: bool = Field(
        True,
        description="Whether the letters are edged with white, or black around light letters, so "
        "that they are read on any picture; on a ground they are not.",
    )
    radius: Share = Field(
        0.6, description="Radius of the ground's corners, in percent of the shorter side."
    )


class Callout(Lettered):
    """A box of words with a tip that points at something."""

    type: Literal["callout"]
    tip_x: Coordinate = Field(description="What it points at, from the left, in pixels.")
    tip_y: Coordinate = Field(description="What it points at, from the top, in pixels.")
    color: Ink = Field("1c2024", description="Colour of the letters.")
    fill: Ink = Field(WHITE, description="Colour of the box.")
    stroke: Ink | None = Field(RED, description="Colour of its outline; null draws none.")
    stroke_width: Share = Field(
        0.3, description="Width of its outline, in percent of the picture's shorter side."
    )
    radius: Share = Field(
        1.0, description="Radius of its corners, in percent of the picture's shorter side."
    )
    align: Literal["left", "center", "right"] = Field("center", description="How lines stand.")
    valign: Literal["top", "middle", "bottom"] = Field(
        "middle", description="Where the lines stand in a box that is higher than they are."
    )
    shadow: bool = Field(True, description="Whether it throws a soft shadow.")


class Step(Written):
    """A number in a circle."""

    type: Literal["step"]
    x: Coordinate = Field(description="Its middle, from the left, in pixels.")
    y: Coordinate = Field(description="Its middle, from the top, in pixels.")
    number: Annotated[int, Field(ge=0, le=9999)] | None = Field(
        None, description="What it says; null counts on from the step before it in the layer."
    )
    fill: Ink = Field(RED, description="Colour of the circle.")
    stroke: Ink | None = Field(WHITE, description="Colour of its edge; null draws none.")
    color: Ink | None = Field(
        None, description="Colour of the digits; null is white or black, as is read better."
    )
    bold: bool = Field(True, description="Whether the digits are bold.")
    shadow: bool = Field(True, description="Whether it throws a soft shadow.")


Form = Literal["rectangle", "ellipse"]


class Spotlight(Boxed):
    """A part of the picture that is left as it is while everything else is dimmed.

    Several of one layer share one dimming, drawn where the first of them stands, in its colour and
    opacity.
    """

    type: Literal["spotlight"]
    form: Form = Field("rectangle", description="Form of the part.")
    radius: Share = Field(
        0.9, description="Radius of a rectangle's corners, in percent of the shorter side."
    )
    fill: Ink = Field(BLACK, description="Colour of the dimming.")
    opacity: Part = Field(0.6, description="How strong the dimming is.")


class Magnifier(Boxed):
    """A lens that shows a part of the picture larger at another place."""

    type: Literal["magnifier"]
    to_x: Coordinate = Field(description="Middle of the lens, from the left, in pixels.")
    to_y: Coordinate = Field(description="Middle of the lens, from the top, in pixels.")
    zoom: float = Field(
        2.0, ge=1, le=10, allow_inf_nan=False, description="How many times larger it shows it."
    )
    form: Form = Field("ellipse", description="Form of the lens and of the part.")
    radius: Share = Field(
        0.9, description="Radius of a rectangle's corners, in percent of the shorter side."
    )
    stroke: Ink = Field(RED, description="Colour of the outlines and of the lines between them.")
    stroke_width: Share = Field(
        0.4, description="Width of the lens's outline, in percent of the picture's shorter side."
    )
    shadow: bool = Field(True, description="Whether the lens throws a soft shadow.")


class Stamp(Boxed):
    """A sign that comes with Helpa, or another picture, fitted into a box."""

    type: Literal["stamp"]
    sign: Literal[SIGNS] | None = Field(None, description="Which sign.")  # type: ignore[valid-type]
    image: Annotated[str, Field(pattern=ImageId.pattern)] | None = Field(
        None, description="The id of a picture to draw instead; who sees it must be allowed to."
    )
    fill: Ink | None = Field(None, description="Colour of the sign; null is its own.")
    shadow: bool = Field(True, description="Whether a sign throws a soft shadow.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.sign is None) == (self.image is None):
            raise ValueError("either sign or image, not both and not neither")
        return self


class Measure(Ended, Written):
    """A line between two marks, with its length."""

    type: Literal["measure"]
    label: Words | None = Field(
        None, description="What it says; null is its length in pixels of the picture."
    )
    color: Ink | None = Field(
        None, description="Colour of the letters; null is white or black, as is read better."
    )
    stroke_width: Share = Field(
        0.3, description="Width of the line, in percent of the picture's shorter side."
    )
    size: LetterSize = Field(
        2.0, description="Size of the letters, in percent of the picture's shorter side."
    )


AnyShape = Annotated[
    Arrow
    | Line
    | Rectangle
    | Ellipse
    | Pen
    | Highlighter
    | Label
    | Callout
    | Step
    | Spotlight
    | Magnifier
    | Stamp
    | Measure,
    Field(discriminator="type"),
]
