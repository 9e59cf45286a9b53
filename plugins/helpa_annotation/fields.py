"""Fields that shapes are made of: numbers, colours, words, with what each may be."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from helpa import Colour

FARTHEST = 131_072
"""Of a coordinate from the picture's corner, in pixels: twice the longest side a picture has."""

LARGEST_SHARE = 10_000
"""Of the picture's shorter side, in percent. What a cut leaves of a picture may be far smaller than
the letters that were written on it."""

LONGEST_TEXT = 1000
MOST_POINTS = 2000

MARKS = "\u00ad\u200b\u200c\u200d\u200e\u200f\u061c\u2060"
"""Invisible characters that writing needs: joiners, places to break, marks of direction."""

COLOUR = r"^#?([0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8}|[a-zA-Z]+)$"


def _rounded(places: int) -> AfterValidator:
    # Adding zero turns -0.0 into 0.0, so that equal numbers are written alike.
    return AfterValidator(lambda value: round(value, places) + 0.0)


Coordinate = Annotated[float, Field(ge=-FARTHEST, le=FARTHEST, allow_inf_nan=False), _rounded(3)]
"""A place in pixels of the upright picture, from its left or top edge; thousandths count."""

Extent = Annotated[float, Field(gt=0.001, le=2 * FARTHEST, allow_inf_nan=False), _rounded(3)]
"""A width or height in pixels of the upright picture."""

Share = Annotated[float, Field(ge=0, le=LARGEST_SHARE, allow_inf_nan=False), _rounded(6)]
"""A length in percent of the picture's shorter side.

Of the shorter one, for it is what is looked at as a whole: letters of 2.5 % are 22 px high on a
screenshot of 1440×900, 30 px on one of 1200×12000 that was scrolled, and 20 px on a strip of
8000×800. Percent of the height or the width would give 300 px and 200 px there.
"""

LetterSize = Annotated[float, Field(ge=0.1, le=LARGEST_SHARE, allow_inf_nan=False), _rounded(6)]
"""The size of letters, from the top of one line to that of the next but for the line's distance."""

Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), _rounded(4)]

Angle = Annotated[
    float,
    Field(ge=-360, le=360, allow_inf_nan=False),
    AfterValidator(lambda value: normal_angle(value)),
]
"""Degrees clockwise about the middle of what is turned."""

Point = Annotated[list[Coordinate], Field(min_length=2, max_length=2)]
Points = Annotated[list[Point], Field(min_length=1, max_length=MOST_POINTS)]


def normal_angle(degrees: float) -> float:
    """Return an equal angle above -180 and up to 180, in thousandths."""
    turned = round(degrees, 3) % 360
    return round(turned - 360 if turned > 180 else turned, 3) + 0.0


def _colour(text: str) -> str:
    try:
        return str(Colour.parse(text.removeprefix("#")))
    except ValueError:
        raise ValueError(Colour.expects) from None


Ink = Annotated[
    str,
    Field(max_length=32, json_schema_extra={"pattern": COLOUR}),
    AfterValidator(_colour),
]
"""A colour: hex of 3, 4, 6 or 8 digits, or a CSS name; kept as hex of 6 or 8 digits."""


def _words(text: str) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        raise ValueError("words, of which one character at least is seen")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"at most {LONGEST_TEXT} characters")
    wrong = [c for c in dict.fromkeys(text) if not _is_text(c)]
    if wrong:
        named = ", ".join(f"U+{ord(c):04X}" for c in wrong[:5])
        raise ValueError(f"characters that are seen, spaces and line feeds; not {named}")
    return text


def _is_text(character: str) -> bool:
    if character == "\n" or character in MARKS:
        return True
    # No control codes, no halves of pairs, nothing private or not yet given a meaning. Embeddings
    # and isolates are no part of a label; a mark of direction says as much there.
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


Words = Annotated[
    str,
    Field(
        json_schema_extra={
            "minLength": 1,
            "maxLength": LONGEST_TEXT,
            "pattern": r"^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]+$",
        }
    ),
    AfterValidator(_words),
]
"""What is written: visible characters, spaces and line feeds, in normal form C."""


def described(text: str, **more: Any) -> Any:
    """Return a field's declaration with its text."""
    return Field(description=text, **more)
