"""Readings of a text, as two of them are compared."""

from __future__ import annotations

import re


def squeezed(text: str) -> str:
    """Return a text as two readings of it are compared: letters and digits alone."""
    return re.sub(r"[\W_]", "", text.casefold())
