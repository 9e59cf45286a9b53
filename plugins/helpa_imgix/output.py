"""Format, quality, frames and downloads."""

from __future__ import annotations

from collections.abc import Mapping

from helpa.dialects import Draft, Option

Given = Mapping[str, Option]

FORMATS: dict[str, dict[str, str]] = {
    "jpg": {"fmt": "jpg"},
    "jpeg": {"fmt": "jpg"},
    "pjpg": {"fmt": "jpg", "progressive": "1"},
    "png": {"fmt": "png"},
    "png8": {"fmt": "png"},
    "png32": {"fmt": "png"},
    "webp": {"fmt": "webp"},
    "avif": {"fmt": "avif"},
    "gif": {"fmt": "gif"},
    "json": {"fmt": "json"},
    "blurhash": {"fmt": "blurhash"},
}

UNMAPPED_FORMATS = frozenset({"jp2", "jxr", "jxl", "mp4", "webm", "heif", "heic", "pdf", "tiff"})

DATA = frozenset({"json", "blurhash"})
"""Formats that no browser negotiates."""

COLOUR_SPACES = frozenset({"srgb", "tinysrgb", "strip"})
"""All that answers ever are."""

FIRST = 1
"""imgix counts pages and frames from 1, Helpa from 0."""


def output(given: Given, draft: Draft) -> None:
    """Translate what says how the answer is encoded and handed on.

    Raises:
        InvalidValue: names what cannot be mapped.
    """
    _format(given, draft)
    if "q" in given:
        draft.put("q", str(max(1, given["q"].whole(0, 100))), given["q"])
    if "lossless" in given:
        draft.put("lossless", "1" if given["lossless"].flag() else "0", given["lossless"])
    for name in ("page", "frame"):
        if name in given:
            draft.put("page", str(given[name].whole(FIRST, 10_000) - FIRST), given[name])
    space = given.get("cs")
    if space is not None and space.text.lower() not in COLOUR_SPACES:
        raise space.unmapped("Helpa's answers are sRGB.", "one of srgb, tinysrgb, strip")
    if "dl" in given:
        draft.put("dl", given["dl"].text or "1", given["dl"])


def _format(given: Given, draft: Draft) -> None:
    auto, form, palette = given.get("auto"), given.get("fm"), given.get("palette")
    words = [word for word in auto.text.lower().split(",") if word] if auto is not None else []
    found: dict[str, str] = {}
    if form is not None:
        if form.text.lower() in UNMAPPED_FORMATS:
            raise form.unmapped("Helpa does not write it.", "one of " + ", ".join(FORMATS))
        found = form.word(FORMATS)
    if palette is not None:
        palette.word({"json": "json", "css": "css"})
        draft.put("fmt", "palette", palette)
    elif "format" in words and found.get("fmt") not in DATA:
        draft.put("fmt", "auto", auto)  # fm is what imgix falls back to
    elif form is not None:
        for name, text in found.items():
            draft.put(name, text, form)
    for word in words:
        assert auto is not None
        if word == "enhance":
            draft.put("normalize", "1", auto)
        elif word == "compress":
            if "q" not in given:
                draft.put("q", "auto", auto)
        elif word == "redeye":
            raise auto.unmapped("Helpa mends no red eyes.", "format, compress, enhance")
        elif word != "format":
            raise auto.refused("one or more of format, compress, enhance")
