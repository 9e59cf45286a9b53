"""Revising a picture: drawn anew from its pixels, stored, committed, and the old taken away."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import Connection

from helpa.core.actor import Actor
from helpa.core.affine import Affine
from helpa.core.audit.journal import Journal
from helpa.core.database import blobs, layers, revisions
from helpa.core.database.blobs import Blob
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.database.revisions import Revised
from helpa.core.errors import InvalidValue, NotFound
from helpa.core.files import DataDir
from helpa.core.grid import Grid
from helpa.core.ids import new_id
from helpa.core.layer_kind import Moved
from helpa.core.levels import Level
from helpa.core.records import Records
from helpa.core.sealing import Seals
from helpa.core.settings import Limits
from helpa.core.stored_image import Drawing, StoredImage, Work
from helpa.core.stored_layer import Retention
from helpa.core.values import Size
from helpa.core.workers.supervisor import Supervisor

AT_ONCE = 2
"""Revisions that are drawn at a time: the bytes of each are held in memory."""


class Revising:
    """Makes revisions.

    Args:
        database: rows.
        files: bytes.
        records: the in-process table.
        supervisor: draws.
        seals: originals kept encrypted.
        limits: how long drawing may take.
        journal: told of every revision.
        moved: by plugin: how its layers go along.
        wake: has what is left erased.
    """

    def __init__(
        self,
        *,
        database: Database,
        files: DataDir,
        records: Records,
        supervisor: Supervisor,
        seals: Seals,
        limits: Limits,
        journal: Journal,
        moved: Callable[[], Mapping[str, Moved]],
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._files = files
        self._records = records
        self._supervisor = supervisor
        self._seals = seals
        self._limits = limits
        self._journal = journal
        self._moved = moved
        self._wake = wake
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._room = asyncio.Semaphore(AT_ONCE)

    async def revise(
        self,
        image_id: str,
        plan: Callable[[StoredImage], Work],
        *,
        actor: Actor,
        reason: str,
        retention: Retention,
        personal: Mapping[str, Any] | None = None,
        keep: Callable[[Connection, Record], None] | None = None,
    ) -> tuple[Record, int]:
        """Give a picture new pixels; return it, and the number of its invalidation.

        Args:
            image_id: which picture.
            plan: says what is to be drawn on it as it is now.
            actor: who does it.
            reason: ``redaction`` or ``edit``.
            retention: of what was uploaded.
            personal: of the log's entry: the reason that somebody gave.
            keep: called in the transaction with the new picture.

        Raises:
            NotFound: it is gone.
            Conflict: another process revised it meanwhile.
            RequestError: it cannot be drawn, or there is no room.
        """
        async with self._turn(image_id), self._room:
            await self._records.catch_up()
            began = await self._records.get(image_id)
            if began is None:
                raise NotFound("There is no such image.")
            work = plan(began.stored())
            blob = await self._draw(began, work)
            sealed: str | None = None
            try:
                sealed = await self._seal(began, retention)
                before = await asyncio.to_thread(
                    self._seals.before,
                    image_id,
                    self._files.original(began.blob),
                    kept=retention.mode != "destroy",
                )
                moved = await self._database.read(lambda c: self._layers(c, began, work))
                new = Revised(
                    began,
                    new_id(),
                    blob,
                    reason,
                    {**work.details, "before": before, "drawings": _described(work)},
                    actor.name,
                    retention,
                    sealed,
                    moved,
                )
                record, seq = await self._commit(new, actor, personal, keep)
            except BaseException:
                await asyncio.shield(self._undo(blob.id, sealed))
                raise
            if record.blob != blob.id:  # another picture of this owner looks the same
                await asyncio.to_thread(self._files.erase, blob.id)
        self._wake()
        return record, seq

    async def again(
        self, began: Record, lines: Sequence[Mapping[str, Any]], blob: Blob | None, actor: Actor
    ) -> None:
        """Make revisions that a restored database has forgotten; the original is destroyed.

        Args:
            began: the picture as the database has it.
            lines: of the ledger, in order.
            blob: the file of the last, or None where that is gone and all must be drawn anew.
            actor: who does it.

        Raises:
            RequestError: it cannot be drawn.
        """
        line = lines[-1]
        work = _work_of([each for line in lines for each in line["details"]["drawings"]])
        drawn = blob or await self._draw(began, work)
        moved = await self._database.read(lambda c: self._layers(c, began, work))
        new = Revised(
            began,
            line["rendition"],
            drawn,
            line["reason"],
            line["details"],
            line["actor"],
            Retention("destroy"),
            None,
            moved,
            tuple(lines[:-1]),
        )
        await self._commit(new, actor, None, None)

    async def look(
        self, image_id: str, path: str, args: Mapping[str, Any], seconds: float, frame: int
    ) -> tuple[dict[str, Any], bytes]:
        """Return what a function finds in a frame of a picture, called in a worker.

        Raises:
            NotFound: it is gone.
            RequestError: it failed, or there is no room.
        """
        record = await self._records.get(image_id)
        if record is None:
            raise NotFound("There is no such image.")
        source = {**self._source(record, 1), "page": frame}
        head = {"job": "look", "source": source, "look": path, "args": dict(args)}
        reply = await self._supervisor.submit(
            head, group=f"look:{image_id}", timeout=seconds, patience=self._limits.queue_seconds
        )
        return reply.head["found"], reply.body

    def _turn(self, image_id: str) -> asyncio.Lock:
        """Return the lock of a picture, which lives while anybody holds it or waits for it."""
        lock = self._turns.get(image_id)
        if lock is None:
            lock = self._turns[image_id] = asyncio.Lock()
        return lock

    async def _draw(self, began: Record, work: Work) -> Blob:
        if not work.drawings:
            raise InvalidValue("There is nothing to draw.")
        size, grid, steps = began.size, began.grid, []
        for drawing in work.drawings:
            steps.append(
                {
                    "draw": drawing.draw,
                    "args": dict(drawing.args),
                    "before": [size.width, size.height],
                    "after": [drawing.size.width, drawing.size.height],
                }
            )
            grid, size = grid.moved(drawing.transform), drawing.size
        head = {
            "job": "revise",
            "source": self._source(began, began.facts["frames"]),
            "animated": began.facts["animated"],
            "uploaded": began.uploaded,
            "steps": steps,
        }
        reply = await self._supervisor.submit(
            head,
            group=f"revise:{began.id}",
            timeout=self._limits.inspect_seconds,
            patience=self._limits.queue_seconds,
        )
        return await asyncio.to_thread(self._store, began, reply.head, reply.body, grid)

    def _source(self, record: Record, frames: int) -> dict[str, Any]:
        return {
            "path": str(self._files.original(record.blob)),
            "format": record.format,
            "frames": frames,
            "alpha": bool(record.facts["alpha"]),
        }

    def _store(self, began: Record, head: Mapping[str, Any], body: bytes, grid: Grid) -> Blob:
        end = head["file_bytes"]
        data, blob_id, named = body[:end], new_id(), head["level"]
        level = Level(named["factor"], named["format"]) if named else None
        try:
            if level is not None:
                self._files.write_level(blob_id, level, body[end:])
            self._files.write_original(blob_id, data)
        except BaseException:
            self._files.erase(blob_id)  # one was written, and for the other there is no room
            raise
        kept = {name: began.facts[name] for name in ("removed_metadata", "copyright")}
        facts = {**kept, **head["facts"], "uploaded": began.uploaded, "grid": asdict(grid)}
        digest = hashlib.sha256(data).hexdigest()
        levels_text = level.name if level else ""
        return Blob(blob_id, began.owner, digest, head["format"], len(data), facts, levels_text)

    async def _seal(self, began: Record, retention: Retention) -> str | None:
        """Seal what was uploaded, where it is there in the open and is to be kept so."""
        if retention.mode != "seal":
            return None
        original = await self._database.read(lambda c: revisions.original(c, began))
        if original.blob is None:
            return None
        path = self._files.original(original.blob)
        return await asyncio.to_thread(self._seals.seal, began.id, path)

    def _layers(
        self, connection: Connection, began: Record, work: Work
    ) -> dict[str, Mapping[str, Any]]:
        """Return the content of the layers where the picture moves under them."""
        transform, after = Affine(), began.size
        for drawing in work.drawings:
            transform, after = transform.then(drawing.transform), drawing.size
        if transform == Affine() and after == began.size:
            return {}
        moves = self._moved()
        found: dict[str, Mapping[str, Any]] = {}
        for layer in began.layers:
            stored = layers.version(connection, layer.id)
            if stored is not None and stored.plugin in moves:
                move = moves[stored.plugin]
                found[layer.id] = move(stored.content, transform, began.size, after)
        return found

    async def _commit(
        self,
        new: Revised,
        actor: Actor,
        personal: Mapping[str, Any] | None,
        keep: Callable[[Connection, Record], None] | None,
    ) -> tuple[Record, int]:
        def work(connection: Connection) -> tuple[Record, int]:
            record, seq = revisions.add(connection, new)
            if keep is not None:
                keep(connection, record)
            self._journal.record(
                connection,
                actor,
                f"image.{new.reason}",
                f"image:{record.id}",
                details={"revision": record.revision, "original": new.retention.mode},
                personal=personal,
            )
            return record, seq

        return await self._database.write(work)

    async def _undo(self, blob: str, sealed: str | None) -> None:
        """Take the files away of a revision that was not committed.

        Whoever is told to stop, or loses the database, in the middle of a commit does not know
        whether it was. What is not taken away here, and nothing refers to, is swept in an hour.
        """

        def referred(connection: Connection) -> tuple[bool, bool]:
            # Pictures of one owner that look the same share a blob, and not what they were.
            seals = revisions.sealed(connection)
            return blobs.row(connection, blob) is not None, sealed in seals

        with contextlib.suppress(Exception):
            # As one that writes it comes after the commit.
            blob_used, seal_used = await self._database.write(referred)
            if not blob_used:
                await asyncio.to_thread(self._files.erase, blob)
            if sealed is not None and not seal_used:
                await asyncio.to_thread(self._seals.erase, sealed)


def _described(work: Work) -> list[dict[str, Any]]:
    """Return the drawings as JSON, so that they can be drawn again."""
    return [
        {
            "draw": each.draw,
            "args": dict(each.args),
            "size": [each.size.width, each.size.height],
            "transform": [getattr(each.transform, name) for name in "abcdef"],
        }
        for each in work.drawings
    ]


def _work_of(drawings: Sequence[Mapping[str, Any]]) -> Work:
    return Work(
        tuple(
            Drawing(each["draw"], each["args"], Size(*each["size"]), Affine(*each["transform"]))
            for each in drawings
        ),
        {},
    )
