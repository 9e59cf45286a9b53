"""Bringing a database to the current schema: the core's, and that of each plugin with tables.

Each has revisions and a version table of its own. In one tree, Alembic could not locate the
revision of a plugin that was disabled or uninstalled, and nothing would start without it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, create_engine

from helpa.core.database import connect
from helpa.core.database.sqlite import BUSY_SECONDS
from helpa.core.errors import PluginError, SettingsError

SCRIPTS = Path(__file__).parent / "migrations"

ONE_AT_A_TIME = 0x6D696772617465
"""Number of the advisory lock that migrations of PostgreSQL hold: "migrate" in ASCII."""


PHASE = "migrate"
"""What :class:`PluginError` says a plugin failed to do."""

OLD = "its tables are old or not there; run `helpa db upgrade`"


@dataclass(frozen=True)
class Tree:
    """Revisions that follow one another.

    Args:
        folder: of their files.
        table: where the database keeps which of them it is at.
    """

    folder: Path
    table: str = "alembic_version"

    @classmethod
    def of_plugin(cls, name: str, folder: Path) -> Tree:
        """Return the tree of a plugin."""
        return cls(folder, f"{cls.table}_{name}")


CORE = Tree(SCRIPTS / "versions")


def upgrade(path: Path, url: str | None = None) -> None:
    """Create the database or bring the core's tables to the newest revision.

    Args:
        path: the file of SQLite.
        url: of PostgreSQL, instead.

    Raises:
        SettingsError: a newer Helpa has been here, or PostgreSQL does not let us in.
    """
    if url is None:
        with sqlite3.connect(path, timeout=BUSY_SECONDS) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
    try:
        _upgrade(CORE, path, url)
    except CommandError as error:
        where = "The database" if url else str(path)
        raise SettingsError(f"{where} was made by a newer Helpa; run that one. ({error})") from None


def upgrade_plugin(name: str, folder: Path, path: Path, url: str | None = None) -> None:
    """Bring a plugin's tables to its newest revision, once the core's are at theirs.

    Args:
        name: of the plugin.
        folder: of its revisions.
        path: the file of SQLite.
        url: of PostgreSQL, instead.

    Raises:
        PluginError: a revision fails, and nothing of it is left; or a newer one has been here.
        SettingsError: PostgreSQL does not let us in.
    """
    try:
        _upgrade(Tree.of_plugin(name, folder), path, url)
    except SettingsError:
        raise
    except Exception as error:
        raise PluginError(name, PHASE, _why(error, folder)) from error


def is_current(
    path: Path | None, url: str | None = None, plugins: Mapping[str, Path] | None = None
) -> bool:
    """Whether the database is at the newest revisions.

    Args:
        path: the file of SQLite.
        url: of PostgreSQL, instead.
        plugins: folders of revisions, by plugin name.

    Raises:
        SettingsError: PostgreSQL does not let us in.
    """
    return not stale(path, url, plugins)


def stale(
    path: Path | None, url: str | None = None, plugins: Mapping[str, Path] | None = None
) -> dict[str | None, str]:
    """Return why tables are not at the newest revision: plugins' by name, the core's by None.

    Args:
        path: the file of SQLite.
        url: of PostgreSQL, instead.
        plugins: folders of revisions, by plugin name.

    Raises:
        SettingsError: PostgreSQL does not let us in.
    """
    trees: dict[str | None, Tree] = {None: CORE}
    trees |= {name: Tree.of_plugin(name, folder) for name, folder in (plugins or {}).items()}
    found: dict[str | None, set[str]] = {}

    def look(connection: Connection) -> None:
        for name, tree in trees.items():
            context = MigrationContext.configure(connection, opts={"version_table": tree.table})
            found[name] = set(context.get_current_heads())

    if url is not None:
        _on_postgresql(url, look)
    elif path is not None and path.exists():
        engine = create_engine(f"sqlite:///{path}")
        try:
            with engine.connect() as connection:
                look(connection)
        finally:
            engine.dispose()
    why: dict[str | None, str] = {}
    for name, tree in trees.items():
        try:
            newest = set(ScriptDirectory.from_config(_config(tree)).get_heads())
        except Exception as error:
            if name is None:
                raise
            why[name] = _why(error, tree.folder)
            continue
        if found.get(name) != newest:
            why[name] = OLD
    return why


def _why(error: Exception, folder: Path) -> str:
    """Return why revisions cannot be read or run, with the place in their files."""
    text = " ".join(str(error).split())
    if isinstance(error, CommandError):
        if text.startswith("Can't locate revision"):
            return f"the database was made by a newer version of it; install that one. ({text})"
        return text
    said = f"{type(error).__name__}: {text}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).parent == folder:
            return f"{Path(frame.filename).name}, line {frame.lineno}: {said}"
    return said


def _upgrade(tree: Tree, path: Path, url: str | None) -> None:
    if url is None:
        config = _config(tree)
        config.set_main_option("sqlalchemy.url", f"sqlite:///{path}".replace("%", "%%"))
        command.upgrade(config, "heads")
        return

    def work(connection: Connection) -> None:
        # Two processes that start together migrate one after the other.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        config = _config(tree)
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")

    _on_postgresql(url, work)


def _on_postgresql(url: str, work: Callable[[Connection], None]) -> None:
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
                await connection.run_sync(work)
        finally:
            await engine.dispose()

    try:
        asyncio.run(run())
    except Exception as error:
        if not is_away(error):
            raise
        said = reason(error)
        raise SettingsError(f"database_url: the server cannot be used: {said}.") from None


def _config(tree: Tree) -> Config:
    config = Config(attributes={"version_table": tree.table})
    for name, value in (
        ("script_location", str(SCRIPTS)),
        ("version_locations", str(tree.folder)),
        ("path_separator", "newline"),
    ):
        config.set_main_option(name, value.replace("%", "%%"))
    return config
