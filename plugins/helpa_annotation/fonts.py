"""Fonts that annotations are written in, and letters shaped with them (HarfBuzz).

Outlines are taken from the fonts that come with Helpa, so that equal layers are drawn with equal
pixels on every machine and no font system is asked. HarfBuzz is loaded when letters are first
shaped, not with the plugin.
"""

from __future__ import annotations

import importlib
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

REGULAR = ("FiraGO_Regular",)
BOLD = ("FiraGO_Bold", "FiraGO_Regular")
FALLBACK = ("NotoSansSymbols2_Regular", "NotoSansSymbols_Regular", "NotoSansMath_Regular")
"""Modules of the package pymupdf-fonts. FiraGO: Latin, Greek, Cyrillic, Arabic, Hebrew, Thai,
Georgian, Devanagari; the Noto fonts: arrows, dingbats, numbers in circles, some emoji in one
colour."""

BUNDLED = "bundled:"

WELL_KNOWN = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",  # Debian, Ubuntu
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",  # Arch
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",  # Fedora
    "/usr/share/fonts/noto/NotoSansCJK-Regular.ttc",  # Alpine
)
"""Where packages put the one font that writes Chinese, Japanese and Korean."""

SCRIPTS = {
    "ARABIC": "Arab", "ARMENIAN": "Armn", "BENGALI": "Beng", "CJK": "Hani", "CYRILLIC": "Cyrl",
    "DEVANAGARI": "Deva", "GEORGIAN": "Geor", "GREEK": "Grek", "HANGUL": "Hang", "HEBREW": "Hebr",
    "HIRAGANA": "Hira", "KATAKANA": "Kana", "LATIN": "Latn", "TAMIL": "Taml", "THAI": "Thai",
}  # fmt: skip
"""Scripts (ISO 15924) by the first word of their characters' names."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph where it stands, in ems of its text.

    Args:
        font: its font.
        number: of the glyph in the font.
        x: from the left end of its line; as it is shaped, from where the pen stands.
        y: above the line.
        cluster: place of the first character it stands for, in the run's text.
        advance: how far it moves on what follows.
    """

    font: Font
    number: int
    x: float
    y: float
    cluster: int
    advance: float


@dataclass(frozen=True)
class Font:
    """A font.

    Args:
        source: path of its file, or ``bundled:`` and the name of its module.
    """

    source: str

    @cached_property
    def _font(self) -> Any:
        import uharfbuzz  # when letters are first shaped

        name = self.source.removeprefix(BUNDLED)
        if name == self.source:
            return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(name)))
        module = f"pymupdf_fonts.{name}"
        data = importlib.import_module(module).fontbuffer
        del sys.modules[module]  # the bytes alone are held
        return uharfbuzz.Font(uharfbuzz.Face(data))

    @cached_property
    def units(self) -> int:
        """Units of its outlines in an em."""
        return int(self._font.face.upem)

    @cached_property
    def _characters(self) -> Any:
        return self._font.face.unicodes

    def has(self, character: str) -> bool:
        """Whether it has a character."""
        return ord(character) in self._characters

    @cached_property
    def cap_height(self) -> float:
        """Height of a digit, in ems."""
        extents = self._font.get_glyph_extents(self._font.get_nominal_glyph(ord("0")))
        return extents.y_bearing / self.units if extents is not None else 0.7

    def shape(self, text: str, script: str | None, leftwards: bool) -> list[Glyph]:
        """Return the glyphs of a run of one script and direction, from left to right."""
        import uharfbuzz

        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.direction = "rtl" if leftwards else "ltr"
        if script is not None:
            buffer.script = script
        buffer.guess_segment_properties()
        uharfbuzz.shape(self._font, buffer)
        glyphs = []
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            glyphs.append(
                Glyph(
                    self,
                    info.codepoint,
                    place.x_offset / self.units,
                    place.y_offset / self.units,
                    info.cluster,
                    place.x_advance / self.units,
                )
            )
        return glyphs

    def outline(self, number: int) -> str:
        """Return a glyph's outline as SVG path data, in the font's units with y upwards."""
        pen = _Pen()
        self._font.draw_glyph_with_pen(number, pen)
        return "".join(pen.parts)


class _Pen:
    """Writes an outline down (the protocol of fontTools' pens)."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def _add(self, letter: str, *points: tuple[float, float]) -> None:
        self.parts.append(letter + " ".join(f"{x:g} {y:g}" for x, y in points))

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._add("M", point)

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._add("L", point)

    def qCurveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._add("Q", *points)

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._add("C", *points)

    def closePath(self) -> None:  # noqa: N802
        self.parts.append("z")

    def endPath(self) -> None:  # noqa: N802
        return


class Fonts:
    """The fonts a text may take, in the order in which they are asked.

    Args:
        sources: further font files, asked after those that come with Helpa.
    """

    def __init__(self, sources: Sequence[str] = ()) -> None:
        own = [Font(BUNDLED + name) for name in FALLBACK]
        more = [Font(source) for source in sources]
        self._regular = [*(Font(BUNDLED + name) for name in REGULAR), *more, *own]
        self._bold = [*(Font(BUNDLED + name) for name in BOLD), *more, *own]

    def asked(self, bold: bool) -> list[Font]:
        """Return the fonts in order; the first is that of a text's measures."""
        return self._bold if bold else self._regular

    def font_of(self, character: str, bold: bool) -> Font | None:
        """Return the first font that has a character, or None."""
        return next((font for font in self.asked(bold) if font.has(character)), None)

    def missing(self, text: str) -> str:
        """Return the characters that no font has, each once."""
        return "".join(
            c
            for c in dict.fromkeys(text)
            if c != "\n" and not is_ignorable(c) and self.font_of(c, False) is None
        )


def well_known() -> list[str]:
    """Return the files of :data:`WELL_KNOWN` that this machine has."""
    return [path for path in WELL_KNOWN if Path(path).is_file()][:1]


@cache
def fonts(sources: tuple[str, ...] = ()) -> Fonts:
    """Return the fonts with some further files; each file is read once."""
    return Fonts(sources)


def script_of(character: str) -> str | None:
    """Return the script of a letter, or None for what goes with any script."""
    if not unicodedata.category(character).startswith("L"):
        return None
    return SCRIPTS.get(unicodedata.name(character, "").partition(" ")[0])


def is_ignorable(character: str) -> bool:
    """Whether a character has nothing to draw: joiners, selectors, marks of direction."""
    return (
        unicodedata.category(character) == "Cf"
        or "\ufe00" <= character <= "\ufe0f"
        or character == "\u034f"
    )
