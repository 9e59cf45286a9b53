"""The process that workers are forked from: small, clean, with the codecs already loaded.

It is started with an environment that holds no secrets and with one inherited descriptor, its
control socket. For every message on it, it forks a worker around the socket that came with the
message and answers with the worker's pid and pidfd. It never decodes anything itself. When the
web process goes away it kills its workers and ends.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import json
import os
import resource
import signal
import socket
import sys
from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
MESSAGE = 65536


def main() -> None:
    """Serve the control socket named by the first argument."""
    control = socket.socket(fileno=int(sys.argv[1]))
    options: dict[str, Any] = json.loads(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Ended workers need no waiting for; their supervisors see the socket close.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    failures = preload(options["preload"])
    gc.collect()
    gc.freeze()
    control.sendall(json.dumps({"failures": failures}).encode() + b"\n")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE, 1)
        if not message or not descriptors:
            return  # workers end with us: PR_SET_PDEATHSIG
        pid = os.fork()
        if pid == 0:
            become_worker(control, descriptors[0], options)
        os.close(descriptors[0])
        answer(control, pid)


def answer(control: socket.socket, pid: int) -> None:
    """Send a worker's pid and, where the system has them, its pidfd."""
    descriptors: list[int] = []
    with contextlib.suppress(OSError, AttributeError):
        descriptors = [os.pidfd_open(pid)]
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
    control.sendmsg([json.dumps({"pid": pid}).encode() + b"\n"], ancillary if descriptors else [])
    for descriptor in descriptors:
        os.close(descriptor)


def preload(paths: list[str]) -> dict[str, str]:
    """Import what workers need; return the reason for each import path that fails."""
    from helpa.core.pixels.render import load_function
    from helpa.core.workers import worker

    worker.configure()
    failures: dict[str, str] = {}
    for path in paths:
        try:
            load_function(path)
        except Exception as error:  # noqa: BLE001  whatever a plugin's module raises is reported
            failures[path] = f"{type(error).__name__}: {error}"
    return failures


def become_worker(control: socket.socket, descriptor: int, options: dict[str, Any]) -> NoReturn:
    """Drop what a worker must not have, and work until the socket closes."""
    status = 1
    try:
        control.close()
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        memory = int(options["memory"])
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        from helpa.core.workers import worker

        worker.serve(socket.socket(fileno=descriptor))
        status = 0
    finally:
        os._exit(status)


def prctl(option: int, value: int) -> None:
    """Call Linux' prctl; other systems have none and go without."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    main()
