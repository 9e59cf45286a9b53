"""``helpa audit``."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from helpa.core.actor import COMMAND_LINE
from helpa.core.audit import key as keys
from helpa.core.audit import proofs, search, verification
from helpa.core.audit.checkpoints import FILE, Checkpoints
from helpa.core.audit.journal import Journal
from helpa.core.audit.verification import Report
from helpa.core.cli.common import data_dir_option, existing, plain_errors, with_database
from helpa.core.database.engine import Database
from helpa.core.errors import HelpaError, SettingsError, invalid


@click.group()
def audit() -> None:
    """The audit log: verify it, prove what is in it, export it."""


@audit.command()
@click.option(
    "--key",
    "given",
    multiple=True,
    metavar="PUBLIC",
    help="Public key whose checkpoints are believed; may be repeated. [default: the data "
    "directory's]",
)
@click.option(
    "--checkpoints",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the checkpoints, such as a copy. [default: audit.checkpoints]",
)
@data_dir_option
@plain_errors
def verify(given: tuple[str, ...], folder: Path | None, data_dir: Path | None) -> None:
    """Verify every entry, the tree and every signed checkpoint.

    Ends with 0 where the log is whole, and with 1 where something is wrong: says what and where.
    A server may run meanwhile.
    """
    settings, files = existing(data_dir)
    believed = {keys.checked(each, "--key") for each in given}
    if not believed:
        if not (files.root / keys.NAME).exists():
            raise SettingsError(f"There is no {files.root / keys.NAME}: name a key with --key.")
        believed = {keys.public(keys.load(files.root))}
    path = (folder or Checkpoints(settings.audit, files).folder) / FILE

    async def work(database: Database) -> Report:
        return await verification.verify(database, path, believed)

    report = with_database(settings, files, work)
    for finding in report.findings:
        click.echo(f"{finding.where}: {finding.what}")
    if report.more:
        click.echo(f"and {report.more} more")
    if report.findings:
        sys.stdout.flush()
        sys.exit(1)
    click.echo(
        f"The log is whole: {report.entries} entries, of which {report.erased} were erased in "
        f"person; {report.checkpoints} checkpoints, the last over {report.signed} entries."
    )
    click.echo(f"root {report.root}")


@audit.command()
@click.argument("seq", type=click.IntRange(min=1), required=False)
@click.option("--from", "earlier", type=click.IntRange(min=1), help="Entries of the earlier log.")
@click.option("--to", "later", type=click.IntRange(min=1), help="Entries of the later log.")
@click.option("--personal", is_flag=True, help="Give the entry's personal part away, too.")
@data_dir_option
@plain_errors
def prove(
    seq: int | None, earlier: int | None, later: int | None, personal: bool, data_dir: Path | None
) -> None:
    """Print a proof as JSON: that entry SEQ is in the log, or, with --from and --to, that the log
    of so many entries began as that of so many.
    """
    if (seq is None) != (earlier is not None and later is not None) or (
        seq is not None and (earlier is not None or later is not None)
    ):
        raise HelpaError("Expected either SEQ, or --from and --to.")
    settings, files = existing(data_dir)
    checkpoints = Checkpoints(settings.audit, files)

    async def work(database: Database) -> dict[str, Any]:
        if seq is not None:
            return await proofs.inclusion(database, checkpoints, seq, personal=personal)
        assert earlier is not None
        assert later is not None
        return await proofs.consistency(database, checkpoints, earlier, later)

    document = with_database(settings, files, work)
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


@audit.command()
@click.argument("file", type=click.File("rb"))
@click.option("--key", "given", metavar="PUBLIC", help="Public key that must have signed.")
@plain_errors
def check(file: Any, given: str | None) -> None:
    """Check a proof in FILE (- is standard input): needs neither the server nor its database."""
    wanted = keys.checked(given, "--key") if given is not None else None
    try:
        document = json.loads(file.read())
    except ValueError as error:
        raise HelpaError(f"The proof is not JSON: {error}.") from None
    for line in proofs.check(document, wanted):
        click.echo(line)


@audit.command()
@click.option("--actor", help="Who did it, or on whose behalf: account:<id>, token:<id>.")
@click.option("--object", "target", help="To which object: image:<id>, account:<id>.")
@click.option("--action", help="What: image.delete; session.* is every action of that noun.")
@click.option("--from", "since", help="From this moment on: 2026-01-31T00:00:00Z.")
@click.option("--to", "until", help="Before this one.")
@data_dir_option
@plain_errors
def export(
    actor: str | None,
    target: str | None,
    action: str | None,
    since: str | None,
    until: str | None,
    data_dir: Path | None,
) -> None:
    """Print entries as JSON Lines, oldest first; that they were exported is an entry itself."""
    settings, files = existing(data_dir)
    filters = search.Filters(
        actor, target, action, _moment("--from", since), _moment("--to", until)
    )
    journal = Journal(settings.audit)
    asked = {"actor": actor, "object": target, "action": action, "from": since, "to": until}

    def note(connection: Connection) -> None:
        details = {name: value for name, value in asked.items() if value is not None}
        journal.record(
            connection, COMMAND_LINE, "audit.export", "audit:log", details=details, event=False
        )

    async def work(database: Database) -> None:
        await database.write(note)
        async for row in search.every(database, filters):
            line = json.dumps(search.document(row), ensure_ascii=False)
            await asyncio.to_thread(click.echo, line)

    with_database(settings, files, work)


def _moment(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(name, text, "a moment such as 2026-01-31T00:00:00Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


@audit.command("key")
@data_dir_option
@plain_errors
def show(data_dir: Path | None) -> None:
    """Print the public key of the checkpoints: keep it where the server is not."""
    _, files = existing(data_dir)
    click.echo(keys.public(keys.load(files.root)))
