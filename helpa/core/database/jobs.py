"""Statements on the jobs table."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from helpa.core.database.engine import now_ms
from helpa.core.database.schema import jobs
from helpa.core.ids import new_id

BACKOFF_SECONDS = 2.0
BACKOFF_MOST = 300.0


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that this process now holds.

    Args:
        id: its id.
        kind: which handler it is for.
        payload: what the handler is given.
        attempts: how often it was begun, this time included.
    """

    id: str
    kind: str
    payload: Mapping[str, Any]
    attempts: int


def enqueue(
    connection: Connection,
    kind: str,
    payload: Mapping[str, Any],
    *,
    unique_key: str | None = None,
    delay_seconds: float = 0,
) -> str | None:
    """Add a job in the transaction at hand.

    Args:
        connection: a writing connection.
        kind: which handler it is for.
        payload: JSON values for the handler.
        unique_key: while a job of this key waits or runs, no second is added.
        delay_seconds: how long to wait before it is due.

    Returns:
        Its id, or None where one of the key exists.
    """
    job_id, now = new_id(), now_ms()
    try:
        with connection.begin_nested():
            connection.execute(
                insert(jobs).values(
                    id=job_id,
                    kind=kind,
                    unique_key=unique_key,
                    payload=json.dumps(payload),
                    state="queued",
                    attempts=0,
                    due_at=now + int(delay_seconds * 1000),
                    done=0,
                    total=0,
                    error="",
                    created_at=now,
                )
            )
    except IntegrityError:
        return None
    return job_id


def claim(connection: Connection, kinds: list[str], lease_seconds: float) -> Claimed | None:
    """Take the job that is due longest, or one whose holder's lease has run out; or None."""
    now = now_ms()
    row = connection.execute(
        select(jobs)
        .where(jobs.c.kind.in_(kinds), _claimable(now))
        .order_by(jobs.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite knows neither, and needs none
    ).one_or_none()
    if row is None:
        return None
    connection.execute(
        update(jobs)
        .where(jobs.c.id == row.id)
        .values(
            state="running",
            attempts=row.attempts + 1,
            lease_until=now + int(lease_seconds * 1000),
        )
    )
    return Claimed(row.id, row.kind, json.loads(row.payload), row.attempts + 1)


def let_go(connection: Connection, job_ids: list[str]) -> None:
    """Let jobs be begun anew whose process is gone.

    Of those that were begun once: one that was begun again has another holder by now.
    """
    connection.execute(
        update(jobs)
        .where(jobs.c.id.in_(job_ids), jobs.c.state == "running", jobs.c.attempts == 1)
        .values(lease_until=0)
    )


def finish(connection: Connection, job_id: str) -> None:
    """Note that a job is done; its key is free again."""
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id)
        .values(state="done", unique_key=None, lease_until=None, error="", ended_at=now_ms())
    )


def progress(connection: Connection, job_id: str, done: int, total: int) -> None:
    """Note how far a job is."""
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(done=done, total=total))


def backoff_ms(attempts: int) -> int:
    """Return how long to wait, in milliseconds, after so many failures."""
    delay = min(BACKOFF_SECONDS * 2 ** (attempts - 1), BACKOFF_MOST)
    return int(delay * random.uniform(0.8, 1.2) * 1000)


def fail(connection: Connection, job: Claimed, error: str, attempts: int) -> bool:
    """Put a failed job back with a growing delay; whether it became a dead letter instead."""
    now = now_ms()
    dead = job.attempts >= attempts
    values: dict[str, Any] = {"error": error[:2000], "lease_until": None}
    if dead:
        values |= {"state": "dead", "unique_key": None, "ended_at": now}
    else:
        values |= {"state": "queued", "due_at": now + backoff_ms(job.attempts)}
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(**values))
    return dead


def show(connection: Connection, job_id: str) -> Row[Any] | None:
    """Return a job's row, or None."""
    return connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()


def next_claimable(connection: Connection) -> str | None:
    """Return the id of a job that could be claimed now, or None; takes no write lock."""
    statement = select(jobs.c.id).where(_claimable(now_ms())).limit(1)
    found: str | None = connection.execute(statement).scalar_one_or_none()
    return found


def _claimable(now: int) -> ColumnElement[bool]:
    return or_(
        and_(jobs.c.state == "queued", jobs.c.due_at <= now),
        and_(jobs.c.state == "running", jobs.c.lease_until < now),
    )
