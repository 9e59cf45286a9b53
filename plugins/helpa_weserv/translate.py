"""From ``/weserv/?url=…`` to Helpa's parameters."""

from __future__ import annotations

import re

from helpa import ImageId, InvalidValue, NotFound, SourcePath, SourceUrl, Translation
from helpa.dialects import Draft, Option, decimal, locate, named, read_query
from helpa_weserv.words import (
    ALIASES,
    FITS,
    FORMATS,
    KNOWN,
    MASKS,
    MEASURED,
    PAGE,
    PLACES,
    REFUSED,
    SHRINKING,
)

TRIM_TOLERANCE = 10
"""Of ``trim`` without a value."""

Given = dict[str, Option]


def translate(path: bytes, query: bytes, *, source: str | None, drop_query: bool) -> Translation:
    """Return what a URL means.

    Args:
        path: after the prefix, as it came; there is none.
        query: as it came.
        source: the source that paths are in, or None.
        drop_query: whether a query of the picture's URL is dropped.

    Raises:
        RequestError: it cannot be said in Helpa's words; names the option.
    """
    if path:
        raise NotFound("There is no such picture.")
    given = named(read_query(query), KNOWN, ALIASES, PAGE)
    for name, why in REFUSED.items():
        if name in given:
            raise given[name].unmapped(why)
    subject = _subject(given, source, drop_query)
    draft = Draft()
    for read in (_size, _place, _cut, _mask, _turn, _tones, _sharpness, _backgrounds, _output):
        read(given, draft)
    _without_effect(given)
    return draft.translation(subject)


def _on(given: Given, name: str) -> bool:
    option = given.get(name)
    return option is not None and option.flag()


def _subject(
    given: Given, source: str | None, drop_query: bool
) -> ImageId | SourcePath | SourceUrl:
    url = given.get("url")
    if url is None or not url.text:
        raise InvalidValue(
            "url is missing.", field="url", allowed="the picture's URL, or an image id"
        )
    text = url.text
    if text.startswith("ssl:"):
        text = "https://" + text.removeprefix("ssl:").lstrip("/")
    elif text.startswith("//"):
        text = "http:" + text
    elif not re.match(r"https?:/|/|[\w-]{22}\Z", text, re.IGNORECASE | re.ASCII):
        text = "http://" + text
    return locate(text, source, name=url.name, drop_query=drop_query)


def _size(given: Given, draft: Draft) -> None:
    for name in ("w", "h"):
        option = given.get(name)
        if option is None:
            continue
        if option.text.endswith("%"):
            raise option.unmapped("Helpa's sizes are pixels.", "a whole number of pixels")
        draft.put(name, str(option.whole(1, 99999)), option)
    if "dpr" in given:
        draft.put("dpr", given["dpr"].number(1, 8), given["dpr"])
    fit = given.get("fit")
    word = fit.word(FITS) if fit is not None else "inside"
    stay = _on(given, "we") or (fit is not None and fit.text.lower() in SHRINKING)
    if not draft.params.keys() & {"w", "h"}:
        return
    if fit is not None:
        draft.put("fit", word, fit)
    if not stay:
        draft.put("enlarge", "1")
    elif word in ("cover", "fill"):
        draft.put("enlarge", "0", given.get("we", fit))


def _place(given: Given, draft: Draft) -> None:
    place = given.get("a")
    across, down = (given[name].number(0, 1) if name in given else 0.5 for name in ("fpx", "fpy"))
    if place is None:
        return
    fit = draft.params.get("fit")
    text = place.text.lower()
    point = re.fullmatch(r"(?:focal|crop)(?:-([0-9]{1,3}))?(?:-([0-9]{1,3}))?", text)
    if point is not None:
        if point.group(1):
            across = Option(place.name, point.group(1)).whole(0, 100) / 100
        if point.group(2):
            down = Option(place.name, point.group(2)).whole(0, 100) / 100
        if fit in ("cover", "contain"):
            draft.put("fp", f"{decimal(across)},{decimal(down)}", place)
        return
    found = Option(place.name, text).word({**PLACES, "focal": "focal"})
    if fit == "cover" or (fit == "contain" and text not in MEASURED):
        draft.put("g", found, place)


