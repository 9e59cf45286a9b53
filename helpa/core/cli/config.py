"""``helpa config``."""

from __future__ import annotations

from pathlib import Path

import click

from helpa.core.cli.common import data_dir_option, plain_errors
from helpa.core.plugins.manager import PluginManager
from helpa.core.settings import load_settings
from helpa.core.settings_text import example


@click.command()
@data_dir_option
@plain_errors
def config(data_dir: Path | None) -> None:
    """Print a commented settings file: save it as helpa.toml and change what you need."""
    settings = load_settings(data_dir=data_dir)
    manager = PluginManager(settings.enabled, settings.plugin)
    models = {p.name: type(p.settings) for p in manager.plugins if p.settings is not None}
    click.echo(example(models), nl=False)
