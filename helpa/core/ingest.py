"""Taking a picture in: what it is, its blob, its first level, its row."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from helpa.core import sniff
from helpa.core.counters import Counters
from helpa.core.database import blobs, images, jobs
from helpa.core.database.blobs import Blob
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.errors import StorageFull, Unprocessable, UnsupportedMedia
from helpa.core.files import DataDir
from helpa.core.ids import new_id
from helpa.core.levels import Level
from helpa.core.screening import Arrival, Screened
from helpa.core.settings import Limits
from helpa.core.workers.supervisor import Supervisor


@dataclass(frozen=True)
class Incoming:
    """A file that has arrived whole.

    Args:
        path: where it is.
        sha256: of its bytes, in hex.
        bytes: how many.
        filename: what its sender calls it.
    """

    path: Path
    sha256: str
    bytes: int
    filename: str


@dataclass(frozen=True)
class Said:
    """What is said of a new image.

    Args:
        owner: whose it is.
        visibility: public, signed or private.
        team: whose members may see and change it, too.
        title: in a line.
        alt: alternative text.
        tags: words to find it by.
        actor: who brings it.
    """

    owner: str
    visibility: str
    team: str | None = None
    title: str = ""
    alt: str = ""
    tags: tuple[str, ...] = ()
    actor: str = ""


@dataclass(frozen=True)
class Prepared:
    """A file that was decoded and whose bytes are safe on the disk."""

    incoming: Incoming
    blob: Blob
    stored: bool


class _BlobGone(Exception):
    """The blob that was to be shared was erased meanwhile."""


class Ingest:
    """Takes pictures in.

    Args:
        database: where rows go.
        files: where bytes go.
        supervisor: decodes them.
        limits: how large they may be.
        counters: what is counted.
        added: called after new images are committed.
        screen: says which pictures are held back or guarded; see :mod:`helpa.core.screening`.
    """

    def __init__(
        self,
        *,
        database: Database,
        files: DataDir,
        supervisor: Supervisor,
        limits: Limits,
        counters: Counters,
        added: Callable[[], None],
        screen: Callable[[Connection, Arrival], Screened] = lambda *_: Screened(),
    ) -> None:
        self._database = database
        self._files = files
        self._supervisor = supervisor
        self._limits = limits
        self._counters = counters
        self._added = added
        self._screen = screen

    def check_room(self) -> None:
        """Refuse an upload while the disk is nearly full.

        Raises:
            StorageFull: less is free than ``limits.free_bytes``.
        """
        if self._files.free_bytes() < self._limits.free_bytes:
            raise StorageFull("The disk is nearly full; no uploads are taken until there is room.")

    async def prepare(self, incoming: Incoming, owner: str) -> Prepared:
        """Return a file decoded and stored, its row not yet written.

        Raises:
            UnsupportedMedia: not a picture Helpa reads.
            ContentTooLarge: over a limit of pixels or frames.
            Unprocessable: damaged.
            StorageFull: the disk has no room.
        """
        head = await asyncio.to_thread(_head, incoming.path)
        kind = sniff.sniff(head)
        if kind is None:
            found = sniff.describe(head)
            if not head:
                raise Unprocessable("The file is empty.", field="file", given="0 bytes")
            raise UnsupportedMedia(
                f"This is {found}.",
                field="file",
                given=found,
                allowed=", ".join(sniff.READABLE),
            )
        known = await self._database.read(lambda c: blobs.find(c, owner, incoming.sha256))
        if known is not None:
            return Prepared(incoming, known, stored=False)
        return await self._inspect(incoming, owner, kind)

    async def _inspect(self, incoming: Incoming, owner: str, kind: str) -> Prepared:
        limits = self._limits
        blob_id = new_id()
        head = {
            "job": "inspect",
            "path": str(incoming.path),
            "format": kind,
            "limits": {
                "input_pixels": limits.input_pixels,
                "animation_pixels": limits.animation_pixels,
                "frames": limits.frames,
            },
        }
        try:
            reply = await self._supervisor.submit(
                head,
                group=f"upload:{blob_id}",
                timeout=limits.inspect_seconds,
                patience=limits.queue_seconds,
            )
        except Unprocessable as error:
            error.field = error.field or "file"
            raise
        facts: dict[str, Any] = {k: v for k, v in reply.head.items() if k not in _NOT_FACTS}
        named = reply.head["level"]
        level = Level(named["factor"], named["format"]) if named else None
        await asyncio.to_thread(self._store, incoming, blob_id, level, reply.body)
        blob = Blob(
            id=blob_id,
            owner=owner,
            sha256=incoming.sha256,
            format=kind,
            bytes=incoming.bytes,
            facts=facts,
            levels=level.name if level else "",
        )
        return Prepared(incoming, blob, stored=True)

    def _store(self, incoming: Incoming, blob: str, level: Level | None, data: bytes) -> None:
        if level is not None:
            self._files.write_level(blob, level, data)
        self._files.adopt(incoming.path, blob)

    async def commit(
        self,
        prepared: Sequence[Prepared],
        said: Said,
        keep: Callable[[Connection, list[Record]], None],
    ) -> list[Record]:
        """Write the rows of prepared files in one transaction; return the images.

        Args:
            prepared: the files.
            said: what is said of them.
            keep: called in the transaction with the new images.
        """

        def work(connection: Connection) -> list[Record]:
            records = [self._add(connection, each, said) for each in prepared]
            keep(connection, records)
            return records

        while True:
            try:
                records = await self._database.write(work)
                break
            except _BlobGone:
                # The twin whose bytes were to be shared was deleted a moment ago.
                prepared = [await self._again(each, said.owner) for each in prepared]
        used = {record.blob for record in records}
        for each in prepared:
            if each.stored and each.blob.id not in used:
                await asyncio.to_thread(self._files.erase, each.blob.id)
        self._counters.bytes_uploaded += sum(each.incoming.bytes for each in prepared)
        self._added()
        return records

    async def _again(self, each: Prepared, owner: str) -> Prepared:
        if each.stored or not each.incoming.path.exists():
            return each
        return await self._inspect(each.incoming, owner, each.blob.format)

    def _add(self, connection: Connection, each: Prepared, said: Said) -> Record:
        if not each.stored and blobs.row(connection, each.blob.id) is None:
            raise _BlobGone
        blob = blobs.share(connection, each.blob)
        arrival = Arrival(said.owner, said.team, said.actor, new=True)
        screened = self._screen(connection, arrival)
        image_id = images.add(
            connection,
            owner=said.owner,
            team=said.team,
            blob=blob,
            visibility=said.visibility,
            filename=each.incoming.filename,
            title=said.title,
            alt=said.alt,
            tags=said.tags,
            held=screened.held,
            guarded=screened.guarded,
            actor=said.actor,
        )
        if each.stored and each.blob.levels:
            jobs.enqueue(connection, "levels", {"blob": blob}, unique_key=f"levels:{blob}")
        record = images.get(connection, image_id)
        assert record is not None
        return record

    def discard(self, prepared: Sequence[Prepared], incoming: Sequence[Incoming]) -> None:
        """Remove the files of an upload that came to nothing, or that are stored elsewhere."""
        for each in incoming:
            with contextlib.suppress(OSError):
                each.path.unlink(missing_ok=True)
        for one in prepared:
            if one.stored:
                self._files.erase(one.blob.id)


_NOT_FACTS = frozenset({"error", "rss", "level"})


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(sniff.HEAD_BYTES)
