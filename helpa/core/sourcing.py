"""Pictures by path: brought from a source when first asked for, looked after from then on.

A picture is brought once, however many ask for it at the same time, and goes the way of an upload.
When ``max_age`` has passed since the source last said what it has, it is asked again: whoever asks
for the picture then waits for the answer, but only for a moment, and gets what is held where the
source is slow or fails. What the source no longer has is deleted, what it has anew replaces the
image and deletes the old one.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from helpa.core.actor import Actor
from helpa.core.audit.journal import Journal
from helpa.core.database import images, sources
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.database.sources import Entry
from helpa.core.errors import (
    BadGateway,
    ContentTooLarge,
    NotFound,
    RequestError,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
)
from helpa.core.files import DataDir, base_name
from helpa.core.flight import Flights
from helpa.core.ingest import Incoming, Ingest, Said
from helpa.core.mounts import Mounted
from helpa.core.records import Records
from helpa.core.settings import Limits
from helpa.core.source import Fetched, Missing, Unchanged

log = structlog.get_logger("helpa.sourcing")

AT_ONCE = 8
WAITING = 64
"""Imports that run at a time, and that may wait for their turn."""

SOURCE_SECONDS = 60.0
PATIENCE = 2.0
"""Seconds a request waits for a check before it takes what is held."""

REMEMBER_FAILURE = 10.0
"""Seconds for which a source is not asked again for what failed or was not there."""

FAILURES_KEPT = 10_000

Admit = Callable[[Mounted | None], Awaitable[None]]


@dataclass(frozen=True)
class Found:
    """What a path leads to.

    Args:
        image: id of the image.
        max_age: seconds anybody may keep what is made of it.
        not_after: moment (``time.time()``) from which the source is to be asked again.
        signed_as: what signatures call the picture, and the epoch of the source's links.
    """

    image: str
    max_age: int
    not_after: float
    signed_as: tuple[str, int]


class _Overtaken(Exception):
    """Another process has brought the picture meanwhile."""


class Sourcing:
    """Finds the images of paths.

    Args:
        mounts: sources by name.
        database: entries.
        files: where files arrive.
        ingest: takes pictures in.
        records: image records.
        limits: how large they may be.
        journal: told of every picture that is brought.
        erase: called after an image was deleted.
    """

    def __init__(
        self,
        mounts: Mapping[str, Mounted],
        *,
        database: Database,
        files: DataDir,
        ingest: Ingest,
        records: Records,
        limits: Limits,
        journal: Journal,
        erase: Callable[[], None],
    ) -> None:
        self._mounts = mounts
        self._database = database
        self._files = files
        self._ingest = ingest
        self._records = records
        self._limits = limits
        self._journal = journal
        self._erase = erase
        self._flights: Flights[Entry] = Flights()
        self._checks: dict[str, asyncio.Task[Entry]] = {}
        self._failed: OrderedDict[str, tuple[float, RequestError]] = OrderedDict()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._asking = 0

    async def find(self, name: str, path: str, admit: Admit) -> Found:
        """Return what a path leads to, bringing the picture where it is not held.

        Args:
            name: of the source.
            path: as :class:`helpa.Source` takes it.
            admit: insists that who asks may have a picture of the source, before anything is
                fetched: strangers neither cause work nor learn what there is.

        Raises:
            NotFound: no such source, or no such picture in it, for this viewer.
            BadGateway: the source failed.
            Unprocessable: what it has there is no picture that can be served.
            Unavailable: too many pictures are being brought.
        """
        mounted = self._mounts.get(name)
        await admit(mounted)
        if mounted is None:
            raise _not_found()
        entry = await self._database.read(lambda c: sources.find(c, name, path))
        record = await self._records.get(entry.image) if entry is not None else None
        if entry is None or record is None:
            entry = await self._first(mounted, path)
        elif (
            entry.checked_at / 1000 + mounted.max_age <= time.time()
            or record.visibility != mounted.visibility
        ):
            entry = await self._again(mounted, entry)
        until = entry.checked_at / 1000 + mounted.max_age
        if until <= time.time():  # what is held, for the source is slow or fails
            until = time.time() + min(REMEMBER_FAILURE, mounted.max_age)
        return Found(entry.image, mounted.max_age, until, (f"{name}/{path}", mounted.link_epoch))

    async def _first(self, mounted: Mounted, path: str) -> Entry:
        key = f"{mounted.name}/{path}"
        failure = self._failure(key)
        if failure is not None:
            raise failure
        return await self._flights.run(key, lambda: self._bring(mounted, path))

    async def _again(self, mounted: Mounted, entry: Entry) -> Entry:
        """Return the entry as the source has it now, or as we have it where that takes long."""
        key = f"{mounted.name}/{entry.path}"
        old = time.time() - entry.checked_at / 1000 > mounted.max_age + mounted.max_stale
        failure = self._failure(key)
        if failure is None:
            check = self._checks.get(key)
            if check is None:
                check = asyncio.create_task(self._bring(mounted, entry.path))
                self._checks[key] = check
                check.add_done_callback(lambda done: self._checked(key, done))
            done, _ = await asyncio.wait({check}, timeout=None if old else PATIENCE)
            if not done:
                return entry
            error = check.exception()
            if error is None:
                return check.result()
            if not isinstance(error, RequestError) or isinstance(error, NotFound):
                raise error
            failure = error
        if old:
            raise failure
        return entry

    def _checked(self, key: str, check: asyncio.Task[Entry]) -> None:
        self._checks.pop(key, None)
        if not check.cancelled():
            check.exception()  # told to those who wait, or to nobody

    async def _bring(self, mounted: Mounted, path: str) -> Entry:
        """Ask the source, and store what it answers.

        Raises:
            RequestError: kept for a while, so that the source is not asked at every request.
        """
        try:
            async with self._turn():
                return await self._ask(mounted, path)
        except (NotFound, BadGateway, Unprocessable) as error:
            self._remember(f"{mounted.name}/{path}", error)
            raise

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._asking >= AT_ONCE + WAITING:
            raise Unavailable("Too many pictures are being brought from sources.", retry_after=2)
        self._asking += 1
        try:
            async with self._gate:
                yield
        finally:
            self._asking -= 1

    async def _ask(self, mounted: Mounted, path: str) -> Entry:
        # Read anew: while this waited, another process may have asked.
        entry = await self._database.read(lambda c: sources.find(c, mounted.name, path))
        record = await self._records.get(entry.image) if entry is not None else None
        held = entry if record is not None else None
        self._ingest.check_room()
        into = self._files.new_incoming()
        try:
            answer = await self._fetch(mounted, path, into, held.validator if held else "")
            if isinstance(answer, Missing):
                await self._database.write(lambda c: _drop(c, mounted.name, path))
                await self._changed()
                raise _not_found()
            if isinstance(answer, Unchanged):
                if held is None or record is None:
                    log.error("source.failed", source=mounted.name, path=path,
                              reason="unchanged, where nothing is held")  # fmt: skip
                    raise _failed()
                return await self._keep(mounted, path, record, held.validator)
            validator, incoming = answer
            if record is not None and incoming.sha256 == record.sha256:
                return await self._keep(mounted, path, record, validator)
            return await self._store(mounted, path, entry, incoming, validator)
        finally:
            await asyncio.shield(asyncio.to_thread(into.unlink, missing_ok=True))

    async def _fetch(
        self, mounted: Mounted, path: str, into: Path, validator: str
    ) -> tuple[str, Incoming] | Unchanged | Missing:
        """Return what the source answers; of a file, its validator and what has arrived."""
        limit = self._limits.upload_bytes
        try:
            async with asyncio.timeout(SOURCE_SECONDS):
                answer = await mounted.source.fetch(
                    path, into, validator=validator, max_bytes=limit
                )
            if isinstance(answer, (Missing, Unchanged)):
                return answer
            assert isinstance(answer, Fetched), f"it answered {answer!r}"
            incoming = await asyncio.to_thread(_arrived, into, path)
            if incoming.bytes > limit:
                raise ContentTooLarge(f"The file is larger than {limit} bytes.")
            return answer.validator, incoming
        except ContentTooLarge as error:
            raise Unprocessable(error.detail, allowed=error.allowed) from None
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  whatever a plugin's source raises
            # What it says is for those who run this server: addresses, names of files.
            log.warning("source.failed", source=mounted.name, path=path, reason=repr(error))
            raise _failed() from None

    async def _keep(self, mounted: Mounted, path: str, record: Record, validator: str) -> Entry:
        """Note that the image still holds what the source has."""

        def work(connection: Connection) -> Entry:
            if record.visibility != mounted.visibility:
                images.change(connection, record.id, {"visibility": mounted.visibility})
            return sources.put(connection, mounted.name, path, record.id, validator)

        entry = await self._database.write(work)
        if record.visibility != mounted.visibility:
            await self._changed()
        return entry

    async def _store(
        self, mounted: Mounted, path: str, before: Entry | None, incoming: Incoming, validator: str
    ) -> Entry:
        """Make an image of what has arrived; the one before it goes in the same transaction."""
        made: list[Entry] = []

        def keep(connection: Connection, records: list[Record]) -> None:
            now = sources.find(connection, mounted.name, path)
            if (now.image if now else None) != (before.image if before else None):
                raise _Overtaken
            if now is not None:
                images.delete(connection, now.image)
            made[:] = [sources.put(connection, mounted.name, path, records[0].id, validator)]
            self._journal.record(
                connection,
                Actor(f"source:{mounted.name}"),
                "image.upload",
                f"image:{records[0].id}",
                details={"bytes": records[0].bytes, "visibility": records[0].visibility},
            )

        try:
            prepared = await self._ingest.prepare(incoming, mounted.owner)
        except (UnsupportedMedia, ContentTooLarge, Unprocessable) as error:
            raise Unprocessable(error.detail, given=error.given, allowed=error.allowed) from None
        try:
            await self._ingest.commit([prepared], Said(mounted.owner, mounted.visibility), keep)
        except (_Overtaken, IntegrityError):
            await asyncio.to_thread(self._ingest.discard, [prepared], ())
            entry = await self._database.read(lambda c: sources.find(c, mounted.name, path))
            if entry is None:
                raise _not_found() from None
            return entry
        except Exception:
            await asyncio.to_thread(self._ingest.discard, [prepared], ())
            raise
        await self._changed()
        return made[0]

    async def _changed(self) -> None:
        await self._records.catch_up()
        self._erase()

    def _failure(self, key: str) -> RequestError | None:
        until, error = self._failed.get(key, (0.0, None))
        if error is not None and until <= time.monotonic():
            del self._failed[key]
            return None
        return error

    def _remember(self, key: str, error: RequestError) -> None:
        # A new object, for the one raised carries a traceback.
        kept = type(error)(error.detail, given=error.given, allowed=error.allowed)
        self._failed[key] = (time.monotonic() + REMEMBER_FAILURE, kept)
        if len(self._failed) > FAILURES_KEPT:
            self._failed.popitem(last=False)

    async def close(self) -> None:
        """Give up what is being checked."""
        checks = list(self._checks.values())
        for check in checks:
            check.cancel()
        await asyncio.gather(*checks, return_exceptions=True)


def _not_found() -> NotFound:
    return NotFound("There is no such picture.")


def _failed() -> BadGateway:
    return BadGateway("The source of this picture failed; the server's log says why.")


def _drop(connection: Connection, source: str, path: str) -> None:
    entry = sources.find(connection, source, path)  # another process may have replaced it
    if entry is not None:
        images.delete(connection, entry.image)
        sources.remove(connection, source, path)


def _arrived(path: Path, name: str) -> Incoming:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Incoming(path, digest, path.stat().st_size, base_name(name))