def _cut(given: Given, draft: Draft) -> None:
    trim = given.get("trim")
    if trim is not None:
        tolerance = trim.whole(1, 254) if trim.text else TRIM_TOLERANCE
        draft.put("trim", str(tolerance), trim)
    crop = given.get("crop")
    sides = [given.get(name) for name in ("cx", "cy", "cw", "ch")]
    if crop is not None:
        if not re.fullmatch(r"[0-9]{1,5}(,[0-9]{1,5}){3}", crop.text):
            raise crop.refused("width,height,x,y in pixels")
        width, height, x, y = (Option(crop.name, part) for part in crop.text.split(","))
        sides = [side or part for side, part in zip(sides, (x, y, width, height), strict=True)]
    wanted = [side for side in sides if side is not None]
    if not wanted:
        return
    if draft.params.keys() & {"w", "h"} and not _on(given, "precrop"):
        raise wanted[0].unmapped(
            "weserv cuts what comes out of resizing, Helpa what goes in.",
            "precrop beside it, or neither w nor h",
        )
    lengths = [None if side is None else _length(side) for side in sides]
    for start in (0, 1):
        before, size = lengths[start], lengths[start + 2]
        if size is None:
            if before is not None and not before.endswith("p") and before != "0":
                raise wanted[0].unmapped(
                    "Helpa cuts by place and size.", "cx, cy, cw and ch together"
                )
            taken = float(before[:-1]) if before and before.endswith("p") else 0.0
            lengths[start + 2] = decimal(100 - taken) + "p"
        lengths[start] = before or "0"
    draft.put("rect", ",".join(map(str, lengths)), wanted[0])


def _length(option: Option) -> str:
    if option.text.endswith("%"):
        return decimal(Option(option.name, option.text[:-1]).number(0, 100)) + "p"
    return str(option.whole(0, 99999))


def _mask(given: Given, draft: Draft) -> None:
    mask = given.get("mask")
    shade = given.get("mbg")
    if mask is None or mask.text.lower() == "none":
        return
    mask.word({name: name for name in MASKS})
    if mask.text.lower() not in ("circle", "ellipse"):
        raise mask.unmapped("Helpa cuts circles and rounded corners.", "circle, or no mask")
    box = draft.params.get("w"), draft.params.get("h")
    exact = draft.params.get("fit") in ("cover", "fill", "contain")
    if box[0] is None or box[0] != box[1] or not exact:
        raise mask.unmapped(
            "in Helpa it is a circle only where the answer is square.",
            "w and h alike, with fit=cover, fill or contain",
        )
    draft.put("radius", "max", mask)
    if shade is not None:
        draft.put("bg", shade.colour(alpha_first=True), shade)


def _turn(given: Given, draft: Draft) -> None:
    turn = given.get("ro")
    if turn is not None and turn.text:  # without a value it stands upright, as it does here
        degrees = turn.whole(-999_999, 999_999) % 360
        if degrees:
            draft.put("rot", str(degrees), turn)
    axes = ("h" if _on(given, "flop") else "") + ("v" if _on(given, "flip") else "")
    if axes:
        draft.put("flip", axes, given["flop" if "h" in axes else "flip"])


