"""Renditions in files, bounded by bytes, surviving a restart.

A value is written aside and linked to its name, so that a name always holds a whole value and is
never overwritten. A header of magic and length tells a file that a power cut has shortened.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import struct
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helpa.core.ids import new_id
from helpa.core.stores.protocol import JOINT, members

_HEADER = struct.Struct("!4sQ")
_MAGIC = b"HLP1"
THREADS = 4
ASIDE = "aside"
COMPOSITES = "++"
"""Folder of joint groups; of two characters as the others, and of none that an id holds."""

LONGEST_NAME = 255
"""Bytes of a file name; a group that joins more pictures than fit is not kept."""

BLOCK = 4096
"""Files take whole blocks, so small values cost more than their length."""

SHARE = 16
"""A part of the capacity; who has put so much takes stock, for others may put there as well."""

SCAN_BYTES = 2**20
"""Less is not worth a look at the whole folder."""

ASIDE_SECONDS = 60.0
"""What is older was left by a process that was killed; another's is being written."""


class DiskStore:
    """Files in ``<folder>/<2 characters>/<group>/<name>``; those used longest ago go first.

    What several pictures are drawn in stands in one folder of joint groups, whose names are looked
    through when one of them is deleted: what other processes put there is found as well.

    Several processes may share a folder: each takes stock of it all now and then.

    Args:
        folder: where; made if need be.
        capacity: bytes at the most.
    """

    def __init__(self, folder: Path, capacity: int) -> None:
        self._folder = folder
        self._capacity = capacity
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="helpa-disk")
        self._touched: dict[str, int] | None = {}
        self._added = 0
        self._stock = threading.Lock()
        self.bytes = 0
        (folder / ASIDE).mkdir(parents=True, exist_ok=True)
        for left in (folder / ASIDE).iterdir():
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < time.time() - ASIDE_SECONDS:
                    left.unlink()
        self._scanned = self._threads.submit(self._scan_once)

    def __len__(self) -> int:
        return len(self._sizes)

    async def get(self, key: str) -> bytes | None:
        """Return what was put under ``key``, or None."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._get, key)

    async def put(self, key: str, value: bytes) -> None:
        """Keep ``value``; a disk that is full or gone keeps nothing and harms nothing."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._put, key, value)

    async def delete(self, group: str) -> None:
        """Forget everything of a group, and of every group that joins it with others."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._delete, group)

    async def close(self) -> None:
        """Wait for what is being written."""
        self._threads.shutdown(wait=True)

    def _path(self, key: str) -> Path:
        group, _, name = key.partition("/")
        return self._group(group) / name

    def _group(self, group: str) -> Path:
        return self._folder / (COMPOSITES if JOINT in group else group[:2]) / group

    def _get(self, key: str) -> bytes | None:
        path = self._path(key)
        try:
            raw = path.read_bytes()
        except OSError:
            self._forget(key)
            return None
        magic, length = _HEADER.unpack_from(raw) if len(raw) >= _HEADER.size else (b"", 0)
        if magic != _MAGIC or length != len(raw) - _HEADER.size:
            path.unlink(missing_ok=True)
            self._forget(key)
            return None
        self._remember(key, len(raw))
        with contextlib.suppress(OSError):
            os.utime(path)  # so that a restart knows what was used last
        return raw[_HEADER.size :]

    def _put(self, key: str, value: bytes) -> None:
        size = len(value) + _HEADER.size
        if size > self._capacity // 8 or key.index("/") > LONGEST_NAME:
            return
        path = self._path(key)
        aside = self._folder / ASIDE / new_id()
        try:
            with aside.open("xb") as file:
                file.write(_HEADER.pack(_MAGIC, len(value)))
                file.write(value)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(aside, path)
            except FileExistsError:
                size = path.stat().st_size
        except OSError:
            return
        finally:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
        self._remember(key, size)
        self._added += size
        if self._added > max(self._capacity // SHARE, SCAN_BYTES):
            self._scan_once()
        self._evict()

    def _delete(self, group: str) -> None:
        wanted = members(group)
        shutil.rmtree(self._group(group), ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            for joint in (self._folder / COMPOSITES).iterdir():
                if wanted <= members(joint.name):
                    shutil.rmtree(joint, ignore_errors=True)
        with self._lock:
            # One member is looked for as text first: a store may hold hundreds of thousands.
            some = next(iter(wanted))
            held = [key for key in self._sizes if some in key]
        keys = [key for key in held if wanted <= members(key.partition("/")[0])]
        for key in keys:
            self._forget(key)

    def _remember(self, key: str, size: int) -> None:
        taken = -(-size // BLOCK) * BLOCK
        with self._lock:
            self.bytes += taken - self._sizes.pop(key, 0)
            self._sizes[key] = taken
            if self._touched is not None:
                self._touched.pop(key, None)
                self._touched[key] = size

    def _forget(self, key: str) -> None:
        with self._lock:
            self.bytes -= self._sizes.pop(key, 0)
            if self._touched is not None:
                self._touched.pop(key, None)

    def _evict(self) -> None:
        while True:
            with self._lock:
                if self.bytes <= self._capacity or not self._sizes:
                    return
                key = next(iter(self._sizes))
            path = self._path(key)
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                path.parent.rmdir()
            self._forget(key)

    def _scan_once(self) -> None:
        if self._stock.acquire(blocking=False):
            try:
                self._scan()
            finally:
                self._stock.release()

    def _scan(self) -> None:
        """Take stock of what is there, in the order of its last use."""
        with self._lock:
            self._touched, self._added = {}, 0
        found: list[tuple[float, str, int]] = []
        for path in self._folder.glob("??/*/*"):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, f"{path.parent.name}/{path.name}", status.st_size))
        with self._lock:
            touched = self._touched or {}
            self._touched = None
            self._sizes = OrderedDict()
            self.bytes = 0
        for _, key, size in sorted(found):
            self._remember(key, size)
        for key, size in touched.items():  # put or read while the scan ran
            self._remember(key, size)
        self._evict()
