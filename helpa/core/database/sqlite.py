"""SQLite: one writer, read-only readers, and point reads on the event loop.

A deferred transaction that reads and then writes fails at once when another commit came between,
busy timeout or not; so every write runs in ``BEGIN IMMEDIATE`` on the one writer connection, and
waits for its turn. Readers are read-only and never span an await.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool, StaticPool

from helpa.core.database.engine import CHANGES, Row, steady
from helpa.core.errors import StorageFull, Unavailable

log = structlog.get_logger("helpa.database")

T = TypeVar("T")

BUSY_SECONDS = 30
READERS = 4

REWRITTEN_BYTES = 1 << 30
"""Up to this size :meth:`SqliteDatabase.scrub` rewrites the file; writers wait meanwhile."""


class SqliteDatabase:
    """A SQLite database in WAL mode.

    Args:
        path: the file; it must exist and be migrated.
    """

    immediate = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.confirmed = steady()
        self._version = -1
        self._on_commit: list[Callable[[], None]] = []
        self._writer = _engine(path, "rw", StaticPool)
        self._reader = _engine(path, "ro", QueuePool)
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="helpa-write")
        self._read_threads = ThreadPoolExecutor(READERS, thread_name_prefix="helpa-read")
        self._point = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        self._point.row_factory = _as_dict

    async def open(self) -> None:
        """Do nothing: connections to a file are made where they are needed."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction of its own and return its result once that is durable.

        Raises:
            StorageFull: the disk has no room.
            Unavailable: another process has held the lock for too long.
        """
        loop = asyncio.get_running_loop()
        # Shielded: a client that hangs up must not leave a commit half known.
        done = loop.run_in_executor(self._write_thread, self._write, work)
        done.add_done_callback(self._committed)
        return await asyncio.shield(done)

    def on_commit(self, call: Callable[[], None]) -> None:
        """Have a function called on the event loop after each write that was committed."""
        self._on_commit.append(call)

    def _committed(self, done: asyncio.Future[Any]) -> None:
        if not done.cancelled() and done.exception() is None:
            for call in self._on_commit:
                call()

    def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._writer.begin() as connection:
                return work(connection)
        except OperationalError as error:
            if "full" in str(error.orig) or "disk I/O" in str(error.orig):
                raise StorageFull("The database's disk has no space left.") from error
            if "locked" in str(error.orig) or "busy" in str(error.orig):
                raise Unavailable("The database is locked.", retry_after=5) from error
            raise

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, which only reads, on a reader thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._read_threads, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._reader.connect() as connection:
            return work(connection)

    async def point(self, statement: str, *values: Any) -> Row | None:
        """Return one row by key: 9 µs on the event loop, where SQLAlchemy takes 660.

        Raises:
            Unavailable: the file cannot be read.
        """
        with _readable():
            row: Row | None = self._point.execute(statement, values).fetchone()
        return row

    async def points(self, statement: str, *values: Any) -> Sequence[Row]:
        """Return a few rows by key.

        Raises:
            Unavailable: the file cannot be read.
        """
        with _readable():
            return self._point.execute(statement, values).fetchall()

    def version(self) -> int:
        """Return a number that changes when anybody, in any process, has committed."""
        row = self._point.execute("PRAGMA data_version").fetchone()
        return int(row["data_version"])

    def changes(self, after: int) -> list[Row]:
        """Return the invalidations since a number; 3 µs where nobody has committed."""
        moment = steady()
        try:
            version = self.version()
            rows = [] if version == self._version else self._changes(after)
        except sqlite3.Error as error:
            log.error("database.look_failed", error=str(error))
            return []
        self._version = version
        self.confirmed = moment
        return rows

    def _changes(self, after: int) -> list[Row]:
        return self._point.execute(CHANGES, (after,)).fetchall()

    async def catch_up(self, after: int) -> list[Row]:
        """Return every invalidation since a number.

        Raises:
            Unavailable: the file cannot be read.
        """
        moment = steady()
        with _readable():
            rows = self._changes(after)
        self.confirmed = moment
        return rows

    async def scrub(self) -> None:
        """Rewrite the file, and empty the log in front of it.

        Deleted rows are overwritten with zeros as they go, but where a page was split or tidied
        up before, a copy of them may stand in it. Files above ``REWRITTEN_BYTES`` are not
        rewritten: writers would wait for too long.

        Raises:
            Unavailable: others hold the file for too long.
        """
        loop = asyncio.get_running_loop()
        await asyncio.shield(loop.run_in_executor(self._write_thread, self._scrub))

    def _scrub(self) -> None:
        raw = self._writer.raw_connection()
        try:
            cursor = raw.cursor()
            if self.path.stat().st_size <= REWRITTEN_BYTES:
                cursor.execute("VACUUM")
            else:
                log.warning("database.not_rewritten", bytes=self.path.stat().st_size)
            (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise Unavailable("The database is being read.", retry_after=5)
        except sqlite3.OperationalError as error:
            raise Unavailable(f"The database cannot be rewritten: {error}.") from error
        finally:
            raw.close()

    async def close(self) -> None:
        """Close every connection, after what is being written."""
        await asyncio.to_thread(self._write_thread.shutdown)
        await asyncio.to_thread(self._read_threads.shutdown)
        self._writer.dispose()
        self._reader.dispose()
        self._point.close()


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Turn a file that cannot be read into what a client is told."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unavailable("The database cannot be read.", retry_after=5) from error


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _engine(path: Path, mode: str, pool: type[QueuePool] | type[StaticPool]) -> Engine:
    url = f"sqlite:///{path.absolute().as_uri()}?mode={mode}&uri=true"
    engine = create_engine(
        url,
        poolclass=pool,
        hide_parameters=True,  # an error is logged: it must show no address, hash or link
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun by the listener below
        connection.execute("PRAGMA foreign_keys = ON")
        if mode == "ro":
            connection.execute("PRAGMA query_only = ON")
        else:
            connection.execute("PRAGMA synchronous = FULL")
            # What is erased of a person must not lie on in the free bytes of a page.
            connection.execute("PRAGMA secure_delete = ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if mode == "rw" else "BEGIN")

    return engine
