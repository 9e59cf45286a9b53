"""What a command declares: one typed async function, and the surfaces it is shown on."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from helpa.core.parameters import Definition, definition

SURFACES = ("cli",)
"""Where a command may be shown."""

CORE_COMMANDS = frozenset(
    {
        "audit",
        "config",
        "db",
        "doctor",
        "help",
        "jobs",
        "keys",
        "markup",
        "plugin",
        "plugins",
        "serve",
        "sign",
        "token",
        "version",
    }
)
"""Names on the command line that no plugin may take; ``help`` and ``version`` would mislead."""

Run: TypeAlias = Callable[..., Awaitable[str | None]]


class Command:
    """A command of a plugin.

    Args:
        name: what it is called by, lower case: ``helpa <name>``; two words for one of a group.
        run: ``async def run(services, source, *, limit=10) -> str | None``. Its first argument is
            the :class:`helpa.Services`; those before the star are arguments, those after it
            options, each ``Annotated`` with a :class:`helpa.Parameter`. What it answers is shown;
            its docstring is the help text. A :class:`helpa.HelpaError` it raises is shown as a
            line, and the command has failed.
        surfaces: where it is shown; ``cli`` is the command line.

    Raises:
        TypeError: ``run`` is not async, or its signature cannot be read.
        ValueError: the name is malformed, or a surface is unknown.
    """

    def __init__(self, name: str, run: Run, *, surfaces: tuple[str, ...] = ("cli",)) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}( [a-z][a-z0-9-]{0,31})?", name):
            raise ValueError(
                f"command name {name!r}: expected one or two words of lower case letters, digits "
                "and -"
            )
        if not surfaces or not set(surfaces) <= set(SURFACES):
            raise ValueError(
                f"command {name}: surfaces={surfaces!r}: expected some of {', '.join(SURFACES)}"
            )
        if not inspect.iscoroutinefunction(run):
            raise TypeError(f"command {name}: {run!r} is no async function")
        self.name = name
        self.run: Run = run
        self.surfaces = surfaces
        self.arguments, self.options = _signature(run)

    @property
    def doc(self) -> str:
        """The help text."""
        return inspect.cleandoc(self.run.__doc__ or "")

    def __repr__(self) -> str:
        return f"Command({self.name!r})"


def _signature(run: Run) -> tuple[tuple[Definition, ...], tuple[Definition, ...]]:
    """Return the arguments and the options that a function declares."""
    where = f"{run.__module__}.{run.__qualname__}"
    hints = typing.get_type_hints(run, include_extras=True)
    first, *others = inspect.signature(run).parameters.values() or (None,)
    if first is None or first.kind not in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD):
        raise TypeError(f"{where} takes no services as its first argument")
    arguments: list[Definition] = []
    options: list[Definition] = []
    for each in others:
        if each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD):
            raise TypeError(f"{where}({each.name}) is no single argument")
        default = ... if each.default is each.empty else each.default
        defined = definition(run, each.name, hints.get(each.name), default, texts=True)
        if each.kind is each.KEYWORD_ONLY:
            if default is ...:
                raise TypeError(f"{where}({each.name}) is an option and has no default")
            if defined.types == (bool,) and default is not False:
                raise TypeError(f"{where}({each.name}) is a flag, whose default is False")
            options.append(defined)
        else:
            arguments.append(defined)
    return tuple(arguments), tuple(options)


def required(definition: Definition) -> bool:
    """Whether an argument must be given."""
    return definition.default is ...


def parsed(command: Command, texts: dict[str, str]) -> dict[str, Any]:
    """Return the values a command is run with.

    Args:
        command: which.
        texts: text by parameter name, only those given.

    Raises:
        InvalidValue: a text is not allowed; says what is.
    """
    return {
        each.name: each.parse(texts[each.name]) if each.name in texts else each.default
        for each in (*command.arguments, *command.options)
    }
