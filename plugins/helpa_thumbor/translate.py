"""From a thumbor URL to Helpa's own words."""

from __future__ import annotations

import re

from helpa import ImageId, SourcePath, SourceUrl, Translation
from helpa.dialects import Option, decimal
from helpa_thumbor import filters, path
from helpa_thumbor.filters import TOLERANCE, Wishes
from helpa_thumbor.mapping import Mapping, unmapped
from helpa_thumbor.path import Parts
from helpa_thumbor.place import ACROSS, DOWN, WORDS, Turn
from helpa_thumbor.settings import ThumborSettings
from helpa_thumbor.signature import verified

MOST_TOLERANCE = 442
"""The distance of black and white in RGB space: 255·√3."""

URL = re.compile(r"(https?):/{1,2}(?=[^/])", re.IGNORECASE)
"""Proxies make one slash of two."""


def translate(settings: ThumborSettings, raw_path: bytes, raw_query: bytes) -> Translation:
    """Return what a URL means.

    Args:
        settings: keys, and the source of plain paths.
        raw_path: from the signature on, as it came.
        raw_query: as it came; thumbor does not look at it, nor does its signature cover it.

    Raises:
        InvalidValue: something has no words here; names it.
        Forbidden: the signature is wrong.
    """
    del raw_query
    text, signed = verified(settings, raw_path)
    parts = path.read(text)
    mapping = params(parts)
    picture = subject(settings, parts.image)
    return Translation(picture, mapping.params, signed=signed, spelling=mapping.spelling)


def subject(settings: ThumborSettings, image: str) -> ImageId | SourcePath | SourceUrl:
    """Return the picture that the end of a URL names.

    Args:
        settings: the source of plain paths.
        image: decoded once.

    Raises:
        InvalidValue: a URL of another kind than http.
    """
    try:
        return ImageId.parse(image)
    except ValueError:
        pass
    if found := URL.match(image):
        rest = image[found.end() :].replace("#", "%23")
        return SourceUrl(f"{found.group(1).lower()}://{rest}")
    if "://" in image.partition("?")[0]:
        raise unmapped(
            "path",
            "pictures come by http.",
            given=image,
            allowed="http://…, https://…, a path or an id",
        )
    if settings.source:
        return SourcePath(settings.source, image.lstrip("/"))
    return SourceUrl("http://" + image.lstrip("/").replace("#", "%23"))


def params(parts: Parts) -> Mapping:
    """Return Helpa's parameters for the parts of a URL.

    Raises:
        InvalidValue: something has no words here; names it.
    """
    if parts.debug:
        raise unmapped("debug", "focal points are not drawn.")
    wishes = filters.apply(parts.filters)
    mapping = wishes.mapping
    if parts.meta:
        mapping.params.pop("fmt", None)
        mapping.put("fmt", "json", "meta")
    _cut(parts, mapping)
    turn = Turn(parts.across, parts.down, wishes.rotate)
    if turn.rot:
        mapping.put("rot", decimal(turn.rot, 6), "rotate")
    if turn.flip:
        mapping.put("flip", turn.flip, parts.size)
    _size(parts, wishes, turn)
    return mapping


def _cut(parts: Parts, mapping: Mapping) -> None:
    if parts.crop is not None and any(parts.crop):
        left, top, right, bottom = parts.crop
        given = f"{left}x{top}:{right}x{bottom}"
        if right <= left or bottom <= top:
            raise unmapped(
                "crop", "nothing is left.", given=given, allowed="left < right and top < bottom"
            )
        if parts.trim:
            raise unmapped(
                "crop",
                "thumbor trims before it crops, Helpa after.",
                given=given,
                allowed="crop or trim, not both",
            )
        mapping.put("rect", f"{left},{top},{right - left},{bottom - top}", given)
    if parts.trim:
        words = parts.trim.split(":")[1:]
        if words and words[0] == "bottom-right":
            raise unmapped(
                "trim",
                "the colour of the top left pixel is trimmed.",
                given=parts.trim,
                allowed="trim, trim:top-left",
            )
        tolerance = (
            Option("trim", words[-1]).number(0, MOST_TOLERANCE)
            if words and words[-1].isdigit()
            else 0
        )
        mapping.put("trim", decimal(tolerance / TOLERANCE, 0), "trim")


