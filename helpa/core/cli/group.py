"""The group of commands: each is imported when it is meant, for most of them need a database."""

from __future__ import annotations

from importlib import import_module

import click

MODULES = {
    "audit": "audit",
    "config": "config",
    "db": "database",
    "doctor": "doctor",
    "jobs": "jobs",
    "keys": "sign",
    "markup": "markup",
    "plugin": "plugin",
    "plugins": "plugins",
    "serve": "serve",
    "sign": "sign",
    "token": "token",
}
"""Commands of the core, each with the module of this package that holds it under its name."""


class Commands(click.Group):
    """The core's commands, and those of enabled plugins.

    Plugins are loaded only for a name the core does not have, so that neither ``helpa --help``
    nor ``helpa serve`` waits for them.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click hands it on
        """Return the names of the core's commands."""
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command by its name."""
        if cmd_name in MODULES:
            module = import_module(f"helpa.core.cli.{MODULES[cmd_name]}")
            found: click.Command = getattr(module, cmd_name)
            return found
        from helpa.core.cli.extra import of_plugins

        return of_plugins(cmd_name)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say where further commands are named, without looking for them."""
        formatter.write_paragraph()
        formatter.write_text("Plugins may add commands: helpa plugins names them.")
        super().format_epilog(ctx, formatter)
