"""The fonts that come with Helpa: open ones, of the package pymupdf-fonts.

It holds fonts as Python modules, packed; each is unpacked where it is needed and not kept.
"""

from __future__ import annotations

import importlib
import sys

FONTS = {
    "sans": "FiraGO_Regular",
    "sans-bold": "FiraGO_Bold",
    "sans-italic": "FiraGO_Italic",
    "mono": "FiraMono_Regular",
    "mono-bold": "FiraMono_Bold",
    "symbols": "NotoSansSymbols2_Regular",
}
"""Module by the name in txt_font. FiraGO: Latin, Greek, Cyrillic, Arabic, Hebrew, Thai, Georgian,
Devanagari; Noto Sans Symbols 2: arrows, dingbats, some emoji in one colour."""

FALLBACK = ("sans", "symbols")
"""Which stand in for letters that another font lacks, in order."""


def data(name: str) -> bytes:
    """Return the bytes of a font, by its name in :data:`FONTS`."""
    module = f"pymupdf_fonts.{FONTS[name]}"
    font: bytes = importlib.import_module(module).fontbuffer
    del sys.modules[module]  # else it is held for ever
    return font
