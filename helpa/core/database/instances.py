"""Statements on the leases of instances: how far each has applied the invalidations."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from helpa.core.database.engine import database_ms
from helpa.core.database.schema import instances

FORGET_MS = 3600_000


def renew(connection: Connection, instance: str, applied: int, seconds: float) -> None:
    """Say that an instance has applied everything up to a number, and serves for some seconds."""
    now = database_ms(connection)
    values = {"applied_seq": applied, "lease_until": now + int(seconds * 1000)}
    found = connection.execute(update(instances).where(instances.c.id == instance).values(**values))
    if found.rowcount == 0:
        connection.execute(insert(instances).values(id=instance, **values))
        connection.execute(delete(instances).where(instances.c.lease_until < now - FORGET_MS))


def end(connection: Connection, instance: str) -> None:
    """Say that an instance serves no longer."""
    connection.execute(delete(instances).where(instances.c.id == instance))


def behind(connection: Connection, seq: int, instance: str) -> list[str]:
    """Return the other instances with a live lease that have not applied a number yet."""
    statement = select(instances.c.id).where(
        instances.c.id != instance,
        instances.c.applied_seq < seq,
        instances.c.lease_until > database_ms(connection),
    )
    return list(connection.execute(statement).scalars())
