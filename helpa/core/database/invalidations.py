"""Statements on what caches must forget."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, text

from helpa.core.database.engine import now_ms
from helpa.core.database.schema import invalidations

IN_ORDER = 0x68656C7061
"""Number of the advisory lock under which PostgreSQL hands out ``seq``: "helpa" in ASCII."""


def invalidate(
    connection: Connection,
    image_id: str | None = None,
    *,
    link: str | None = None,
    token: str | None = None,
    narrows: bool,
) -> int:
    """Tell every instance, with this commit, to forget what it holds of an image or a link.

    Tokens are held by nobody; that of one makes answers under way ask again who wants them.

    Returns:
        The number of the row; numbers are committed in their order, so that whoever has read
        one has read all before it.
    """
    _in_order(connection)
    row = connection.execute(
        insert(invalidations)
        .values(image=image_id, link=link, token=token, narrows=narrows, created_at=now_ms())
        .returning(invalidations.c.seq)
    )
    return int(row.scalar_one())


def invalidate_all(
    connection: Connection, image_ids: Sequence[str], *, narrows: bool
) -> int | None:
    """Tell every instance to forget what it holds of images; the number of the last, or None."""
    if not image_ids:
        return None
    _in_order(connection)
    now = now_ms()
    rows = [{"image": each, "narrows": narrows, "created_at": now} for each in image_ids[:-1]]
    if rows:
        connection.execute(insert(invalidations), rows)
    return invalidate(connection, image_ids[-1], narrows=narrows)


def _in_order(connection: Connection) -> None:
    """Have PostgreSQL hand out numbers to one transaction at a time, as SQLite does.

    Held until the commit: else a smaller number could become visible after a larger one.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IN_ORDER})
