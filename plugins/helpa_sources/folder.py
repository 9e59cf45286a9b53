"""Pictures in a folder of this machine."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from helpa import (
    BadGateway,
    ContentTooLarge,
    Fetched,
    Missing,
    SourceAnswer,
    Unchanged,
)

PIECE = 1 << 20
THREADS = 4
"""A file server that hangs holds these threads, not those of the whole server."""

TRIES = 3

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# NONBLOCK: a FIFO put in the file's place at the last moment must not hold the thread.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_NOT_THERE = {
    errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG,
    errno.ENXIO, errno.EINVAL,
}  # fmt: skip


class FolderSettings(BaseModel):
    """Where the pictures are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(description="The folder.")


class FolderSource:
    """A folder that has pictures; links in it are not followed, hidden files not served.

    Args:
        settings: where.
    """

    def __init__(self, settings: FolderSettings) -> None:
        self._root = settings.path.absolute()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="helpa-folder")

    async def fetch(self, path: str, into: Path, *, validator: str, max_bytes: int) -> SourceAnswer:
        """Copy a regular file of the folder.

        Raises:
            BadGateway: the folder is not there, or the file changes all the time.
            ContentTooLarge: more than ``max_bytes``.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads, self._copy, path, into, validator, max_bytes
        )

    def _copy(self, path: str, into: Path, validator: str, max_bytes: int) -> SourceAnswer:
        segments = path.split("/")
        if any(s.startswith(".") or not s or "\0" in s or "\\" in s for s in segments):
            return Missing()
        with ExitStack() as stack:
            try:
                # The folder itself may be a link: whoever wrote the settings said so.
                folder = os.open(self._root, _FOLDER & ~os.O_NOFOLLOW)
            except OSError as error:
                # Not "missing": a disk that is not mounted must not delete its pictures.
                raise BadGateway(f"{self._root}: {error.strerror}.") from None
            stack.callback(os.close, folder)
            try:
                for segment in segments[:-1]:
                    folder = os.open(segment, _FOLDER, dir_fd=folder)
                    stack.callback(os.close, folder)
                # Looked at before it is opened: opening a device may do something.
                if not _regular(os.stat(segments[-1], dir_fd=folder, follow_symlinks=False)):
                    return Missing()
                file = os.open(segments[-1], _FILE, dir_fd=folder)
            except OSError as error:
                if error.errno in _NOT_THERE:
                    return Missing()
                raise BadGateway(f"{path}: {error.strerror}.") from None
            stack.callback(os.close, file)
            return self._read(file, path, into, validator, max_bytes)

    @staticmethod
    def _read(file: int, path: str, into: Path, validator: str, max_bytes: int) -> SourceAnswer:
        for _ in range(TRIES):
            before = os.fstat(file)
            if not _regular(before):
                return Missing()
            state = _state(before)
            if state == validator:
                return Unchanged()
            if before.st_size > max_bytes:
                raise _too_large(max_bytes)
            try:
                _write(file, into, max_bytes)
                if _state(os.fstat(file)) == state:
                    return Fetched(state)
            except BaseException:
                into.unlink(missing_ok=True)
                raise
            into.unlink()  # it was written to meanwhile
        raise BadGateway(f"{path} changes all the time.")


def _write(file: int, into: Path, max_bytes: int) -> None:
    os.lseek(file, 0, os.SEEK_SET)
    count = 0
    with into.open("xb") as target:
        while piece := os.read(file, PIECE):
            count += len(piece)
            if count > max_bytes:
                raise _too_large(max_bytes)
            target.write(piece)


def _regular(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode)


def _state(found: os.stat_result) -> str:
    return f"{found.st_mtime_ns}-{found.st_size}-{found.st_ino}"


def _too_large(limit: int) -> ContentTooLarge:
    return ContentTooLarge(
        f"The file is larger than {limit} bytes (limits.upload_bytes).",
        field="limits.upload_bytes",
        allowed=f"up to {limit} bytes",
    )
