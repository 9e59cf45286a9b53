"""The palette."""

from __future__ import annotations

import json
from typing import Any

import pyvips

from helpa.drawing import palette


def encode(image: pyvips.Image, _: dict[str, Any]) -> bytes:
    """Return the colours of the image as a JSON list of ``hex`` and ``share``."""
    return json.dumps(palette(image), separators=(",", ":")).encode()
