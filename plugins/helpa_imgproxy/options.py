"""The options of imgproxy 3 and 4: what reads each, or why it is nothing here."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from functools import partial

from helpa import invalid
from helpa_imgproxy import effects, geometry, output
from helpa_imgproxy.arguments import Option
from helpa_imgproxy.asked import Asked
from helpa_imgproxy.settings import ImgproxySettings

Read = Callable[[Asked, Option], None]

READERS: dict[tuple[str, ...], Read] = {
    ("resize", "rs"): geometry.resize,
    ("size", "s"): geometry.size,
    ("resizing_type", "rt"): geometry.resizing_type,
    ("resizing_algorithm", "ra"): geometry.resizing_algorithm,
    ("width", "w"): geometry.width,
    ("height", "h"): geometry.height,
    ("min-width", "mw"): geometry.least,
    ("min-height", "mh"): geometry.least,
    ("zoom", "z"): geometry.zoom,
    ("dpr",): geometry.dpr,
    ("enlarge", "el"): geometry.enlarge,
    ("extend", "ex"): geometry.extend,
    ("extend_aspect_ratio", "extend_ar", "exar"): geometry.extend,
    ("gravity", "g"): geometry.gravity,
    ("crop", "c"): geometry.crop,
    ("crop_aspect_ratio", "crop_ar", "car"): geometry.crop_aspect_ratio,
    ("trim", "t"): geometry.trim,
    ("padding", "pd"): geometry.padding,
    ("auto_rotate", "ar"): geometry.auto_rotate,
    ("rotate", "rot"): geometry.rotate,
    ("flip", "fl"): geometry.flip,
    ("background", "bg"): effects.background,
    ("background_alpha", "bga"): effects.background_alpha,
    ("adjust", "a"): effects.adjust,
    ("brightness", "br"): effects.brightness,
    ("contrast", "co"): effects.contrast,
    ("saturation", "sa"): effects.saturation,
    ("monochrome", "mc"): effects.monochrome,
    ("duotone", "dt"): effects.nothing_drawn,
    ("colorize", "col"): effects.nothing_drawn,
    ("gradient", "gr"): effects.nothing_drawn,
    ("blur", "bl"): effects.blur,
    ("sharpen", "sh"): effects.sharpen,
    ("pixelate", "pix"): effects.pixelate,
    ("unsharp_masking", "ush"): effects.unsharp_masking,
    ("draw_detections", "dd"): effects.no_detections,
    ("watermark_url", "wmu"): effects.watermark_url,
    ("quality", "q"): output.quality,
    ("format_quality", "fq"): output.format_quality,
    ("autoquality", "aq"): output.autoquality,
    ("max_bytes", "mb"): output.max_bytes,
    ("jpeg_options", "jpgo"): output.jpeg_options,
    ("png_options", "pngo"): output.jpeg_options,
    ("webp_options", "webpo"): output.webp_options,
    ("format", "f", "ext"): output.format,
    ("page", "pg"): output.page,
    ("pages", "pgs"): output.pages,
    ("disable_animation", "da"): output.disable_animation,
    ("strip_metadata", "sm"): output.strip_metadata,
    ("keep_copyright", "kcr"): output.keep_copyright,
    ("strip_color_profile", "scp"): output.strip_color_profile,
    ("color_profile", "cp"): output.color_profile,
    ("enforce_thumbnail", "eth"): output.switched_off,
    ("raw",): output.switched_off,
    ("dpi",): output.zero,
    ("filename", "fn"): output.filename,
    ("return_attachment", "att"): output.return_attachment,
    ("expires", "exp"): output.expires,
    ("cachebuster", "cb"): output.cachebuster,
    ("hashsum", "hs"): output.hashsum,
    ("skip_processing", "skp"): output.skip_processing,
}
"""What maps, with some of its arguments at least."""

LIMITS = "limits are in the settings, not in URLs."
FILMS = "films are not read."

UNMAPPED: dict[tuple[str, ...], str] = {
    ("objects_position", "obj_pos", "op"): "what was found is kept in the middle.",
    ("crop_objects",): "nothing is cut out by what is in it; there is g:obj:face.",
    ("blur_detections", "bd"): "a blur hides nothing; store a redaction.",
    ("blur_areas",): "a blur hides nothing; store a redaction.",
    ("preserve_hdr",): "answers are in sRGB with 8 bits.",
    ("watermark_text", "wmt"): "use txt in Helpa's own URLs.",
    ("watermark_size", "wms"): "a watermark is sized by the scale of watermark.",
    ("watermark_rotate", "wm_rot", "wmr"): "watermarks are not turned.",
    ("watermark_shadow", "wmsh"): "watermarks have no shadow.",
    ("style", "st"): "SVG is not read.",
    ("avif_options", "avifo"): "the encoder's switches are not in URLs.",
    ("fallback_image_url", "fiu"): "there is no other picture where one is missing.",
    ("video_thumbnail_second", "vts"): FILMS,
    ("video_thumbnail_keyframes", "vtk"): FILMS,
    ("video_thumbnail_tile", "vtt"): FILMS,
    ("video_thumbnail_animation", "vta"): FILMS,
    ("max_src_resolution", "msr"): LIMITS,
    ("max_src_file_size", "msfs"): LIMITS,
    ("max_animation_frames", "maf"): LIMITS,
    ("max_animation_frame_resolution", "mafr"): LIMITS,
    ("max_result_dimension", "mrd"): LIMITS,
}
"""What does not map, and why."""

WATERMARK = ("watermark", "wm")
PRESET = ("preset", "pr")

_READERS = {name: read for names, read in READERS.items() for name in names}
_UNMAPPED = {name: reason for names, reason in UNMAPPED.items() for name in names}
_KNOWN = [*_READERS, *_UNMAPPED, *WATERMARK, *PRESET]

DEEPEST = 8
"""Presets within presets."""


def split(settings: ImgproxySettings, segments: list[str]) -> tuple[list[Option], list[str]]:
    """Return the options that segments begin with, and the segments after them."""
    options: list[Option] = []
    for index, segment in enumerate(segments):
        name, *texts = segment.split(settings.arguments_separator)
        if not texts:
            return options, segments[index:]
        options.append(Option(name, tuple(texts)))
    return options, []


def apply(settings: ImgproxySettings, options: Iterable[Option]) -> Asked:
    """Return what options come to, after those of the preset ``default``.

    Raises:
        InvalidValue: one is unknown, does not map or has wrong arguments; names it.
    """
    asked = Asked()
    read = partial(_read, settings, asked)
    if "default" in settings.presets:
        _preset(settings, asked, Option("preset", ("default",)), ())
    for option in options:
        read(option, ())
    return asked


def _read(
    settings: ImgproxySettings, asked: Asked, option: Option, within: tuple[str, ...]
) -> None:
    if option.name in PRESET:
        _preset(settings, asked, option, within)
    elif option.name in WATERMARK:
        effects.watermark(asked, option, settings)
    elif option.name in _UNMAPPED:
        raise option.unmapped(_UNMAPPED[option.name])
    elif option.name in _READERS:
        _READERS[option.name](asked, option)
    else:
        close = difflib.get_close_matches(option.name, _KNOWN, n=1)
        hint = f"Did you mean {close[0]}?" if close else None
        raise invalid("options", str(option), "an option of imgproxy 3 or 4", hint=hint)


def _preset(
    settings: ImgproxySettings, asked: Asked, option: Option, within: tuple[str, ...]
) -> None:
    for name in filter(None, option.texts):
        if name in within or len(within) >= DEEPEST:
            raise option.unmapped(f"the preset {name[:60]} stands within itself.")
        text = settings.presets.get(name)
        if text is None:
            if asked.params.get("p", name) != name:
                raise option.unmapped("one preset of [presets] at a time.", "one name")
            asked.put("p", name, option)
            continue
        inner, rest = split(settings, text.split("/"))
        if rest:
            raise option.unmapped(f"the preset {name[:60]} holds no option in {rest[0][:60]}.")
        for each in inner:
            _read(settings, asked, each, (*within, name))
