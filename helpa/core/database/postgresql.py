"""PostgreSQL by asyncpg: SQLAlchemy for transactions, the driver for point reads.

Transactions that write are serializable, and one begins when the one before has ended, as SQLite
has it: nearly all of them add to the audit log, whose tree they would meet at. What conflicts all
the same runs again.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from functools import cache
from typing import Any, TypeVar, cast

import asyncpg
import structlog
from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from helpa.core.database.engine import CHANGES, Row, steady
from helpa.core.errors import StorageFull, Unavailable

log = structlog.get_logger("helpa.database")

T = TypeVar("T")

CONNECTIONS = 10
POINT_CONNECTIONS = 4
CONNECT_SECONDS = 5
COMMAND_SECONDS = 10
"""A server that does not answer for so long is away; whoever waits is told."""

LOOK_EVERY = 0.1
"""Seconds between looks at the invalidations; one takes some 150 µs of the server's time."""

CONFLICTS = {"40001", "40P01"}
"""serialization_failure and deadlock_detected: the transaction may succeed when run again."""

IN_TURN = "LOCK TABLE entry_tree IN EXCLUSIVE MODE"
"""Begins what writes, on whichever server; who only reads goes on. Waiting comes before the
transaction sees anything: later it would see what the one before has left behind, and conflict."""

DISK_FULL = "53100"

AWAY = {"08", "28", "3D", "53", "55", "57"}
"""Classes of SQLSTATE of a server that is going, coming, full, or lets nobody in."""

READ_ONLY = "25006"
"""The server is a standby; soon another, or it itself, will take writes again."""

ATTEMPTS = 30
ALONE_AFTER = 3


