"""``helpa markup``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from helpa.core import keyfile
from helpa.core.cli.common import data_dir_option, existing, plain_errors, with_database
from helpa.core.database import images
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.errors import NotFound, invalid
from helpa.core.identity import Identity
from helpa.core.permissions import DEFAULT_SCOPES

FORMS = ("img", "picture", "markdown", "mail", "srcset", "json")


@click.command()
@click.argument("image_id")
@click.argument("params", nargs=-1)
@click.option(
    "--as",
    "form",
    type=click.Choice(FORMS),
    default="img",
    show_default=True,
    help="What to print; json is all of it.",
)
@click.option(
    "--width", type=click.IntRange(1, 16384), help="CSS pixels it is shown at. [default: up to 800]"
)
@click.option("--sizes", default="", help="The sizes attribute, where the layout is known.")
@click.option("--alt", help="Alternative text. [default: the picture's own, or its title]")
@data_dir_option
@plain_errors
def markup(
    image_id: str,
    params: tuple[str, ...],
    form: str,
    width: int | None,
    sizes: str,
    alt: str | None,
    data_dir: Path | None,
) -> None:
    """Print markup that shows IMAGE_ID, with PARAMS such as ar=16:9 q=high."""
    from helpa.core import language
    from helpa.core.api.bodies import checked
    from helpa.core.api.documents import Documents
    from helpa.core.api.markup import Markup, MarkupQuery
    from helpa.core.plugins.manager import PluginManager
    from helpa.core.signer import Signer

    settings, files = existing(data_dir)
    plugins = PluginManager(settings.enabled, settings.plugin)
    vocabulary, grammar = language.words(plugins, settings)
    signer = Signer(grammar, keyfile.keyring(settings, files), settings.base_url)
    documents = Documents(signer, settings.base_url, settings.unsigned, settings.unsigned_widths)
    planner = language.planner(vocabulary, plugins, settings)
    maker = Markup(documents, grammar, planner, settings)
    for param in params:
        if "=" not in param:
            raise invalid("PARAMS", param, "name=value, such as ar=16:9")
    given = {"width": width, "sizes": sizes, "alt": alt, "params": "&".join(params)}
    asked = checked(MarkupQuery, given)

    async def work(database: Database) -> Record:
        record = await images.find(database, image_id)
        if record is None:
            raise NotFound(f"There is no picture {image_id}.")
        return record

    record = with_database(settings, files, work)
    owner = Identity("cli", "helpa markup", frozenset(DEFAULT_SCOPES), record.owner)
    document = maker.document(record, owner, asked)
    click.echo(json.dumps(document, indent=2) if form == "json" else document[form])
