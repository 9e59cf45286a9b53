"""``helpa serve``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import uvloop

from helpa.core import logs
from helpa.core.app import Helpa
from helpa.core.cli.common import data_dir_option, plain_errors
from helpa.core.files import DataDir
from helpa.core.plugins import migrations
from helpa.core.plugins.manager import PluginManager
from helpa.core.server import Server, bind
from helpa.core.settings import load_settings


@click.command()
@click.option("--host", help="Address to listen on. [env: HELPA_HOST; default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port. [env: HELPA_PORT; default: 8000]"
)
@data_dir_option
@plain_errors
def serve(host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Run the server."""
    settings = load_settings(host=host, port=port, data_dir=data_dir)
    logs.configure(settings.log_level)
    listener = bind(settings.host, settings.port)
    if settings.port == 0:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    plugins = PluginManager(settings.enabled, settings.plugin)
    files = DataDir(settings.data_dir)
    files.create()
    migrations.upgrade(plugins, files.database, settings.database)
    app = Helpa(settings, plugins)
    server = Server(app, on_start=lambda: _greet(app))
    uvloop.run(server.serve(sockets=[listener]))
    if not server.started:
        sys.exit(1)


def _greet(app: Helpa) -> None:
    """Show what can be done now, ready to copy."""
    settings = app.settings
    program = _relative(Path(sys.argv[0]))
    where = "" if settings.data_dir == Path("var") else f" --data-dir {settings.data_dir}"
    lines = [f"Helpa is at {settings.base_url}", ""]
    for label, text in app.announcements:
        lines += [f"  {label}:", f"    {text}", ""]
    lines += [
        "  Make a token, and upload a picture with it:",
        f"    TOKEN=$({program} token create --name laptop{where})",
        '    curl -H "Authorization: Bearer $TOKEN" -F file=@screenshot.png \\',
        f"      {settings.base_url}/api/images",
        "",
        "  Stop with Ctrl-C.",
        "",
    ]
    click.echo("\n".join(lines))


def _relative(program: Path) -> str:
    """Return how the program is called from the current folder."""
    if program.name == "__main__.py":
        return "python -m helpa"
    full = program.absolute()
    cwd = Path.cwd()
    return os.path.relpath(full, cwd) if full.is_relative_to(cwd) else str(program)
