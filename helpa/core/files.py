"""The folder of a server: originals, levels, uploads on their way.

A file appears under its name only when it is whole and on the disk: it is written aside, synced,
renamed, and the folder synced.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from helpa.core.errors import DataDirError, StorageFull
from helpa.core.ids import new_id
from helpa.core.levels import Level

DATABASE = "helpa.sqlite3"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextlib.contextmanager
def storage_errors() -> Iterator[None]:
    """Turn a full disk into what a client is told.

    Raises:
        StorageFull: the disk has no room.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull("The disk has no space left; nothing was stored.") from error
        raise


class DataDir:
    """The folder and the names in it.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.database = self.root / DATABASE
        self.incoming = self.root / "incoming"
        self.cache = self.root / "cache"
        self.instances = self.root / "instances"
        self.jobs = self.root / "jobs"
        self.sealed = self.root / "sealed"
        self._originals = self.root / "originals"
        self._levels = self.root / "levels"

    def of_plugin(self, name: str) -> Path:
        """Return the folder for a plugin's own files, making it where it is not there."""
        folder = self.root / "plugins" / name
        if not folder.is_dir():
            folder.parent.mkdir(mode=0o700, exist_ok=True)  # parents=True would open it to others
            folder.mkdir(mode=0o700, exist_ok=True)
            for each in (folder.parent, folder):
                give(each, self.root)
        return folder

    def create(self) -> None:
        """Make the folder and what stands in it; readable by its owner alone."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        folders = (self.incoming, self.cache, self.instances, self._originals, self._levels)
        for folder in (*folders, self.sealed, self.jobs):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
                give(folder, self.root)

    def require(self, *, sqlite: bool = True) -> None:
        """Insist that a server has been here.

        Args:
            sqlite: whether it kept its database here.

        Raises:
            DataDirError: names the folder that was looked in.
        """
        if not (self.database.is_file() if sqlite else self._originals.is_dir()):
            raise DataDirError(
                f"There is no Helpa data in {self.root}. Start `helpa serve` there first, or name "
                "the folder with --data-dir or HELPA_DATA_DIR."
            )

    def original(self, blob: str) -> Path:
        """Return where the bytes of a blob are."""
        return self._originals / blob[:2] / blob

    def level(self, blob: str, level: Level) -> Path:
        """Return where a level of a blob is."""
        return self._levels / blob[:2] / blob / level.name

    def new_incoming(self) -> Path:
        """Return a name for a file on its way in."""
        return self.incoming / new_id()

    def free_bytes(self) -> int:
        """Return how much room the disk has."""
        return shutil.disk_usage(self.root).free

    def adopt(self, incoming: Path, blob: str) -> None:
        """Make an incoming file the original of a blob, durably; blocks.

        Raises:
            StorageFull: the disk has no room.
        """
        target = self.original(blob)
        with storage_errors():
            with incoming.open("rb") as file:
                os.fsync(file.fileno())
            target.parent.mkdir(mode=0o700, exist_ok=True)
            incoming.rename(target)
            sync_folder(target.parent)
            sync_folder(target.parent.parent)

    def write_level(self, blob: str, level: Level, data: bytes) -> None:
        """Write a level, whole and durable before its name appears; blocks.

        Raises:
            StorageFull: the disk has no room.
        """
        self._write(self.level(blob, level), data)

    def write_original(self, blob: str, data: bytes) -> None:
        """Write the file of a blob, whole and durable before its name appears; blocks.

        Raises:
            StorageFull: the disk has no room.
        """
        self._write(self.original(blob), data)
        sync_folder(self._originals)

    def write_sealed(self, name: str, data: bytes) -> None:
        """Write a sealed file, whole and durable before its name appears; blocks.

        Raises:
            StorageFull: the disk has no room.
        """
        self._write(self.sealed / name, data)

    def _write(self, target: Path, data: bytes) -> None:
        aside = self.new_incoming()
        with storage_errors():
            try:
                with aside.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                aside.rename(target)
                sync_folder(target.parent)
            finally:
                aside.unlink(missing_ok=True)

    def erase(self, blob: str) -> None:
        """Remove the original and the levels of a blob; blocks."""
        self.original(blob).unlink(missing_ok=True)
        shutil.rmtree(self._levels / blob[:2] / blob, ignore_errors=True)

    def erase_levels(self, blob: str) -> None:
        """Remove the levels of a blob; blocks."""
        shutil.rmtree(self._levels / blob[:2] / blob, ignore_errors=True)

    def stored_blobs(self, older_than: float) -> Iterator[str]:
        """Yield ids of blobs that have files last changed before ``older_than`` (epoch seconds)."""
        seen = set()
        for root in (self._originals, self._levels):
            for path in root.glob("??/*"):
                with contextlib.suppress(OSError):
                    if path.stat().st_mtime < older_than and path.name not in seen:
                        seen.add(path.name)
                        yield path.name

    def sweep_incoming(self, older_than: float) -> int:
        """Remove incoming files last changed before ``older_than``; return how many."""
        removed = 0
        for path in self.incoming.iterdir():
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < older_than:
                    path.unlink()
                    removed += 1
        return removed


def give(path: Path, like: Path) -> None:
    """Give what root has made to who owns another folder: the server must be able to use it."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; blocks."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def base_name(name: str) -> str:
    """Return a client's file name without folders and control characters, at most 255 long."""
    plain = PurePosixPath(name.replace("\\", "/")).name
    return "".join(c for c in plain if c.isprintable())[:255]
