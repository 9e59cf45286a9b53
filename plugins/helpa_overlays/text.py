"""``txt``: words over the picture."""

from __future__ import annotations

import enum
import unicodedata
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from helpa import Colour, Frame, Parameter, Step, Word, invalid
from helpa.parameters import COMPASS, Gravity, PixelRatio
from helpa_overlays.library import DEFAULT, Font, library

LONGEST = 500
BLACK = Colour(0, 0, 0)
MARKS = "\u00ad\u200b\u200c\u200d\u200e\u200f\u061c\u2060\u2066\u2067\u2068\u2069"
"""Invisible characters that writing needs: joiners, marks of direction, isolates."""

PADDING = 0.35
"""Of the box around the letters, and MARGIN of both from the edge, as parts of the text's size."""
MARGIN = 0.5


@dataclass(frozen=True, slots=True)
class Text:
    """What is written: visible characters, spaces and line feeds."""

    text: str

    expects: ClassVar[str] = f"text of 1–{LONGEST} characters; %0A begins a line"
    pattern: ClassVar[str] = rf"^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]{{1,{LONGEST}}}$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the text in normal form C, with line feeds for every line end.

        Raises:
            ValueError: empty, too long, or with characters that are no text.
        """
        text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
        if not text.strip() or len(text) > LONGEST or not all(map(_is_text, text)):
            raise ValueError(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text


def _is_text(character: str) -> bool:
    if character == "\n" or character in MARKS or "\U000e0020" <= character <= "\U000e007f":
        return True
    # No control codes, no halves of pairs, nothing private or not yet given a meaning.
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


class Align(enum.StrEnum):
    """How lines stand in their block."""

    START = "start"
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


def text(
    frame: Frame,
    *,
    txt: Annotated[
        Text | None,
        Parameter("Words to write over the picture; markup in them is not read.", example="Draft"),
    ] = None,
    txt_size: Annotated[
        float,
        Parameter("Size of the letters.", ge=4, le=1000, unit="output pixels", example="40"),
    ] = 24.0,
    txt_color: Annotated[
        Colour, Parameter("Colour of the letters, with alpha for opacity.", example="fffc")
    ] = BLACK,
    txt_bg: Annotated[
        Colour | None,
        Parameter("Colour of a box behind the letters; without it there is none.", example="0008"),
    ] = None,
    txt_font: Annotated[
        Word | None,
        Parameter(
            "Name of a font; without it sans. Others stand in for letters it lacks.", example="mono"
        ),
    ] = None,
    txt_w: Annotated[
        float | None,
        Parameter(
            "Width at which lines are broken: a fraction of the picture's up to 1, else in output "
            "pixels; without it, the picture's.",
            ge=0,
            le=16383,
            example="0.5",
        ),
    ] = None,
    txt_align: Annotated[
        Align,
        Parameter(
            "How lines stand to each other; start is left, and right where the writing runs left.",
            synonyms=(("centre", "center"), ("middle", "center")),
            example="center",
        ),
    ] = Align.START,
    txt_g: Annotated[
        Gravity,
        Parameter("Where the text stands.", synonyms=COMPASS, example="top-left"),
    ] = Gravity.BOTTOM,
    txt_pad: Annotated[
        int | None,
        Parameter(
            "Distance from the edges; without it, half of txt_size, or less in a small picture.",
            ge=0,
            le=4096,
            unit="output pixels",
            example="20",
        ),
    ] = None,
    dpr: PixelRatio = 1.0,
) -> Step | None:
    """Write words over the picture, after every effect, frame and watermark.

    Lines are broken between words, and within one that is too long; of what does not fit into the
    picture the beginning is shown. A character that no font has is refused.
    """
    if txt is None:
        return None
    runs = _runs(frame, txt.text, DEFAULT if txt_font is None else txt_font.text)
    size = round(txt_size * dpr, 3)
    margin = round(min(size, min(frame.size.width, frame.size.height) / 5) * MARGIN)
    if txt_pad is not None:
        margin = round(txt_pad * dpr)
    padding = 0 if txt_bg is None else round(size * PADDING)
    room = max(1, frame.size.width - 2 * (margin + padding))
    width = room
    if txt_w:
        asked = frame.size.width * txt_w if txt_w <= 1 else txt_w * dpr
        width = max(1, min(room, round(asked)))
    args = {
        "runs": [
            [font.source, font.face.family, font.face.weight, font.face.italic, written]
            for font, written in runs
        ],
        "size": size,
        "width": width,
        "align": _align(txt_align, txt.text),
        "colour": _rgba(txt_color),
        "box": None if txt_bg is None else _rgba(txt_bg),
        "padding": padding,
        "margin": margin,
        "place": [txt_g.point.x, txt_g.point.y],
    }
    return Step(args, frame.size)


def _runs(frame: Frame, written: str, name: str) -> list[tuple[Font, str]]:
    """Return the text in runs of one font each.

    Raises:
        InvalidValue: there is no font of that name, or none has a character.
    """
    settings = frame.settings
    fonts = library(settings.fonts, settings.well_known_fonts)
    if name not in fonts.fonts:
        raise invalid("txt_font", name, "one of " + ", ".join(fonts.fonts))
    runs, missing = fonts.runs(name, written)
    if missing:
        shown = " ".join(f"{c} (U+{ord(c):04X})" for c in missing[:5])
        raise invalid(
            "txt",
            shown,
            "characters that a font of this server has",
            hint="The setting plugin.overlays.fonts names further fonts; for emoji in colour and "
            "Chinese, Japanese and Korean, packages of the system are found by themselves.",
        )
    return runs


def _align(align: Align, written: str) -> str:
    """Return the alignment as Pango takes it, which turns it round where the writing runs left."""
    if align is Align.CENTER:
        return "centre"
    strong = (unicodedata.bidirectional(c) for c in written)
    leftwards = next((b for b in strong if b in ("L", "R", "AL")), "L") != "L"
    return "high" if align is (Align.LEFT if leftwards else Align.RIGHT) else "low"


def _rgba(colour: Colour) -> list[int]:
    return [colour.red, colour.green, colour.blue, colour.alpha]
