"""Values that appear in URLs: colours, rectangles, points, ratios, and the sizes they act on.

Each class of value has ``parse`` (text to value, raising ValueError), ``str()`` (the one canonical
text), ``expects`` (what is allowed, for messages and documents) and ``pattern`` (for OpenAPI).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Self

import webcolors

NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"


def number(text: str) -> float:
    """Return the plain decimal number in ``text`` to six places; no exponent, no white space.

    Raises:
        ValueError: the text is anything else.
    """
    if len(text) > 20 or not re.fullmatch(rf"-?{NUMBER}", text, re.ASCII):
        raise ValueError(text)
    return round(float(text), 6)


def decimal(value: float, places: int = 6) -> str:
    """Return the shortest plain decimal text of ``value``, rounded to some places."""
    text = f"{value:.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


@dataclass(frozen=True, slots=True)
class Size:
    """A width and a height in pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        """The number of pixels."""
        return self.width * self.height

    def height_at(self, width: int) -> int:
        """Return the height, in pixels, that this has at another width: halves go up."""
        return max(1, math.floor(self.height * width / self.width + 0.5))


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour in sRGB with alpha, each channel 0–255."""

    red: int
    green: int
    blue: int
    alpha: int = 255

    expects: ClassVar[str] = "hex of 3, 4, 6 or 8 digits without #, or a CSS colour name"
    pattern: ClassVar[str] = r"^([0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8}|[a-zA-Z]+)$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the colour named by ``text``; hex wins over a name.

        Raises:
            ValueError: the text is neither hex nor a CSS name.
        """
        if re.fullmatch(r"[0-9A-Fa-f]+", text) and len(text) in (3, 4, 6, 8):
            digits = text if len(text) > 4 else "".join(c * 2 for c in text)
            return cls(*bytes.fromhex(digits))
        if text.lower() == "transparent":
            return cls(0, 0, 0, 0)
        if text.lower() == "rebeccapurple":  # CSS 4; webcolors knows the names of CSS 3
            return cls(0x66, 0x33, 0x99)
        return cls(*webcolors.name_to_rgb(text))

    def __str__(self) -> str:
        channels = [self.red, self.green, self.blue]
        return bytes(channels + ([self.alpha] if self.alpha != 255 else [])).hex()

    @property
    def opaque(self) -> bool:
        """Whether nothing shines through."""
        return self.alpha == 255


@dataclass(frozen=True, slots=True)
class Length:
    """A length in pixels, or in percent of a side."""

    value: float
    percent: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the length; ``10``, ``10p`` and ``10%`` are understood.

        Raises:
            ValueError: the text is no length.
        """
        percent = text.endswith(("p", "%"))
        value = number(text[:-1] if percent else text)
        if value < 0 or (percent and value > 100) or value > 1_000_000:
            raise ValueError(text)
        return cls(value, percent)

    def __str__(self) -> str:
        return decimal(self.value) + ("p" if self.percent else "")

    def of(self, side: int) -> float:
        """Return the length in pixels on a side of ``side`` pixels."""
        return self.value * side / 100 if self.percent else self.value


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle: left, top, width, height, each in pixels or percent."""

    x: Length
    y: Length
    w: Length
    h: Length

    expects: ClassVar[str] = (
        "x,y,w,h in pixels or percent (10p or 10%) of the upright picture, w and h above 0"
    )
    pattern: ClassVar[str] = rf"^({NUMBER}[p%]?,){{3}}{NUMBER}[p%]?$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the rectangle.

        Raises:
            ValueError: not four lengths, or no width or height.
        """
        x, y, w, h = (Length.parse(part) for part in text.split(","))
        if w.value == 0 or h.value == 0:
            raise ValueError(text)
        return cls(x, y, w, h)

    def __str__(self) -> str:
        return f"{self.x},{self.y},{self.w},{self.h}"


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a picture as fractions of its width and height."""

    x: float
    y: float

    expects: ClassVar[str] = "x,y as fractions 0–1 of width and height, e.g. 0.5,0.25"
    pattern: ClassVar[str] = rf"^{NUMBER},{NUMBER}$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the point.

        Raises:
            ValueError: not two fractions of 0–1.
        """
        x, y = (number(part) for part in text.split(","))
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise ValueError(text)
        return cls(x, y)

    def __str__(self) -> str:
        return f"{decimal(self.x)},{decimal(self.y)}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """An aspect ratio, width to height, in lowest terms."""

    width: int
    height: int

    expects: ClassVar[str] = "width:height, e.g. 16:9"
    pattern: ClassVar[str] = rf"^{NUMBER}(:{NUMBER})?$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the ratio; ``16:9`` and ``1.5`` are understood.

        Raises:
            ValueError: no ratio between 1:1000 and 1000:1.
        """
        parts = text.split(":")
        if len(parts) > 2:
            raise ValueError(text)
        width, height = (Fraction(decimal(number(part))) for part in (*parts, "1")[:2])
        if width <= 0 or height <= 0 or not Fraction(1, 1000) <= width / height <= 1000:
            raise ValueError(text)
        return cls(*(width / height).as_integer_ratio())

    @property
    def value(self) -> float:
        """Width divided by height."""
        return self.width / self.height

    def __str__(self) -> str:
        return f"{self.width}:{self.height}"


@dataclass(frozen=True, slots=True)
class Sides:
    """Lengths in pixels for top, right, bottom and left, written like CSS padding."""

    top: int
    right: int
    bottom: int
    left: int

    expects: ClassVar[str] = "n, or v,h, or t,r,b,l in pixels of 0–4096"
    pattern: ClassVar[str] = r"^\d+(,\d+){0,3}$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the four lengths.

        Raises:
            ValueError: not one, two or four whole numbers of 0–4096.
        """
        parts = text.split(",")
        if len(parts) not in (1, 2, 4) or not all(re.fullmatch(r"[0-9]{1,4}", p) for p in parts):
            raise ValueError(text)
        values = [int(part) for part in parts]
        if max(values) > 4096:
            raise ValueError(text)
        if len(values) == 1:
            values *= 4
        elif len(values) == 2:
            values *= 2
        return cls(*values)

    def __str__(self) -> str:
        t, r, b, left = self.top, self.right, self.bottom, self.left
        if t == r == b == left:
            return str(t)
        return f"{t},{r}" if (t, r) == (b, left) else f"{t},{r},{b},{left}"


@dataclass(frozen=True, slots=True)
class ImageId:
    """The id of another picture that an operation draws in.

    A parameter of this type is all an operation declares to need a picture: the pipeline finds it,
    checks the viewer's right to it, and adds it to the key.
    """

    text: str

    expects: ClassVar[str] = "an image id of 22 URL-safe characters"
    pattern: ClassVar[str] = r"^[A-Za-z0-9_-]{22}$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the id.

        Raises:
            ValueError: not 22 URL-safe characters.
        """
        if not re.fullmatch(r"[A-Za-z0-9_-]{22}", text):
            raise ValueError(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text


def scaled(size: Size, factor: int) -> Size:
    """Return ``size`` divided by ``factor``, each side rounded up."""
    return Size(math.ceil(size.width / factor), math.ceil(size.height / factor))
