"""Statements on what sources have delivered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from helpa.core.database.engine import now_ms
from helpa.core.database.schema import source_entries as table


@dataclass(frozen=True, slots=True)
class Entry:
    """A path of a source, with the image that holds its picture.

    Args:
        source: name of the source.
        path: of the file in it.
        image: id of the image.
        validator: as the source gave it.
        checked_at: milliseconds since 1970, when the source last said what it has.
    """

    source: str
    path: str
    image: str
    validator: str
    checked_at: int


def find(connection: Connection, source: str, path: str) -> Entry | None:
    """Return the entry of a path, or None."""
    row = connection.execute(
        select(
            table.c.source, table.c.path, table.c.image, table.c.validator, table.c.checked_at
        ).where(table.c.source == source, table.c.path == path)
    ).one_or_none()
    return Entry(*row) if row is not None else None


def put(connection: Connection, source: str, path: str, image: str, validator: str) -> Entry:
    """Note which image holds a path's picture now, and that the source was just asked.

    Raises:
        IntegrityError: another process has added the entry meanwhile.
    """
    entry = Entry(source, path, image, validator, now_ms())
    changed = connection.execute(
        update(table)
        .where(table.c.source == source, table.c.path == path)
        .values(image=image, validator=validator, checked_at=entry.checked_at)
    )
    if changed.rowcount == 0:
        connection.execute(
            insert(table).values(
                source=source,
                path=path,
                image=image,
                validator=validator,
                checked_at=entry.checked_at,
                created_at=entry.checked_at,
            )
        )
    return entry


def remove(connection: Connection, source: str, path: str) -> None:
    """Forget a path."""
    connection.execute(delete(table).where(table.c.source == source, table.c.path == path))
