"""ThumbHash."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa.drawing import thumbhash


def encode(image: pyvips.Image, _: dict[str, Any]) -> bytes:
    """Return the ThumbHash of the image in base64."""
    return thumbhash(image).encode()
