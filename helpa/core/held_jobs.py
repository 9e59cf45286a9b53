"""The jobs that a process has begun, in a file, for others to go on at once where it was killed.

Without it they wait for the lease, and with them, say, an upload that was redacted waits to be
erased.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from helpa.core import lockfiles
from helpa.core.database.jobs import Claimed
from helpa.core.ids import new_id


class HeldJobs:
    """The file of this process, and those of others.

    Args:
        folder: of the files; None keeps none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._descriptor: int | None = None
        self._begun: set[str] = set()
        self._turn = threading.Lock()  # claims are made in a thread of the database

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the file while the block runs, where the disk has room for it."""
        with contextlib.ExitStack() as stack:
            if self._folder is not None:
                with contextlib.suppress(OSError):
                    file = lockfiles.locked(self._folder / new_id())
                    self._descriptor = stack.enter_context(file)
            try:
                yield
            finally:
                self._descriptor = None

    @contextlib.contextmanager
    def holding(self) -> Iterator[Callable[[Claimed], None]]:
        """Yield what has a job in the file until the block ends.

        It is to be called before the claim is committed: a process that is killed right after that
        has it in the file then. One that was begun before is left to its lease: perhaps it is what
        kills processes.
        """
        noted: set[str] = set()

        def note(job: Claimed) -> None:
            if job.attempts == 1:
                with self._turn:
                    noted.add(job.id)
                    self._begun.add(job.id)
                    self._write(f"{job.id}\n")

        try:
            yield note
        finally:
            if noted:
                with self._turn:
                    self._begun -= noted
                    if not self._begun:
                        self._empty()

    def _write(self, text: str) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.lseek(self._descriptor, 0, os.SEEK_END)
                os.write(self._descriptor, text.encode())

    def _empty(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, len(lockfiles.machine()))

    def left(self) -> list[str]:
        """Return the ids of jobs whose processes are gone, once; blocks."""
        found: list[str] = []
        for path in self._folder.glob("*") if self._folder is not None else ():
            found += (lockfiles.ended(path) or b"").decode("ascii", "replace").split()
        return found