class PostgresqlDatabase:
    """A PostgreSQL database.

    Args:
        url: as SQLAlchemy reads it: ``postgresql://user:password@host/name``.
    """

    immediate = False

    def __init__(self, url: str) -> None:
        self._url = driver_url(url)
        self.confirmed = steady()
        self._engine: AsyncEngine | None = None
        self._points: asyncpg.Pool[Any] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._seen = 0
        self._news: list[Row] = []
        self._turn = asyncio.Lock()
        self._writes: set[asyncio.Task[Any]] = set()
        self._on_commit: list[Callable[[], None]] = []

    async def open(self) -> None:
        """Connect.

        Raises:
            Unavailable: the server does not answer.
        """
        async with _reachable(CONNECT_SECONDS):
            self._engine = create_async_engine(
                self._url,
                pool_size=CONNECTIONS,
                max_overflow=0,
                pool_timeout=COMMAND_SECONDS,
                pool_pre_ping=True,
                hide_parameters=True,  # an error is logged: it must show no address, hash or link
                isolation_level="SERIALIZABLE",
                connect_args={
                    "timeout": CONNECT_SECONDS,
                    "command_timeout": COMMAND_SECONDS,
                    # A process that was stopped, or cut off, must not keep the others waiting.
                    "server_settings": {
                        "idle_in_transaction_session_timeout": str(COMMAND_SECONDS * 1000)
                    },
                },
            )
            self._points = await asyncpg.create_pool(
                self._url.set(drivername="postgresql").render_as_string(hide_password=False),
                min_size=1,
                max_size=POINT_CONNECTIONS,
                timeout=CONNECT_SECONDS,
                command_timeout=CONNECT_SECONDS,
            )
        self.confirmed = steady()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction of its own and return its result once that is durable.

        Raises:
            StorageFull: the server's disk is full.
            Unavailable: it does not answer, or every attempt met a conflict.
        """
        # Shielded: a client that hangs up must not leave a commit half known.
        task = asyncio.create_task(self._write(work))
        self._writes.add(task)
        task.add_done_callback(self._committed)
        return await asyncio.shield(task)

    def on_commit(self, call: Callable[[], None]) -> None:
        """Have a function called on the event loop after each write that was committed."""
        self._on_commit.append(call)

    def _committed(self, done: asyncio.Task[Any]) -> None:
        self._writes.discard(done)
        if not done.cancelled() and done.exception() is None:
            for call in self._on_commit:
                call()

    async def _write(self, work: Callable[[Connection], T]) -> T:
        async with contextlib.AsyncExitStack() as turns:
            for attempt in range(ATTEMPTS):
                if attempt == ALONE_AFTER:
                    # Those of one process that keep meeting each other go one after the other.
                    await turns.enter_async_context(self._turn)
                found, result = await self._attempt(work)
                if found:
                    return cast("T", result)
                await asyncio.sleep(random.uniform(0, 0.005 * 2 ** min(attempt, 6)))
        raise Unavailable("Too many others change the same rows.", retry_after=1)

    async def _attempt(self, work: Callable[[Connection], T]) -> tuple[bool, T | None]:
        """Run ``work`` once; False where it met a conflict."""
        assert self._engine is not None
        try:
            async with _reachable(COMMAND_SECONDS), self._engine.begin() as connection:
                await connection.exec_driver_sql(IN_TURN)
                return True, await connection.run_sync(work)
        except DBAPIError as error:
            code = getattr(error.orig, "sqlstate", None)
            if code == DISK_FULL:
                raise StorageFull("The database's disk has no space left.") from error
            if code not in CONFLICTS:
                raise
        return False, None

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, which only reads."""
        assert self._engine is not None
        async with _reachable(COMMAND_SECONDS), self._engine.connect() as connection:
            await connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            return await connection.run_sync(work)

    async def point(self, statement: str, *values: Any) -> Row | None:
        """Return one row by key: 110–190 µs."""
        rows = await self.points(statement, *values)
        return rows[0] if rows else None

    async def points(self, statement: str, *values: Any) -> Sequence[Row]:
        """Return a few rows by key."""
        assert self._points is not None
        async with _reachable(CONNECT_SECONDS), self._points.acquire(timeout=CONNECT_SECONDS) as c:
            rows: Sequence[Row] = await c.fetch(_numbered(statement), *values)
        return rows

    def changes(self, after: int) -> list[Row]:
        """Return what the looks, which begin with the first call, have brought since a number."""
        if self._looking is None:
            self._seen = after
            self._looking = asyncio.create_task(self._look())
        news, self._news = self._news, []
        return [row for row in news if row["seq"] > after]

    async def catch_up(self, after: int) -> list[Row]:
        """Return every invalidation since a number.

        Raises:
            Unavailable: the server does not answer.
        """
        assert self._points is not None
        moment = steady()
        # With its own time-out, acquire() also bounds the wait for a connection to be given back.
        async with _reachable(CONNECT_SECONDS), self._points.acquire(timeout=CONNECT_SECONDS) as c:
            rows: list[Row] = await c.fetch(_numbered(CHANGES), after)
        self.confirmed = max(self.confirmed, moment)
        return rows

    async def _look(self) -> None:
        failing = False
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                rows = await self.catch_up(self._seen)
            except Exception as error:  # noqa: BLE001  it is tried again, whatever it was
                if not failing:
                    log.error("database.look_failed", error=reason(error))
                failing = True
                continue
            failing = False
            if rows:
                self._seen = rows[-1]["seq"]
                self._news += rows

    async def scrub(self) -> None:
        """Do nothing: PostgreSQL's autovacuum frees rows that are gone, and then overwrites them.

        Rewriting tables at once (``VACUUM FULL``) would stop everybody; see docs/privacy.md.
        """

    async def close(self) -> None:
        """Close every connection, after what is being written."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await asyncio.gather(*self._writes, return_exceptions=True)
        if self._points is not None:
            try:
                await asyncio.wait_for(self._points.close(), CONNECT_SECONDS)
            except TimeoutError:
                self._points.terminate()
        if self._engine is not None:
            await self._engine.dispose()


def driver_url(url: str) -> URL:
    """Return a URL that names the driver.

    Raises:
        ValueError: it is no URL of PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        raise ValueError("expected postgresql://user:password@host/name") from None
    if parsed.drivername not in ("postgresql", "postgres", "postgresql+asyncpg"):
        raise ValueError("expected postgresql://user:password@host/name")
    return parsed.set(drivername="postgresql+asyncpg")


@contextlib.asynccontextmanager
async def _reachable(seconds: float) -> AsyncIterator[None]:
    """Turn a server that does not answer, or not in time, into what a client is told."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (OSError, PoolTimeout, asyncpg.PostgresError, asyncpg.InterfaceError,
            DBAPIError) as error:  # fmt: skip
        if is_away(error):
            raise Unavailable("The database does not answer.", retry_after=5) from error
        raise


def is_away(error: BaseException) -> bool:
    """Whether an error says that the server cannot be used now, rather than what was asked."""
    if isinstance(error, DBAPIError):
        cause = getattr(error.orig, "__cause__", None)
        return error.connection_invalidated or (cause is not None and is_away(cause))
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate)
        return state != DISK_FULL and (state[:2] in AWAY or state == READ_ONLY)
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, ValueError)  # a value that it cannot hold
    return isinstance(error, (OSError, PoolTimeout, ssl.SSLError))


def reason(error: BaseException) -> str:
    """Return why, in a line, as the driver says it; no address holds a password there."""
    cause = error.__cause__ or error
    return " ".join(str(cause).split()) or type(cause).__name__


@cache
def _numbered(statement: str) -> str:
    """Return a statement with ``$1``, ``$2`` … for each ``?``."""
    numbers = iter(range(1, 100))
    return re.sub(r"\?", lambda _: f"${next(numbers)}", statement)
