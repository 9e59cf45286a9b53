"""Databases of both kinds, for tests that every one must pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from helpa.core.database import connect, migrate
from helpa.core.database.engine import Database

T = TypeVar("T")

KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Place:
    """Where a database is.

    Args:
        path: the file of SQLite.
        url: of PostgreSQL, or None.
    """

    path: Path
    url: str | None = None

    def migrate(self, **plugins: Path) -> None:
        """Make the tables of the core, and of plugins by the folders of their revisions."""
        migrate.upgrade(self.path, self.url)
        for name, folder in plugins.items():
            migrate.upgrade_plugin(name, folder, self.path, self.url)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Database]:
        """Connect for the block."""
        database = connect.database(self.url, self.path)
        await database.open()
        try:
            yield database
        finally:
            await database.close()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run one transaction, in a thread: a browser's loop may run in this one."""

        async def run() -> T:
            async with self.opened() as database:
                return await database.write(work)

        return _apart(run())

    def read(self, work: Callable[[Connection], Any]) -> Any:
        async def run() -> Any:
            async with self.opened() as database:
                return await database.read(work)

        return _apart(run())


def _apart(work: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
