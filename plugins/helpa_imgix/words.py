"""imgix's words: its parameters, their other names, and why some cannot be mapped."""

from __future__ import annotations

PAGE = "docs/migrate-from-imgix.md"

_BLEND = "Helpa blends no second picture; a watermark (mark) lies over the first."
_FACES = "Helpa keeps faces in view (crop=faces), but chooses none and does not zoom."
_TONE = "Helpa has bri, con, gam, sat and hue."
_NOISE = "Helpa does not reduce noise."
_UNEVEN = "Helpa's border is as wide on every side: border."
_MARK = "Helpa places a watermark by side and width: mark-align, mark-w, mark-scale, mark-pad."
_TEXT = "Helpa's text has a size, a colour, a box behind it, a font, a width and a place."
_GRID = "Helpa draws no grid behind transparency: bg."
_TRIM = "Helpa trims up to a tolerance of one colour: trim=color with trim-tol."
_GENERATED = "Helpa invents no pixels."

REFUSED = {
    **dict.fromkeys(
        (
            "blend", "blend-align", "blend-alpha", "blend-color", "blend-crop", "blend-fit",
            "blend-h", "blend-mode", "blend-pad", "blend-size", "blend-w", "blend-x", "blend-y",
        ),
        _BLEND,
    ),
    **dict.fromkeys(("faceindex", "facepad", "faces"), _FACES),
    **dict.fromkeys(("exp", "high", "shad", "vib"), _TONE),
    **dict.fromkeys(("usm", "usmrad"), "Helpa's sharpening has one number: sharp."),
    **dict.fromkeys(("nr", "nrs"), _NOISE),
    "htn": "Helpa has no halftone.",
    "duotone": "Helpa has no duotone; monochrome colours with one colour.",
    "duotone-alpha": "Helpa has no duotone; monochrome colours with one colour.",
    **dict.fromkeys(("border-top", "border-right", "border-bottom", "border-left"), _UNEVEN),
    "border-radius-inner": "Helpa's border follows the corners of the picture: border-radius.",
    **dict.fromkeys(
        ("mark-x", "mark-y", "mark-h", "mark-fit", "mark-rot", "mark-base", "mark-anchor"), _MARK
    ),
    **dict.fromkeys(
        (
            "txt-clip", "txt-fit", "txt-lead", "txt-lig", "txt-line", "txt-line-color",
            "txt-shad", "txt-track",
        ),
        _TEXT,
    ),
    **dict.fromkeys(("transparency", "grid-colors", "grid-size"), _GRID),
    **dict.fromkeys(("trim-sd", "trim-pad"), _TRIM),
    "colorquant": "Helpa chooses the colours of a palette itself.",
    "colors": "Helpa's palette has a fixed number of colours.",
    "prefix": "Helpa's palette is JSON.",
    "pdf-annotation": "Helpa reads no PDF.",
    "ch": "Helpa reads no client hints: the URL says w and dpr.",
    "fp-debug": "Helpa draws no crosshairs.",
    "expires": "An unsigned link does not end. Sign it with Helpa: helpa sign --expires-in.",
    **dict.fromkeys(
        ("bg-remove", "bg-replace", "upscale", "fill-gen-prompt", "fill-gen-seed"), _GENERATED
    ),
}  # fmt: skip
"""Why, by parameter; 0 and false are accepted, for they ask for nothing."""

NO_OPS = ("ixlib", "ixid", "dpi", "chromasub")
"""Parameters that change nothing a viewer sees."""

