"""Statements on images, their revisions and blobs."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, literal, not_, or_, select, update

from helpa.core.database import jobs, layers
from helpa.core.database.blobs import parse_levels
from helpa.core.database.engine import Database, now_ms
from helpa.core.database.invalidations import invalidate, invalidate_all
from helpa.core.database.schema import blobs, images, links, revisions
from helpa.core.grid import LOSSY, Grid, grid_of
from helpa.core.ids import new_id
from helpa.core.levels import Level
from helpa.core.operations import Layer, Picture
from helpa.core.stored_image import StoredImage
from helpa.core.values import Size


@dataclass(frozen=True, slots=True)
class Record:
    """An image as the database has it, with the facts of its current blob."""

    id: str
    owner: str
    team: str | None
    revision: int
    rendition_id: str
    access_version: int
    link_epoch: int
    visibility: str
    filename: str
    title: str
    alt: str
    tags: tuple[str, ...]
    layers: tuple[Layer, ...]
    layer: int
    held: bool
    guarded: bool
    created_at: int
    blob: str
    sha256: str
    format: str
    bytes: int
    facts: Mapping[str, Any]
    levels: tuple[Level, ...]

    @property
    def size(self) -> Size:
        """Upright size in pixels."""
        return Size(self.facts["width"], self.facts["height"])

    @property
    def uploaded(self) -> str:
        """The format it was uploaded in, whatever its pixels are kept in by now."""
        return str(self.facts.get("uploaded", self.format))

    @property
    def grid(self) -> Grid:
        """The blocks of the lossy codec its pixels have come through."""
        if "grid" in self.facts:
            return Grid(**self.facts["grid"])
        # Uploaded before that was looked at: the most that its format can have.
        lossy = self.format in LOSSY
        return grid_of(self.format, (0, 0), lossy=lossy, anchored=False)

    def stored(self) -> StoredImage:
        """Return it as plugins work on it."""
        return StoredImage(
            self.id,
            self.owner,
            self.team,
            self.visibility,
            self.revision,
            self.layer,
            self.held,
            self.created_at,
            self.picture(),
        )

    def picture(self) -> Picture:
        """Return what planning needs to know."""
        facts = self.facts
        return Picture(
            id=self.id,
            rendition_id=self.rendition_id,
            revision=self.revision,
            size=self.size,
            format=self.uploaded,
            frames=facts["frames"],
            animated=facts["animated"],
            alpha=facts["alpha"],
            graphic=facts["graphic"],
            lossless=facts["lossless"],
            copyright=facts["copyright"],
            layers=self.layers,
            guarded=self.guarded,
            grid=self.grid,
        )


COLUMNS = (
    images.c.id,
    images.c.owner,
    images.c.team,
    images.c.revision,
    images.c.rendition_id,
    images.c.access_version,
    images.c.link_epoch,
    images.c.visibility,
    images.c.filename,
    images.c.title,
    images.c.alt,
    images.c.tags,
    images.c.layers,
    images.c.layer,
    images.c.held,
    images.c.guarded,
    images.c.created_at,
    images.c.blob,
    blobs.c.sha256,
    blobs.c.format,
    blobs.c.bytes,
    blobs.c.facts,
    blobs.c.levels,
)

_POINT = (
    "SELECT i.id, i.owner, i.team, i.revision, i.rendition_id, i.access_version, i.link_epoch,"
    " i.visibility, i.filename, i.title, i.alt, i.tags, i.layers, i.layer, i.held, i.guarded,"
    " i.created_at, i.blob,"
    " b.sha256, b.format, b.bytes, b.facts, b.levels"
    " FROM images i JOIN blobs b ON b.id = i.blob WHERE i.id = ? AND i.deleted_at IS NULL"
)


def record_of(row: Any) -> Record:
    """Return the image that a row of :data:`COLUMNS` says."""
    # SQLAlchemy's rows and the drivers': all are pairs of name and value.
    values = dict(row._mapping) if isinstance(row, Row) else dict(row)
    values["tags"] = tuple(json.loads(values["tags"]))
    values["facts"] = json.loads(values["facts"])
    values["levels"] = parse_levels(values["levels"])
    values["layers"] = layers.parse(values["layers"])
    values["held"], values["guarded"] = bool(values["held"]), bool(values["guarded"])
    if values["held"]:
        # Everything that asks who may see it finds the narrowest answer.
        values["visibility"] = "private"
    return Record(**values)


async def find(database: Database, image_id: str) -> Record | None:
    """Return an image by id, or None."""
    row = await database.point(_POINT, image_id)
    return record_of(row) if row is not None else None


def get(connection: Connection, image_id: str) -> Record | None:
    """Return an image by id inside a transaction, or None."""
    statement = (
        select(*COLUMNS)
        .join(blobs, blobs.c.id == images.c.blob)
        .where(images.c.id == image_id, images.c.deleted_at.is_(None))
    )
    row = connection.execute(statement).one_or_none()
    return record_of(row) if row is not None else None


def owned(connection: Connection, owner: str, limit: int | None = None) -> list[str]:
    """Return the ids of an owner's images, so many at the most."""
    statement = select(images.c.id).where(images.c.owner == owner, images.c.deleted_at.is_(None))
    if limit is not None:
        statement = statement.limit(limit)
    return list(connection.execute(statement).scalars())


