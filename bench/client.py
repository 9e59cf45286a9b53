"""An HTTP client on the loopback interface: single requests, and bursts of them."""

import http.client
import socket
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

HOST = "127.0.0.1"
PATIENCE = 60.0


@dataclass(frozen=True)
class Reply:
    """An answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class RefusedError(Exception):
    """A server answered something else than 200 or 201."""


@dataclass
class Burst:
    """What a burst took: its whole time and each request's, in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(
    port: int,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send one request on a connection of its own and read the answer to its end."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        content = response.read()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, names, content)
    except http.client.HTTPException as error:
        raise OSError(f"{method} {path}: {error!r}") from error
    finally:
        connection.close()


def checked(port: int, path: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Fetch ``path`` and refuse every answer that is not 200 with a body."""
    reply = fetch(port, path, headers=headers)
    if reply.status != 200 or not reply.body:
        raise RefusedError(f"{path}: {reply.status} {reply.body[:300]!r}")
    return reply


def burst(port: int, paths: Sequence[str], concurrency: int) -> Burst:
    """Ask for all ``paths`` with so many clients, each taking the next path when it is free.

    Every request opens its own connection: a server of several processes then spreads them, while
    kept connections may all sit on one of them.
    """
    waiting = deque(paths)
    result = Burst()
    failures: list[Exception] = []
    ready = threading.Barrier(concurrency + 1)

    def client() -> None:
        ready.wait()
        while not failures:
            try:
                path = waiting.popleft()
            except IndexError:
                return
            begin = time.perf_counter()
            try:
                checked(port, path)
            except (OSError, RefusedError) as error:
                failures.append(error)
                return
            result.latencies.append(time.perf_counter() - begin)

    threads = [threading.Thread(target=client, daemon=True) for _ in range(concurrency)]
    for thread in threads:
        thread.start()
    ready.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - begin
    if failures:
        raise failures[0]
    return result
