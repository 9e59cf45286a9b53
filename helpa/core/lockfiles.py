"""Lock files, by which processes on one machine tell that another was killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

MOST_BYTES = 1 << 20


def machine() -> bytes:
    """Return what tells this running system from any other: a lock is seen on one alone."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_bytes()
    except OSError:
        return socket.gethostname().encode() + b"\n"


@contextlib.contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock of a file, which the kernel lets go however the process ends.

    Yields:
        The descriptor of the file, which begins with what :func:`machine` says.
    """
    path.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(descriptor, machine())
        yield descriptor
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def ended(path: Path) -> bytes | None:
    """Return what a process wrote into its lock file where it is gone, and remove that; else None.

    None as well where it ran on another machine: a folder may be shared between machines that do
    not see each other's locks.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        own = machine()
        # Before the lock is tried: who has just made the file is about to take it.
        if os.read(descriptor, len(own)) != own:
            return None
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        written = os.read(descriptor, MOST_BYTES)
    except OSError:
        return None
    else:
        path.unlink(missing_ok=True)
        return written
    finally:
        os.close(descriptor)
