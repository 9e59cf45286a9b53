"""Settings in words: the commented file and the reference page."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from helpa.core.settings import Settings
from helpa.core.settings_base import Group
from helpa.core.settings_fetch import SourceTable


def example(plugins: Mapping[str, type[BaseModel]]) -> str:
    """Return a settings file in which every line is a comment that shows a default."""
    lines = [
        "# Settings of Helpa. Every line below shows a default; take the # away to change it.",
        "# A variable HELPA_LIMITS__QUEUE stands for queue in [limits], and wins over this file.",
        "",
    ]
    for name, field in _plain(Settings):
        lines += [
            f"# {field.description}",
            f"# {name} = {_default(field)}",
            "",
        ]
    for title, model in groups(plugins):
        lines += [f"[{title}]"]
        for name, field in model.model_fields.items():
            lines += [
                f"# {field.description}",
                f"# {name} = {_default(field)}",
            ]
        lines += [""]
        for table, nested in tables(title, model):
            lines += [f"#   [{table}]"]
            for name, field in nested.model_fields.items():
                lines += [f"#   {field.description}", f"#   {name} = {_default(field)}"]
            lines += [""]
    lines += ["[presets]", '# thumb = "w=200&h=200&fit=cover"', ""]
    lines += ["[permissions]", '# "originals:read" = ["moderator"]', ""]
    return "\n".join(lines)


def reference(plugins: Mapping[str, type[BaseModel]]) -> str:
    """Return the reference page in Markdown."""
    lines = [
        "# Settings",
        "",
        "Made from the code by `make docs`; do not edit.",
        "",
        "Settings come from `helpa.toml` in the current folder (or the file that `HELPA_CONFIG`",
        "names) and from variables, which win. `helpa config` prints a commented file. Every",
        "mistake is reported at once, with its name, its value and what is allowed.",
        "",
        "## General",
        "",
    ]
    lines += _table(_plain(Settings), "HELPA_")
    for title, model in groups(plugins):
        lines += ["", f"## `[{title}]`", "", inspect.getdoc(model) or "", ""]
        lines += _table(iter(model.model_fields.items()), f"HELPA_{title}__".replace(".", "__"))
        for table, nested in tables(title, model):
            lines += ["", f"## `[{table}]`", "", inspect.getdoc(nested) or "", ""]
            lines += ["| setting | default | what it does |", "|---|---|---|"]
            for name, field in nested.model_fields.items():
                default = "" if field.is_required() else f"`{_default(field)}`"
                lines.append(f"| `{name}` | {default} | {_cell(str(field.description))} |")
    lines += [
        "",
        "## `[presets]`",
        "",
        str(Settings.model_fields["presets"].description),
        "",
        "## `[permissions]`",
        "",
        str(Settings.model_fields["permissions"].description),
        "",
        "## `[[sources]]`",
        "",
        "A table for each source, with the members of its kind; see [sources](sources.md).",
        "",
        "| member | default | what it does |",
        "|---|---|---|",
    ]
    for name, field in SourceTable.model_fields.items():
        default = "" if field.is_required() else f"`{_default(field)}`"
        lines.append(f"| `{name}` | {default} | {field.description} |")
    lines.append("")
    return "\n".join(lines)


def groups(plugins: Mapping[str, type[BaseModel]]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield (title, model) of every table of the file."""
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            yield name, field.annotation
    for name, model in plugins.items():
        yield f"plugin.{name}", model


def tables(title: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield (title, model) of the tables in a table, of which there may be any number by name."""
    for name, field in model.model_fields.items():
        if get_origin(field.annotation) is dict:
            value = get_args(field.annotation)[1]
            if isinstance(value, type) and issubclass(value, BaseModel):
                yield f"{title}.{name}.<name>", value


def _plain(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        nested = isinstance(field.annotation, type) and issubclass(field.annotation, Group)
        if not nested and name not in ("plugin", "presets", "permissions"):
            yield name, field


def _table(fields: Iterator[tuple[str, FieldInfo]], prefix: str) -> list[str]:
    lines = ["| setting | default | what it does |", "|---|---|---|"]
    for name, field in fields:
        default = _cell(_default(field))
        text = _cell(str(field.description))
        lines.append(f"| `{name}`<br>`{(prefix + name).upper()}` | `{default}` | {text} |")
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return '"" (required)'
    return _toml(field.get_default(call_default_factory=True))


def _toml(value: Any) -> str:
    if value is None:
        return '"" (unset)'
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, dict):
        pairs = [f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items()]
        return "{ " + ", ".join(pairs) + " }" if pairs else "{}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value if isinstance(value, (int, float)) else str(value))
