"""What commands share: how errors look, and finding the data directory."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from helpa.core.audit.checkpoints import Checkpoints
from helpa.core.audit.log import TREE
from helpa.core.database import connect
from helpa.core.database.engine import Database
from helpa.core.errors import HelpaError, RequestError
from helpa.core.files import DataDir
from helpa.core.settings import Settings, load_settings

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")


def plain_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Show errors of ours as plain lines on standard error, with exit code 1."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except HelpaError as error:
            text = error.detail if isinstance(error, RequestError) else str(error)
            for line in text.splitlines():
                click.echo(f"helpa: {line}", err=True)
            sys.exit(1)

    return wrapped


def data_dir_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--data-dir``."""
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the database and all files. [env: HELPA_DATA_DIR; default: ./var]",
    )(function)


def with_database(
    settings: Settings, files: DataDir, work: Callable[[Database], Awaitable[T]]
) -> T:
    """Run ``work`` on the database of a data directory and return its result.

    Entries that it adds to the audit log are signed.
    """

    async def run() -> T:
        database = connect.database(settings.database, files.database)
        await database.open()
        try:
            before = await database.point(TREE)
            result = await work(database)
            if before is not None and await database.point(TREE) != before:
                await Checkpoints(settings.audit, files).add(database)
            return result
        finally:
            await database.close()

    return asyncio.run(run())


def existing(data_dir: Path | None, **given: Any) -> tuple[Settings, DataDir]:
    """Return settings and the data directory, which a server must have made before.

    Raises:
        DataDirError: there is none; names the folder that was looked in.
        SettingsError: the settings hold mistakes.
    """
    settings = load_settings(data_dir=data_dir, **given)
    files = DataDir(settings.data_dir)
    files.require(sqlite=settings.database is None)
    return settings, files
