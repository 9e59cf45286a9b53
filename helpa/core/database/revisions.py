"""Statements on revisions: new pixels for a picture, and what becomes of the old."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from helpa.core.database import blobs, idempotency, images, jobs, layers
from helpa.core.database.blobs import Blob
from helpa.core.database.engine import now_ms
from helpa.core.database.images import Record
from helpa.core.database.invalidations import invalidate
from helpa.core.database.schema import blobs as blobs_table
from helpa.core.database.schema import images as images_table
from helpa.core.database.schema import revisions
from helpa.core.errors import Conflict, NotFound
from helpa.core.stored_layer import Retention

DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Revised:
    """A revision that is ready to be committed.

    Args:
        began: the picture as it was when drawing began.
        rendition_id: of the new pixels.
        blob: the new file.
        reason: what made it: ``redaction``, ``edit``.
        details: JSON that says how; of nobody in person, never of content.
        actor: who did it.
        retention: of the upload.
        sealed: name of the file that keeps it encrypted, where one was made.
        layers: new content of layers, by id of their present versions.
        history: revisions between that picture and this one, whose files are gone: lines of the
            ledger.
    """

    began: Record
    rendition_id: str
    blob: Blob
    reason: str
    details: Mapping[str, Any]
    actor: str
    retention: Retention
    sealed: str | None
    layers: Mapping[str, Mapping[str, Any]]
    history: Sequence[Mapping[str, Any]] = ()


def add(connection: Connection, new: Revised) -> tuple[Record, int]:
    """Give a picture new pixels; return it, and the number of its invalidation.

    Raises:
        NotFound: it is gone.
        Conflict: it was revised meanwhile.
    """
    image_id = new.began.id
    now = images.get(connection, image_id)
    if now is None:
        raise NotFound("There is no such image.")
    if (now.rendition_id, now.layer) != (new.began.rendition_id, new.began.layer):
        raise Conflict("The picture was changed meanwhile; look at it and try again.")
    blob = blobs.share(connection, new.blob)
    erased = _release(connection, image_id, new)
    last = {
        "rendition": new.rendition_id,
        "reason": new.reason,
        "actor": new.actor,
        "details": dict(new.details),
    }
    number = now.revision
    for said in (*new.history, last):
        number += 1
        connection.execute(
            insert(revisions).values(
                image=image_id,
                revision=number,
                rendition_id=said["rendition"],
                blob=blob if said is last else None,
                reason=said["reason"],
                actor=said["actor"],
                details=json.dumps(said["details"], ensure_ascii=False, sort_keys=True),
                created_at=now_ms(),
            )
        )
    shown = layers.renewed(connection, image_id, new.layers, new.actor)
    connection.execute(
        update(images_table)
        .where(images_table.c.id == image_id)
        .values(
            revision=number,
            rendition_id=new.rendition_id,
            access_version=images_table.c.access_version + 1,
            blob=blob,
            layers=shown,
            layer=images_table.c.layer + (1 if new.layers else 0),
        )
    )
    # Answers that were promised again tell of the picture as it was: its ThumbHash, its colours.
    idempotency.blank(connection, image_id)
    if new.layers:  # earlier versions are drawn for a picture of another size
        layers.erase(connection, image_id, [each.id for each in layers.parse(shown)])
    seq = invalidate(connection, image_id, narrows=True)
    erased["renditions"].append(now.rendition_id)
    jobs.enqueue(connection, "erase", erased, unique_key=f"erase:{image_id}:{now.revision}")
    if new.blob.levels:
        jobs.enqueue(connection, "levels", {"blob": blob}, unique_key=f"levels:{blob}")
    record = images.get(connection, image_id)
    assert record is not None
    return record, seq


def _release(connection: Connection, image_id: str, new: Revised) -> dict[str, list[str]]:
    """Let go of earlier pixels as retention says; return what is to be erased.

    Only what was uploaded may be kept: revisions in between can be made of it again.
    """
    erased: dict[str, list[str]] = {
        "renditions": [], "blobs": [], "levels": [], "sealed": [], "keys": []
    }  # fmt: skip
    mode = new.retention.mode
    rows = connection.execute(
        select(revisions).where(revisions.c.image == image_id).order_by(revisions.c.revision)
    ).all()
    for place, row in enumerate(rows):
        values: dict[str, Any] = {}
        first = place == 0
        if row.blob is not None and first and mode == "keep":
            erased["levels"].append(row.blob)
        elif row.blob is not None:
            values["blob"] = None
            connection.execute(
                update(blobs_table)
                .where(blobs_table.c.id == row.blob)
                .values(uses=blobs_table.c.uses - 1)
            )
            erased["blobs"].append(row.blob)
            if first and mode == "seal":
                until = now_ms() + new.retention.days * DAY_MS
                values |= {"sealed": new.sealed, "kept_until": until}
        if row.sealed is not None and mode == "destroy":
            values |= {"sealed": None, "kept_until": None}
            erased["sealed"].append(row.sealed)
        if values:
            connection.execute(
                update(revisions)
                .where(revisions.c.image == image_id, revisions.c.revision == row.revision)
                .values(**values)
            )
    if mode == "destroy":
        erased["keys"].append(image_id)
    return erased


@dataclass(frozen=True, slots=True)
class Original:
    """Where the file that was uploaded is.

    Args:
        blob: name of the file, where it is kept as it came.
        sealed: name of the encrypted file, where it is kept so.
        uploaded: its format.
    """

    blob: str | None
    sealed: str | None
    uploaded: str


def original(connection: Connection, record: Record) -> Original:
    """Return where the file is that a picture was uploaded as."""
    row = connection.execute(
        select(revisions)
        .where(revisions.c.image == record.id)
        .order_by(revisions.c.revision)
        .limit(1)
    ).one()
    return Original(row.blob, row.sealed if state(row) == "sealed" else None, record.uploaded)


def of(connection: Connection, image_id: str) -> list[Row[Any]]:
    """Return a picture's revisions, oldest first."""
    return list(
        connection.execute(
            select(revisions).where(revisions.c.image == image_id).order_by(revisions.c.revision)
        )
    )