def _tones(given: Given, draft: Draft) -> None:
    for name in ("con", "bri"):
        if name in given and (value := given[name].whole(-100, 100)):
            draft.put(name, str(value), given[name])
    mod = given.get("mod")
    parts = mod.text.split(",") if mod is not None else []
    if mod is not None and len(parts) > 3:
        raise mod.refused("brightness, saturation and hue, each perhaps, between commas")
    found = {"sat": given.get("sat"), "hue": given.get("hue"), "bri": None}
    for name, part in zip(("bri", "sat", "hue"), parts, strict=False):
        assert mod is not None
        if found[name] is not None:
            raise mod.unmapped(f"{name} is given beside it.", "only one of the two")
        found[name] = Option(mod.name, part)
    for name in ("bri", "sat"):
        option = found[name]
        if option is not None and (factor := option.number(0, 2)) != 1:
            draft.put(name, (factor - 1) * 100, option)
    hue = found["hue"]
    if hue is not None and (degrees := hue.whole(-999_999, 999_999) % 360):
        draft.put("hue", str(degrees), hue)
    gamma = given.get("gam")
    if gamma is not None and (exponent := gamma.number(1, 3)) != 1:
        draft.put("gam", 1 / exponent, gamma)  # weserv's darkens above 1, Helpa's lightens
    effect = given.get("filt")
    if effect is not None:
        words = {"greyscale": "gray", "sepia": "sepia", "negate": "invert", "duotone": "duotone"}
        name = effect.word({**words, "none": ""})
        if name == "duotone":
            raise effect.unmapped("Helpa has no duotone; tint colours with one colour.")
        if name:
            draft.put(name, "100" if name == "sepia" else "1", effect)
    tint = given.get("tint")
    if tint is not None:
        draft.put("tint", tint.colour(alpha_first=True), tint)


def _sharpness(given: Given, draft: Draft) -> None:
    sharp, blur = given.get("sharp"), given.get("blur")
    if sharp is not None:
        if "," in sharp.text:
            raise sharp.unmapped(
                "Helpa sharpens flat and jagged areas alike.", "one number of 0–10, or none"
            )
        strength = sharp.number(0, 10) if sharp.text else 1.0
        if strength:
            draft.put("sharp", strength, sharp)
    if blur is not None:
        sigma = blur.number(0, 250) if blur.text else 1.0
        if sigma:  # of the pixels of the answer; Helpa multiplies it by dpr
            draft.put("blur", sigma / float(draft.params.get("dpr", 1)), blur)


def _backgrounds(given: Given, draft: Draft) -> None:
    for name in ("bg", "cbg", "rbg"):
        option = given.get(name)
        if option is None:
            continue
        text = option.colour(alpha_first=True)
        unused = (name == "cbg" and draft.params.get("fit") != "contain") or (
            name == "rbg" and float(draft.params.get("rot", 0)) % 90 == 0
        )
        if not unused:
            draft.put("bg", text, option)


def _output(given: Given, draft: Draft) -> None:
    output = given.get("output")
    if output is not None:
        name = output.word(FORMATS)
        if not name:
            raise output.unmapped("Helpa writes no TIFF.", "jpg, png, gif, webp, avif or json")
        draft.put("fmt", name, output)
    if "q" in given:
        draft.put("q", str(given["q"].whole(1, 100)), given["q"])
    for name, ours in (("ll", "lossless"), ("il", "progressive")):
        if _on(given, name):
            draft.put(ours, "1", given[name])
    encoding = given.get("encoding")
    if encoding is not None:
        raise encoding.unmapped("Helpa answers with pictures, not with data URLs.")
    page, frames = given.get("page"), given.get("n")
    if page is not None:
        if page.text in ("-1", "-2"):
            raise page.unmapped("Helpa's pages are counted from 0.", "a whole number from 0 on")
        draft.put("page", str(page.whole(0, 9999)), page)
    count = frames.whole(-1, 99999) if frames is not None else 1
    if frames is not None and count not in (1, -1):
        raise frames.unmapped("Helpa shows one frame or all.", "1 or -1")
    if page is not None and count == -1:
        raise page.unmapped("with n=-1 all frames are shown.", "only one of the two")
    if page is None and count == 1:
        draft.put("anim", "0", frames)


def _without_effect(given: Given) -> None:
    """Check options that change nothing here."""
    if "l" in given:
        given["l"].whole(0, 9)
    for name in ("af", "fsol", "mtrim"):
        _on(given, name)
    if "maxage" in given and not re.fullmatch(r"[0-9]{1,9}[dwMy]?", given["maxage"].text):
        raise given["maxage"].refused("a number of days, weeks, months or years: 31d, 4w, 1M, 1y")
    if "filename" in given and not re.fullmatch(r"[A-Za-z0-9]{1,120}", given["filename"].text):
        raise given["filename"].refused("letters and digits")
