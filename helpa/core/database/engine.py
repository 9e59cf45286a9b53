"""What every database does, whichever it is: transactions, point reads, and news of commits."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from sqlalchemy import Connection  # which `import helpa` does not wait for

T = TypeVar("T")

Row = Mapping[str, Any]

CHANGES = "SELECT seq, image, link, narrows FROM invalidations WHERE seq > ? ORDER BY seq"
"""What caches must forget, in the order of the commits."""

NEWEST = "SELECT max(seq) AS seq FROM invalidations"


def now_ms() -> int:
    """Return the time in milliseconds since 1970."""
    return int(time.time() * 1000)


def steady() -> float:
    """Return seconds of a clock that nobody sets, and that runs while the machine sleeps.

    Leases run out elsewhere while a machine sleeps, so ``time.monotonic()`` will not do.
    """
    return time.clock_gettime(_STEADY)


_STEADY: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def database_ms(connection: Connection) -> int:
    """Return the database's own time in milliseconds since 1970.

    What several machines compare, such as leases, goes by one clock.
    """
    if connection.dialect.name == "sqlite":
        return now_ms()
    found = connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())")
    return int(found.scalar_one() * 1000)


class Database(Protocol):
    """A database at the current schema.

    Work is a plain function of a SQLAlchemy connection. One that writes may be run again after
    a conflict with another transaction, so it changes nothing but the database and what it
    returns.
    """

    immediate: bool
    """Whether :meth:`changes` tells everything that was committed before the call."""

    @property
    def confirmed(self) -> float:
        """The moment (:func:`steady`) up to which :meth:`changes` has told everything."""

    async def open(self) -> None:
        """Connect.

        Raises:
            Unavailable: the database does not answer.
        """

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction of its own and return its result once that is durable.

        Transactions that write take effect one after the other, in the order of their commits.

        Raises:
            StorageFull: the database has no room.
            Unavailable: it does not answer.
        """

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work``, which only reads, on one state of the database."""

    async def point(self, statement: str, *values: Any) -> Row | None:
        """Return one row by key, by the driver: SQLAlchemy takes ten times as long.

        Args:
            statement: SQL with a ``?`` for each value.
            values: what stands for them.
        """

    async def points(self, statement: str, *values: Any) -> Sequence[Row]:
        """Return a few rows by key, as :meth:`point` does one."""

    def on_commit(self, call: Callable[[], None]) -> None:
        """Have a function called on the event loop after each :meth:`write` that was committed."""

    def changes(self, after: int) -> list[Row]:
        """Return the invalidations since a number that are known of here; never waits."""

    async def catch_up(self, after: int) -> list[Row]:
        """Return every invalidation since a number that was committed before this call.

        Raises:
            Unavailable: the database does not answer.
        """

    async def scrub(self) -> None:
        """Leave nothing of rows that are gone in the database's files, as far as it can do that.

        Raises:
            Unavailable: others hold what has to be rewritten.
        """

    async def close(self) -> None:
        """Close every connection, after what is being written."""
