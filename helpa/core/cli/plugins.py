"""``helpa plugins``."""

from __future__ import annotations

from pathlib import Path

import click

from helpa.core.cli.common import data_dir_option, plain_errors
from helpa.core.plugins.manager import PluginManager, installed
from helpa.core.settings import load_settings


@click.command()
@data_dir_option
@plain_errors
def plugins(data_dir: Path | None) -> None:
    """List installed plugins, and what the enabled ones bring."""
    settings = load_settings(data_dir=data_dir)
    manager = PluginManager(settings.enabled, settings.plugin)
    loaded = {plugin.name: plugin for plugin in manager.plugins}
    broken = {error.plugin: error for error in manager.broken}
    names = [p.name for p in settings.enabled]
    for name in [*names, *sorted(set(installed()) - set(names))]:
        if name in broken:
            error = broken[name]
            click.echo(f"{name}: left out, failed to {error.phase}: {error.reason}")
            continue
        plugin = loaded.get(name)
        if plugin is None:
            click.echo(f"{name}: installed, not enabled")
            continue
        click.echo(f"{name}: enabled ({plugin.distribution})")
        for kind, declared in (
            ("operations", plugin.operations),
            ("formats", plugin.encoders),
            ("commands", plugin.commands),
        ):
            if declared:
                click.echo(f"  {kind}: {', '.join(each.name for each in declared)}")
