"""Statements on signed links that can be revoked one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from helpa.core.database.engine import Database, now_ms
from helpa.core.database.images import Record
from helpa.core.database.invalidations import invalidate
from helpa.core.database.schema import images, links
from helpa.core.signing import Grant

KINDS = {"exact": Grant.EXACT, "view": Grant.VIEW}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was handed out.

    Args:
        id: its id, which is its grant in the signature.
        image: the picture it shows.
        kind: what it allows.
        revoked: whether it was taken back.
    """

    id: str
    image: str
    kind: Grant
    revoked: bool


_POINT = "SELECT id, image, grant_kind, revoked_at FROM links WHERE id = ?"


async def find(database: Database, link_id: str) -> Link | None:
    """Return a link by id, or None."""
    row = await database.point(_POINT, link_id)
    if row is None:
        return None
    return Link(row["id"], row["image"], KINDS[row["grant_kind"]], row["revoked_at"] is not None)


def add(
    connection: Connection,
    link_id: str,
    record: Record,
    *,
    kind: str,
    params: str,
    expires_at: int | None,
) -> None:
    """Add a link.

    Args:
        connection: a writing connection.
        link_id: its id.
        record: the picture it shows.
        kind: ``exact`` or ``view``.
        params: the query, without the signature.
        expires_at: seconds since 1970, or None.
    """
    connection.execute(
        insert(links).values(
            id=link_id,
            image=record.id,
            grant_kind=kind,
            params=params,
            link_epoch=record.link_epoch,
            created_at=now_ms(),
            expires_at=expires_at,
        )
    )


def get(connection: Connection, link_id: str) -> Row[Any]:
    """Return a link's row."""
    return connection.execute(select(links).where(links.c.id == link_id)).one()


def of_image(connection: Connection, image_id: str, limit: int) -> list[Row[Any]]:
    """Return the links of a picture that hold by its epoch and were not revoked, newest first."""
    statement = (
        select(links)
        .join(images, images.c.id == links.c.image)
        .where(
            links.c.image == image_id,
            links.c.revoked_at.is_(None),
            links.c.link_epoch == images.c.link_epoch,
        )
        .order_by(links.c.created_at.desc(), links.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(statement))


def revoke(connection: Connection, image_id: str, link_id: str) -> int | None:
    """Take a link back; the number of its invalidation, or None where there is no such link."""
    found = connection.execute(
        update(links)
        .where(links.c.id == link_id, links.c.image == image_id, links.c.revoked_at.is_(None))
        .values(revoked_at=now_ms())
    )
    if found.rowcount == 0:
        return None
    return invalidate(connection, link=link_id, narrows=True)


def revoke_all(connection: Connection, image_id: str) -> int | None:
    """Raise a picture's epoch, which ends every link to it; the number of its invalidation."""
    found = connection.execute(
        update(images)
        .where(images.c.id == image_id, images.c.deleted_at.is_(None))
        .values(link_epoch=images.c.link_epoch + 1, access_version=images.c.access_version + 1)
    )
    if found.rowcount == 0:
        return None
    return invalidate(connection, image_id, narrows=True)
