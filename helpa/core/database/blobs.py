"""Statements on blobs: uploaded files, shared by the images that show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from helpa.core.database import jobs
from helpa.core.database.engine import now_ms
from helpa.core.database.invalidations import invalidate
from helpa.core.database.schema import blobs, images
from helpa.core.levels import Level
from helpa.core.values import Size

SCRUB_SECONDS = 3600
"""Rows that are removed within so many seconds wait for one rewriting of the database, which keeps
everybody from writing while it lasts: seconds, where there are hundreds of megabytes."""


@dataclass(frozen=True, slots=True)
class Blob:
    """An uploaded file.

    Args:
        id: name of its file.
        owner: whose; equal bytes are shared within one owner only.
        sha256: of its bytes, in hex.
        format: what its bytes are.
        bytes: how many.
        facts: what inspecting it found.
        levels: those written already.
    """

    id: str
    owner: str
    sha256: str
    format: str
    bytes: int
    facts: Mapping[str, Any]
    levels: str = ""


def find(connection: Connection, owner: str, sha256: str) -> Blob | None:
    """Return an owner's blob by its bytes, or None."""
    found = connection.execute(
        select(blobs).where(blobs.c.owner == owner, blobs.c.sha256 == sha256)
    ).one_or_none()
    if found is None:
        return None
    return Blob(
        found.id,
        found.owner,
        found.sha256,
        found.format,
        found.bytes,
        json.loads(found.facts),
        found.levels,
    )


def share(connection: Connection, blob: Blob) -> str:
    """Count one more use of a blob, adding it where it is new; return the id of the one in use."""
    known = find(connection, blob.owner, blob.sha256)
    if known is not None:
        connection.execute(
            update(blobs).where(blobs.c.id == known.id).values(uses=blobs.c.uses + 1)
        )
        return known.id
    connection.execute(
        insert(blobs).values(
            id=blob.id,
            owner=blob.owner,
            sha256=blob.sha256,
            format=blob.format,
            bytes=blob.bytes,
            uses=1,
            levels=blob.levels,
            facts=json.dumps(dict(blob.facts), ensure_ascii=False),
            created_at=now_ms(),
        )
    )
    return blob.id


def parse_levels(text: str) -> tuple[Level, ...]:
    """Return the levels a blob's row lists: ``2.png 4.png``."""
    return tuple(
        Level(int(factor), kind) for factor, _, kind in (n.partition(".") for n in text.split())
    )


def drop(connection: Connection, blob_id: str) -> bool:
    """Remove a blob's row where nothing uses it; whether its files may go now."""
    gone = connection.execute(blobs.delete().where(blobs.c.id == blob_id, blobs.c.uses <= 0))
    if gone.rowcount:
        # Copies of the row, its hash above all, may stand in the database's file until then. Each
        # span of time has a key of its own: a job that runs already may have begun before this.
        span = now_ms() // (SCRUB_SECONDS * 1000)
        key = f"scrub:blobs:{span}"
        jobs.enqueue(connection, "scrub", {}, unique_key=key, delay_seconds=SCRUB_SECONDS)
    left = connection.execute(
        select(func.count()).select_from(blobs).where(blobs.c.id == blob_id)
    ).scalar_one()
    return left == 0


def add_level(connection: Connection, blob_id: str, level: Level) -> bool:
    """Note that a level was written; False where the blob is gone."""
    found = connection.execute(select(blobs.c.levels).where(blobs.c.id == blob_id)).one_or_none()
    if found is None:
        return False
    names = dict.fromkeys([*found.levels.split(), level.name])
    connection.execute(update(blobs).where(blobs.c.id == blob_id).values(levels=" ".join(names)))
    for shown in connection.execute(select(images.c.id).where(images.c.blob == blob_id)):
        invalidate(connection, shown.id, narrows=False)
    return True


def size_of(facts: str) -> Size:
    """Return the upright size that a blob's row holds."""
    parsed = json.loads(facts)
    return Size(parsed["width"], parsed["height"])


def row(connection: Connection, blob_id: str) -> Row[Any] | None:
    """Return a blob's row, or None."""
    return connection.execute(select(blobs).where(blobs.c.id == blob_id)).one_or_none()
