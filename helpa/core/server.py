"""uvicorn, with what it lacks: draining before the listener closes, and time limits on heads."""

from __future__ import annotations

import asyncio
import errno
import gc
import json
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from helpa.core.app import Helpa
from helpa.core.delivery import Delivery
from helpa.core.errors import (
    HeadTooLarge,
    InvalidValue,
    RequestError,
    RequestTimeout,
    SettingsError,
)
from helpa.core.middleware import SHIELD
from helpa.core.problems import problem_headers
from helpa.core.ready import Ready

log = structlog.get_logger("helpa.server")

KEEP_ALIVE_SECONDS = 75
"""Longer than the idle time of usual load balancers (60 s), so that they close first."""

HEAD_BYTES = 64 * 2**10
"""A longer head of a request is refused: the parser itself would take any number of headers."""

GRACE_SECONDS = 30
BACKLOG = 2048


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        SettingsError: the address cannot be had; says why in a line.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = (
            "something else listens there"
            if error.errno == errno.EADDRINUSE
            else (error.strerror or "")
        )
        raise SettingsError(
            f"Cannot listen on {host}:{port}: {reason}. Name another port with --port."
        ) from None
    listener.setblocking(False)
    return listener


class ReadyProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with ready answers in front of it and limits on slow heads.

    A ready answer is written to the socket at once: no task, no ASGI messages, no headers put
    together again. That is 1.5 times as fast as the barest ASGI callable; what is not ready goes
    the usual way, and another server than uvicorn gets the same answers through ASGI.

    A timer for each request head would cost more than the answer does, so the connection notes
    since when it waits and the server looks through the connections once in a while.
    """

    head_since: float | None = None
    head_bytes = 0
    delivery: Delivery

    def connection_made(self, transport: Any) -> None:  # noqa: D102
        super().connection_made(transport)
        self.head_since = self.loop.time()

    def on_message_begin(self) -> None:  # noqa: D102
        super().on_message_begin()
        self.head_since = self.loop.time()
        self.head_bytes = 0

    def data_received(self, data: bytes) -> None:  # noqa: D102
        super().data_received(data)
        if self.head_since is not None and not self.transport.is_closing():
            self.head_bytes += len(data)
            if self.head_bytes > HEAD_BYTES:
                self.send_400_response("")

    def on_headers_complete(self) -> None:
        """Refuse what the parser takes and HTTP does not; what is raised here is answered 400."""
        self.head_since = None
        size = hosts = 0
        for name, value in self.headers:  # once, for every request comes by here
            size += len(name) + len(value)
            if name == b"host":
                hosts += 1
        self.head_bytes = size
        if size > HEAD_BYTES:
            raise ValueError("too long a head")
        # RFC 9112, 3.2: exactly one Host. Two would be read differently by a proxy in front.
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            raise ValueError("not one Host")
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.scope["path"].startswith(self.delivery.prefixes) and not cycle.flow.write_paused:
            ready, unchanged = self.delivery.look_up(cycle.scope)  # type: ignore[arg-type]
            if ready is not None:
                self._write_ready(cycle, ready, unchanged)
                return
        super()._start_asgi_task(cycle, app)

    def _write_ready(self, cycle: RequestResponseCycle, ready: Ready, unchanged: bool) -> None:
        head = [ready.wire[unchanged]]
        head += [b"%b: %b\r\n" % header for header in cycle.default_headers]
        head.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
        body = b"" if unchanged or cycle.scope["method"] == "HEAD" else ready.body["body"]
        self.transport.write(b"".join((*head, body)))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Answer what is no HTTP, or has too long a head, as a problem document, and close."""
        error: RequestError = InvalidValue("This is no HTTP request that can be answered.")
        if self.head_bytes > HEAD_BYTES:
            error = HeadTooLarge(f"The head of the request is longer than {HEAD_BYTES} bytes.")
        self._refuse(error)

    def close_late(self, before: float) -> None:
        """Answer 408 and close, where the head began before a moment and is not complete."""
        if self.head_since is None or self.head_since > before or self.transport.is_closing():
            return
        self._refuse(RequestTimeout("The head of the request did not arrive in time."))

    def _refuse(self, error: RequestError) -> None:
        body = json.dumps(error.problem()).encode()
        headers = [*problem_headers(error, body), *SHIELD[:2], (b"connection", b"close")]
        lines = [name + b": " + value for name, value in headers]
        status = f"HTTP/1.1 {error.status} {error.title}".encode()
        self.transport.write(b"\r\n".join((status, *lines, b"", body)))
        self.transport.close()


class Server(uvicorn.Server):
    """Serves until told to stop; on SIGTERM it first lets load balancers notice.

    Args:
        app: the application.
        on_start: called once it listens.
    """

    def __init__(self, app: Helpa, on_start: Callable[[], None]) -> None:
        settings = app.settings
        self._app = app
        self._on_start = on_start
        self._drain_seconds = settings.drain_seconds
        self._header_seconds = settings.limits.header_seconds
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http=type("Protocol", (ReadyProtocol,), {"delivery": app.asgi}),
                ws="none",
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            # What is there now stays: collecting it again and again is a cost to every request.
            gc.collect()
            gc.freeze()
            self._on_start()

    async def on_tick(self, counter: int) -> bool:
        """Look after the connections now and then; uvicorn calls this ten times a second."""
        if counter % 5 == 0:
            before = asyncio.get_running_loop().time() - self._header_seconds
            for connection in list(self.server_state.connections):
                if isinstance(connection, ReadyProtocol):
                    connection.close_late(before)
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Begin to drain on SIGTERM; stop at once on SIGINT, or when asked twice.

        uvicorn would raise the signal again in the end; a server that was asked to stop and did
        has not failed. A handler runs between any two steps of the main thread, so it only leaves
        word: a log line written here could wait for ever for the lock of the one it interrupted.
        """
        first = self.started and not self.should_exit and self._app.not_ready() != "draining"
        if sig == signal.SIGTERM and first and self._drain_seconds > 0:
            self._app.drain()
            self._loop.call_soon_threadsafe(self._drain)
            return
        if self.should_exit:
            self.force_exit = True
        self._stop()

    def _drain(self) -> None:
        self._loop.call_later(self._drain_seconds, self._stop)
        log.info("server.draining", seconds=self._drain_seconds)

    def _stop(self) -> None:
        self._app.drain()  # streams of events end by it
        self.should_exit = True
