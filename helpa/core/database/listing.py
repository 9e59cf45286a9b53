"""Lists of images, in parts."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select, tuple_

from helpa.core.database.images import COLUMNS, Record, record_of
from helpa.core.database.schema import blobs, images
from helpa.core.errors import invalid


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, newest first.

    Args:
        records: the images.
        cursor: where the next part begins, or None at the end.
    """

    records: tuple[Record, ...]
    cursor: str | None


def page(
    connection: Connection,
    owner: str | None,
    *,
    shared: Collection[str] = (),
    team: str | None = None,
    limit: int,
    cursor: str | None = None,
    text: str = "",
    tag: str = "",
) -> Page:
    """Return a part of somebody's images, newest first.

    Args:
        connection: a reading connection.
        owner: whose; None is anybody's.
        shared: teams whose pictures stand among the owner's.
        team: only those that belong to this team.
        limit: how many at the most.
        cursor: where to begin, as an earlier page said.
        text: only those whose title, alt text or file name holds this.
        tag: only those with this tag.

    Raises:
        InvalidValue: the cursor is none of ours.
    """
    statement = (
        select(*COLUMNS)
        .join(blobs, blobs.c.id == images.c.blob)
        .where(images.c.deleted_at.is_(None))
        .order_by(images.c.created_at.desc(), images.c.id.desc())
        .limit(limit + 1)
    )
    if owner is not None:
        statement = statement.where(or_(images.c.owner == owner, images.c.team.in_(shared)))
    if team is not None:
        statement = statement.where(images.c.team == team)
    if cursor is not None:
        statement = statement.where(
            tuple_(images.c.created_at, images.c.id) < tuple_(*_decode(cursor))
        )
    if text:
        statement = statement.where(
            or_(
                images.c.title.icontains(text, autoescape=True),
                images.c.alt.icontains(text, autoescape=True),
                images.c.filename.icontains(text, autoescape=True),
            )
        )
    if tag:
        quoted = json.dumps(tag, ensure_ascii=False)
        statement = statement.where(images.c.tags.contains(quoted, autoescape=True))
    found = [record_of(row) for row in connection.execute(statement)]
    more = len(found) > limit
    found = found[:limit]
    return Page(tuple(found), _encode(found[-1]) if more else None)


def _encode(record: Record) -> str:
    raw = f"{record.created_at}.{record.id}".encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(cursor: str) -> tuple[int, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _, image_id = raw.partition(".")
        if not 0 <= int(moment) < 2**53:
            raise ValueError(moment)
        return int(moment), image_id
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise invalid("cursor", cursor, "the cursor of an earlier page") from None