MAPPED = (
    "w", "h", "ar", "dpr", "fit", "crop", "fp-x", "fp-y", "fp-z", "max-w", "max-h", "min-w",
    "min-h", "rect", "trim", "trim-color", "trim-tol", "trim-md", "rot", "flip", "orient", "pad",
    "pad-top", "pad-right", "pad-bottom", "pad-left", "bg", "fill", "fill-color", "auto", "fm", "q",
    "lossless", "cs", "dl", "page", "frame", "palette", "bri", "con", "sat", "hue", "gam", "invert",
    "monochrome", "sepia", "blur", "sharp", "px", "border", "border-radius", "mask", "mask-bg",
    "corner-radius", "mark", "mark-align", "mark-alpha", "mark-scale", "mark-w", "mark-pad",
    "mark-tile", "txt", "txt-size", "txt-color", "txt-bg", "txt-font", "txt-width", "txt-align",
    "txt-pad", "s",
)  # fmt: skip

KNOWN = (*MAPPED, *REFUSED, *NO_OPS)

PLAIN_ONLY = frozenset({"auto", "ch", "s", "ixlib", "ixid"})
"""Parameters that have no Base64 variant."""

ALIASES = {
    "width": "w", "height": "h", "f": "fit", "or": "orient", "inv": "invert",
    "mono": "monochrome", "fillcolor": "fill-color", "annotation": "pdf-annotation",
    "max-width": "max-w", "max-height": "max-h", "min-width": "min-w", "min-height": "min-h",
    "maskbg": "mask-bg",
    "b": "blend", "blendalign": "blend-align", "ba": "blend-align", "blendalpha": "blend-alpha",
    "balph": "blend-alpha", "blendcolor": "blend-color", "blend-clr": "blend-color",
    "blendclr": "blend-color", "blendcrop": "blend-crop", "bc": "blend-crop",
    "blendfit": "blend-fit", "bf": "blend-fit", "blendh": "blend-h", "bh": "blend-h",
    "blendmode": "blend-mode", "bm": "blend-mode", "blendpad": "blend-pad", "bp": "blend-pad",
    "blendsize": "blend-size", "bs": "blend-size", "blendw": "blend-w", "bw": "blend-w",
    "blendx": "blend-x", "bx": "blend-x", "blendy": "blend-y", "by": "blend-y",
    "m": "mark", "ma": "mark-align", "markalign": "mark-align", "markalpha": "mark-alpha",
    "malph": "mark-alpha", "mb": "mark-base", "markbase": "mark-base", "mf": "mark-fit",
    "markfit": "mark-fit", "mh": "mark-h", "markh": "mark-h", "mp": "mark-pad",
    "markpad": "mark-pad", "ms": "mark-scale", "markscale": "mark-scale", "mtile": "mark-tile",
    "marktile": "mark-tile", "mw": "mark-w", "markw": "mark-w", "mx": "mark-x", "markx": "mark-x",
    "my": "mark-y", "marky": "mark-y",
    "trimcolor": "trim-color", "trimmd": "trim-md", "trimpad": "trim-pad", "trimsd": "trim-sd",
    "trimtol": "trim-tol",
    "t": "txt", "ta": "txt-align", "txtalign": "txt-align", "tcl": "txt-clip",
    "txtclip": "txt-clip", "tc": "txt-color", "txtcolor": "txt-color", "txt-clr": "txt-color",
    "txtclr": "txt-color", "txtfit": "txt-fit", "tf": "txt-font", "txtfont": "txt-font",
    "txtlead": "txt-lead", "txtlig": "txt-lig", "tl": "txt-line", "txtline": "txt-line",
    "txtlinecolor": "txt-line-color", "txt-line-clr": "txt-line-color",
    "txtlineclr": "txt-line-color", "tp": "txt-pad", "txtpad": "txt-pad", "tsh": "txt-shad",
    "txtshad": "txt-shad", "tsz": "txt-size", "txtsize": "txt-size", "tt": "txt-track",
    "txttrack": "txt-track", "txtwidth": "txt-width",
}  # fmt: skip
"""As imgix lists them (imgix-url-params 11)."""

BASE64 = {
    f"{name}64": ALIASES.get(name, name)
    for name in (*KNOWN, *ALIASES)
    if ALIASES.get(name, name) not in PLAIN_ONLY
}
"""Canonical name by the name under which its value is in URL-safe Base64."""
