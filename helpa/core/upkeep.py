"""The core's own jobs: writing levels, erasing the deleted, sweeping what nothing refers to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, delete, select

from helpa.core.database import blobs, events, revisions
from helpa.core.database.engine import Database, now_ms
from helpa.core.database.idempotency import KEPT_SECONDS
from helpa.core.database.schema import blobs as blobs_table
from helpa.core.database.schema import idempotency, invalidations, jobs, tokens
from helpa.core.files import DataDir
from helpa.core.jobs import Handler
from helpa.core.levels import Level, level_format, next_factor
from helpa.core.renditions import Renditions
from helpa.core.sealing import Seals
from helpa.core.settings import Limits
from helpa.core.values import Size, scaled
from helpa.core.workers.supervisor import Supervisor

log = structlog.get_logger("helpa.upkeep")

SWEEP_EVERY = 3600.0
UNREFERENCED_SECONDS = 3600.0
"""A file younger than this may belong to an upload that has not been committed yet."""

DAY_MS = 24 * 3600 * 1000

EVENTS_KEPT_MS = 7 * DAY_MS
"""For so long a plugin may be disabled and miss nothing."""


class Upkeep:
    """Handlers of the core's jobs.

    Args:
        database: where rows are.
        files: where bytes are.
        supervisor: draws levels.
        renditions: the tiers, for erasing.
        seals: originals kept encrypted, and their keys.
        limits: how long drawing may take.
        settled: waits until every instance knows what was deleted.
        listening: returns the plugins that are told of events.
    """

    def __init__(
        self,
        *,
        database: Database,
        files: DataDir,
        supervisor: Supervisor,
        renditions: Renditions,
        seals: Seals,
        limits: Limits,
        settled: Callable[[], Awaitable[None]],
        listening: Callable[[], Collection[str]],
    ) -> None:
        self._database = database
        self._files = files
        self._supervisor = supervisor
        self._renditions = renditions
        self._seals = seals
        self._limits = limits
        self._settled = settled
        self._listening = listening

    def handlers(self) -> dict[str, Handler]:
        """Return the handlers by kind of job."""
        return {"levels": self.levels, "erase": self.erase, "sweep": self.sweep,
                "scrub": self.scrub}  # fmt: skip

    async def levels(self, payload: Mapping[str, Any]) -> None:
        """Write the levels a blob still lacks, each from the first."""
        blob = str(payload["blob"])
        while True:
            row = await self._database.read(lambda c: blobs.row(c, blob))
            if row is None:
                # Erased meanwhile; a process that died may have left a level that it had written.
                await asyncio.to_thread(self._files.erase, blob)
                return
            known = blobs.parse_levels(row.levels)
            if not known:
                return
            first = min(known, key=lambda level: level.factor)
            last = max(known, key=lambda level: level.factor)
            image = blobs.size_of(row.facts)
            factor = next_factor(last.factor, image)
            if factor is None:
                return
            lossy = first.format == "jpg"
            kind = level_format(scaled(image, factor), graphic=not lossy, alpha=False)
            await self._write(blob, first, Level(factor, kind), image)

    async def _write(self, blob: str, first: Level, level: Level, image: Size) -> None:
        size = scaled(image, level.factor)
        reply = await self._supervisor.submit(
            {
                "job": "level",
                "source": {
                    "path": str(self._files.level(blob, first)),
                    "format": first.format,
                    "level": True,
                },
                "size": [size.width, size.height],
                "format": level.format,
            },
            group=f"levels:{blob}",
            timeout=self._limits.inspect_seconds,
        )
        await asyncio.to_thread(self._files.write_level, blob, level, reply.body)
        if not await self._database.write(lambda c: blobs.add_level(c, blob, level)):
            await asyncio.to_thread(self._files.erase, blob)  # deleted while it was drawn

    async def erase(self, payload: Mapping[str, Any]) -> None:
        """Remove what is left of an image that was deleted, or of its earlier revisions."""
        # Else one that does not know yet could store a rendition after its folder was removed.
        await self._settled()
        # The keys first: without them what is sealed is lost already, in every copy of it.
        for image in payload.get("keys", ()):
            await asyncio.to_thread(self._seals.forget, image)
        for name in payload.get("sealed", ()):
            await asyncio.to_thread(self._seals.erase, name)
        for rendition_id in payload.get("renditions", ()):
            await self._renditions.delete(rendition_id)
        for blob in payload.get("blobs", ()):
            # The row goes first: an upload of equal bytes then makes a blob of its own.
            if await self._database.write(partial(blobs.drop, blob_id=blob)):
                await asyncio.to_thread(self._files.erase, blob)
        for blob in payload.get("levels", ()):
            if await self._database.write(partial(revisions.drop_levels, blob=blob)):
                await asyncio.to_thread(self._files.erase_levels, blob)

    async def scrub(self, _: Mapping[str, Any]) -> None:
        """Leave nothing of erased rows in the files of the database."""
        await self._database.scrub()

    async def sweep(self, _: Mapping[str, Any]) -> None:
        """Remove files that nothing refers to, and rows that have served their time."""
        horizon = time.time() - UNREFERENCED_SECONDS
        stored = await asyncio.to_thread(lambda: list(self._files.stored_blobs(horizon)))

        def unknown(connection: Connection) -> list[str]:
            known = set(connection.execute(select(blobs_table.c.id)).scalars())
            return [blob for blob in stored if blob not in known]

        for blob in await self._database.read(unknown):
            log.info("sweep.file", blob=blob)
            await asyncio.to_thread(self._files.erase, blob)
        names = await asyncio.to_thread(self._seals.stored, horizon)
        known = await self._database.read(revisions.sealed)
        for name in set(names) - known:
            await asyncio.to_thread(self._seals.erase, name)
        await self._database.write(revisions.expire)
        await asyncio.to_thread(self._files.sweep_incoming, horizon)
        await self._database.write(_sweep_rows)
        listening, before = self._listening(), now_ms() - EVENTS_KEPT_MS
        await self._database.write(lambda c: events.sweep(c, listening, before))


def _sweep_rows(connection: Connection) -> None:
    now = now_ms()
    connection.execute(
        delete(idempotency).where(idempotency.c.created_at < now - KEPT_SECONDS * 1000)
    )
    connection.execute(delete(invalidations).where(invalidations.c.created_at < now - DAY_MS))
    connection.execute(delete(jobs).where(jobs.c.state == "done", jobs.c.ended_at < now - DAY_MS))
    connection.execute(delete(tokens).where(tokens.c.expires_at < now - DAY_MS))
