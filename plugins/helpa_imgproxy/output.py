"""Options of format, quality, metadata and delivery."""

from __future__ import annotations

from urllib.parse import unquote

from helpa_imgproxy.arguments import Option
from helpa_imgproxy.asked import Asked

FORMATS = {
    "jpg": "jpg",
    "jpeg": "jpg",
    "png": "png",
    "gif": "gif",
    "webp": "webp",
    "avif": "avif",
    "best": "auto",
}
"""imgproxy's names of formats that Helpa writes, and Helpa's."""

OTHERS = ("bmp", "heic", "ico", "jp2", "jxl", "mp4", "pdf", "psd", "svg", "tiff")
MOST_BYTES = 10**9


def quality(asked: Asked, option: Option) -> None:
    """Read the quality; 0 leaves it to the settings."""
    value = option.whole(0, 0, 100)
    asked.put("q", str(value) if value else None, option)


def format_quality(asked: Asked, option: Option) -> None:
    """Read qualities by format."""
    if len(option.texts) % 2:
        raise option.wrong(len(option.texts) - 1, "pairs of a format and its quality")
    for index in range(0, len(option.texts), 2):
        name = option.text(index)
        if name not in FORMATS and name not in OTHERS:
            raise option.wrong(index, "one of " + ", ".join([*FORMATS, *OTHERS]))
        asked.qualities[FORMATS.get(name, name)] = option.whole(index + 1, 0, 100)
    asked.options["qualities"] = option


def autoquality(asked: Asked, option: Option) -> None:
    """Read how the quality is found."""
    option.at_most(5)
    method = option.text(0)
    if method == "size":
        asked.put("max_bytes", str(option.whole(1, 1, MOST_BYTES)), option)
    elif method in ("dssim", "ml"):
        asked.put("q", "auto", option)
    elif method not in ("", "none"):
        raise option.wrong(0, "one of none, size, dssim, ml")


def max_bytes(asked: Asked, option: Option) -> None:
    """Read the most bytes; 0 for any number."""
    value = option.whole(0, 0, MOST_BYTES)
    asked.put("max_bytes", str(value) if value else None, option)


def jpeg_options(asked: Asked, option: Option) -> None:
    """Read whether it comes in passes, the first of its arguments."""
    _only_first(option)
    if option.text(0):
        asked.put("progressive", "1" if option.flag(0) else "0", option)


def webp_options(asked: Asked, option: Option) -> None:
    """Read whether every pixel is kept."""
    _only_first(option)
    if option.text(0) not in ("", "lossy", "lossless"):
        raise option.wrong(0, "lossy or lossless")
    if option.text(0):
        asked.put("lossless", "1" if option.text(0) == "lossless" else "0", option)


def _only_first(option: Option) -> None:
    if any(option.texts[1:]):
        raise option.unmapped("the encoder's further switches are not in URLs.", "one argument")


def format(asked: Asked, option: Option) -> None:  # noqa: A001
    """Read the format."""
    option.at_most(1)
    found = FORMATS.get(option.text(0).lower())
    if found is None:
        raise option.wrong(0, "one of " + ", ".join(FORMATS))
    asked.put("fmt", found, option)


def page(asked: Asked, option: Option) -> None:
    """Read which page or frame is taken, from 0."""
    asked.put("page", str(option.whole(0, 0, 9999)), option)


def pages(asked: Asked, option: Option) -> None:
    """Refuse several pages in one picture."""
    del asked
    if option.whole(0, 0, 9999) > 1:
        raise option.unmapped("pages are not stacked.", "1")


def disable_animation(asked: Asked, option: Option) -> None:
    """Read whether only one frame is taken."""
    asked.put("anim", "0" if option.flag(0) else None, option)


def strip_metadata(asked: Asked, option: Option) -> None:
    """Insist that metadata stays here."""
    del asked
    if not option.flag(0):
        raise option.unmapped("metadata is never handed on.", "1")


def keep_copyright(asked: Asked, option: Option) -> None:
    """Read whether the copyright is kept."""
    asked.put("meta", "copyright" if option.flag(0) else None, option)


def strip_color_profile(asked: Asked, option: Option) -> None:
    """Insist on sRGB."""
    del asked
    if not option.flag(0):
        raise option.unmapped("answers are in sRGB and carry no profile.", "1")


def color_profile(asked: Asked, option: Option) -> None:
    """Insist on sRGB by its name."""
    del asked
    if option.text(0) != "srgb":
        raise option.unmapped("answers are in sRGB and carry no profile.", "srgb")


def switched_off(asked: Asked, option: Option) -> None:
    """Refuse what can only be off."""
    del asked
    if option.flag(0):
        raise option.unmapped("it cannot be switched on here.", "0")


def zero(asked: Asked, option: Option) -> None:
    """Refuse a number that can only be nothing."""
    del asked
    if option.number(0, 0, 10**6):
        raise option.unmapped("it cannot be set here.", "0")


def filename(asked: Asked, option: Option) -> None:
    """Read the name under which it is saved."""
    option.at_most(2)
    encoded = bool(option.text(1)) and option.flag(1)
    asked.filename = option.decoded(0) if encoded else unquote(option.text(0))
    asked.options["dl"] = option


def return_attachment(asked: Asked, option: Option) -> None:
    """Read whether it is a download."""
    asked.attachment = option.flag(0)
    asked.options["dl"] = option


def expires(asked: Asked, option: Option) -> None:
    """Read when a signed URL ends; 0 for never."""
    asked.expires = option.whole(0, 0, 99_999_999_999)
    asked.options["expires"] = option


def hashsum(asked: Asked, option: Option) -> None:
    """Refuse to compare the source with a sum."""
    del asked
    if option.text(0) != "none":
        raise option.unmapped("sources are not compared with sums.", "none")


def skip_processing(asked: Asked, option: Option) -> None:
    """Refuse to hand on what was not checked."""
    del asked
    if any(option.texts):
        reason = "every answer is made anew: what was uploaded is never handed on."
        raise option.unmapped(reason, "no format")


def cachebuster(asked: Asked, option: Option) -> None:
    """Take any text."""
    del asked
    option.at_most(1)
