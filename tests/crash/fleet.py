"""Several server processes on one database and one data directory."""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from sqlalchemy import text

from pictures import encode, photograph
from plugins.workshop import Workshop
from serving import NO_TLS, Server, start_server, stop_server

MAX_AGE = 2.0
"""revocation_max_age of every server."""

EDGE = 2
"""The number of the server that has an edge cache in front, as it is told."""

SLOW = """
from typing import Annotated
from helpa import Frame, Operation, Parameter, Stage, Step, hookimpl

def held(
    frame: Frame, *, held: Annotated[int, Parameter("By which file.", ge=0, le=9999)] = 0
) -> Step | None:
    return Step({"by": held}, frame.size) if held else None

@hookimpl
def register_operations():
    return [Operation("held", stage=Stage.EFFECT, plan=held, draw="ext_slow.drawing:held")]
"""

DRAWING = """
import os, time

def held(image, args, _):
    while os.path.exists("{folder}/" + str(args["by"])):
        time.sleep(0.02)
    return image
"""


class Wire:
    """A TCP connection to a database that can be cut, as a network would: silently.

    Args:
        port: of the server behind it, on loopback.
    """

    def __init__(self, port: int) -> None:
        self._behind = port
        self._whole = threading.Event()
        self._whole.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        self._whole.set()

    def close(self) -> None:
        self.mend()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._behind))
            except OSError:
                return
            threading.Thread(target=self._pump, args=(client, server), daemon=True).start()

    def _pump(self, *ends: socket.socket) -> None:
        others = dict(zip(ends, reversed(ends), strict=True))
        with contextlib.suppress(OSError), ends[0], ends[1]:
            while True:
                ready, _, _ = select.select(ends, [], [])
                self._whole.wait()
                for each in ready:
                    data = each.recv(65536)
                    if not data:
                        return
                    others[each].sendall(data)


@dataclass
class Fleet:
    """The servers, and what they share.

    Args:
        servers: those that run.
        start: starts one more, like the others or with settings.
        wire: between the last server and PostgreSQL, or None on SQLite.
        holds: a render with ``held=7`` ends when the file ``7`` in there is gone.
    """

    servers: list[Server]
    start: Callable[..., Server]
    wire: Wire | None
    holds: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def upload(self, **fields: str) -> str:
        """Upload a picture that is not there yet through the first server; return its id."""
        picture = photograph(640, 480, seed=next(self._numbers) + time.time_ns() % 10**6)
        document = self.servers[0].upload(encode(picture, "JPEG"), **fields)
        return str(document["id"])

    @contextmanager
    def holding(self, number: int) -> Iterator[None]:
        """Hold renders with ``held=<number>`` for the block."""
        file = self.holds / str(number)
        file.touch()
        try:
            yield
        finally:
            file.unlink()

    def ran_out(self) -> bool:
        """Whether there is a lease that nobody renewed in time."""
        first = self.servers[0].database.read(
            lambda c: c.execute(text("SELECT min(lease_until) FROM instances")).scalar_one()
        )
        return int(first) <= time.time() * 1000

    def instances(self) -> int:
        """How many rows of leases there are."""
        count = self.servers[0].database.read(
            lambda c: c.execute(text("SELECT count(*) FROM instances")).scalar_one()
        )
        return int(count)


@contextmanager
def running_fleet(
    folder: Path, workshop: Workshop, database_url: str | None, count: int = 3
) -> Iterator[Fleet]:
    """Servers that are stopped at the end of the block; the last has the wire."""
    holds = folder / "holds"
    holds.mkdir()
    workshop.install("slow", SLOW, drawing=DRAWING.format(folder=holds))
    settings = {
        "limits__render_seconds": "60",
        "plugins": workshop.plugins,
        "revocation_max_age": str(MAX_AGE),
        "rates__token": "0",
        "rates__address": "0",
    }
    wire = None
    if database_url is not None:
        wire = Wire(int(urlsplit(database_url).port or 0))

    def start(number: int = 0, **more: str) -> Server:
        wanted = {**settings, **more}
        if number == EDGE:
            wanted["delivery__edge_max_age"] = "600"
        if database_url is not None:
            assert wire is not None
            port = str(urlsplit(database_url).port)
            last = number == count - 1
            wanted["database_url"] = (
                database_url.replace(port, str(wire.port)) if last else database_url
            )
        return start_server(folder / "var", **wanted)

    servers = [start(0)]
    try:
        with ThreadPoolExecutor() as pool:
            servers += pool.map(start, range(1, count))
        assert servers[0].token
        for each in servers[1:]:
            each._token = servers[0].token
        yield Fleet(servers, start, wire, holds)
    finally:
        if wire is not None:
            wire.mend()
        for each in servers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each.process.pid, signal.SIGCONT)
        with ThreadPoolExecutor() as pool:
            list(pool.map(stop_server, servers))
        if wire is not None:
            wire.close()


@dataclass
class Asked:
    """A request that was made: when it began, and what came of it."""

    began: float
    status: int
    server: int


class Hammer:
    """Threads that ask every server for some paths, with and without an ETag, until stopped."""

    def __init__(self, servers: list[Server], path: str, etag: str) -> None:
        self.asked: list[Asked] = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(number, server, path, headers))
            for number, server in enumerate(servers)
            for headers in ({}, {"If-None-Match": etag})
        ]

    def __enter__(self) -> Hammer:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        for each in self._threads:
            each.join()

    def _run(self, number: int, server: Server, path: str, headers: dict[str, str]) -> None:
        with httpx2.Client(
            base_url=server.url, timeout=30, headers=headers, verify=NO_TLS
        ) as client:
            while not self._stop.is_set():
                began = time.monotonic()
                status = client.get(path).status_code
                self.asked.append(Asked(began, status, number))
