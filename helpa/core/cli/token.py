"""``helpa token``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Connection

from helpa.core import tokens
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from helpa.core.cli.common import data_dir_option, existing, plain_errors, with_database
from helpa.core.credentials import IssuedToken
from helpa.core.database import accounts
from helpa.core.errors import NotFound
from helpa.core.identity import LOCAL
from helpa.core.permissions import CORE, DEFAULT_SCOPES
from helpa.core.settings import Settings


@click.group()
def token() -> None:
    """Tokens for the HTTP API."""


@token.command()
@click.option("--name", required=True, help="What its holder calls it.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help=f"What it allows; may be repeated. [default: {', '.join(DEFAULT_SCOPES)}]",
)
@click.option("--user", help="E-mail address of whom it is for. [default: the first administrator]")
@click.option(
    "--expires-in", type=click.FloatRange(min=1), help="Seconds it lives. [default: ever]"
)
@data_dir_option
@plain_errors
def create(
    name: str,
    scopes: tuple[str, ...],
    user: str | None,
    expires_in: float | None,
    data_dir: Path | None,
) -> None:
    """Print a new token, this once, alone on standard output."""
    settings, files = existing(data_dir)
    _check_scopes(scopes, settings)
    journal = Journal(settings.audit)

    def work(connection: Connection) -> IssuedToken:
        owner = LOCAL
        if user is not None:
            account = accounts.by_email(connection, user)
            if account is None:
                raise NotFound(f"There is no account {user}; `helpa user list` shows those.")
            owner = account.id
        made = tokens.create(
            connection, name, scopes or DEFAULT_SCOPES, owner=owner, expires_in=expires_in
        )
        details = {"owner": owner, "scopes": list(scopes or DEFAULT_SCOPES)}
        journal.record(
            connection, COMMAND_LINE, "token.create", f"token:{made.id}", details=details
        )
        return made

    made = with_database(settings, files, lambda database: database.write(work))
    click.echo(made.text)


def _check_scopes(scopes: tuple[str, ...], settings: Settings) -> None:
    """Insist that scopes exist; plugins are loaded only for one the core does not have.

    Raises:
        BadParameter: one does not exist.
    """
    known = [each.name for each in CORE]
    if not set(scopes) <= set(known):
        from helpa.core.plugins.manager import PluginManager

        manager = PluginManager(settings.enabled, settings.plugin)
        known = [each.name for each in manager.permissions()]
    for scope in scopes:
        if scope not in known:
            raise click.BadParameter(
                f"{scope!r} is not one of {', '.join(known)}.", param_hint="--scope"
            )


@token.command("list")
@data_dir_option
@plain_errors
def show(data_dir: Path | None) -> None:
    """List the tokens that hold: id, name, scopes, when they were made, used, and expire."""
    settings, files = existing(data_dir)
    held = with_database(settings, files, lambda database: database.read(tokens.held))
    if not held:
        click.echo("There are no tokens. `helpa token create --name …` makes one.", err=True)
    for each in held:
        moments = f"made {_day(each.created_at)}, used {_day(each.used_at)}"
        line = f"{each.id}  {each.name}  {moments}, expires {_day(each.expires_at)}"
        click.echo(f"{line}  {' '.join(each.scopes)}")


@token.command()
@click.argument("token_id")
@data_dir_option
@plain_errors
def revoke(token_id: str, data_dir: Path | None) -> None:
    """End a token, by the id that `helpa token list` shows."""
    settings, files = existing(data_dir)
    journal = Journal(settings.audit)

    def work(connection: Connection) -> bool:
        if tokens.revoke(connection, token_id) is None:
            return False
        journal.record(connection, COMMAND_LINE, "token.revoke", f"token:{token_id}")
        return True

    if not with_database(settings, files, lambda database: database.write(work)):
        raise NotFound(f"There is no token {token_id}; `helpa token list` shows those there are.")


def _day(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "never"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
