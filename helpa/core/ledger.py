"""What a restored database must be told again: deletions and revisions, kept beside the database.

A backup is older than what was deleted or redacted after it. Each server therefore writes a line
here for every deletion and every revision before it says that it is done; at the start, what the
database does not know of is done again (:mod:`helpa.core.restoring`). Nothing of a picture's
content stands in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, select

from helpa.core.database.engine import NEWEST, Database
from helpa.core.database.schema import blobs, images, invalidations, revisions
from helpa.core.errors import StorageFull
from helpa.core.files import DataDir, give, storage_errors, sync_folder

log = structlog.get_logger("helpa.ledger")

FOLDER, FILE = "ledger", "ledger.jsonl"
EVERY_SECONDS = 0.5
PIXELS = ("redaction", "edit")
"""Reasons of revisions that took pixels away."""


class Ledger:
    """The file, and how far it has followed the database.

    Args:
        database: what it follows.
        files: the data directory.
        folder: of the file; unset is the data directory's own.
    """

    def __init__(self, database: Database, files: DataDir, folder: Path | None = None) -> None:
        self._database = database
        self._path = (folder or files.root / FOLDER) / FILE
        self._root = files.root
        self._written: set[str] = set()
        self._seq = 0
        self._turn = asyncio.Lock()

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield what was written, oldest first; blocks."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield json.loads(line)
                except ValueError:
                    # A process died in the middle of it: its change was never said to be done.
                    log.warning("ledger.line_unread", line=number)

    async def start(self) -> None:
        """Take up what the database knows and the file does not."""
        self._written = await asyncio.to_thread(lambda: {_name(line) for line in self.lines()})
        newest = await self._database.point(NEWEST)
        seq = int(newest["seq"] or 0) if newest is not None else 0
        await self._append(await self._database.read(lambda c: list(_all(c))))
        self._seq = seq

    async def follow(self, seq: int | None = None) -> None:
        """Write what was committed since the last look, durably.

        Args:
            seq: number of an invalidation that must have been seen; None is whatever there is.
        """
        if seq is not None and seq <= self._seq:
            return
        async with self._turn:
            newest = await self._database.point(NEWEST)
            last = int(newest["seq"] or 0) if newest is not None else 0
            if last <= self._seq:
                return
            first = self._seq
            found = await self._database.read(lambda c: list(_since(c, first)))
            await self._append(found)
            self._seq = last

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Follow the database while the block runs."""
        task = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            with contextlib.suppress(Exception):
                await self.follow()

    async def noted(self, seq: int) -> None:
        """Write what was committed up to an invalidation, where that can be written now.

        What cannot is tried again until it can: the change it tells of is made all the same.
        """
        try:
            await self.follow(seq)
        except (OSError, StorageFull) as error:
            log.error("ledger.not_written", error=str(error))

    async def _keep(self) -> None:
        failing = False
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.follow()
                failing = False
            except Exception as error:  # noqa: BLE001  it is tried again, whatever it was
                if not failing:
                    log.error("ledger.not_written", error=str(error))
                failing = True

    async def _append(self, lines: Iterable[dict[str, Any]]) -> None:
        new = [line for line in lines if _name(line) not in self._written]
        if new:
            await asyncio.to_thread(self._write, new)
            self._written.update(map(_name, new))

    def _write(self, lines: list[dict[str, Any]]) -> None:
        with storage_errors():
            fresh = not self._path.exists()
            if not self._path.parent.is_dir():
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                give(self._path.parent, self._root)
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            if fresh:
                give(self._path, self._path.parent)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                end = os.lseek(descriptor, 0, os.SEEK_END)
                torn = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
                text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
                data = ("\n" if torn else "").encode() + text.encode()
                while data:
                    data = data[os.write(descriptor, data) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if fresh:
                sync_folder(self._path.parent)


def _name(line: dict[str, Any]) -> str:
    """Return what tells a line from any other."""
    return str(line.get("rendition") or line.get("delete"))


def _all(connection: Connection) -> Iterator[dict[str, Any]]:
    gone = select(images.c.id).where(images.c.deleted_at.is_not(None))
    for image_id in connection.execute(gone).scalars():
        yield {"delete": image_id}
    yield from _revised(connection, None)


def _since(connection: Connection, seq: int) -> Iterator[dict[str, Any]]:
    touched = select(invalidations.c.image).where(
        invalidations.c.seq > seq, invalidations.c.narrows, invalidations.c.image.is_not(None)
    )
    changed = list(dict.fromkeys(connection.execute(touched).scalars()))
    for start in range(0, len(changed), 500):
        part = changed[start : start + 500]
        gone = select(images.c.id).where(images.c.id.in_(part), images.c.deleted_at.is_not(None))
        for image_id in connection.execute(gone).scalars():
            yield {"delete": image_id}
        yield from _revised(connection, part)


def _revised(connection: Connection, part: list[str] | None) -> Iterator[dict[str, Any]]:
    """Yield the revisions that took pixels away, of living pictures, with their files."""
    statement = (
        select(revisions, images.c.owner)
        .join(images, images.c.id == revisions.c.image)
        .where(images.c.deleted_at.is_(None), revisions.c.reason.in_(PIXELS))
        .order_by(revisions.c.image, revisions.c.revision)
    )
    if part is not None:
        statement = statement.where(images.c.id.in_(part))
    for row in connection.execute(statement).all():
        before = select(revisions.c.rendition_id).where(
            revisions.c.image == row.image, revisions.c.revision == row.revision - 1
        )
        blob = connection.execute(select(blobs).where(blobs.c.id == row.blob)).one_or_none()
        yield {
            "image": row.image,
            "rendition": row.rendition_id,
            "from": connection.execute(before).scalar_one(),
            "reason": row.reason,
            "actor": row.actor,
            "details": json.loads(row.details),
            "blob": None
            if blob is None
            else {
                "id": blob.id,
                "owner": row.owner,
                "sha256": blob.sha256,
                "format": blob.format,
                "bytes": blob.bytes,
                "facts": json.loads(blob.facts),
                "levels": blob.levels,
            },
        }
