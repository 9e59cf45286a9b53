"""Size, cut, turn and margins."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpa.dialects import Draft, Option, Turn, decimal

Given = Mapping[str, Option]

FITS: dict[str, dict[str, str]] = {
    "clip": {"enlarge": "1"},
    "max": {},
    "crop": {"fit": "cover", "enlarge": "1"},
    "min": {"fit": "cover", "enlarge": "0"},
    "fill": {"fit": "contain", "enlarge": "1"},
    "fillmax": {"fit": "contain"},
    "scale": {"fit": "fill", "enlarge": "1"},
}
"""Parameters by ``fit``; ``enlarge=1`` counts for cover and fill where one side is given."""

UNMAPPED_FITS = {
    "clamp": "Helpa fills margins with a colour, not with stretched edges.",
    "facearea": "Helpa does not zoom in on faces; crop=faces keeps them in view.",
}

CROPS = (
    "top", "bottom", "left", "right", "center", "faces", "focalpoint", "edges", "entropy",
)  # fmt: skip

PLACES = {"faces": "face", "edges": "smart", "entropy": "entropy"}
"""Gravity by word of ``crop``."""

ORIENTATIONS = {
    "0": Turn(), "1": Turn(), "2": Turn(0, True), "3": Turn(2), "4": Turn(2, True),
    "5": Turn(1, True), "6": Turn(1), "7": Turn(3, True), "8": Turn(3),
    "90": Turn(1), "180": Turn(2), "270": Turn(3),
}  # fmt: skip
"""How each value of Exif's Orientation turns a picture, and imgix's degrees."""

TRIM_AUTO = 11
"""imgix's default of ``trim-md``."""


def geometry(given: Given, draft: Draft) -> None:
    """Translate what says how large the answer is and which part it shows.

    Raises:
        InvalidValue: names what cannot be mapped.
    """
    _rect(given, draft)
    _trim(given, draft)
    _turn(given, draft)
    pads = _pad(given, draft)
    _size(given, draft, pads)
    _place(given, draft)


def _size(given: Given, draft: Draft, pads: tuple[int, int]) -> None:
    fit = given.get("fit")
    word = _fit(fit)
    for name, pad in (("w", pads[0]), ("h", pads[1])):
        option = given.get(name)
        if option is None:
            continue
        if "." in option.text:
            raise option.unmapped("Helpa's sizes are pixels.", "a whole number of pixels")
        length = option.whole(1, 99999)
        if word == "crop":
            for limit, choose in ((f"max-{name}", min), (f"min-{name}", max)):
                if limit in given:
                    length = choose(length, given[limit].whole(1, 8192))
        # imgix has margins within the box, Helpa around it.
        if length <= pad:
            raise option.refused(f"more than the {pad} px of padding")
        draft.put(name, str(length - pad), option)
    if word == "crop":
        for limit in ("max-w", "max-h", "min-w", "min-h"):
            if limit in given and limit[-1] not in draft.params:
                raise given[limit].unmapped(
                    f"without {limit[-1]} it depends on the picture.", f"{limit[-1]} beside it"
                )
    if "dpr" in given:
        draft.put("dpr", given["dpr"].number(0.01, 5), given["dpr"])
    ratio = given.get("ar")
    boxed = draft.params.keys() & {"w", "h"}
    if ratio is not None:
        if not re.fullmatch(r"[0-9.]{1,9}(:[0-9.]{1,9})?", ratio.text):
            raise ratio.refused("width:height, as 16:9")
        if word in ("crop", "fill", "fillmax", "min") and len(boxed) < 2:
            draft.put("ar", ratio.text, ratio)
    if not boxed and "ar" not in draft.params:
        return
    for name, text in FITS[word].items():
        draft.put(name, text, fit)
    if word in ("fill", "fillmax"):
        _fill(given, draft)


def _fit(fit: Option | None) -> str:
    if fit is None:
        return "clip"
    # The words after the first are for pictures without a face.
    first = fit.text.lower().split(",")[0]
    if first in UNMAPPED_FITS:
        raise fit.unmapped(UNMAPPED_FITS[first], "one of " + ", ".join(FITS))
    return fit.word({name: name for name in FITS})


def _fill(given: Given, draft: Draft) -> None:
    fill, colour = given.get("fill"), given.get("fill-color")
    if fill is not None and fill.text.lower() != "solid":
        raise fill.unmapped("Helpa fills margins with one colour.", "solid")
    if colour is not None:
        draft.put("bg", colour.colour(alpha_first=True), colour)
    elif "bg" not in given:
        draft.put("bg", "ffffff")


