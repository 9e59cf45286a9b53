"""Moments, devices and actors in words for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from helpa import RequestError

BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS|HeadlessChrome)/"),
    ("Safari", r"\bSafari/"),
    ("curl", r"^curl/"),
)
"""In the order of asking: most browsers also name those they are like."""

SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS X|Macintosh"),
    ("ChromeOS", "CrOS"),
    ("Linux", "Linux"),
)


def moment(timestamp: str | None, never: str = "never") -> str:
    """Return an RFC 3339 time in UTC as a table shows it.

    Args:
        timestamp: as documents have it.
        never: said where there is none.
    """
    if timestamp is None:
        return never
    return f"{datetime.fromisoformat(timestamp):%Y-%m-%d %H:%M} UTC"


def device(agent: str) -> str:
    """Return what a User-Agent is, in the words of its owner."""
    names = [_first(each, agent) for each in (BROWSERS, SYSTEMS)]
    known = " on ".join(name for name in names if name)
    return known or agent[:60] or "an unknown device"


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for name, pattern in table if re.search(pattern, agent)), "")


def method(name: str) -> str:
    """Return a way of signing in, in words."""
    kind, _, provider = name.partition(":")
    words = {
        "password": "password",
        "passkey": "passkey",
        "setup": "set-up link",
        "invitation": "invitation",
        "reset": "link to a new password",
        "oidc": provider,
    }
    return words.get(kind, name)


def messages(error: RequestError, fields: Mapping[str, str]) -> dict[str, str]:
    """Return an error as a form shows it.

    Args:
        error: what was refused.
        fields: the form's field, by the name the error may give; the first where it gives none.
    """
    field = fields.get((error.field or "").partition(".")[0], next(iter(fields.values())))
    return {field: error.detail}
