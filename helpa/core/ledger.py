"""What a restored database must be told again: deletions and revisions, kept beside the database.

A backup is older than what was deleted or redacted after it. Each server therefore writes a line
here for every deletion and every revision before it says that it is done; at the start, what the
database does not know of is done again (:mod:`helpa.core.restoring`). Nothing of a picture's
content stands in it: of files that are gone neither hash nor size nor colours, by which guesses at
what they showed could be checked.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import time
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
TIDY_SHARE = 50
"""The file is rewritten at most a fiftieth of the time, however often pictures are revised."""

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
        self._described: set[str] = set()
        self._untidy = False
        self._tidy_after = 0.0
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
        for line in await asyncio.to_thread(lambda: list(self.lines())):
            self._note(line)
        newest = await self._database.point(NEWEST)
        seq = int(newest["seq"] or 0) if newest is not None else 0
        await self._append(await self._database.read(lambda c: list(_all(c))))
        self._seq = seq
        await self._tidy()

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
                await self._tidy()
                failing = False
            except Exception as error:  # noqa: BLE001  it is tried again, whatever it was
                if not failing:
                    log.error("ledger.not_written", error=str(error))
                failing = True

    async def _append(self, lines: Iterable[dict[str, Any]]) -> None:
        new = [line for line in lines if name_of(line) not in self._written]
        if new:
            await asyncio.to_thread(self._write, new)
            for line in new:
                self._note(line)

    def _note(self, line: dict[str, Any]) -> None:
        self._written.add(name_of(line))
        image = image_of(line)
        self._untidy = self._untidy or image in self._described
        if _is_described(line):
            self._described.add(image)

    async def _tidy(self) -> None:
        """Forget what files looked like that are gone by now, where that is due."""
        began = time.monotonic()
        if not self._untidy or began < self._tidy_after:
            return
        async with self._turn:
            await asyncio.to_thread(self._rewrite)
            self._untidy = False
            ended = time.monotonic()
            self._tidy_after = ended + TIDY_SHARE * (ended - began)

    def _rewrite(self) -> None:
        aside = self._path.with_suffix(".new")
        with self._locked():
            lines = list(self.lines())
            newest = {image_of(line): place for place, line in enumerate(lines)}
            for place, line in enumerate(lines):
                if _is_described(line) and newest[image_of(line)] != place:
                    line["blob"] = _undescribed(line["blob"])
            try:
                with open(aside, "w", encoding="utf-8", opener=_private) as file:
                    file.writelines(map(_text, lines))
                    file.flush()
                    os.fsync(file.fileno())
                give(aside, self._path.parent)
                aside.rename(self._path)
            finally:
                aside.unlink(missing_ok=True)
            sync_folder(self._path.parent)

    def _write(self, lines: list[dict[str, Any]]) -> None:
        with self._locked() as descriptor:
            end = os.lseek(descriptor, 0, os.SEEK_END)
            torn = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
            data = ("\n" if torn else "").encode() + "".join(map(_text, lines)).encode()
            while data:
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, made where there is none, and held by nobody else; blocks."""
        with storage_errors():
            fresh = not self._path.exists()
            if not self._path.parent.is_dir():
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                give(self._path.parent, self._root)
            while True:
                descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
                    if not _is_at(descriptor, self._path):
                        continue  # another process has rewritten it meanwhile
                    if fresh:
                        give(self._path, self._path.parent)
                    yield descriptor
                    if fresh:
                        sync_folder(self._path.parent)
                    return
                finally:
                    os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file is what a path names."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _text(line: dict[str, Any]) -> str:
    return json.dumps(line, separators=(",", ":")) + "\n"


def image_of(line: dict[str, Any]) -> str:
    """Return the picture that a line is about."""
    return str(line.get("delete") or line.get("image"))


def _is_described(line: dict[str, Any]) -> bool:
    return bool(line.get("blob") and line["blob"]["sha256"])


def _undescribed(blob: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of a file without what could tell what it shows."""
    facts = {**blob["facts"], "thumbhash": "", "dominant_color": ""}
    return {**blob, "sha256": "", "bytes": 0, "facts": facts}


def name_of(line: dict[str, Any]) -> str:
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
