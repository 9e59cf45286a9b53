"""Servers forked from a process that has imported Helpa: half of a start's time is imports."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

import helpa
from helpa.core.plugins.manager import installed

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["helpa.core.cli.serve", *sorted(point.module for point in installed().values())]
)

READ_AT_START = ("PYTHON", "LD_", "MALLOC_", "GLIBC_", "VIPS_", "OMP_")
"""How variables begin that the interpreter or a library reads when a process begins."""


# Servers that keep no bytecode compile the whole project at each of some hundred starts.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

FIRST = dict(os.environ)
"""The variables of the process that servers are forked from."""


def may_fork(environment: Mapping[str, str]) -> bool:
    """Return whether a forked process is as one started with an environment."""

    def read(variables: Mapping[str, str]) -> dict[str, str]:
        return {k: v for k, v in variables.items() if k.startswith(READ_AT_START)}

    return read(environment) == read(FIRST)


class Forked:
    """A process that runs Helpa's command line, with the methods of a subprocess that tests use.

    Args:
        arguments: of the command line.
        environment: all of its variables.

    Attributes:
        stdout: what it writes.
        stderr: what it writes there.
    """

    stdout: IO[str]
    stderr: IO[str]

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        readers, writers = zip(*(FORKS.Pipe(duplex=False) for _ in range(2)), strict=True)
        # A daemon, so that one that a test left behind ends with the tests.
        self._process = FORKS.Process(
            target=_run, args=(list(arguments), dict(environment), *writers), daemon=True
        )
        self._process.start()
        for writer in writers:
            writer.close()
        self.stdout, self.stderr = (_file(reader) for reader in readers)
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """As of a subprocess: None while it runs, the negative number of a signal that ended it."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return how it ended, or None."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return how it was.

        Raises:
            subprocess.TimeoutExpired: it did not end in time.
        """
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("helpa", timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def _file(reader: Connection) -> IO[str]:
    with reader:
        return os.fdopen(os.dup(reader.fileno()), encoding="utf-8")


def _run(
    arguments: list[str], environment: dict[str, str], stdout: Connection, stderr: Connection
) -> None:
    """Be the command line, in a process of its own."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    tempfile.tempdir = None
    for connection, descriptor in ((stdout, 1), (stderr, 2)):
        os.dup2(connection.fileno(), descriptor)
        connection.close()
    sys.argv = [str(Path(helpa.__file__).with_name("__main__.py")), *arguments]
    from helpa.core.cli import main

    main()
