"""From an imgproxy URL to Helpa's own words."""

from __future__ import annotations

from helpa import Colour, Translation, invalid
from helpa.dialects import decimal
from helpa_imgproxy import options, output, source
from helpa_imgproxy.arguments import Option
from helpa_imgproxy.asked import COMPASS, WORDS, Anchor, Asked, Crop
from helpa_imgproxy.settings import ImgproxySettings
from helpa_imgproxy.signature import verified

FITS = {"fill": "cover", "fill-down": "cover", "force": "fill"}
"""Resizing types where both sides are given, and Helpa's; ``fit`` is what Helpa does anyway."""


def translate(settings: ImgproxySettings, raw_path: bytes, raw_query: bytes) -> Translation:
    """Return what a URL means.

    Args:
        settings: keys, sources, presets and the watermark.
        raw_path: from the signature on, as it came.
        raw_query: as it came; imgproxy does not look at it, nor does its signature cover it.

    Raises:
        InvalidValue: something has no words here; names it.
        Forbidden: the signature is wrong.
    """
    del raw_query
    if raw_path.startswith(b"info/"):
        described = Option("info", (raw_path.decode("latin-1"),))
        raise described.unmapped("ask for fmt=json at the picture's own URL.", "a picture")
    path, signed = verified(settings, raw_path)
    try:
        text = path.decode()
    except UnicodeDecodeError:
        raise invalid("path", path.decode("latin-1"), "percent-encoded UTF-8") from None
    found, rest = options.split(settings, text[1:].split("/"))
    if rest[:1] == ["-"]:
        chained = Option("-", tuple(rest[1:2]))
        raise chained.unmapped("pipelines are not chained.", "options in one list")
    asked = options.apply(settings, found)
    subject, extension = source.read(settings, rest)
    if extension:
        output.format(asked, Option("extension", (extension,)))
    params = _params(asked)
    ends = float("inf")
    if asked.expires:
        if not signed:
            option = asked.options["expires"]
            raise option.unmapped("only a signed URL expires.", "a signature")
        ends = float(asked.expires)
    spelling = {name: option.name for name, option in asked.options.items() if name in params}
    return Translation(subject, params, signed=signed, not_after=ends, spelling=spelling)


def _params(asked: Asked) -> dict[str, str]:
    params = asked.params
    _box(asked)
    if asked.crop is not None:
        _cut(asked, asked.crop)
    if asked.rotate:
        params["rot"] = str(asked.rotate)
    if asked.flip:
        params["flip"] = asked.flip
    if any(asked.padding):
        params["pad"] = ",".join(map(str, asked.padding))
    if asked.background:
        opaque = Colour.parse(asked.background)
        alpha = round(asked.alpha * 255)
        params["bg"] = str(Colour(opaque.red, opaque.green, opaque.blue, alpha))
    # Helpa multiplies these by dpr, imgproxy does not.
    if asked.blur:
        params["blur"] = decimal(asked.blur / asked.dpr, 4)
    if asked.pixelate > 1:
        params["px"] = str(max(1, round(asked.pixelate / asked.dpr)))
    _quality(asked)
    if asked.attachment:
        params["dl"] = asked.filename or "1"
    _watermark(asked)
    if "page" in params:
        params.pop("anim", None)
    return params


def _box(asked: Asked) -> None:
    params = asked.params
    width, height = (round(side * asked.zoom) for side in (asked.width, asked.height))
    if asked.zoom != 1 and not (width or height):
        option = asked.options["zoom"]
        raise option.unmapped("a share of the picture's own size has no words here.", "a size")
    for name, side in (("w", width), ("h", height)):
        if side:
            params[name] = str(side)
    both = bool(width and height)
    if (width or height) and not both and asked.resize == "force":
        option = asked.options["fit"]
        raise option.unmapped("force with one side depends on the picture.", "both sides")
    if both and asked.resize == "auto":
        option = asked.options["fit"]
        raise option.unmapped("auto depends on which way round the picture is.", "fit, fill, force")
    fit = FITS.get(asked.resize, "") if both else ""
    if fit:
        params["fit"] = fit
    elif asked.extend is not None and (width or height):
        _extend(asked, asked.extend, both=both)
    if asked.enlarge and not fit:
        params["enlarge"] = "1"
    elif fit and not asked.enlarge and asked.extend is None:  # extended, it has the box's size
        params["enlarge"] = "0"
        asked.options.setdefault("enlarge", asked.options["fit"])
    if fit == "cover":
        _gravity(asked, asked.gravity, asked.options.get("g"))


