"""weserv's words: its options and their values."""

from __future__ import annotations

PAGE = "docs/migrate-from-weserv.md"

ALIASES = {
    "shape": "mask",
    "strim": "mtrim",
    "or": "ro",
    "t": "fit",
    "pages": "n",
    "width": "w",
    "height": "h",
    "align": "a",
    "level": "l",
    "quality": "q",
    "lossless": "ll",
}

REFUSED = {
    "default": "Helpa has no picture to show instead of one that is not there; a page has onerror.",
    "errorredirect": "Helpa redirects to no other picture.",
    "sharpf": "Helpa sharpens flat and jagged areas alike: sharp.",
    "sharpj": "Helpa sharpens flat and jagged areas alike: sharp.",
    "start": "Helpa has no duotone: tint colours with one colour.",
    "stop": "Helpa has no duotone: tint colours with one colour.",
    "loop": "Helpa plays an animation as often as the upload does.",
    "delay": "Helpa plays an animation as fast as the upload does.",
}
"""Why, by option."""

NO_OPS = ("af", "l", "maxage", "filename", "fsol")
"""Options that change nothing a viewer sees: how PNG is packed, how long caches keep."""

MAPPED = (
    "url", "w", "h", "dpr", "fit", "we", "a", "fpx", "fpy", "crop", "cx", "cy", "cw", "ch",
    "precrop", "trim", "mask", "mtrim", "mbg", "flip", "flop", "ro", "rbg", "con", "bri", "sat",
    "hue", "mod", "gam", "sharp", "blur", "filt", "tint", "bg", "cbg", "n", "page", "output", "q",
    "ll", "il", "encoding",
)  # fmt: skip

KNOWN = (*MAPPED, *REFUSED, *NO_OPS)

FITS = {
    "inside": "inside",
    "outside": "outside",
    "cover": "cover",
    "fill": "fill",
    "contain": "contain",
    "fit": "inside",
    "fitup": "inside",
    "square": "cover",
    "squaredown": "cover",
    "absolute": "fill",
    "letterbox": "contain",
}
"""Those from ``fit`` on are of weserv's earlier versions."""

SHRINKING = frozenset({"fit", "squaredown"})
"""Values of ``fit`` that say ``we`` too."""

PLACES = {
    "center": "center",
    "top": "top",
    "right": "right",
    "bottom": "bottom",
    "left": "left",
    "top-left": "top-left",
    "top-right": "top-right",
    "bottom-left": "bottom-left",
    "bottom-right": "bottom-right",
    "t": "top",
    "r": "right",
    "b": "bottom",
    "l": "left",
    "entropy": "entropy",
    "attention": "smart",
}

MEASURED = frozenset({"entropy", "attention"})
"""Places that only cutting knows."""

MASKS = (
    "circle", "ellipse", "triangle", "triangle-180", "pentagon", "pentagon-180", "hexagon",
    "square", "star", "heart",
)  # fmt: skip

FORMATS = {
    "jpg": "jpg",
    "png": "png",
    "gif": "gif",
    "webp": "webp",
    "avif": "avif",
    "av1": "avif",
    "json": "json",
    "origin": "auto",
    "tiff": "",
    "tif": "",
}
"""Without a name: Helpa writes none."""
