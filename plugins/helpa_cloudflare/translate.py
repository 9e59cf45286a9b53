"""From ``/cdn-cgi/image/<options>/<source>`` to Helpa's parameters."""

from __future__ import annotations

import re

from helpa import InvalidValue, Translation
from helpa.dialects import (
    Draft,
    Option,
    Turn,
    decimal,
    decoded,
    decoded_path,
    locate,
    named,
    read_query,
    tracks,
)
from helpa_cloudflare.colours import css_colour

PAGE = "docs/migrate-from-cloudflare.md"

ALIASES = {
    "w": "width",
    "h": "height",
    "q": "quality",
    "f": "format",
    "g": "gravity",
    "scq": "slow-connection-quality",
    "face-zoom": "zoom",
}

REFUSED = {
    "segment": "Helpa does not tell a subject from its background.",
    "draw": "Helpa draws one picture over another by id: /img/<id>?wm=<id>.",
    "trim.border.keep": "Helpa's trim keeps nothing of a border.",
    "border.top": "Helpa's border is as wide on every side: border.width.",
    "border.right": "Helpa's border is as wide on every side: border.width.",
    "border.bottom": "Helpa's border is as wide on every side: border.width.",
    "border.left": "Helpa's border is as wide on every side: border.width.",
}
"""Why, by option."""

NO_OPS = ("slow-connection-quality", "onerror", "compression", "upscale")

MAPPED = (
    "width", "height", "fit", "gravity", "zoom", "quality", "format", "anim", "dpr", "background",
    "blur", "brightness", "contrast", "gamma", "saturation", "sharpen", "rotate", "flip", "trim",
    "trim.left", "trim.top", "trim.width", "trim.height", "trim.border.color",
    "trim.border.tolerance", "border", "border.width", "border.color", "metadata",
)  # fmt: skip

KNOWN = (*MAPPED, *REFUSED, *NO_OPS)

FITS: dict[str, dict[str, str]] = {
    "scale-down": {},
    "contain": {"enlarge": "1"},
    "cover": {"fit": "cover", "enlarge": "1"},
    "crop": {"fit": "cover", "enlarge": "0"},
    "aspect-crop": {"fit": "cover", "enlarge": "0"},
    "pad": {"fit": "contain", "enlarge": "1"},
    "squeeze": {"fit": "fill", "enlarge": "1"},
}
"""Parameters by ``fit``; ``enlarge=1`` counts for cover and fill where one side is given."""

CUTS = frozenset({"cover", "crop", "aspect-crop"})
"""Those that ``gravity`` is for."""

PLACES = {
    "auto": "smart",
    "face": "face",
    "left": "left",
    "right": "right",
    "top": "top",
    "bottom": "bottom",
    "center": "center",
}

FORMATS: dict[str, dict[str, str]] = {
    "auto": {"fmt": "auto"},
    "avif": {"fmt": "avif"},
    "webp": {"fmt": "webp"},
    "jpeg": {"fmt": "jpg", "progressive": "1"},
    "baseline-jpeg": {"fmt": "jpg", "progressive": "0"},
    "json": {"fmt": "json"},
}

QUALITIES = {"high": "high", "medium-high": "high", "medium-low": "medium", "low": "low"}
"""Helpa has three words; of two neighbours the better."""

TRIM_TOLERANCE = 10
"""Of ``trim=border`` without one."""

Given = dict[str, Option]


def translate(path: bytes, query: bytes, *, source: str | None, drop_query: bool) -> Translation:
    """Return what a URL means.

    Args:
        path: after the prefix, as it came.
        query: as it came; it is the picture's.
        source: the source that paths are in, or None.
        drop_query: whether a query of the picture's URL is dropped.

    Raises:
        RequestError: it cannot be said in Helpa's words; names the option.
    """
    raw_options, _, raw_source = path.partition(b"/")
    pieces = (piece.partition(b"=") for piece in raw_options.split(b",") if piece)
    options = [Option(decoded(name), decoded(value)) for name, _, value in pieces]
    if not options or not raw_source:
        raise InvalidValue(
            "The path is not <options>/<source>.",
            field="options",
            given=decoded(raw_options)[:80],
            allowed="options and commas, as in width=80,quality=75, then / and the picture",
        )
    given = named(options, KNOWN, ALIASES, PAGE)
    if not given:
        raise InvalidValue("There is no option.", field="options", allowed="at least one option")
    for name, why in REFUSED.items():
        if name in given:
            raise given[name].unmapped(why)
    draft = Draft()
    for read in (_size, _place, _trim, _turn, _colours, _frame, _output, _without_effect):
        read(given, draft)
    named_source = decoded_path(raw_source)
    if not all(tracks(option.name) for option in read_query(query)):
        named_source += "?" + query.decode("latin-1")
    return draft.translation(locate(named_source, source, name="source", drop_query=drop_query))