def _place(given: Given, draft: Draft) -> None:
    crop = given.get("crop")
    words = [word for word in crop.text.lower().split(",") if word] if crop is not None else []
    if crop is not None and not all(word in CROPS for word in words):
        raise crop.refused("one or more of " + ", ".join(CROPS))
    across, down = (given[name].number(0, 1) if name in given else 0.5 for name in ("fp-x", "fp-y"))
    zoom = given["fp-z"].number(1, 100) if "fp-z" in given else 1
    if crop is None or not words or draft.params.get("fit") != "cover":
        return  # imgix reads the rest where it crops
    first = words[0]
    if first == "focalpoint":
        if zoom != 1:
            raise given["fp-z"].unmapped("Helpa does not zoom in on a point; rect does.", "1")
        draft.put("fp", f"{decimal(across)},{decimal(down)}", crop)
        return
    sides = [word for word in ("top", "bottom", "left", "right") if word in words]
    if first in PLACES:
        draft.put("g", PLACES[first], crop)
    elif {"top", "bottom"} <= set(sides) or {"left", "right"} <= set(sides):
        raise crop.refused("sides that are not opposite")
    elif sides:
        draft.put("g", "-".join(sides), crop)


def _rect(given: Given, draft: Draft) -> None:
    rect = given.get("rect")
    if rect is None:
        return
    allowed = (
        "x,y,w,h: pixels or fractions as 0.5; x also left, center, right, "
        "y top, middle, bottom, w and h full"
    )
    parts = rect.text.lower().replace(";", ",").split(",")
    if len(parts) != 4:
        raise rect.refused(allowed)
    found = [""] * 4
    for start, words in ((0, ("left", "center", "right")), (1, ("top", "middle", "bottom"))):
        place, size = parts[start], parts[start + 2]
        share = _share(size)
        if size == "full":
            before = 0.0 if place in words else _share(place) or 0.0
            if place not in words and "." not in place and place != "0":
                raise rect.unmapped("full leaves no room beside pixels.", allowed)
            share = 1 - before
        if place in words and place != words[0]:
            if share is None:
                raise rect.unmapped(
                    f"where {place} is depends on the picture where the size is in pixels.",
                    "a place in pixels, or a size as a fraction",
                )
            place = decimal((1 - share) / (2 if place == words[1] else 1))
            place += "" if "." in place else ".0"
        found[start] = "0" if place == words[0] else _length(place)
        found[start + 2] = _length(size) if share is None else decimal(share * 100) + "p"
    if not all(found):
        raise rect.refused(allowed)
    draft.put("rect", ",".join(found), rect)


def _share(text: str) -> float | None:
    if not re.fullmatch(r"0?\.[0-9]{1,6}|[01]\.0{1,6}", text):
        return None
    return float(text)


def _length(text: str) -> str:
    """Return a length as Helpa writes it, or nothing where the text is none."""
    share = _share(text)
    if share is not None:
        return decimal(share * 100) + "p"
    return text if re.fullmatch(r"[0-9]{1,6}", text) else ""


def _trim(given: Given, draft: Draft) -> None:
    trim = given.get("trim")
    tolerance, mean, colour = (given.get(n) for n in ("trim-tol", "trim-md", "trim-color"))
    most = tolerance.number(0, 255) if tolerance is not None else 0
    auto = mean.number(0, 255) if mean is not None else TRIM_AUTO
    shade = colour.colour(alpha_first=True) if colour is not None else ""
    if trim is None:
        return
    if trim.word({"auto": "auto", "color": "color"}) == "auto":
        draft.put("trim", str(round(auto)), trim)
    else:
        draft.put("trim", f"{round(most)}" + (f",{shade}" if shade else ""), trim)


def _turn(given: Given, draft: Draft) -> None:
    orient, rot, flip = given.get("orient"), given.get("rot"), given.get("flip")
    turn = Turn() if orient is None else orient.word(ORIENTATIONS)
    degrees = rot.number(0, 360) % 360 if rot is not None else 0
    if rot is not None and degrees % 90:
        raise rot.unmapped(
            "imgix zooms in until the turned picture covers its frame, Helpa enlarges the frame: "
            "/img/<id>?rot=….",
            "0, 90, 180 or 270",
        )
    axes = flip.word({"h": "h", "v": "v", "hv": "hv", "vh": "hv"}) if flip is not None else ""
    if axes and turn == Turn() and not degrees:
        draft.put("flip", axes, flip)
        return
    after = turn.turned(-int(degrees // 90)).flipped(axes)  # imgix turns counter-clockwise
    for name, text in after.params.items():
        draft.put(name, text, (flip or orient if name == "flip" else orient or rot) or rot)


def _pad(given: Given, draft: Draft) -> tuple[int, int]:
    names = [f"pad-{side}" for side in ("top", "right", "bottom", "left")]
    used = [given[name] for name in ("pad", *names) if name in given]
    if not used:
        return 0, 0
    every = given["pad"].whole(0, 4096) if "pad" in given else 0
    top, right, bottom, left = (
        given[name].whole(0, 4096) if name in given else every for name in names
    )
    if not (top or right or bottom or left):
        return 0, 0
    same = top == right == bottom == left
    draft.put("pad", str(top) if same else f"{top},{right},{bottom},{left}", used[0])
    return left + right, top + bottom
