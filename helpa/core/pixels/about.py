"""What this machine's codecs can do: run as ``python -m``, prints JSON and ends.

``helpa doctor`` asks a process of its own, set up as workers are, so that libvips is loaded
neither in a command nor in the web process. Each format is really written and read.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from collections.abc import Callable
from typing import Any

import pyvips

from helpa.core.pixels import pillow
from helpa.core.workers import worker

SIDE = 16
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    b'<rect width="9" height="9"/></svg>'
)


def main() -> int:
    """Print what there is; return the exit code."""
    worker.configure()
    picture = pyvips.Image.black(SIDE, SIDE, bands=3).copy(interpretation="srgb")
    facts: dict[str, Any] = {
        "libvips": ".".join(str(pyvips.version(part)) for part in range(3)),
        "pyvips": importlib.metadata.version("pyvips"),
        "pillow": importlib.metadata.version("pillow"),
        "formats": {},
        "fonts": _error(_text),
    }
    for name, suffix, options in (
        ("jpeg", ".jpg", {}),
        ("png", ".png", {}),
        ("webp", ".webp", {"effort": 0}),
        ("gif", ".gif", {}),
        ("avif", ".avif", {"effort": 0}),
        ("tiff", ".tif", {}),
    ):
        facts["formats"][name] = _format(picture, suffix, options)
    facts["formats"]["svg"] = {"load": _error(lambda: _load(SVG))}
    heic = None if pillow.heic_available() else "pillow-heif is not installed"
    facts["formats"]["heic"] = {"load": heic}
    sys.stdout.write(json.dumps(facts))
    return 0


def _format(picture: pyvips.Image, suffix: str, options: dict[str, Any]) -> dict[str, str | None]:
    written: list[bytes] = []
    save = _error(lambda: written.append(picture.write_to_buffer(suffix, **options)))
    load = _error(lambda: _load(written[0])) if written else save
    return {"save": save, "load": load}


def _load(data: bytes) -> None:
    pyvips.Image.new_from_buffer(data, "").copy_memory()


def _text() -> None:
    drawn = pyvips.Image.text("Helpa", dpi=72)
    if drawn.width < 1 or drawn.max() <= 0:
        raise ValueError("no letter is drawn")


def _error(act: Callable[[], Any]) -> str | None:
    """Return why something fails, in a line, or None."""
    try:
        act()
    except Exception as error:  # noqa: BLE001  whatever a codec raises is what is asked for
        text = str(getattr(error, "detail", None) or error).strip()
        return re.sub(r"\s+", " ", text)[:200] or type(error).__name__
    return None


if __name__ == "__main__":
    sys.exit(main())
