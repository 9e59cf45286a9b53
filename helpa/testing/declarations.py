"""What a plugin declares, looked at without running it."""

from __future__ import annotations

import enum
import inspect
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from helpa.core.commands import Command
from helpa.core.errors import InvalidValue
from helpa.core.operations import Encoder, Operation
from helpa.core.parameters import Definition
from helpa.core.plugins.manager import Loaded
from helpa.core.routes import Route
from helpa.core.values import ImageId
from helpa.core.workers.process import clean_environment
from helpa.testing.problem import Problem

IMPORT_SECONDS = 60.0
CODECS = ("pyvips", "PIL")


def declaration_problems(plugin: Loaded, routes: list[Route]) -> Iterator[Problem]:
    """Yield what is wrong with the declarations of a plugin."""
    if not (plugin.module.__doc__ or "").strip():
        yield Problem("the module", "has no docstring.", "Say in a line what the plugin brings.")
    yield from _import_problems(plugin.module.__name__)
    if plugin.settings is not None:
        yield from _settings_problems(type(plugin.settings))
    for operation in plugin.operations:
        yield from _operation_problems(operation)
    for encoder in plugin.encoders:
        yield from _encoder_problems(encoder)
    for command in plugin.commands:
        yield from _command_problems(command)
    for route in routes:
        yield from _route_problems(route)


def example_of(definition: Definition) -> str | None:
    """Return a text a parameter takes, or None where none can be told."""
    if definition.parameter.example:
        return definition.parameter.example
    for kind in definition.types:
        if issubclass(kind, bool):
            return "1"
        if issubclass(kind, enum.Enum):
            return str(next(iter(kind)).value)
    return None


def _import_problems(module: str) -> Iterator[Problem]:
    """Import it as a new process would: workers and the web process are such."""
    code = f"import sys, {module}; print(*(name for name in {CODECS!r} if name in sys.modules))"
    done = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=IMPORT_SECONDS,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        yield Problem(
            "the module",
            f"cannot be imported in a new process, as workers must: {last}.",
            "Install the plugin: pip install -e . in its folder.",
        )
    elif done.stdout.strip():
        yield Problem(
            "the module",
            f"loads {done.stdout.strip()} when it is imported, in the web process too.",
            "Import codecs only in the modules that draw names, which only workers load.",
        )


def _settings_problems(model: type[BaseModel]) -> Iterator[Problem]:
    if model.model_config.get("extra") != "forbid":
        yield Problem(
            "the settings",
            "take names they do not know, so that a misspelt one is dropped in silence.",
            'Give the model model_config = ConfigDict(extra="forbid").',
        )
    for name, field in model.model_fields.items():
        if not field.description:
            yield Problem(
                f"setting {name}",
                "has no description.",
                "Say what it does with Field(…, description=…): helpa config shows it.",
            )
        if field.is_required():
            yield Problem(
                f"setting {name}", "has no default.", "Give it one, so that nobody must set it."
            )


def _operation_problems(operation: Operation) -> Iterator[Problem]:
    where = f"operation {operation.name}"
    if not operation.doc:
        yield Problem(
            where, "its plan has no docstring.", "Say what it does: the reference page shows it."
        )
    for definition in operation.parameters:
        yield from _parameter_problems(f"{where}, parameter {definition.name}", definition)


def _parameter_problems(where: str, definition: Definition) -> Iterator[Problem]:
    parameter = definition.parameter
    if not parameter.doc.strip():
        yield Problem(where, "has no text.", "Say in a line what it does.")
    numeric = [k for k in definition.types if issubclass(k, (int, float)) and k is not bool]
    if numeric and not any(issubclass(k, enum.Enum) for k in numeric):
        for bound, word in ((parameter.ge, "smallest"), (parameter.le, "largest")):
            if bound is None:
                name = "ge" if word == "smallest" else "le"
                yield Problem(
                    where,
                    f"has no {word} value: whoever makes links may ask for anything.",
                    f"Bound it with Parameter(…, {name}=…).",
                )
    example = example_of(definition)
    if example is None:
        if ImageId not in definition.types:
            yield Problem(where, "has no example.", "Give it one: documents and tests use it.")
        return
    try:
        value = definition.parse(example)
        again = definition.parse(definition.canonical(value))
    except InvalidValue as error:
        yield Problem(where, f"its example is refused: {error.detail}", "Show a value it takes.")
        return
    except Exception as error:  # noqa: BLE001  an author's parser may raise anything
        yield Problem(
            where,
            f"parsing {example!r} raises {type(error).__name__}: {error}.",
            "parse raises ValueError for what it does not take, and nothing else.",
        )
        return
    if again != value:
        yield Problem(
            where,
            f"{example!r} is {value!r}, written {definition.canonical(value)!r}, read {again!r}.",
            "str() of a value must be a text that parse reads as the same value.",
        )


def _encoder_problems(encoder: Encoder) -> Iterator[Problem]:
    where = f"format {encoder.name}"
    if not encoder.doc:
        yield Problem(where, "has no doc.", "Say in a line what it is good for.")
    if not encoder.extensions:
        yield Problem(where, "has no extension.", "Name one: downloads are called by it.")


def _command_problems(command: Command) -> Iterator[Problem]:
    where = f"command {command.name}"
    if not command.doc:
        yield Problem(where, "has no docstring.", "Say what it does: --help shows it.")
    for definition in (*command.arguments, *command.options):
        if not definition.parameter.doc.strip():
            yield Problem(
                f"{where}, {definition.name}", "has no text.", "Say in a line what it is."
            )


def _route_problems(route: Route) -> Iterator[Problem]:
    where = f"route {route.method} {route.path}"
    handler: Any = route.handler
    call = getattr(handler, "__call__", None)  # noqa: B004  an object with an async __call__ is one
    if not (inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(call)):
        yield Problem(where, "its handler is not async.", "Write it as async def.")
    if not route.summary and not route.page:
        yield Problem(where, "has no summary.", "Say in a line what it does: OpenAPI shows it.")
