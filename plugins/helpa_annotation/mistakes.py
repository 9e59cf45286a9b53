"""What is wrong with a layer, said so that the shape and the member are found."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

from helpa import InvalidValue

MOST = 20
"""So many mistakes are told; a layer may hold thousands."""

LONGEST = 80
"""Of what was given, as it is repeated."""


def refusal(
    error: ValidationError, value: object, members: Callable[[object], Sequence[str]]
) -> InvalidValue:
    """Return the answer to a layer that is none.

    Args:
        error: what pydantic says.
        value: what was given.
        members: returns the members that a shape of some type may have; those of the document, of
            None.
    """
    told = [_told(item, value, members) for item in error.errors(include_url=False)[:MOST]]
    first = told[0]
    return InvalidValue(
        " ".join(each["detail"] for each in told),
        field=first["field"],
        given=first["given"],
        allowed=first["allowed"],
        extra={"errors": told},
    )


def _told(item: Any, value: object, members: Callable[[object], Sequence[str]]) -> dict[str, Any]:
    place = list(item["loc"])
    told: dict[str, Any] = {}
    kind: object = None
    if len(place) > 1 and place[0] == "shapes" and isinstance(place[1], int):
        shape = _at(value, place[1])
        kind = shape.get("type") if isinstance(shape, dict) else None
        told["shape"] = place[1]
        if isinstance(shape, dict) and isinstance(shape.get("id"), str):
            told["id"] = shown(shape["id"])
        del place[2:3]  # the type, which pydantic puts in for the branch of the union
    field = _spelt(place) or "body"
    allowed = _allowed(item, kind, members)
    given = "nothing" if item["type"] == "missing" else shown(item["input"])
    named = f" (id {told['id']})" if "id" in told else ""
    told |= {
        "field": field,
        "given": given,
        "allowed": allowed,
        "detail": f"{field}{named}: given {given}, expected {allowed}.",
    }
    return told


def _at(value: object, index: int) -> object:
    listed = value.get("shapes") if isinstance(value, dict) else None
    return listed[index] if isinstance(listed, list) and index < len(listed) else None


def _spelt(place: Sequence[str | int]) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else ("." if text else "") + shown(part)
    return text


def _allowed(item: Any, kind: object, members: Callable[[object], Sequence[str]]) -> str:
    context = item.get("ctx", {})
    if item["type"] == "extra_forbidden":
        return "no such member; there are " + ", ".join(members(kind))
    if item["type"] == "missing":
        return "this member"
    if item["type"] in ("union_tag_invalid", "union_tag_not_found"):
        tags = context.get("expected_tags") or ", ".join(f"'{t}'" for t in TYPES)
        return f"a member type that is one of {tags}"
    text: str = item["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return text[:1].lower() + text[1:]


TYPES = (
    "arrow", "line", "rectangle", "ellipse", "pen", "highlighter", "text", "callout", "step",
    "spotlight", "magnifier", "stamp", "measure",
)  # fmt: skip


def shown(given: object) -> str:
    """Return what was given as a message repeats it: short, and nothing that UTF-8 cannot say."""
    if isinstance(given, float | int) and not isinstance(given, bool):
        # The text of a number of a million digits would take minutes.
        text = f"{given!r}" if isinstance(given, float) or abs(given) < 10**30 else "a huge number"
    elif isinstance(given, str):
        text = given[: LONGEST + 1]
    elif isinstance(given, dict | list | tuple):
        text = "an object" if isinstance(given, dict) else "a list"
    else:
        text = json.dumps(given) if given is None or isinstance(given, bool) else "no JSON"
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
