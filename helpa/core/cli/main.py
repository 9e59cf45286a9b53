"""``helpa``: the group of commands."""

from __future__ import annotations

import click

import helpa
from helpa.core.cli.audit import audit
from helpa.core.cli.config import config
from helpa.core.cli.database import db
from helpa.core.cli.doctor import doctor
from helpa.core.cli.extra import Commands
from helpa.core.cli.jobs import jobs
from helpa.core.cli.markup import markup
from helpa.core.cli.plugin import plugin
from helpa.core.cli.plugins import plugins
from helpa.core.cli.serve import serve
from helpa.core.cli.sign import keys, sign
from helpa.core.cli.token import token


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(helpa.__version__, prog_name="helpa")
def main() -> None:
    """Upload a picture, get a link; every size and format of it is a URL."""


for command in (serve, token, sign, markup, keys, audit, plugins, plugin, config, jobs, db, doctor):
    main.add_command(command)
