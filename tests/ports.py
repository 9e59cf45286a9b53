"""Ports for programs that must be told one."""

from __future__ import annotations

import os
import random
import socket

SPAN = 2000


def free_port() -> int:
    """Return a port that nothing listens on, and that nothing is given by chance.

    It lies below those that Linux hands out (32768 and up): one of those may be somebody's by
    the time that it is used, and a client that tries it can be connected to itself. Each worker
    of pytest-xdist has a range of its own.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 12_000 + worker % 10 * SPAN
    while True:
        port = random.SystemRandom().randrange(first, first + SPAN)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