def add(
    connection: Connection,
    *,
    owner: str,
    team: str | None,
    blob: str,
    visibility: str,
    filename: str,
    title: str,
    alt: str,
    tags: tuple[str, ...],
    held: bool = False,
    guarded: bool = False,
    actor: str = "",
) -> str:
    """Add an image that shows a blob; return its id."""
    image_id, rendition_id, now = new_id(), new_id(), now_ms()
    connection.execute(
        insert(images).values(
            id=image_id,
            owner=owner,
            team=team,
            revision=1,
            rendition_id=rendition_id,
            access_version=1,
            link_epoch=1,
            blob=blob,
            visibility=visibility,
            filename=filename,
            title=title,
            alt=alt,
            tags=json.dumps(list(tags), ensure_ascii=False),
            layers="[]",
            layer=0,
            held=held,
            guarded=guarded,
            created_at=now,
        )
    )
    connection.execute(
        insert(revisions).values(
            image=image_id,
            revision=1,
            rendition_id=rendition_id,
            blob=blob,
            reason="upload",
            actor=actor,
            details="{}",
            created_at=now,
        )
    )
    return image_id


def change(
    connection: Connection, image_id: str, values: Mapping[str, Any]
) -> tuple[Record, int | None] | None:
    """Change what is said of an image.

    Args:
        connection: a writing connection.
        image_id: which.
        values: new ``title``, ``alt``, ``tags``, ``visibility``, ``team`` or ``guarded``.

    Returns:
        The image, and the number of its invalidation where that narrows; None where there is no
        such image.
    """
    before = get(connection, image_id)
    if before is None:
        return None
    row = dict(values)
    if "tags" in row:
        row["tags"] = json.dumps(list(row["tags"]), ensure_ascii=False)
    narrows = any(
        row.get(name, getattr(before, name)) != getattr(before, name)
        for name in ("visibility", "team", "guarded")
    )
    if narrows:
        row["access_version"] = images.c.access_version + 1
    seq = None
    if row:
        connection.execute(update(images).where(images.c.id == image_id).values(**row))
        seq = invalidate(connection, image_id, narrows=narrows)
    changed = get(connection, image_id)
    assert changed is not None
    return changed, seq if narrows else None


def delete(connection: Connection, image_id: str) -> int | None:
    """Mark an image deleted, forget what was said of it, and queue the erasing of its files.

    Returns:
        The number of its invalidation, or None where there is no such image.
    """
    record = get(connection, image_id)
    if record is None:
        return None
    used = connection.execute(
        select(revisions.c.rendition_id, revisions.c.blob, revisions.c.sealed).where(
            revisions.c.image == image_id
        )
    ).all()
    now = now_ms()
    connection.execute(
        update(images)
        .where(images.c.id == image_id)
        .values(
            deleted_at=now,
            blob=None,
            access_version=images.c.access_version + 1,
            filename="",
            title="",
            alt="",
            tags="[]",
            layers="[]",
        )
    )
    if record.layer:  # else there were never any
        layers.erase(connection, image_id)
    # A link's row answers that there was one; what it asked for may be text to draw.
    connection.execute(update(links).where(links.c.image == image_id).values(params=""))
    connection.execute(
        update(revisions)
        .where(revisions.c.image == image_id)
        .values(blob=None, sealed=None, kept_until=None)
    )
    for row in used:
        if row.blob is not None:
            connection.execute(
                update(blobs).where(blobs.c.id == row.blob).values(uses=blobs.c.uses - 1)
            )
    seq = invalidate(connection, image_id, narrows=True)
    jobs.enqueue(
        connection,
        "erase",
        {
            "renditions": sorted({row.rendition_id for row in used}),
            "blobs": sorted({row.blob for row in used if row.blob is not None}),
            "sealed": [row.sealed for row in used if row.sealed is not None],
            "keys": [image_id],
        },
        unique_key=f"erase:{image_id}",
    )
    return seq


def release(connection: Connection, image_id: str) -> int | None:
    """Let an image be seen that was held; the number of its invalidation, or None."""
    done = connection.execute(
        update(images)
        .where(images.c.id == image_id, images.c.held, images.c.deleted_at.is_(None))
        .values(held=False, access_version=images.c.access_version + 1)
    )
    return invalidate(connection, image_id, narrows=True) if done.rowcount else None


def guard(
    connection: Connection,
    *,
    everybody: bool,
    teams: Collection[str] = (),
    uploaders: Collection[str] = (),
) -> int | None:
    """Have exactly these images be guarded; the number of the last invalidation, or None.

    Args:
        connection: a writing connection.
        everybody: whether all are.
        teams: whose are.
        uploaders: actors whose uploads are.
    """
    first = select(revisions.c.image).where(
        revisions.c.revision == 1, revisions.c.actor.in_(uploaders)
    )
    wanted = or_(
        literal(everybody), func.coalesce(images.c.team, "").in_(teams), images.c.id.in_(first)
    )
    changed: list[str] = []
    for guarded in (True, False):
        changed += connection.execute(
            update(images)
            .where(images.c.deleted_at.is_(None), images.c.guarded.is_(not guarded))
            .where(wanted if guarded else not_(wanted))
            .values(guarded=guarded, access_version=images.c.access_version + 1)
            .returning(images.c.id)
        ).scalars()
    return invalidate_all(connection, changed, narrows=True)
