"""The database: a file of SQLite, or PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from helpa.core.checks import postgresql, schema
from helpa.core.checks.finding import Finding, size
from helpa.core.checks.installation import Installation, data_dir
from helpa.core.errors import DataDirError
from helpa.core.files import DataDir
from helpa.core.plugins import migrations

BUSY_SECONDS = 5.0
"""A writer holds the lock for milliseconds; this long says that something hangs on to it."""


def check(installation: Installation) -> Iterator[Finding]:
    """Say whether it is there, whole, current, in WAL mode and writable."""
    if installation.settings is None:
        return
    plugins = migrations.folders(installation.plugins()[0])
    if installation.settings.database is not None:
        yield from postgresql.check(installation.settings.database, plugins)
        return
    files = data_dir(installation.settings)
    try:
        files.require()
    except DataDirError as error:
        text, _, advice = str(error).partition(". ")
        yield Finding("warn", "database", text, advice)
        return
    problems = list(_problems(files, plugins))
    yield from problems
    if not problems:
        count = files.database.stat().st_size
        text = f"{files.database} ({size(count)}): whole, current, WAL, writable"
        yield Finding("ok", "database", text)


def _problems(files: DataDir, plugins: Mapping[str, Path]) -> Iterator[Finding]:
    path = files.database
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        try:
            (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        advice = "Stop the server, keep a copy of the folder, and restore the newest backup."
        yield Finding("fail", "database", f"{path} cannot be read: {error}", advice)
        return
    if verdict != "ok":
        advice = "Stop the server, keep a copy of the folder, and restore the newest backup."
        yield Finding("fail", "database", f"{path} is damaged: {verdict}", advice)
        return
    yield from schema.check(str(path), path, None, plugins)
    if mode.lower() != "wal":
        advice = "`helpa db upgrade` sets WAL; it needs a local disk."
        yield Finding("warn", "database", f"journal mode is {mode}, not WAL", advice)
    yield from _writable(files)


def _writable(files: DataDir) -> Iterator[Finding]:
    owner = "Give the folder and all in it to the user that Helpa runs as."
    # SQLite makes its -wal and -shm files beside the database.
    for path in (files.root, files.database):
        if not os.access(path, os.W_OK):
            yield Finding("fail", "database", f"{path} cannot be written", owner)
            return
    connection = sqlite3.connect(
        f"{files.database.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            text = f"another program has held its lock for {BUSY_SECONDS:g} s"
            yield Finding("warn", "database", text, "See which one: `fuser` names it.")
        else:
            yield Finding("fail", "database", f"cannot be written: {error}", owner)
    finally:
        connection.close()
