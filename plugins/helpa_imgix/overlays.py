"""Watermark and text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpa import ImageId
from helpa.dialects import Draft, Option

Given = Mapping[str, Option]

PLACES = ("top", "middle", "bottom", "left", "center", "right")
MARK_PAD = 5
TEXT_PAD = 10
TEXT_SIZE = 12
"""imgix's defaults, in pixels."""


def overlays(given: Given, draft: Draft) -> None:
    """Translate what is drawn over the picture.

    Raises:
        InvalidValue: names what cannot be mapped.
    """
    _mark(given, draft)
    _text(given, draft)


def _place(option: Option | None, otherwise: str) -> str:
    """Return the gravity that two words of an alignment are."""
    if option is None:
        return otherwise
    words = [word for word in option.text.lower().split(",") if word]
    down = [word for word in words if word in ("top", "bottom")]
    across = [word for word in words if word in ("left", "right")]
    if not words or not set(words) <= set(PLACES) or len(down) > 1 or len(across) > 1:
        raise option.refused("one or two of " + ", ".join(PLACES))
    # A side that is not named stays where it is without the option.
    vertical = down or ([] if "middle" in words else otherwise.split("-")[:1])
    horizontal = across or ([] if "center" in words else otherwise.split("-")[1:])
    return "-".join(vertical + horizontal) or "center"


def _mark(given: Given, draft: Draft) -> None:
    mark = given.get("mark")
    if mark is None:
        return  # imgix reads the rest beside it alone
    try:
        draft.put("wm", str(ImageId.parse(mark.text)), mark)
    except ValueError:
        raise mark.unmapped(
            "Helpa draws pictures by id, so that the rights to both are checked.",
            ImageId.expects,
        ) from None
    tile = given.get("mark-tile")
    if tile is not None:
        tile.word({"grid": "1"})
        draft.put("wm_tile", "1", tile)
    align = given.get("mark-align")
    draft.put("wm_g", _place(align, "bottom-right" if tile is None else "top-left"), align)
    alpha, scale, width, pad = (
        given.get(f"mark-{name}") for name in ("alpha", "scale", "w", "pad")
    )
    if alpha is not None:
        draft.put("wm_o", alpha.number(0, 100), alpha)
    if scale is not None:
        draft.put("wm_s", scale.number(0, 100) / 100, scale)
    if width is not None:
        draft.put("wm_s", _share(width, draft), width)
    draft.put("wm_pad", str(pad.whole(0, 4096) if pad is not None else MARK_PAD), pad)


def _share(width: Option, draft: Draft) -> float:
    if "." in width.text:
        return width.number(0, 1)
    whole = width.whole(1, 8192)
    given = draft.params.get("w")
    if given is None or draft.params.get("fit") not in ("cover", "fill", "contain"):
        raise width.unmapped(
            "Helpa sizes a watermark by a share of the picture's width.",
            "a fraction, as 0.25, or pixels beside w with fit=crop, scale or fill",
        )
    return min(1.0, whole / int(given))


def _text(given: Given, draft: Draft) -> None:
    text = given.get("txt")
    if text is None or not text.text:
        return
    draft.put("txt", text.text, text)
    size, colour, box, font, width, align, pad = (
        given.get(f"txt-{name}")
        for name in ("size", "color", "bg", "font", "width", "align", "pad")
    )
    draft.put("txt_size", str(size.whole(1, 1000) if size is not None else TEXT_SIZE), size)
    shade = colour.colour(alpha_first=True) if colour is not None else "000000"
    draft.put("txt_color", shade, colour)
    if box is not None:
        draft.put("txt_bg", box.colour(alpha_first=True), box)
    if font is not None:
        name = re.sub(r"[\s,]+", "-", font.text.strip()).lower()
        if not re.fullmatch(r"[a-z0-9_-]{1,64}", name):
            raise font.refused("a name of letters, digits, spaces and commas")
        draft.put("txt_font", name, font)
    if width is not None:
        draft.put("txt_w", width.number(0, 8192), width)
    draft.put("txt_g", _place(align, "bottom-right"), align)
    draft.put("txt_pad", str(pad.whole(0, 4096) if pad is not None else TEXT_PAD), pad)
