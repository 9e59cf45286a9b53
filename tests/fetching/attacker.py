"""A server on loopback that answers as it is told, byte by byte, and a resolver that rebinds."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address

from helpa.core.fetching.addresses import Address

HOST = "127.0.0.1"
OTHER_HOST = "127.0.0.77"
"""Another address of loopback where the same server listens on the same port."""

Answer = bytes | Callable[[socket.socket], None]


def ok(body: bytes, *headers: str) -> bytes:
    """Return a whole answer of 200."""
    head = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    """Return a redirect."""
    return f"HTTP/1.1 {status} Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


@dataclass
class Attacker:
    """A server whose answers are set by path.

    Args:
        port: where it listens.
        scheme: http or https.
        answers: bytes, or a function of the connection, by path.
        requests: heads of the requests that came, in order.
    """

    port: int = 0
    scheme: str = "http"
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """Return the URL of a path."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    def asked(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(head.split(" ")[1].partition("?")[0] == path for head in self.requests)

    def header(self, name: str, number: int = -1) -> str | None:
        """Return a header of a request, or None."""
        for line in self.requests[number].split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    def handle(self, connection: socket.socket) -> None:
        """Answer one request."""
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        text = head.decode("latin-1")
        self.requests.append(text)
        path = text.split(" ")[1].partition("?")[0]
        answer = self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        if callable(answer):
            answer(connection)
        else:
            connection.sendall(answer)


@contextlib.contextmanager
def attacking(context: ssl.SSLContext | None = None) -> Iterator[Attacker]:
    """A running attacker."""
    attacker = Attacker(scheme="https" if context else "http")

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connection: socket.socket = self.request
            connection.settimeout(30)
            with contextlib.suppress(OSError):
                if context is not None:
                    connection = context.wrap_socket(connection, server_side=True)
                with connection:
                    attacker.handle(connection)

    class Threaded(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True
        request_queue_size = 64

    with contextlib.ExitStack() as stack:
        for host in (HOST, OTHER_HOST):
            listener = stack.enter_context(Threaded((host, attacker.port), Handler))
            attacker.port = int(listener.server_address[1])
            thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            stack.callback(listener.shutdown)
        yield attacker


class Names:
    """A resolver that answers from a list, one entry after the other: the last stays.

    Args:
        names: for each name, the lists of addresses it answers in turn.
    """

    def __init__(self, **names: list[list[str]]) -> None:
        self._names = {name.replace("_", "."): list(lists) for name, lists in names.items()}
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int) -> list[Address | None]:
        """Return the next answer for a name.

        Raises:
            OSError: there is no such name.
        """
        self.asked.append(host)
        lists = self._names.get(host)
        if lists is None:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        texts = lists.pop(0) if len(lists) > 1 else lists[0]
        return [None if "%" in text else ip_address(text) for text in texts]
