"""Random identifiers."""

from __future__ import annotations

import re
import secrets


def new_id() -> str:
    """Return 128 random bits as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


def is_id(text: str) -> bool:
    """Whether a text has the form of an id; else no database need be asked for it."""
    return re.fullmatch(r"[A-Za-z0-9_-]{22}", text) is not None
