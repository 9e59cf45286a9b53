"""Bringing a database to the current schema."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine

from helpa.core.database import connect
from helpa.core.database.sqlite import BUSY_SECONDS
from helpa.core.errors import SettingsError

SCRIPTS = Path(__file__).parent / "migrations"

ONE_AT_A_TIME = 0x6D696772617465
"""Number of the advisory lock that migrations of PostgreSQL hold: "migrate" in ASCII."""


def upgrade(path: Path, url: str | None = None) -> None:
    """Create the database or bring it to the newest revision; does nothing where it is.

    Args:
        path: the file of SQLite.
        url: of PostgreSQL, instead.

    Raises:
        SettingsError: a newer Helpa has been here, or PostgreSQL does not let us in.
    """
    try:
        if url is not None:
            _on_postgresql(url, _upgrade_connection)
            return
        with sqlite3.connect(path, timeout=BUSY_SECONDS) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
        command.upgrade(_config(path), "heads")
    except CommandError as error:
        where = "The database" if url else str(path)
        raise SettingsError(f"{where} was made by a newer Helpa; run that one. ({error})") from None


def is_current(path: Path | None, url: str | None = None) -> bool:
    """Whether the database is at the newest revision.

    Raises:
        SettingsError: PostgreSQL does not let us in.
    """
    if url is not None:
        found: set[str] = set()
        _on_postgresql(url, lambda connection: found.update(_heads(connection)))
    elif path is not None and path.exists():
        engine = create_engine(f"sqlite:///{path}")
        try:
            with engine.connect() as connection:
                found = _heads(connection)
        finally:
            engine.dispose()
    else:
        return False
    return found == set(ScriptDirectory.from_config(_config(path)).get_heads())


def _heads(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())


def _upgrade_connection(connection: Connection) -> None:
    # Two processes that start together migrate one after the other.
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
    config = _config(None)
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")


def _on_postgresql(url: str, work: object) -> None:
    """Run ``work`` on a connection; for commands, and for threads without an event loop."""
    from sqlalchemy.ext.asyncio import create_async_engine

    connect.require_driver()
    from helpa.core.database.postgresql import CONNECT_SECONDS, driver_url, is_away, reason

    async def run() -> None:
        engine = create_async_engine(
            driver_url(url), connect_args={"timeout": CONNECT_SECONDS, "command_timeout": None}
        )
        try:
            async with engine.begin() as connection:
                await connection.run_sync(work)  # type: ignore[arg-type]
        finally:
            await engine.dispose()

    try:
        asyncio.run(run())
    except Exception as error:
        if not is_away(error):
            raise
        said = reason(error)
        raise SettingsError(f"database_url: the server cannot be used: {said}.") from None


def _config(path: Path | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    if path is not None:
        config.set_main_option("sqlalchemy.url", f"sqlite:///{path}".replace("%", "%%"))
    return config
