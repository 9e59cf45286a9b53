"""Settings of plugins that come from variables, where everything is text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel


def decoded(model: type[BaseModel], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with lists and tables in it that were written as JSON.

    Args:
        model: of the table.
        table: as the settings file and variables have it.
    """
    found = dict(table)
    for name, value in table.items():
        field = model.model_fields.get(name)
        if field is not None and isinstance(value, str) and _holds_others(field.annotation):
            try:
                found[name] = json.loads(value)
            except ValueError:
                continue  # the model says what it expects
    return found


def _holds_others(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    if get_origin(annotation) in (dict, list, tuple, set, frozenset):
        return True
    return any(_holds_others(each) for each in get_args(annotation))
