"""CSS colours: hex, names, ``rgb()`` and ``rgba()``."""

from __future__ import annotations

import re

from helpa.dialects import Option, colour

FUNCTION = re.compile(r"rgba?\(([^()]{1,60})\)", re.IGNORECASE)
CHANNEL = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?|\.[0-9]{1,6})(%?)")


def css_colour(option: Option) -> str:
    """Return a colour as Helpa writes it.

    Raises:
        InvalidValue: it is no colour.
    """
    text = option.text.strip()
    function = FUNCTION.fullmatch(text)
    found = colour(text) if function is None else _rgb(function.group(1))
    if found is None:
        raise option.refused("a CSS colour: %23RRGGBB, a name, rgb(…) or rgba(…)")
    return found


def _rgb(inside: str) -> str | None:
    parts = [part for part in re.split(r"[\s,/]+", inside.strip()) if part]
    matches = [CHANNEL.fullmatch(part) for part in parts]
    if len(parts) not in (3, 4):
        return None
    channels = []
    for number, match in enumerate(matches):
        if match is None:
            return None
        # Of 255; alpha of 1. CSS clamps what is beyond.
        whole = 100 if match.group(2) else 1 if number == 3 else 255
        channels.append(min(255, round(float(match.group(1)) * 255 / whole)))
    return colour(bytes(channels).hex())
