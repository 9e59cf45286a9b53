"""``helpa``: the group of commands."""

from __future__ import annotations

import click

import helpa
from helpa.core.cli.group import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(helpa.__version__, prog_name="helpa")
def main() -> None:
    """Upload a picture, get a link; every size and format of it is a URL."""
