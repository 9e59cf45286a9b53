"""Pixels of ``txt``, drawn by Pango."""

from __future__ import annotations

import contextlib
from html import escape
from typing import Any

import pyvips

from helpa import DrawContext
from helpa_overlays.draw.fontfiles import FontFiles, configure
from helpa_overlays.draw.over import over, with_alpha

WEIGHTS = {
    100: "thin", 200: "ultralight", 300: "light", 400: "normal", 500: "medium", 600: "semibold",
    700: "bold", 800: "ultrabold", 900: "heavy",
}  # fmt: skip
"""Pango's words for the weights of OpenType."""

configure()
files = FontFiles()
_loaded: set[str] = set()


def text(image: pyvips.Image, args: dict[str, Any], _: DrawContext) -> pyvips.Image:
    """Write over the image."""
    letters = _letters(args, image.height)
    padding, margin = args["padding"], args["margin"]
    box = (letters.width + 2 * padding, letters.height + 2 * padding)
    sides = (image.width, image.height)
    x, y = map(_start, sides, box, (margin, margin), args["place"])
    if args["box"] is not None:
        colour = args["box"]
        ground = pyvips.Image.black(*box, bands=4).copy(interpretation="srgb") + colour
        image = over(image, ground.cast("uchar").copy(interpretation="srgb"), x, y)
    return over(image, letters, x + padding, y + padding)


def _start(side: int, own: int, margin: int, part: float) -> int:
    """Return where the box begins; what is larger than the picture shows its beginning."""
    margin = min(margin, max(0, side - own) // 2)
    return round(margin + max(0, side - 2 * margin - own) * part)


def _letters(args: dict[str, Any], height: int) -> pyvips.Image:
    """Return the letters on nothing, cut to what they cover."""
    for source, *_ in args["runs"]:
        if source not in _loaded:
            # Makes the file known to fontconfig, as each further call with it would.
            pyvips.Image.text("x", fontfile=files.path(source), dpi=72)
            _loaded.add(source)
    length = sum(len(run[-1]) for run in args["runs"])
    try:
        return _drawn(args, length)
    except pyvips.Error:
        # Too high for Cairo or for the memory of a job. Its beginning will do, if that alone is
        # higher than the picture already.
        while length > 1:
            length //= 2
            with contextlib.suppress(pyvips.Error):
                drawn = _drawn(args, length)
                if drawn.height < height:
                    break
                return drawn
        raise


def _drawn(args: dict[str, Any], length: int) -> pyvips.Image:
    """Return the first letters, as many as ``length``."""
    red, green, blue, alpha = args["colour"]
    spans = []
    for _, family, weight, italic, written in args["runs"]:
        word = WEIGHTS[min(900, max(100, round(weight, -2)))]
        style = "italic" if italic else "normal"
        # Each run names its font, and Pango may take no other: what else the machine has must not
        # change an answer. Everything between the tags is text: none of it is read as markup.
        spans.append(
            f'<span fallback="false" font_family="{escape(family)}" weight="{word}" '
            f'style="{style}">{escape(written[:length])}</span>'
        )
        length = max(0, length - len(written))
    drawn = pyvips.Image.text(
        f'<span foreground="#{red:02x}{green:02x}{blue:02x}">{"".join(spans)}</span>',
        font=f"{args['size']}px",
        width=args["width"],
        align=args["align"],
        wrap="word-char",
        rgba=True,
        dpi=72,
    )
    return with_alpha(drawn, alpha / 255)
