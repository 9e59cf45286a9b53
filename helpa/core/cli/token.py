"""``helpa token``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from helpa.core import tokens
from helpa.core.cli.common import data_dir_option, existing, plain_errors, with_database
from helpa.core.errors import NotFound
from helpa.core.identity import DEFAULT_SCOPES, SCOPES


@click.group()
def token() -> None:
    """Tokens for the HTTP API."""


@token.command()
@click.option("--name", required=True, help="What its holder calls it.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(list(SCOPES)),
    help=f"What it allows; may be repeated. [default: {', '.join(DEFAULT_SCOPES)}]",
)
@click.option(
    "--expires-in", type=click.FloatRange(min=1), help="Seconds it lives. [default: ever]"
)
@data_dir_option
@plain_errors
def create(
    name: str, scopes: tuple[str, ...], expires_in: float | None, data_dir: Path | None
) -> None:
    """Print a new token, this once, alone on standard output."""
    settings, files = existing(data_dir)
    made = with_database(
        settings,
        files,
        lambda database: database.write(
            lambda c: tokens.create(c, name, scopes or DEFAULT_SCOPES, expires_in=expires_in)
        ),
    )
    click.echo(made.text)


@token.command("list")
@data_dir_option
@plain_errors
def show(data_dir: Path | None) -> None:
    """List the tokens that hold: id, name, scopes, when they were made and expire."""
    settings, files = existing(data_dir)
    rows = with_database(settings, files, lambda database: database.read(tokens.valid))
    if not rows:
        click.echo("There are no tokens. `helpa token create --name …` makes one.", err=True)
    for row in rows:
        expires = _day(row.expires_at) if row.expires_at is not None else "never"
        line = f"{row.id}  {row.name}  made {_day(row.created_at)}, expires {expires}"
        click.echo(f"{line}  {row.scopes}")


@token.command()
@click.argument("token_id")
@data_dir_option
@plain_errors
def revoke(token_id: str, data_dir: Path | None) -> None:
    """End a token, by the id that `helpa token list` shows."""
    settings, files = existing(data_dir)
    ended = with_database(
        settings, files, lambda database: database.write(lambda c: tokens.revoke(c, token_id))
    )
    if not ended:
        raise NotFound(f"There is no token {token_id}; `helpa token list` shows those there are.")


def _day(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
