"""Colours, blur, corners and borders."""

from __future__ import annotations

from collections.abc import Mapping

from helpa.dialects import Draft, Option

Given = Mapping[str, Option]

SIGMA_OF_BLUR = 0.11
"""imgix's scale is its own; others who rebuilt it found its 0–2000 to look like sigmas of 0–220."""

SHARPEST = 100
"""Most of imgix's ``sharp``; of Helpa's it is 10."""

CORNER_SHARE = 0.2
"""Radius of ``mask=corners`` without one, of the shorter side."""


def effects(given: Given, draft: Draft) -> None:
    """Translate what changes pixels but not places.

    Raises:
        InvalidValue: names what cannot be mapped.
    """
    _tones(given, draft)
    _shapes(given, draft)
    for name in ("bg",):
        if name in given:
            draft.put(name, given[name].colour(alpha_first=True), given[name])


def _tones(given: Given, draft: Draft) -> None:
    for name in ("bri", "con", "sat"):
        if name in given and (value := given[name].number(-100, 100)):
            draft.put(name, value, given[name])
    if "hue" in given and (degrees := given["hue"].number(-360, 360) % 360):
        draft.put("hue", degrees, given["hue"])
    if "gam" in given and (value := given["gam"].number(-100, 100)):
        # -100, 0 and 100 are the least, none and the most of both.
        draft.put("gam", 10 ** (value / 100), given["gam"])
    if "invert" in given and given["invert"].flag():
        draft.put("invert", "1", given["invert"])
    if "sepia" in given and (value := given["sepia"].number(0, 100)):
        draft.put("sepia", value, given["sepia"])
    if "monochrome" in given:
        draft.put("tint", given["monochrome"].colour(alpha_first=True), given["monochrome"])
    if "blur" in given and (value := given["blur"].number(0, 2000)):
        draft.put("blur", value * SIGMA_OF_BLUR, given["blur"])
    if "sharp" in given and (value := given["sharp"].number(0, SHARPEST)):
        draft.put("sharp", value * 10 / SHARPEST, given["sharp"])
    if "px" in given and (block := given["px"].whole(0, 100)):
        draft.put("px", str(block), given["px"])


def _shapes(given: Given, draft: Draft) -> None:
    border, rounded = given.get("border"), given.get("border-radius")
    if border is not None:
        width, comma, colour = border.text.partition(",")
        if not comma:
            raise border.refused("width,colour, as 10,FFAE00")
        shade = Option(border.name, colour).colour(alpha_first=True)
        draft.put("border", f"{Option(border.name, width).whole(0, 1000)},{shade}", border)
        if rounded is not None:
            draft.put("radius", _radius(rounded), rounded)
    mask, shade_option = given.get("mask"), given.get("mask-bg")
    if mask is None:
        return
    word = mask.text.lower()
    if word == "ellipse":
        if not _exact(draft) or draft.params["w"] != draft.params["h"]:
            raise mask.unmapped(
                "Helpa cuts circles, not ellipses.",
                "w and h alike, with fit=crop, scale or fill",
            )
        draft.put("radius", "max", mask)
    elif word == "corners":
        corner = given.get("corner-radius")
        if corner is not None and corner.text != "0":
            draft.put("radius", _radius(corner), corner)
        elif _exact(draft):
            shorter = min(int(draft.params["w"]), int(draft.params["h"]))
            draft.put("radius", str(round(shorter * CORNER_SHARE)), mask)
        else:
            raise mask.unmapped(
                "the radius would depend on the picture.",
                "corner-radius beside it, or w and h with fit=crop, scale or fill",
            )
    else:
        raise mask.unmapped("Helpa masks with circles and rounded corners.", "ellipse or corners")
    if shade_option is not None:
        draft.put("bg", shade_option.colour(alpha_first=True), shade_option)


def _exact(draft: Draft) -> bool:
    """Return whether the answer is as large as the URL says."""
    return {"w", "h"} <= draft.params.keys() and draft.params.get("fit") in (
        "cover",
        "fill",
        "contain",
    )


def _radius(option: Option) -> str:
    corners = [Option(option.name, part).whole(0, 8192) for part in option.text.split(",")]
    if len(corners) not in (1, 4):
        raise option.refused("one radius in pixels, or four from the top left on clockwise")
    return ",".join(map(str, corners if len(set(corners)) > 1 else corners[:1]))
