"""``helpa db``."""

from __future__ import annotations

from pathlib import Path

import click

from helpa.core.cli.common import data_dir_option, plain_errors
from helpa.core.database import migrate
from helpa.core.files import DataDir
from helpa.core.settings import load_settings


@click.group()
def db() -> None:
    """The database."""


@db.command()
@data_dir_option
@plain_errors
def upgrade(data_dir: Path | None) -> None:
    """Create the database, or bring its schema up to date."""
    settings = load_settings(data_dir=data_dir)
    files = DataDir(settings.data_dir)
    files.create()
    migrate.upgrade(files.database, settings.database)
    click.echo(f"The database in {files.root} is up to date.")
