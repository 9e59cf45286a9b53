"""Handles of the nursery and of one worker, as the supervisor holds them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

from helpa.core.workers import wire

START_SECONDS = 60.0
FORK_SECONDS = 5.0

PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "LD_PRELOAD", "LD_LIBRARY_PATH", "FONTCONFIG_PATH",
             "FONTCONFIG_FILE", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "HOME")  # fmt: skip
"""Variables a worker may see; everything else, secrets first of all, stays outside."""


class NeverBegun(Exception):
    """A worker died before it took its job, so the job is not to blame."""


class StartFailed(Exception):
    """The nursery or a worker could not be started."""


def clean_environment() -> dict[str, str]:
    """Return the environment that workers run in."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return environment | {
        "VIPS_CONCURRENCY": "1",
        "VIPS_BLOCK_UNTRUSTED": "1",
        "VIPS_DISC_THRESHOLD": "100g",  # workers may write no files
        "OMP_THREAD_LIMIT": "1",
        "MALLOC_ARENA_MAX": "2",  # 210 MB idle instead of 539 MB, at equal speed
    }


@dataclass
class WorkerProcess:
    """A running worker: its pid, pidfd and socket."""

    pid: int
    pidfd: int | None
    sock: socket.socket
    jobs: int = 0

    def kill(self) -> None:
        """Send SIGKILL, to this process and no other that may have got its number since."""
        with contextlib.suppress(OSError):
            if self.pidfd is not None:
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            else:
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Let go of it; a worker whose socket closes ends by itself."""
        self.sock.close()
        if self.pidfd is not None:
            with contextlib.suppress(OSError):
                os.close(self.pidfd)
            self.pidfd = None


class Nursery:
    """The process that workers are forked from; started again when it is gone.

    Args:
        preload: import paths of the functions that draw and encode.
        memory: address space of a worker, in bytes.
    """

    def __init__(self, preload: list[str], memory: int) -> None:
        self._options = json.dumps({"preload": preload, "memory": memory})
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.restarts = 0
        self.failures: dict[str, str] = {}

    def start(self) -> None:
        """Start the process and wait until its codecs are loaded.

        Raises:
            StartFailed: it ended or did not answer.
        """
        with self._lock:
            self._start()

    def _start(self) -> None:
        self._stop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [
                    sys.executable,
                    "-m",
                    "helpa.core.workers.nursery",
                    str(theirs.fileno()),
                    self._options,
                ],
                env=clean_environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._control = ours
        message, _ = self._receive(START_SECONDS)
        self.failures = json.loads(message)["failures"]

    def fork(self) -> WorkerProcess:
        """Return a new worker.

        Raises:
            StartFailed: none could be had.
        """
        with self._lock:
            for attempt in (1, 2):
                try:
                    return self._fork()
                except (OSError, StartFailed):
                    if attempt == 2:
                        raise StartFailed("the nursery forks no worker") from None
                    self.restarts += 1
                    self._start()
            raise AssertionError("unreachable")

    def _fork(self) -> WorkerProcess:
        if self._control is None:
            raise StartFailed("the nursery is not running")
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"fork"], [theirs.fileno()])
            message, descriptors = self._receive(FORK_SECONDS)
        except (OSError, StartFailed):
            ours.close()
            raise
        return WorkerProcess(
            json.loads(message)["pid"], descriptors[0] if descriptors else None, ours
        )

    def _receive(self, seconds: float) -> tuple[bytes, list[int]]:
        assert self._control is not None
        self._control.settimeout(seconds)
        buffer, descriptors = b"", []
        while not buffer.endswith(b"\n"):
            try:
                piece, received, _, _ = socket.recv_fds(self._control, 65536, 1)
            except OSError as error:
                raise StartFailed("the nursery does not answer") from error
            if not piece:
                raise StartFailed("the nursery ended")
            buffer += piece
            descriptors += received
        return buffer, descriptors

    def stop(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._process = None

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid if self._process else None


def run(
    worker: WorkerProcess, head: dict[str, Any], timeout: float
) -> tuple[dict[str, Any], bytes]:
    """Give a worker a job and return its reply.

    Raises:
        NeverBegun: the worker was gone before it took the job.
        wire.Closed: the worker died, or answered nonsense.
        wire.Overdue: the deadline passed.
    """
    deadline = time.monotonic() + timeout
    worker.sock.settimeout(timeout)
    worker.jobs += 1
    try:
        wire.send(worker.sock, head)
        taken, _ = wire.receive(worker.sock, deadline)
    except wire.Garbled:
        raise
    except wire.Closed as error:
        raise NeverBegun from error
    if taken != wire.TAKEN:
        raise wire.Closed("a reply without its beginning")
    reply, body = wire.receive(worker.sock, deadline)
    if not _is_reply(reply):
        raise wire.Closed("a reply that is none")
    return reply, body


def _is_reply(head: dict[str, Any]) -> bool:
    """Whether a head is one a sound worker sends; one taken over by a picture may send others."""
    error = head.get("error")
    if not isinstance(head.get("rss"), int):
        return False
    if error is None:
        return True
    return isinstance(error, dict) and all(
        isinstance(error.get(name), str) for name in ("code", "detail", "field", "given", "allowed")
    )
