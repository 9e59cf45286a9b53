"""``helpa plugin``: for those who write plugins."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from helpa.core import logs
from helpa.core.cli.common import plain_errors
from helpa.core.errors import HelpaError
from helpa.core.plugins import scaffold
from helpa.core.settings import Settings


@click.group()
def plugin() -> None:
    """For authors of plugins: start one, and check one."""


@plugin.command()
@click.argument("name")
@click.option(
    "--with",
    "parts",
    default="operation",
    help=f"What it brings, with commas between: {', '.join(scaffold.PARTS)}. [default: operation]",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder in which the project's folder is made. [default: this one]",
)
@plain_errors
def new(name: str, parts: str, into: Path) -> None:
    """Write a project of a plugin NAME, ready to install and to test."""
    enabled = json.dumps([*Settings.model_fields["plugins"].default, name])
    project = scaffold.write(name, [part.strip() for part in parts.split(",")], into)
    click.echo(
        f"{project} is ready:\n\n"
        f"  cd {project}\n"
        "  pip install -e '.[test]'\n"
        "  pytest\n"
        f"  HELPA_PLUGINS='{enabled}' helpa serve\n"
    )


@plugin.command()
@click.argument("name")
@plain_errors
def check(name: str) -> None:
    """Say what is wrong with the installed plugin NAME, with advice."""
    try:
        from helpa.testing import check_plugin
    except ModuleNotFoundError as error:
        raise HelpaError(
            f"helpa plugin check needs {error.name}: pip install 'helpa[testing]'."
        ) from None
    logs.configure("error")
    problems = check_plugin(name)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        sys.exit(1)
    click.echo(f"{name}: nothing to complain about.")
