"""``helpa doctor``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from helpa.core.checks import SECONDS, Installation, examine
from helpa.core.cli.common import data_dir_option
from helpa.core.errors import SettingsError
from helpa.core.settings import Settings, load_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of lines.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=SECONDS,
    show_default=True,
    help="Seconds that all checks together may take.",
)
@data_dir_option
def doctor(as_json: bool, timeout: float, data_dir: Path | None) -> None:
    """Look whether everything is in order: a line each, with advice.

    Ends with 0 where all is ok or only warned of, with 1 where something fails. Looks only; a
    folder that is not there is not made.
    """
    settings: Settings | None = None
    mistakes: list[str] = []
    try:
        settings = load_settings(data_dir=data_dir)
    except SettingsError as error:
        mistakes = str(error).splitlines()
    findings = examine(Installation(settings, mistakes), timeout)
    failed = any(finding.state == "fail" for finding in findings)
    if as_json:
        found = [finding.document() for finding in findings]
        click.echo(json.dumps({"ok": not failed, "findings": found}, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(finding.line())
    sys.stdout.flush()
    sys.exit(1 if failed else 0)
