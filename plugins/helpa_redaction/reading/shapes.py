"""Looks for codes and faces, each in a program of its own that may be missing."""

from __future__ import annotations

import importlib.util
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from helpa_redaction.detect import Box, Code
from helpa_redaction.reading.children import Failed, run
from helpa_redaction.reading.prepared import Plane

HERE = Path(__file__).parent

CASCADE = "haarcascade_frontalface_alt2.xml"
"""Of OpenCV's cascades the one that takes nothing else for a face."""

ROUND_CODE, ROUND_FACE = (0.14, 0.14), (0.1, 0.1)
"""What a box grows by to the sides, and above and beneath, in parts of it: codes to their quiet
zone, which is four of 29 modules and more, and faces to chin and hair, since the cascade's box ends
within them."""

ALONG, ACROSS = 0.12, 0.04
"""Of rows of bars: their quiet zone is 11 of 95 modules of an EAN-13 and less of longer ones
(ISO/IEC 15420), and there is none above and beneath."""

BARS = ("EAN", "UPC", "Code", "ITF", "Codabar", "DataBar", "DX")
"""How the kinds of codes begin that are rows of bars."""


@cache
def codes_missing() -> str | None:
    """Return why no codes can be looked for here, or None where they can."""
    if importlib.util.find_spec("zxingcpp") is None:
        return "helpa[redaction] is not installed: there is no zxing-cpp"
    return None


@cache
def faces_missing() -> str | None:
    """Return why no faces can be looked for here, or None where they can."""
    if _cascade() is None:
        return "helpa[faces] is not installed: there is no OpenCV that carries a model"
    return None


def _cascade() -> Path | None:
    """Return the file that tells faces; OpenCV itself is not loaded here."""
    spec = importlib.util.find_spec("cv2")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "data" / CASCADE
    return path if path.is_file() else None


async def codes(plane: Plane, *, deadline_seconds: float = 20) -> list[Code]:
    """Return the QR and bar codes in a plain plane, in pixels of the picture.

    Args:
        plane: ``plain`` of :class:`~helpa_redaction.reading.prepared.Prepared`.
        deadline_seconds: after which the program is killed.

    Raises:
        Failed: they cannot be looked for, or the program did not end well; says why.
    """
    if missing := codes_missing():
        raise Failed(missing)
    found = await _run("codes_program.py", (), plane, deadline_seconds)

    def around(code: Any) -> tuple[float, float]:
        if not str(code["kind"]).startswith(BARS):
            return ROUND_CODE
        return (ACROSS, ALONG) if code["upright"] else (ALONG, ACROSS)

    try:
        return [
            Code(str(each["kind"]), str(each["text"]), _box(each["box"], plane, around(each)))
            for each in found
        ]
    except (TypeError, KeyError, ValueError):
        raise Failed("the reader of codes wrote what it should not") from None


async def faces(plane: Plane, *, deadline_seconds: float = 20) -> list[Box]:
    """Return boxes around the faces in a plain plane, in pixels of the picture.

    Args:
        plane: ``plain`` of :class:`~helpa_redaction.reading.prepared.Prepared`.
        deadline_seconds: after which the program is killed.

    Raises:
        Failed: they cannot be looked for, or the program did not end well; says why.
    """
    if missing := faces_missing():
        raise Failed(missing)
    found = await _run("faces_program.py", (str(_cascade()),), plane, deadline_seconds)
    try:
        return [_box(each, plane, ROUND_FACE) for each in found]
    except (TypeError, ValueError):
        raise Failed("the finder of faces wrote what it should not") from None


async def _run(name: str, arguments: tuple[str, ...], plane: Plane, seconds: float) -> list[Any]:
    command = [sys.executable, "-P", str(HERE / name), *arguments]
    said = await run([*command, str(plane.width), str(plane.height)], [plane.pixels], seconds)
    try:
        found = json.loads(said)
    except ValueError:
        raise Failed(f"{name} wrote no JSON") from None
    return found if isinstance(found, list) else []


def _box(given: Any, plane: Plane, around: tuple[float, float]) -> Box:
    """Return a box in pixels of the picture, grown but within it."""
    x, y, w, h = (float(value) / plane.scale for value in given)
    aside, over = (part * max(w, h) + 2 for part in around)
    width, height = plane.width / plane.scale, plane.height / plane.scale
    left, top = max(0.0, x - aside), max(0.0, y - over)
    return Box(left, top, min(width, x + w + aside) - left, min(height, y + h + over) - top)
