"""``helpa sign`` and ``helpa keys``."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Connection

from helpa.core import keyfile
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from helpa.core.cli.common import data_dir_option, existing, plain_errors, with_database
from helpa.core.database import images, links
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.errors import NotFound, SettingsError, invalid
from helpa.core.ids import new_id
from helpa.core.signer import TEN_YEARS, SignedLink, Signer

DAY = 24 * 3600


@click.command()
@click.argument("image_id")
@click.argument("params", nargs=-1)
@click.option(
    "--grant",
    type=click.Choice(["exact", "view"]),
    default="exact",
    show_default=True,
    help="exact: this URL and no other; view: sizes, formats and presets as the viewer likes.",
)
@click.option(
    "--expires-in",
    type=click.FloatRange(min=1, max=TEN_YEARS),
    help="Seconds it lives. [default: ever]",
)
@click.option("--revocable", is_flag=True, help="Note the link, so that it can be revoked alone.")
@data_dir_option
@plain_errors
def sign(
    image_id: str,
    params: tuple[str, ...],
    grant: str,
    expires_in: float | None,
    revocable: bool,
    data_dir: Path | None,
) -> None:
    """Print a signed link to IMAGE_ID, with PARAMS such as w=400 fmt=webp.

    IMAGE_ID is the id of a picture, or <source>/<path> of what a source holds.
    """
    from helpa.core import language
    from helpa.core.plugins.manager import PluginManager

    settings, files = existing(data_dir)
    _, grammar = language.words(PluginManager(settings.enabled, settings.plugin), settings)
    signer = Signer(grammar, keyfile.keyring(settings, files), settings.base_url)
    journal = Journal(settings.audit)
    asked: dict[str, str] = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals:
            raise invalid("PARAMS", param, "name=value, such as w=400")
        if name in asked:
            raise invalid("PARAMS", param, f"{name} once")
        asked[name] = value

    kind = links.KINDS[grant]
    source, slash, _ = image_id.partition("/")
    if slash:
        if revocable:
            raise invalid("--revocable", image_id, "the id of a picture, not a path of a source")
        epochs = {table.name: table.link_epoch for table in settings.sources}
        if source not in epochs:
            raise NotFound(f"There is no source {source}.")
        click.echo(
            signer.named(image_id, epochs[source], asked, kind=kind, expires_in=expires_in).url
        )
        return

    def add(connection: Connection, link_id: str, record: Record, made: SignedLink) -> None:
        links.add(
            connection, link_id, record, kind=grant, params=made.params, expires_at=made.expires_at
        )
        details = {"link": link_id, "grant": grant}
        target = f"image:{record.id}"
        journal.record(connection, COMMAND_LINE, "link.create", target, details=details)

    async def work(database: Database) -> SignedLink:
        record = await images.find(database, image_id)
        if record is None:
            raise NotFound(f"There is no picture {image_id}.")
        if record.visibility == "private":
            click.echo(
                "helpa: The picture is private, so the link answers 404 until its visibility is "
                "signed.",
                err=True,
            )
        link_id = new_id() if revocable else None
        made = signer.link(record, asked, kind=kind, link_id=link_id, expires_in=expires_in)
        if link_id is not None:
            await database.write(lambda c: add(c, link_id, record, made))
        return made

    click.echo(with_database(settings, files, work).url)


@click.group()
def keys() -> None:
    """The keys that links are signed with, where the server made them itself."""


@keys.command("list")
@data_dir_option
@plain_errors
def show(data_dir: Path | None) -> None:
    """List the keys: id, and when each retires."""
    settings, files = existing(data_dir)
    given = [key.key() for key in settings.signing.keys]
    for number, key in enumerate(given or keyfile.load(files.root)):
        state = "signs" if number == 0 else "is taken"
        if key.retires_at is not None:
            moment = datetime.fromtimestamp(key.retires_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
            state += f", retires {moment}" if key.retires_at > time.time() else ", is retired"
        click.echo(f"{key.id}  {state}")


@keys.command()
@click.option(
    "--keep-days",
    type=click.FloatRange(min=0),
    default=30,
    show_default=True,
    help="Days for which links signed by the keys before are still taken.",
)
@data_dir_option
@plain_errors
def rotate(keep_days: float, data_dir: Path | None) -> None:
    """Sign with a new key from now on; restart every server for it."""
    settings, files = existing(data_dir)
    if settings.signing.keys:
        raise SettingsError("The keys stand in the settings (signing.keys): add the new one there.")
    added = keyfile.rotate(files.root, time.time() + keep_days * DAY)
    journal = Journal(settings.audit)
    with_database(
        settings,
        files,
        lambda database: database.write(
            lambda c: journal.record(c, COMMAND_LINE, "key.rotate", f"key:{added.id}")
        ),
    )
    click.echo(f"{added.id} signs once the servers are restarted.")