def state(row: Row[Any]) -> str:
    """Return what has become of the file of a revision."""
    if row.blob is not None:
        return "kept"
    # One whose time has come is destroyed within the hour; until then nobody is handed it.
    due = row.kept_until is not None and row.kept_until <= now_ms()
    return "sealed" if row.sealed is not None and not due else "destroyed"


def expire(connection: Connection) -> int:
    """Have the sealed originals erased whose time has come; return how many."""
    due = connection.execute(
        select(revisions.c.image, revisions.c.revision, revisions.c.sealed).where(
            revisions.c.kept_until <= now_ms()
        )
    ).all()
    for row in due:
        connection.execute(
            update(revisions)
            .where(revisions.c.image == row.image, revisions.c.revision == row.revision)
            .values(sealed=None, kept_until=None)
        )
        payload = {"sealed": [row.sealed] if row.sealed else [], "keys": [row.image]}
        jobs.enqueue(connection, "erase", payload, unique_key=f"erase:sealed:{row.image}")
    return len(due)


def sealed(connection: Connection) -> set[str]:
    """Return the names of all sealed files there should be."""
    rows = select(revisions.c.sealed).where(revisions.c.sealed.is_not(None))
    return set(connection.execute(rows).scalars())


def drop_levels(connection: Connection, blob: str) -> bool:
    """Forget the levels of a blob that no image shows now; whether their files may go."""
    count = select(func.count()).select_from(images_table).where(images_table.c.blob == blob)
    if connection.execute(count).scalar_one():
        return False
    connection.execute(update(blobs_table).where(blobs_table.c.id == blob).values(levels=""))
    return True
