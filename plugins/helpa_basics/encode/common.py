"""What every encoder does first."""

from __future__ import annotations

from typing import Any

import pyvips


def notice(image: pyvips.Image, args: dict[str, Any]) -> tuple[pyvips.Image, str]:
    """Return the image, perhaps with a copyright notice, and what the encoder is to keep.

    The image carries no metadata of its own: the opening step takes all of it away.
    """
    text = args.get("copyright")
    if not text:
        return image, "none"
    image = image.copy()
    image.set_type(pyvips.GValue.gstr_type, "exif-ifd0-Copyright", text)
    return image, "exif"
