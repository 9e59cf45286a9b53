"""Telling a restored database again what was deleted and revised after its backup was made.

Done before anything is served. What cannot be done again is held back: private, with an error in
the log, until somebody looks at it.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import Connection, select, update

from helpa.core.actor import Actor
from helpa.core.audit.journal import Journal
from helpa.core.database import images
from helpa.core.database.blobs import Blob
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.database.invalidations import invalidate
from helpa.core.database.schema import images as images_table
from helpa.core.database.schema import revisions
from helpa.core.errors import RequestError
from helpa.core.files import DataDir
from helpa.core.ledger import Ledger, image_of, name_of
from helpa.core.revising import Revising

log = structlog.get_logger("helpa.restoring")

ACTOR = Actor("ledger")
AT_ONCE = 500


class Restoring:
    """Compares the ledger with the database, and does again what is missing there.

    Args:
        ledger: what was done.
        database: what may have forgotten it.
        files: where new pixels may still be.
        revising: draws them anew where they are not.
        journal: told of what is done again.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        database: Database,
        files: DataDir,
        revising: Revising,
        journal: Journal,
    ) -> None:
        self._ledger = ledger
        self._database = database
        self._files = files
        self._revising = revising
        self._journal = journal

    async def replay(self) -> int:
        """Do what is missing; return how much that was."""
        lines = await asyncio.to_thread(lambda: list(self._ledger.lines()))
        count = 0
        # Of each picture; by name, for each of several servers may have written a line.
        missing: dict[str, dict[str, dict[str, Any]]] = {}
        for start in range(0, len(lines), AT_ONCE):
            part = lines[start : start + AT_ONCE]
            for line in await self._database.read(lambda c, p=part: _missing(c, p)):  # type: ignore[misc]
                missing.setdefault(image_of(line), {})[name_of(line)] = line
        for image_id, forgotten in missing.items():
            await self._again(image_id, list(forgotten.values()))
            count += len(forgotten)
        if count:
            log.warning("restoring.done_again", changes=count)
        return count

    async def _again(self, image_id: str, lines: list[dict[str, Any]]) -> None:
        """Do again what was done to a picture: deleted, or revised in the order of the lines."""
        if any("delete" in line for line in lines):
            await self._database.write(lambda c: self._delete(c, image_id))
            return
        record = await self._database.read(lambda c: images.get(c, image_id))
        if record is None:
            return
        try:
            if record.rendition_id != lines[0]["from"]:
                raise RequestError("It has other pixels now than those that were revised.")
            # Files of revisions in between were destroyed with the next one.
            blobs = [await self._blob(line) for line in lines]
            there = [place for place, blob in enumerate(blobs) if blob is not None]
            if there:
                last = there[-1]
                await self._revising.again(record, lines[: last + 1], blobs[last], ACTOR)
                if last + 1 < len(lines):
                    await self._again(image_id, lines[last + 1 :])
                return
            await self._revising.again(record, lines, None, ACTOR)
        except RequestError as error:
            log.error("restoring.held", image=record.id, reason=error.detail)
            await self._database.write(lambda c: self._hold(c, record))

    async def _blob(self, line: dict[str, Any]) -> Blob | None:
        """Return the file of a revision, where it is still there."""
        if line["blob"] is None:
            return None
        blob = Blob(**line["blob"])
        path = self._files.original(blob.id)
        there = await asyncio.to_thread(lambda: path.stat().st_size if path.is_file() else 0)
        if not there or blob.bytes not in (0, there):
            return None
        if blob.sha256:
            return blob
        # A revision came after it, and the ledger forgot what it looked like.
        digest = await asyncio.to_thread(lambda: hashlib.sha256(path.read_bytes()).hexdigest())
        return replace(blob, sha256=digest, bytes=there)

    def _delete(self, connection: Connection, image_id: str) -> None:
        if images.delete(connection, image_id) is not None:
            details = {"restored": True}
            self._journal.record(
                connection, ACTOR, "image.delete", f"image:{image_id}", details=details
            )

    def _hold(self, connection: Connection, record: Record) -> None:
        connection.execute(
            update(images_table)
            .where(images_table.c.id == record.id)
            .values(held=True, access_version=images_table.c.access_version + 1)
        )
        invalidate(connection, record.id, narrows=True)
        details = {"restored": True}
        self._journal.record(connection, ACTOR, "image.hold", f"image:{record.id}", details=details)


def _missing(connection: Connection, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines that the database does not know of."""
    named = [image_of(line) for line in lines]
    living = set(
        connection.execute(
            select(images_table.c.id).where(
                images_table.c.id.in_(named), images_table.c.deleted_at.is_(None)
            )
        ).scalars()
    )
    known = set(
        connection.execute(
            select(revisions.c.rendition_id).where(revisions.c.image.in_(list(living)))
        ).scalars()
    )
    held = set(
        connection.execute(
            select(images_table.c.id).where(images_table.c.id.in_(named), images_table.c.held)
        ).scalars()
    )
    return [
        line
        for line, image in zip(lines, named, strict=True)
        if image in living
        and ("delete" in line or (line["rendition"] not in known and image not in held))
    ]
