"""Disks that are full."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of a few megabytes; only root may mount one, others skip the test."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    ) if os.geteuid() == 0 else None  # fmt: skip
    if made is None or made.returncode:
        pytest.skip(f"A DISK THAT IS REALLY FULL WAS NOT TESTED: cannot mount ({made})")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(ballast: Path, left: int) -> None:
    """Let a file take all but some bytes of its disk."""
    ballast.unlink(missing_ok=True)
    state = os.statvfs(ballast.parent)
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        for _ in range(max(0, state.f_bavail - left // state.f_frsize)):
            file.write(bytes(state.f_frsize))