def _size(parts: Parts, wishes: Wishes, turn: Turn) -> None:
    mapping = wishes.mapping
    width, height = _box(parts, wishes)
    if not (width or height):
        return
    if turn.left % 90:
        raise unmapped(
            "rotate",
            "thumbor turns after it resizes, Helpa before.",
            given=decimal(wishes.rotate, 2),
            allowed="multiples of 90 beside a size",
        )
    across, down = (height, width) if turn.swaps else (width, height)
    for name, side in (("w", across), ("h", down)):
        if side:
            mapping.put(name, str(side), parts.size)
    both = bool(width and height)
    if parts.fit_in:
        _fit_in(parts, wishes, both=both)
    elif both and wishes.stretch:
        mapping.put("fit", "fill", "stretch")
    elif both:
        mapping.put("fit", "cover", parts.size)
        _place(parts, wishes, turn)
    elif not wishes.no_upscale:
        mapping.put("enlarge", "1", parts.size)
    if both and not parts.fit_in and wishes.no_upscale:
        mapping.put("enlarge", "0", "no_upscale")


def _box(parts: Parts, wishes: Wishes) -> tuple[int, int]:
    """Return width and height in pixels, 0 where a side is free."""
    if "orig" in (parts.width, parts.height):
        if {parts.width, parts.height} - {"orig", 0}:
            raise unmapped(
                "size",
                "orig beside a number depends on the picture.",
                given=parts.size,
                allowed="numbers, or origxorig",
            )
        width = height = 0
    else:
        width, height = int(parts.width), int(parts.height)
    if wishes.proportion != 1:
        if not (width or height):
            raise unmapped(
                "proportion",
                "a share of the picture's own size has no words here.",
                given=decimal(wishes.proportion, 4),
                allowed="beside a size",
            )
        width, height = (max(1, round(s * wishes.proportion)) if s else 0 for s in (width, height))
    return width, height


def _fit_in(parts: Parts, wishes: Wishes, *, both: bool) -> None:
    mapping = wishes.mapping
    if parts.fit_in.startswith("adaptive-") and parts.width != parts.height:
        raise unmapped(
            "fit-in",
            "which way round the box stands depends on the picture.",
            given=parts.fit_in,
            allowed="fit-in, full-fit-in",
        )
    if wishes.stretch:
        raise unmapped(
            "stretch",
            "a picture is fitted in or stretched.",
            given=parts.fit_in,
            allowed="stretch without fit-in",
        )
    if wishes.upscale:
        mapping.put("enlarge", "1", "upscale")
    if "full-" in parts.fit_in:
        if wishes.fill:
            raise unmapped(
                "fill",
                "there is nothing to fill around full-fit-in.",
                given=parts.fit_in,
                allowed="fill with fit-in",
            )
        mapping.put("fit", "outside", parts.fit_in)
    elif wishes.fill and both:
        mapping.put("fit", "contain", "fill")
        mapping.put("bg", wishes.fill, "fill")


def _place(parts: Parts, wishes: Wishes, turn: Turn) -> None:
    mapping = wishes.mapping
    if wishes.focal is not None:
        if parts.crop is None or not any(parts.crop):
            raise unmapped(
                "focal",
                "a point in pixels needs the picture's size to be a fraction.",
                given=parts.size,
                allowed="focal beside a crop",
            )
        left, top, right, bottom = parts.crop
        x = (sum(wishes.focal[0::2]) / 2 - left) / (right - left)
        y = (sum(wishes.focal[1::2]) / 2 - top) / (bottom - top)
        x, y = turn.move(min(max(x, 0), 1), min(max(y, 0), 1))
        mapping.put("fp", f"{decimal(x, 4)},{decimal(y, 4)}", "focal")
    elif parts.smart:
        mapping.put("g", "smart", "smart")
    elif (parts.halign, parts.valign) != ("center", "middle"):
        place = turn.move(ACROSS[parts.halign], DOWN[parts.valign])
        mapping.put("g", WORDS[place], f"{parts.halign}/{parts.valign}")
