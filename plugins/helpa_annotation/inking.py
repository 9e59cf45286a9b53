"""What SVG is made of: fills, strokes, shadows, and letters as outlines."""

from __future__ import annotations

from collections.abc import Sequence

from helpa import Affine, Colour, Size
from helpa_annotation.fonts import Font, Fonts
from helpa_annotation.geometry import Turn
from helpa_annotation.lengths import pixels
from helpa_annotation.lettering import Line
from helpa_annotation.outlines import DROP, SHADOW, middle
from helpa_annotation.paths import n
from helpa_annotation.shapes import Shape

DASHES = {"dashed": (3.0, 2.4), "dotted": (0.001, 2.0)}
"""Length of a dash and of the gap after it, in widths of the line; round ends take a width."""

HALO = 0.22
"""Width of the edge around letters, in ems; half of it is seen."""

RINGS = 11
"""Strokes that a shadow is made of, each wider than the one before."""

FEW_RINGS = 3

DEPTH = 0.034
"""Opacity of each."""


def opaque(ink: str) -> tuple[str, float]:
    """Return a colour's six digits and its opacity."""
    colour = Colour.parse(ink)
    return ink[:6], colour.alpha / 255


def fill(d: str, ink: str) -> str:
    """Return a path that is filled."""
    colour, opacity = opaque(ink)
    seen = f' fill-opacity="{n(opacity)}"' if opacity < 1 else ""
    return f'<path d="{d}" fill="#{colour}"{seen}/>'


def stroke(d: str, ink: str, width: float, dash: str = "solid") -> str:
    """Return a path that is drawn along, with round corners and ends."""
    if width <= 0:
        return ""
    colour, opacity = opaque(ink)
    seen = f' stroke-opacity="{n(opacity)}"' if opacity < 1 else ""
    if dash in DASHES:
        seen += f' stroke-dasharray="{" ".join(n(part * width) for part in DASHES[dash])}"'
    return (
        f'<path d="{d}" fill="none" stroke="#{colour}" stroke-width="{n(width)}" '
        f'stroke-linecap="round" stroke-linejoin="round"{seen}/>'
    )


def faded(body: str, opacity: float) -> str:
    """Return something with an opacity of its own as a whole."""
    return f'<g opacity="{n(opacity)}">{body}</g>' if opacity < 1 else body


def turned(shape: Shape, body: str) -> str:
    """Return what a shape is made of, turned as the shape is."""
    if shape.rotation == 0 or not body:
        return body
    x, y = middle(shape)
    return f'<g transform="rotate({n(shape.rotation)} {n(x)} {n(y)})">{body}</g>'


def readable_on(ink: str) -> str:
    """Return white, or black where the colour is light (WCAG 2, relative luminance)."""
    colour = Colour.parse(ink)
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (colour.red / 255, colour.green / 255, colour.blue / 255)
    ]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "1c2024" if light > 0.4 else "ffffff"


class Sheet:
    """What the shapes of one SVG share: the picture, and the glyphs that are used.

    Args:
        size: of the upright picture.
        turn: what the way to the output does to letters.
        fonts: to write with.
    """

    def __init__(self, size: Size, turn: Turn, fonts: Fonts) -> None:
        self.size = size
        self.turn = turn
        self.fonts = fonts
        self._glyphs: dict[tuple[Font, int], str] = {}

    def length(self, share: float) -> float:
        """Return a length in percent of the picture's shorter side, in its pixels."""
        return pixels(share, self.size)

    def definitions(self) -> str:
        """Return the outlines of the glyphs that were used."""
        drawn = (
            f'<path id="{name}" d="{font.outline(number)}"/>'
            for (font, number), name in self._glyphs.items()
        )
        return f"<defs>{''.join(drawn)}</defs>" if self._glyphs else ""

    def unmirrored(self, body: str, x: float, y: float) -> str:
        """Return something mirrored about a point, where the output would mirror it."""
        if self.turn.mirrored is None:
            return body
        if self.turn.mirrored == "h":
            back = Affine(-1, 0, 2 * x, 0, 1, 0)
        else:
            back = Affine(1, 0, 0, 0, -1, 2 * y)
        matrix = " ".join(map(n, (back.a, back.d, back.b, back.e, back.c, back.f)))
        return f'<g transform="matrix({matrix})">{body}</g>'

    def letters(
        self, placed: Sequence[tuple[Line, float, float]], em: float, ink: str, halo: bool
    ) -> str:
        """Return lines of letters.

        Args:
            placed: each with its left end and its foot, in pixels.
            em: the size of the letters, in pixels.
            ink: their colour.
            halo: whether they have an edge.
        """
        body = "".join(self._line(line, x, y, em, halo) for line, x, y in placed)
        colour, opacity = opaque(ink)
        seen = f' fill-opacity="{n(opacity)}"' if opacity < 1 else ""
        letters = f'<g fill="#{colour}"{seen}>{body}</g>'
        if not halo:
            return letters
        edge = "ffffff" if readable_on(ink) == "ffffff" else "1c2024"
        return (
            f'<g fill="#{edge}" stroke="#{edge}" stroke-linejoin="round" opacity="0.92">{body}</g>'
            + letters
        )

    def _line(self, line: Line, x: float, y: float, em: float, halo: bool) -> str:
        parts = []
        for font in dict.fromkeys(glyph.font for glyph in line.glyphs):
            scale = em / font.units
            edge = f' stroke-width="{n(HALO * font.units)}"' if halo else ""
            parts.append(
                f'<g transform="translate({n(x)} {n(y)}) '
                f'scale({_fine(scale)} {_fine(-scale)})"{edge}>'
            )
            for glyph in line.glyphs:
                if glyph.font == font:
                    name = self._glyphs.setdefault((font, glyph.number), f"g{len(self._glyphs)}")
                    up = f' y="{n(glyph.y * font.units)}"' if glyph.y else ""
                    parts.append(f'<use href="#{name}" x="{n(glyph.x * font.units)}"{up}/>')
            parts.append("</g>")
        return "".join(parts)

    def shadow(
        self,
        shape: Shape,
        outlines: Sequence[tuple[str, float, bool]],
        placed: str = "",
        scale: float = 1.0,
    ) -> str:
        """Return the shadow of a shape: strokes of rising width, which is soft enough and cheap.

        Args:
            shape: whose it is; nothing, where it throws none.
            outlines: path data, width of the line along it, and whether it is filled.
            placed: a transform of the outlines.
            scale: of that.
        """
        if not shape.shadow:
            return ""
        reach = self.length(SHADOW) / scale
        rings = ""
        # What is made of many paths has a coarser one: strokes are what takes time.
        count = RINGS if len(outlines) == 1 else FEW_RINGS
        depth = n(DEPTH * RINGS / count)
        for ring in range(count):
            for d, width, filled in outlines:
                wide = width + 2 * reach * ((ring + 0.5) / count) ** 1.3
                hollow = "" if filled else ' fill="none"'
                rings += f'<path d="{d}" stroke-width="{n(wide)}"{hollow}/>'
        body = (
            f'<g fill="#000000" fill-opacity="{depth}" stroke="#000000" stroke-opacity="{depth}" '
            f'stroke-linecap="round" stroke-linejoin="round"'
            + (f' transform="{placed}"' if placed else "")
            + f">{rings}</g>"
        )
        return f'<g transform="translate(0 {n(self.length(DROP))})">{turned(shape, body)}</g>'


def _fine(scale: float) -> str:
    """Return a factor with ten places, for units of a font are small."""
    text = f"{scale:.10f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-", "-0") else "0"
