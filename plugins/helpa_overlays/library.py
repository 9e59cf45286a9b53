"""The fonts text may be drawn with, and which of them a text needs.

Planning chooses fonts by what each file says it has, so that equal URLs are drawn with equal fonts
and what no font has is refused, not drawn as boxes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from helpa_overlays import bundled
from helpa_overlays.sfnt import Face, FontError, face_of, read_face

SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
MOST_FILES = 2000
"""A folder of more is taken for a mistake: each file is opened."""

EMOJI = (
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",  # Debian, Ubuntu
    "/usr/share/fonts/noto/NotoColorEmoji.ttf",  # Arch, Alpine
    "/usr/share/fonts/google-noto-color-emoji-fonts/NotoColorEmoji.ttf",  # Fedora
)
WELL_KNOWN = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",  # Debian, Ubuntu
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",  # Arch
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",  # Fedora
    "/usr/share/fonts/noto/NotoSansCJK-Regular.ttc",  # Alpine
    "/usr/share/fonts/truetype/noto/NotoSans*-Regular.ttf",
    "/usr/share/fonts/noto/NotoSans*-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
)
"""Where packages of fonts put theirs; the order is that in which they are asked."""

DEFAULT = "sans"
TEXT_SHOWN, EMOJI_SHOWN = "\ufe0e", "\ufe0f"
"""Variation selectors: the sign before is shown as text, or as an emoji (Unicode 17, 23.4)."""

JOINER = "\u200d"


class LibraryError(Exception):
    """Fonts cannot be used as the settings name them; says why."""


@dataclass(frozen=True)
class Font:
    """A font that text may be drawn with.

    Args:
        name: its name in ``txt_font``.
        source: path of its file; ``bundled:`` and its name for those that come with Helpa.
    """

    name: str
    source: str

    @cached_property
    def face(self) -> Face:
        """What it says of itself; read when it is first needed."""
        scheme, _, name = self.source.partition(":")
        return face_of(bundled.data(name)) if scheme == "bundled" else read_face(Path(self.source))


def files_in(path: Path) -> list[Path]:
    """Return the font files that a path of the settings names.

    Raises:
        LibraryError: there are none, or too many.
    """
    if path.is_file():
        return [path]
    found = sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES)
    if not found:
        raise LibraryError(f"{path} is no font file and no folder that holds one")
    if len(found) > MOST_FILES:
        raise LibraryError(f"{path} holds {len(found)} fonts; name those that are wanted")
    return found


class Library:
    """Every font there is.

    Args:
        paths: further files and folders.
        well_known: whether fonts of the system's packages stand in.

    Raises:
        LibraryError: a path holds no font that can be read.
    """

    def __init__(self, paths: tuple[Path, ...], well_known: bool) -> None:
        self.fonts = {name: Font(name, f"bundled:{name}") for name in bundled.FONTS}
        self._named: list[Font] = []
        for path in paths:
            for file in files_in(path):
                try:
                    face = read_face(file)
                except FontError as error:
                    raise LibraryError(str(error)) from None
                font = Font(name_of(face), str(file))
                if self.fonts.setdefault(font.name, font) is font:
                    self._named.append(font)
        self._well_known = well_known

    @cached_property
    def _emoji(self) -> tuple[Font, ...]:
        """Fonts with emoji in colour."""
        colour = [font for font in self._named if font.face.colour]
        return (*colour, *(_found(EMOJI) if self._well_known else ()))

    @cached_property
    def _others(self) -> tuple[Font, ...]:
        """Fonts that are asked last."""
        return tuple(_found(WELL_KNOWN)) if self._well_known else ()

    def runs(self, name: str, text: str) -> tuple[list[tuple[Font, str]], str]:
        """Return the text in runs of one font each, and the characters that no font has.

        Args:
            name: of the font asked for, which is the first that is asked.
            text: in normal form.
        """
        runs: list[tuple[Font, str]] = [(self.fonts[name], "")]
        missing: dict[str, None] = {}
        for place, character in enumerate(text):
            font, written = runs[-1]
            if not (is_ignorable(character) or _goes_on(font, character, written)):
                after = text[place + 1 : place + 2]
                found = self._font_of(
                    self.fonts[name], " " if character == "\n" else character, after
                )
                if found is None:
                    missing[character] = None
                elif found != font:
                    runs.append((found, character))
                    continue
            runs[-1] = (font, written + character)
        return [run for run in runs if run[1]], "".join(missing)

    def _font_of(self, chosen: Font, character: str, after: str) -> Font | None:
        for font in self._candidates(chosen, character, after):
            if font.face.has(character):
                return font
        return None

    def _candidates(self, chosen: Font, character: str, after: str) -> Iterator[Font]:
        coloured = ord(character) >= 0x1F000 and after != TEXT_SHOWN
        if coloured or after == EMOJI_SHOWN:
            yield from self._emoji
        yield chosen
        yield from self._named
        yield from (self.fonts[name] for name in bundled.FALLBACK)
        yield from self._others
        yield from self._emoji


def _found(patterns: tuple[str, ...]) -> Iterator[Font]:
    for pattern in patterns:
        path = Path(pattern)
        for file in sorted(path.parent.glob(path.name)):
            font = Font("", str(file))
            try:
                font.face  # noqa: B018  read, so that a damaged one is left out
            except FontError:
                continue
            yield font


@cache
def library(paths: tuple[Path, ...] = (), well_known: bool = True) -> Library:
    """Return the fonts that some settings name; read once."""
    return Library(paths, well_known)


def name_of(face: Face) -> str:
    """Return the name of a font in ``txt_font``: its family and style."""
    style = "" if face.style.lower() in ("regular", "book", "normal", "roman") else face.style
    return re.sub(r"[^a-z0-9]+", "-", f"{face.family} {style}".lower()).strip("-")


def _goes_on(font: Font, character: str, written: str) -> bool:
    """Whether a character is part of the sign before it, which one font must draw as a whole."""
    joined = (
        unicodedata.category(character).startswith("M")
        or written.endswith(JOINER)
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # tones of skin
    )
    return bool(written) and joined and font.face.has(character)


def is_ignorable(character: str) -> bool:
    """Whether a character has nothing to draw: joiners, selectors, marks of direction."""
    return (
        unicodedata.category(character) == "Cf"
        or "\ufe00" <= character <= "\ufe0f"
        or character == "\u034f"
    )
