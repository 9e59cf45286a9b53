"""``helpa db``."""

from __future__ import annotations

from pathlib import Path

import click

from helpa.core import logs
from helpa.core.cli.common import data_dir_option, plain_errors
from helpa.core.files import DataDir
from helpa.core.plugins import migrations
from helpa.core.plugins.manager import PluginManager
from helpa.core.settings import load_settings


@click.group()
def db() -> None:
    """The database."""


@db.command()
@data_dir_option
@plain_errors
def upgrade(data_dir: Path | None) -> None:
    """Create the database, or bring its schema, and that of each enabled plugin, up to date."""
    settings = load_settings(data_dir=data_dir)
    logs.configure(settings.log_level)
    plugins = PluginManager(settings.enabled, settings.plugin)
    files = DataDir(settings.data_dir)
    files.create()
    migrations.upgrade(plugins, files.database, settings.database)
    click.echo(f"The database in {files.root} is up to date.")
