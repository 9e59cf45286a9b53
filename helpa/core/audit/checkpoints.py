"""Signed checkpoints: what the log was at a moment, written where the database is not.

A line of JSON each, in the order of their sizes. Several processes may write to one file: each
looks at its last line under a lock, and adds what is larger.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from helpa.core import keyfile
from helpa.core.audit import key, log
from helpa.core.audit.entry import canonical
from helpa.core.audit.tree import HASH_BYTES, Tree
from helpa.core.database.engine import Database, now_ms
from helpa.core.files import DataDir, storage_errors, sync_folder
from helpa.core.moments import timestamp
from helpa.core.settings_audit import Audit

logger = structlog.get_logger("helpa.audit")

FILE = "checkpoints.jsonl"
FOLDER = "audit"
EVERY_SECONDS = 0.5
"""Between looks at the log's size: a point read of 9 µs on SQLite, 150 µs on PostgreSQL."""

LINE_BYTES = 4096
"""No line of ours is as long."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log was.

    Args:
        size: entries it had.
        root: of its tree.
        time: RFC 3339, in UTC.
        key: the public key of who signed.
        signature: in base64url, over size, root and time.
    """

    size: int
    root: bytes
    time: str
    key: str
    signature: str

    @classmethod
    def of(cls, document: Any) -> Checkpoint:
        """Return the checkpoint that a JSON value says.

        Raises:
            ValueError: it says none.
        """
        names = {"size", "root", "time", "key", "signature"}
        if not isinstance(document, dict) or set(document) != names:
            raise ValueError("expected an object with " + ", ".join(sorted(names)))
        texts = {name: document[name] for name in names - {"size"}}
        if not all(isinstance(text, str) for text in texts.values()):
            raise ValueError("expected texts and a size")
        size = document["size"]
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError("expected a size of 1 or more")
        root = bytes.fromhex(texts.pop("root"))
        if len(root) != HASH_BYTES or root.hex() != document["root"]:
            raise ValueError("expected a root of 64 hex digits")
        return cls(size, root, **texts)

    def document(self) -> dict[str, Any]:
        """Return it as JSON says it."""
        signed = {"size": self.size, "root": self.root.hex(), "time": self.time}
        return {**signed, "key": self.key, "signature": self.signature}

    def is_signed(self) -> bool:
        """Whether the signature is that of its key."""
        return key.is_signed(self.key, self.signature, _signed(self.size, self.root, self.time))


def _signed(size: int, root: bytes, time: str) -> bytes:
    return canonical({"size": size, "root": root.hex(), "time": time}).encode()


class Checkpoints:
    """The checkpoints of a server.

    Args:
        settings: the folder they are written to.
        files: the data directory, which the key is in.
    """

    def __init__(self, settings: Audit, files: DataDir) -> None:
        self._root = files.root
        self.folder = settings.checkpoints or files.root / FOLDER
        self.path = self.folder / FILE
        self._reached = 0

    async def add(self, database: Database) -> None:
        """Sign what the log is now, unless that was done before.

        Raises:
            LogDamaged: the log has no tree.
            StorageFull: the disk has no room.
        """
        tree = await log.now(database)
        if tree.size > self._reached:
            await asyncio.to_thread(self._append, tree)
            self._reached = tree.size

    @contextlib.asynccontextmanager
    async def kept(self, database: Database) -> AsyncIterator[None]:
        """Add checkpoints while the block runs, and one at its end.

        Raises:
            SettingsError: the key cannot be read.
        """
        await asyncio.to_thread(key.load, self._root)
        await self._compare(database)
        task = asyncio.create_task(self._keep(database))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._try(database, failing=False)

    async def _keep(self, database: Database) -> None:
        failing = False
        while True:
            failing = not await self._try(database, failing=failing)
            await asyncio.sleep(EVERY_SECONDS)

    async def _try(self, database: Database, *, failing: bool) -> bool:
        try:
            await self.add(database)
        except Exception as error:  # noqa: BLE001  it is tried again, whatever it was
            if not failing:
                logger.error("audit.no_checkpoint", reason=str(error))
            return False
        return True

    async def _compare(self, database: Database) -> None:
        """Say at the start that entries are gone, which a checkpoint has seen."""
        last = await asyncio.to_thread(self.newest)
        if last is None:
            return
        with contextlib.suppress(log.LogDamaged):
            size = (await log.now(database)).size
            if size < last.size:
                advice = "Unless a backup was restored, somebody removed entries."
                logger.error("audit.entries_missing", entries=size, signed=last.size, advice=advice)

    def newest(self) -> Checkpoint | None:
        """Return the last one, if there is one; blocks."""
        try:
            with self.path.open("rb") as file:
                return _newest(file.fileno())
        except FileNotFoundError:
            return None

    def _append(self, tree: Tree) -> None:
        with storage_errors():
            new = not self.folder.is_dir()
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                _append(descriptor, tree, self._root)
                keyfile.hand_over(descriptor, self._root)
            finally:
                os.close(descriptor)
            sync_folder(self.folder)
            if new:
                self._hand_over_folder()

    def _hand_over_folder(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            keyfile.hand_over(descriptor, self._root)
        finally:
            os.close(descriptor)
        sync_folder(self.folder.parent)


def _append(descriptor: int, tree: Tree, key_folder: Path) -> None:
    end = os.lseek(descriptor, 0, os.SEEK_END)
    last = _newest(descriptor)
    if last is not None and last.size >= tree.size:
        return  # another process has seen more
    whole = _whole(descriptor, end)
    if whole < end:
        os.ftruncate(descriptor, whole)  # a crash left a part of a line
    signer, time = key.load(key_folder), timestamp(now_ms())
    root = tree.root()
    signature = key.sign(signer, _signed(tree.size, root, time))
    made = Checkpoint(tree.size, root, time, key.public(signer), signature)
    os.pwrite(descriptor, f"{canonical(made.document())}\n".encode(), whole)
    os.fsync(descriptor)


def _whole(descriptor: int, end: int) -> int:
    """Return where the last whole line ends; what is too long to be one of ours stays."""
    start = max(0, end - LINE_BYTES)
    found = os.pread(descriptor, end - start, start).rfind(b"\n")
    return end if found < 0 and start > 0 else start + found + 1


def _newest(descriptor: int) -> Checkpoint | None:
    """Return the last whole line, or None where it is not one of ours."""
    end = _whole(descriptor, os.lseek(descriptor, 0, os.SEEK_END))
    start = max(0, end - LINE_BYTES)
    line = os.pread(descriptor, end - start, start).rstrip(b"\n").rpartition(b"\n")[2]
    try:
        return Checkpoint.of(json.loads(line))
    except ValueError:
        return None


def lines(path: Path) -> Iterator[tuple[int, Checkpoint | str]]:
    """Yield the lines of a file: number, and the checkpoint or what is wrong with it.

    A last line that is cut off is one that a crash has interrupted: it is left out.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                yield number, Checkpoint.of(json.loads(line))
            except ValueError as error:
                yield number, f"it is no checkpoint: {error}"
