"""Random identifiers."""

from __future__ import annotations

import re
import secrets


def new_id() -> str:
    """Return 128 random bits as 22 URL-safe characters, the first no ``-``.

    On a command line that would begin an option: ``helpa token revoke -x…``.
    """
    while (text := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return text


def is_id(text: str) -> bool:
    """Whether a text has the form of an id; else no database need be asked for it."""
    return re.fullmatch(r"[A-Za-z0-9_-]{22}", text) is not None
