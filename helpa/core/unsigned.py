"""What an image URL may ask for without a signature.

Every distinct rendition costs its making once, so a public link to one picture is a public right
to the work of all its renditions. The setting ``unsigned`` says how much of it is given away.
"""

from __future__ import annotations

import enum
from collections.abc import Collection
from typing import Any, Literal

from helpa.core.errors import Forbidden, shorten
from helpa.core.query import Query

Mode = Literal["any", "steps", "presets", "none"]

PRESET_NAMES = ("p", "fmt", "dl", "v")
"""What ``presets`` lets through: a preset, and how its answer is handed on."""

STEP_NAMES = ("w", "h", "dpr", "fit", "g", "fmt", "lossless", "anim", "p", "dl", "v", "enlarge")
"""What ``steps`` lets through: each takes a few values only."""

RATIOS = (1, 2, 3)
"""Device pixel ratios that ``steps`` lets through; screens have no others worth a rendition."""

HOW = "Who manages the picture may ask for anything."


def check(query: Query, mode: Mode, steps: Collection[int]) -> None:
    """Insist that a query may be asked without a signature.

    Args:
        query: as parsed. What its preset supplied does not count.
        mode: the setting ``unsigned``.
        steps: widths and heights that ``steps`` lets through, in pixels.

    Raises:
        Forbidden: names the parameter, what was given and what is allowed.
    """
    if mode == "any":
        return
    if mode == "none":
        raise Forbidden(
            "This server answers signed links only (setting unsigned): the link must be signed.",
            field="sig",
            allowed="a signed link",
        )
    names = STEP_NAMES if mode == "steps" else PRESET_NAMES
    for name, value in query.values.items():
        if name in query.preset:
            continue
        if name not in names:
            raise _refused(query, name, value, mode, "the parameters " + ", ".join(names))
        allowed = _allowed(name, value, mode, steps)
        if allowed is not None:
            raise _refused(query, name, value, mode, allowed)


def _allowed(name: str, value: Any, mode: Mode, steps: Collection[int]) -> str | None:
    """Return what a parameter may be, where it may not be what it is."""
    if name in ("w", "h") and value not in steps:
        return "one of " + ", ".join(str(step) for step in sorted(steps))
    if name == "dpr" and value not in RATIOS:
        return "one of " + ", ".join(str(ratio) for ratio in RATIOS)
    if name == "fmt" and mode == "presets" and str(value) == "json":
        return "a format other than json"
    return None


def _refused(query: Query, name: str, value: Any, mode: Mode, allowed: str) -> Forbidden:
    spelt = query.spelling.get(name, name)
    given = shorten(_text(value))
    return Forbidden(
        f"{spelt}={given} needs a signed link. Allowed without one (unsigned = {mode}): {allowed}. "
        f"{HOW}",
        field=spelt,
        given=given,
        allowed=allowed,
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return str(value.value) if isinstance(value, enum.Enum) else str(value)
