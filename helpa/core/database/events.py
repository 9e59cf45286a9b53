"""Statements on events, on how far each plugin has been told of them, and on dead letters.

``seq`` is given in the order of the commits: the audit log's lock is held when an event is written.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from helpa.core.database.engine import database_ms
from helpa.core.database.jobs import backoff_ms
from helpa.core.database.schema import event_consumers as consumers
from helpa.core.database.schema import event_dead_letters as dead_letters
from helpa.core.database.schema import events
from helpa.core.event import Event

PENDING = (
    "SELECT cursor, (SELECT max(seq) FROM events) AS newest FROM event_consumers WHERE plugin = ?"
)
"""Whether a plugin has something to be told, for a look that costs next to nothing."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to deliver a plugin's events, until a moment.

    Args:
        plugin: whose.
        cursor: the last event that was delivered.
        attempts: how often the next one was begun, this time included.
        lease: when the right ends, by the database's clock. No two turns of a plugin have the
            same, so that it also says whose turn it is.
    """

    plugin: str
    cursor: int
    attempts: int
    lease: int


def enrol(connection: Connection, plugins: Collection[str]) -> None:
    """Begin to tell plugins of events, from the next one on; does nothing for those known."""
    known = set(connection.execute(select(consumers.c.plugin)).scalars())
    for plugin in plugins:
        if plugin in known:
            continue
        newest = connection.execute(select(func.max(events.c.seq))).scalar_one() or 0
        try:
            with connection.begin_nested():
                connection.execute(
                    insert(consumers).values(
                        plugin=plugin, cursor=newest, attempts=0, due_at=0, lease_until=0
                    )
                )
        except IntegrityError:
            continue  # another server has just done it


def unknown(connection: Connection, plugins: Collection[str]) -> bool:
    """Whether :func:`enrol` has something to do."""
    return not set(plugins) <= set(connection.execute(select(consumers.c.plugin)).scalars())


def is_due(connection: Connection, plugin: str) -> bool:
    """Whether a turn could be taken now; takes no write lock."""
    row = connection.execute(
        select(consumers.c.due_at, consumers.c.lease_until).where(consumers.c.plugin == plugin)
    ).one_or_none()
    return row is not None and max(row.due_at, row.lease_until) < database_ms(connection)


def take(connection: Connection, plugin: str, newest: int, seconds: float) -> Turn | None:
    """Take a turn, or None where another server has it or nothing is left to be told.

    Args:
        connection: a writing connection.
        plugin: whose events.
        newest: an event there is.
        seconds: how long the turn lasts.
    """
    now = database_ms(connection)
    row = connection.execute(
        select(consumers).where(consumers.c.plugin == plugin).with_for_update()
    ).one_or_none()
    if row is None or row.cursor >= newest or max(row.due_at, row.lease_until) >= now:
        return None
    turn = Turn(plugin, row.cursor, row.attempts + 1, now + int(seconds * 1000))
    connection.execute(
        update(consumers)
        .where(consumers.c.plugin == plugin)
        .values(attempts=turn.attempts, lease_until=turn.lease)
    )
    return turn


def after(connection: Connection, cursor: int, limit: int) -> list[Event]:
    """Return the events past a cursor, in order."""
    rows = connection.execute(
        select(events).where(events.c.seq > cursor).order_by(events.c.seq).limit(limit)
    )
    return [
        Event(row.seq, row.kind, row.object, row.actor, json.loads(row.payload), row.created_at)
        for row in rows
    ]


def advance(
    connection: Connection, turn: Turn, seq: int, seconds: float, error: tuple[Event, str] | None
) -> Turn | None:
    """Note that a plugin is done with an event; the turn goes on with the next one.

    Args:
        connection: a writing connection.
        turn: the turn.
        seq: of the event.
        seconds: how long the turn lasts from now on; 0 ends it.
        error: the event and why it becomes a dead letter, or None where it was delivered.

    Returns:
        The turn as it goes on, or None where it had run out and another server has it.
    """
    going = seconds > 0
    lease = database_ms(connection) + int(seconds * 1000) if going else 0
    if not _set(connection, turn, cursor=seq, attempts=int(going), due_at=0, lease_until=lease):
        return None
    if error is not None:
        _bury(connection, turn.plugin, *error)
    return Turn(turn.plugin, seq, 1, lease)


def retry(connection: Connection, turn: Turn) -> bool:
    """End a turn whose event failed: it is tried again after a growing delay.

    Returns:
        Whether the turn was still held.
    """
    due = database_ms(connection) + backoff_ms(turn.attempts)
    return _set(connection, turn, due_at=due, lease_until=0)


def give_back(connection: Connection, turn: Turn) -> None:
    """End a turn whose next event was not begun, or not to its end through no fault of its own."""
    _set(connection, turn, attempts=turn.attempts - 1, lease_until=0)


def _set(connection: Connection, turn: Turn, **values: int) -> bool:
    changed = connection.execute(
        update(consumers)
        .where(consumers.c.plugin == turn.plugin, consumers.c.lease_until == turn.lease)
        .values(**values)
    )
    return bool(changed.rowcount)


def _bury(connection: Connection, plugin: str, event: Event, error: str) -> None:
    values: dict[str, Any] = {
        "kind": event.kind,
        "object": event.object,
        "actor": event.actor,
        "payload": json.dumps(event.payload, ensure_ascii=False, sort_keys=True),
        "error": error[:2000],
        "created_at": event.created_at,
    }
    key = (dead_letters.c.plugin == plugin, dead_letters.c.event == event.seq)
    connection.execute(delete(dead_letters).where(*key))
    connection.execute(insert(dead_letters).values(plugin=plugin, event=event.seq, **values))


def sweep(connection: Connection, plugins: Collection[str], before: int) -> None:
    """Remove old events that every plugin that listens has been told of.

    Args:
        connection: a writing connection.
        plugins: those that listen; what others have been told of keeps nothing.
        before: milliseconds since 1970; younger events stay.
    """
    statement = delete(events).where(events.c.created_at < before)
    least = connection.execute(
        select(func.min(consumers.c.cursor)).where(consumers.c.plugin.in_(list(plugins)))
    ).scalar_one()
    if least is not None:
        statement = statement.where(events.c.seq <= least)
    connection.execute(statement)
