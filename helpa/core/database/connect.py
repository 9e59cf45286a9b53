"""Choosing the database that the settings name."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from helpa.core.database.engine import Database
from helpa.core.errors import SettingsError


def database(url: str | None, path: Path) -> Database:
    """Return the database of a URL, or SQLite's in a file.

    Args:
        url: ``postgresql://…``, or None.
        path: the file of SQLite.

    Raises:
        SettingsError: the driver is not installed.
    """
    if url is None:
        from helpa.core.database.sqlite import SqliteDatabase

        return SqliteDatabase(path)
    require_driver()
    from helpa.core.database.postgresql import PostgresqlDatabase

    return PostgresqlDatabase(url)


def require_driver() -> None:
    """Insist that the driver of PostgreSQL is installed.

    Raises:
        SettingsError: it is not; says how to install it.
    """
    if importlib.util.find_spec("asyncpg") is None:
        raise SettingsError(
            "database_url: PostgreSQL needs the extra: pip install 'helpa[postgresql]'."
        )