def _extend(asked: Asked, anchor: Anchor, *, both: bool) -> None:
    option = asked.options["extend"]
    if not both:
        raise option.unmapped("a picture is extended to a box.", "width and height")
    asked.put("fit", "contain", option)
    _gravity(asked, anchor, option)


def _gravity(asked: Asked, anchor: Anchor, option: Option | None) -> None:
    if option is None or anchor == Anchor():
        return
    asked.options["g"] = asked.options["fp"] = option
    if anchor.kind == "fp":
        asked.params["fp"] = f"{decimal(anchor.x, 4)},{decimal(anchor.y, 4)}"
        return
    if anchor.x or anchor.y:
        raise option.unmapped("a place has no offset here.", "no offsets, or fp:x:y")
    word = WORDS.get(anchor.kind, anchor.kind)
    if word != "center":
        asked.params["g"] = word


def _cut(asked: Asked, crop: Crop) -> None:
    """Say an area in the picture's own pixels, or in percent where they are not known."""
    option = crop.option
    if "trim" in asked.params:
        raise option.unmapped("imgproxy trims before it crops, Helpa after.", "crop or trim")
    if asked.rotate or asked.flip:
        # imgproxy means the turned picture, rect the upright one.
        raise option.unmapped("an area of a turned picture has no words here.", "crop or rotate")
    anchor = crop.anchor or asked.gravity
    if anchor.kind in ("smart", "face"):
        raise option.unmapped("what is looked for is kept by the size alone.", "a compass point")
    if anchor.kind == "fp":
        x, w = _focal(option, crop.width, anchor.x)
        y, h = _focal(option, crop.height, anchor.y)
    else:
        free_x, free_y = COMPASS[anchor.kind]
        x, w = _span(option, crop.width, free_x, anchor.x)
        y, h = _span(option, crop.height, free_y, anchor.y)
    asked.put("rect", f"{x},{y},{w},{h}", option)


def _span(option: Option, length: float, free: float, offset: float) -> tuple[str, str]:
    """Return where an area begins along one side, and its length."""
    if free == 0:
        begins = decimal(offset, 4) if offset >= 1 else _percent(option, offset)
        return begins, _length(length)
    if length >= 1 or abs(offset) >= 1:
        raise option.unmapped(
            "pixels are counted from the top left here, for the picture's size is not known.",
            "nowe with pixels, or fractions below 1",
        )
    share = length or 1.0
    moved = offset if free == 0.5 else -offset
    return _percent(option, min(max((1 - share) * free + moved, 0), 1 - share)), _length(length)


def _focal(option: Option, length: float, middle: float) -> tuple[str, str]:
    if length >= 1:
        raise option.unmapped("an area around a point is given in fractions here.", "0–1")
    share = length or 1.0
    return _percent(option, min(max(middle - share / 2, 0), 1 - share)), _length(length)


def _length(length: float) -> str:
    return decimal(length, 4) if length >= 1 else decimal((length or 1) * 100, 4) + "p"


def _percent(option: Option, share: float) -> str:
    if share < 0:
        raise option.unmapped("an area begins inside the picture.", "offsets from 0 on")
    return decimal(share * 100, 4) + "p" if share else "0"


def _quality(asked: Asked) -> None:
    params = asked.params
    if "q" in params or not asked.qualities:
        return
    fmt = params.get("fmt", "auto")
    option = asked.options["qualities"]
    if fmt == "auto":
        raise option.unmapped("which format is taken is not known yet.", "beside a format")
    if asked.qualities.get(fmt):
        asked.put("q", str(asked.qualities[fmt]), option)


def _watermark(asked: Asked) -> None:
    params = asked.params
    drawn = params.get("wm_o", "0") != "0"
    if not drawn:
        for name in ("wm", "wm_o", "wm_g", "wm_s", "wm_pad", "wm_tile"):
            params.pop(name, None)
    elif "wm" not in params:
        raise asked.options["wm_o"].unmapped(
            "no watermark is set.", "an image id in the setting watermark of the plugin imgproxy"
        )
