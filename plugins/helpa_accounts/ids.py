"""Ids and words as they come in paths and queries."""

from __future__ import annotations

import re

from helpa import NotFound

_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_id(text: str, noun: str) -> str:
    """Return a text that has the form of an id.

    PostgreSQL refuses to look for some others.

    Args:
        text: as it stands in the path.
        noun: what it would name.

    Raises:
        NotFound: it has not, so nothing is named by it.
    """
    if not _FORM.fullmatch(text):
        raise NotFound(f"There is no such {noun}.")
    return text


def plain(text: str, most: int = 200) -> str:
    """Return a text of a query without what cannot be typed into a field.

    Args:
        text: as it came.
        most: characters that are kept.
    """
    return "".join(each for each in text[:most] if each.isprintable()).strip()
