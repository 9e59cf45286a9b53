"""``helpa <name>``: commands of plugins."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from helpa.core import logs
from helpa.core.cli.common import data_dir_option, existing, plain_errors
from helpa.core.commands import Command, parsed, required
from helpa.core.errors import HelpaError, nearest
from helpa.core.parameters import Definition
from helpa.core.plugins.manager import PluginManager
from helpa.core.settings import load_settings


@plain_errors
def of_plugins(name: str) -> click.Command | None:
    """Return the command of an enabled plugin by its name, or None.

    Raises:
        HelpaError: there is none, but one whose name is close.
    """
    settings = load_settings()
    manager = PluginManager(settings.enabled, settings.plugin)
    known = {command.name: (plugin, command) for plugin, command in manager.commands("cli")}
    if name in known:
        return mounted(*known[name])
    members = {each.split()[1]: found for each, found in known.items() if each.split()[0] == name
               and " " in each}  # fmt: skip
    if members:
        group = click.Group(name, help=f"Commands about {name}s.")
        for each, (plugin, command) in members.items():
            group.add_command(mounted(plugin, command), each)
        return group
    close = nearest(name, {each.split()[0] for each in known})
    if close:
        raise HelpaError(f"There is no command {name!r}. Did you mean {close!r}?")
    return None


def mounted(plugin: str, command: Command) -> click.Command:
    """Return a plugin's command as one of click's."""

    @plain_errors
    def run(data_dir: Path | None, **texts: str | None) -> None:
        given = {name: text for name, text in texts.items() if text is not None}
        said = _run(plugin, command, parsed(command, given), data_dir)
        if said:
            click.echo(said)

    made = click.command(command.name.split()[-1], help=command.doc)(data_dir_option(run))
    made.params[:0] = [
        *(_argument(each) for each in command.arguments),
        *(_option(each) for each in command.options),
    ]
    return made


def _run(plugin: str, command: Command, values: dict[str, Any], data_dir: Path | None) -> Any:
    from helpa.core.app import Helpa

    settings, _ = existing(data_dir)
    logs.configure(settings.log_level)
    app = Helpa(settings)

    async def work() -> Any:
        async with app.running(serving=False, drawing=False):
            (loaded,) = (each for each in app.plugins.plugins if each.name == plugin)
            arguments = [values.pop(each.name) for each in command.arguments]
            return await command.run(app.services(loaded), *arguments, **values)

    return asyncio.run(work())


def _argument(definition: Definition) -> click.Argument:
    return click.Argument([definition.name], required=required(definition))


def _option(definition: Definition) -> click.Option:
    text = definition.parameter.doc
    if definition.types == (bool,):
        # A flag hands on the text that the parser of values knows.
        return click.Option(
            [_flag(definition.name), definition.name], flag_value="1", default=None, help=text
        )
    shown = [definition.expects] if definition.types != (str,) else []
    if definition.default is not None:
        shown.append(f"default: {definition.canonical(definition.default)}")
    note = f" [{'; '.join(shown)}]" if shown else ""
    return click.Option(
        [_flag(definition.name), definition.name], default=None, help=f"{text}{note}"
    )


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
