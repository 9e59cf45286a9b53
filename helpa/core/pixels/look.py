"""The pixel job of whoever looks at a picture to learn something of it."""

from __future__ import annotations

from typing import Any

import pyvips

from helpa.core.pixels.opening import Source, damaged, open_source
from helpa.core.pixels.render import load_function


def look(job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return what a plugin's function finds in the upright picture.

    Args:
        job: ``source``, ``look`` (import path of ``look(image, args) -> (dict, bytes)``) and
            ``args``.

    Raises:
        PixelError: the source is damaged.
    """
    try:
        # In memory, for what looks may look more than once, and a source is read only once.
        image = open_source(Source.of(job["source"])).copy_memory()
        found: tuple[dict[str, Any], bytes] = load_function(job["look"])(image, job["args"])
    except pyvips.Error as error:
        raise damaged(error) from None
    told, body = found
    return {"found": told}, body
