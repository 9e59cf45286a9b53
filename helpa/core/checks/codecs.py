"""Formats that can be read and written, and fonts to draw letters with."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation

NEEDED = ("jpeg", "png", "webp", "gif")
"""Without these, levels cannot be kept or common uploads and clients not be served."""

ADVICE = {
    "avif": "Use pyvips-binary, or a libvips with libheif and an AV1 codec.",
    "heic": "Pictures of iPhones are refused with 415; install helpa[heic].",
    "svg": "Use pyvips-binary, or a libvips with librsvg.",
    "tiff": "Use pyvips-binary, or a libvips with libtiff.",
}


def check(installation: Installation) -> Iterator[Finding]:
    """Say which formats work, each really written and read, and whether letters can be drawn."""
    codecs = installation.codecs()
    if isinstance(codecs, str):
        return  # said by the check of versions
    whole, lacking = [], []
    for name, works in codecs["formats"].items():
        broken = [f"{act} ({reason})" for act, reason in works.items() if reason]
        if not broken:
            whole.append(name)
            continue
        state = "fail" if name in NEEDED else "warn"
        advice = ADVICE.get(name, "Use pyvips-binary, which holds every codec Helpa needs.")
        lacking.append(Finding(state, name, f"cannot {', '.join(broken)}", advice))  # type: ignore[arg-type]
    yield Finding("ok", "formats", ", ".join(whole))
    yield from lacking
    yield _fonts(codecs)


def _fonts(codecs: dict[str, Any]) -> Finding:
    advice = "Letters in SVG are drawn as boxes or not at all; install fontconfig and fonts."
    if codecs["fonts"]:
        return Finding("warn", "fonts", f"no letter can be drawn: {codecs['fonts']}", advice)
    lister = shutil.which("fc-list")
    if lister is None:
        return Finding("ok", "fonts", "letters can be drawn (no fc-list to count fonts with)")
    done = subprocess.run(  # noqa: S603  the program found on PATH
        [lister, ":", "family"], capture_output=True, text=True, timeout=10, check=False
    )
    families = {line.strip() for line in done.stdout.splitlines() if line.strip()}
    if not families:
        return Finding("warn", "fonts", "fontconfig finds none", advice)
    return Finding("ok", "fonts", f"fontconfig finds {len(families)} families")