def _size(given: Given, draft: Draft) -> None:
    for name, short in (("width", "w"), ("height", "h")):
        option = given.get(name)
        if option is None:
            continue
        if option.text == "auto":
            raise option.unmapped(
                "Helpa reads no client hints, so the URL has to say the size; "
                "srcset lets a browser choose.",
                "a whole number of pixels",
            )
        draft.put(short, str(option.whole(1, 99999)), option)
    dpr = given.get("dpr")
    if dpr is not None:
        draft.put("dpr", dpr.number(0.01, 100), dpr)
    fit = given.get("fit")
    if fit is None:
        return
    meant = fit.word(FITS)
    if not draft.params.keys() & {"w", "h"}:
        return
    for name, text in meant.items():
        draft.put(name, text, fit)
    if fit.text == "pad":
        draft.put("bg", "ffffff")


def _place(given: Given, draft: Draft) -> None:
    gravity, zoom = given.get("gravity"), given.get("zoom")
    if zoom is not None and zoom.number(0, 1) > 0:
        raise zoom.unmapped("Helpa keeps faces in view, but does not zoom in on them.", "0")
    if gravity is None:
        return
    point = re.fullmatch(r"([0-9.]{1,10})x([0-9.]{1,10})", gravity.text)
    if point is not None:
        x, y = (Option(gravity.name, part).number(0, 1) for part in point.groups())
        name, text = "fp", f"{decimal(x)},{decimal(y)}"
    else:
        close = "auto, face, left, right, top, bottom, center, or XxY of 0–1, as 0.5x0.33"
        if gravity.text not in PLACES:
            raise gravity.refused(close)
        name, text = "g", PLACES[gravity.text]
    fit = given.get("fit")
    if fit is not None and fit.text.lower() in CUTS:
        draft.put(name, text, gravity)


def _trim(given: Given, draft: Draft) -> None:
    trim = given.get("trim")
    sides = [given.get(f"trim.{side}") for side in ("left", "top", "width", "height")]
    detail = [given.get(f"trim.border.{what}") for what in ("tolerance", "color")]
    if trim is not None and trim.text in ("border", "color"):
        tolerance, colour = detail
        text = str(TRIM_TOLERANCE if tolerance is None else round(tolerance.number(0, 255)))
        if colour is not None:
            text += "," + css_colour(colour)
        draft.put("trim", text, trim)
    elif trim is not None:
        if not re.fullmatch(r"[0-9]{1,5}(;[0-9]{1,5}){3}", trim.text):
            raise trim.refused("border, or top;right;bottom;left in pixels")
        if trim.text.strip("0;"):
            raise trim.unmapped(
                "Helpa cuts by place and size, not by what comes off each side.",
                "trim.left, trim.top, trim.width and trim.height, or trim=border",
            )
    for option in detail:
        if option is not None and "trim" not in draft.params:
            raise option.unmapped("it is for trim=border.", "trim=border beside it")
    wanted = [option for option in sides if option is not None]
    if not wanted:
        return
    left, top, width, height = sides
    if width is None or height is None:
        raise wanted[0].unmapped(
            "Helpa cuts by place and size.", "trim.width and trim.height beside it"
        )
    ratio = float(draft.params.get("dpr", 1))  # these lengths are multiplied by dpr
    numbers = [0 if side is None else side.whole(0, 99999) * ratio for side in sides]
    draft.put("rect", ",".join(decimal(each) for each in numbers), left or top or width)


