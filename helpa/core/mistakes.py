"""Mistakes that pydantic found, as lines for whoever wrote the settings."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from helpa.core.errors import nearest

SECRETS = re.compile(r"secret|password|token|key|header|database_url", re.IGNORECASE)
"""Names of settings whose values no message shows."""


def mistakes_of(error: ValidationError, model: type[BaseModel], prefix: str = "") -> list[str]:
    """Return a line for each mistake that pydantic found."""
    lines = []
    seen = set()
    for item in error.errors():
        path = [str(part) for part in item["loc"] if not _is_type_label(str(part))]
        name = prefix + ".".join(path)
        if name in seen:
            continue
        seen.add(name)
        if item["type"] == "extra_forbidden":
            known = _fields_at(model, path[:-1])
            close = nearest(path[-1], known)
            lines.append(
                f"{name}: there is no such setting." + (f" Did you mean {close}?" if close else "")
            )
            continue
        if item["type"] == "missing":
            lines.append(f"{name}: this setting is required.")
            continue
        message = item["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
        message = message[:1].lower() + message[1:]
        lines.append(f"{name} = {shown(name, item['input'])}: expected {_clean(message)}.")
    return lines


def _clean(message: str) -> str:
    return message.removeprefix("expected ").rstrip(".")


def _is_type_label(part: str) -> bool:
    # pydantic names the branch of a union in the location: "str", "PluginName".
    return part in ("str", "int", "PluginName") or part.startswith(("constrained-", "function-"))


def shown(name: str, value: Any) -> str:
    """Return a value as a message shows it, unless it may be a secret."""
    # A table may hold secrets of its own, and the one around a missing member is shown with it.
    if _holds_tables(value) or re.search(SECRETS, name):
        return "(hidden)"
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _holds_tables(value: Any) -> bool:
    if isinstance(value, str):
        return value.lstrip().startswith(("{", "["))  # JSON in a variable
    if isinstance(value, (list, tuple)):
        return any(_holds_tables(each) for each in value)
    return isinstance(value, dict)


def _fields_at(model: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        field = model.model_fields.get(part)
        annotation = field.annotation if field else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return list(model.model_fields)