def _turn(given: Given, draft: Draft) -> None:
    rotate, flip = given.get("rotate"), given.get("flip")
    degrees = rotate.word({"0": "0", "90": "90", "180": "180", "270": "270"}) if rotate else "0"
    axes = flip.word({"h": "h", "v": "v", "hv": "hv"}) if flip else ""
    if rotate is None or degrees == "0":
        if flip is not None:
            draft.put("flip", axes, flip)
        return
    # Cloudflare mirrors before it turns, Helpa after.
    turn = Turn().flipped(axes).turned(int(degrees) // 90)
    for name, text in turn.params.items():
        draft.put(name, text, flip if name == "flip" else rotate)


def _colours(given: Given, draft: Draft) -> None:
    for name, short in (("brightness", "bri"), ("contrast", "con"), ("saturation", "sat")):
        option = given.get(name)
        if option is None:
            continue
        factor = option.number(0, 2)
        # A factor of 0 makes grey of saturation; for the others it is ignored.
        if factor != 1 and (factor > 0 or name == "saturation"):
            draft.put(short, (factor - 1) * 100, option)
    gamma = given.get("gamma")
    if gamma is not None and gamma.number(0, 10) not in (0, 1):
        draft.put("gam", gamma.number(0.1, 10), gamma)
    sharpen = given.get("sharpen")
    if sharpen is not None and sharpen.number(0, 10) > 0:
        draft.put("sharp", sharpen.number(0, 10), sharpen)
    blur = given.get("blur")
    if blur is not None and blur.number(0, 250) > 0:
        ratio = float(draft.params.get("dpr", 1))
        # A radius reaches as far as two sigmas. Helpa multiplies sigmas by dpr.
        draft.put("blur", blur.number(1, 250) / 2 / max(1.0, ratio), blur)


def _frame(given: Given, draft: Draft) -> None:
    background = given.get("background")
    if background is not None:
        draft.params.pop("bg", None)
        draft.put("bg", css_colour(background), background)
    border, width, colour = (given.get(n) for n in ("border", "border.width", "border.color"))
    if border is not None:
        raise border.unmapped(
            "Helpa reads the two parts of a border.", "border.width=… and border.color=…"
        )
    if width is not None:
        shade = css_colour(colour) if colour is not None else "000000"
        draft.put("border", f"{width.whole(0, 1000)},{shade}", width)
    elif colour is not None:
        raise colour.unmapped("a border needs a width.", "border.width beside it")


def _output(given: Given, draft: Draft) -> None:
    form, quality = given.get("format"), given.get("quality")
    if form is not None:
        for name, text in form.word(FORMATS).items():
            draft.put(name, text, form)
    if quality is not None:
        if quality.text in QUALITIES:
            draft.put("q", QUALITIES[quality.text], quality)
        elif not re.fullmatch(r"[0-9]{1,3}", quality.text):
            raise quality.refused("a whole number of 1–100, high, medium-high, medium-low or low")
        elif quality.whole(1, 100) == 100 and draft.params.get("fmt") == "webp":
            draft.put("lossless", "1", quality)
        else:
            draft.put("q", str(quality.whole(1, 100)), quality)
    anim = given.get("anim")
    if anim is not None and not anim.flag():
        draft.put("anim", "0", anim)
    metadata = given.get("metadata")
    if metadata is None:
        return
    if metadata.word({"none": "none", "copyright": "copyright", "keep": "keep"}) == "keep":
        raise metadata.unmapped(
            "Helpa hands on no metadata but the copyright: places and devices stay with you.",
            "none or copyright",
        )
    if metadata.text.lower() == "copyright":
        draft.put("meta", "copyright", metadata)


def _without_effect(given: Given, _: Draft) -> None:
    """Check options that change nothing here."""
    slow = given.get("slow-connection-quality")
    if slow is not None and slow.text not in QUALITIES:
        slow.whole(1, 100)
    for name, word in (("onerror", "redirect"), ("compression", "fast")):
        if name in given:
            given[name].word({word: word})
    upscale = given.get("upscale")
    if upscale is not None and upscale.word({"interpolate": 1, "generate": 2}) == 2:
        raise upscale.unmapped("Helpa invents no pixels.", "interpolate")
