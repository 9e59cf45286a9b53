"""Messages between the web process and a worker: a JSON head and a body of bytes.

Neither side unpickles anything: a worker that a hostile picture has taken over can send wrong
answers, not code.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

_LENGTHS = struct.Struct("!IQ")
MAX_HEAD = 4 * 2**20

TAKEN = {"taken": True}
"""What a worker sends before it begins a job."""


class Closed(Exception):
    """The other side is gone."""


class Garbled(Closed):
    """The other side sent what is no message; nothing after it can be trusted."""


class Overdue(Exception):
    """The deadline passed before a whole message came."""


def send(sock: socket.socket, head: dict[str, Any], body: bytes = b"") -> None:
    """Send one message.

    Raises:
        Closed: the other side is gone.
    """
    raw = json.dumps(head, separators=(",", ":")).encode()
    try:
        sock.sendall(_LENGTHS.pack(len(raw), len(body)) + raw)
        if body:
            sock.sendall(body)
    except OSError as error:
        raise Closed from error


def receive(
    sock: socket.socket, deadline: float | None = None, max_body: int = 2**28
) -> tuple[dict[str, Any], bytes]:
    """Return the next message.

    Args:
        sock: a stream socket.
        deadline: of ``time.monotonic()``; None waits for ever.
        max_body: longest body taken, in bytes.

    Raises:
        Closed: the other side is gone, or (Garbled) sent what is no message.
        Overdue: the deadline passed.
    """
    head_length, body_length = _LENGTHS.unpack(_exactly(sock, _LENGTHS.size, deadline))
    if head_length > MAX_HEAD or body_length > max_body:
        raise Garbled("a message over the limit")
    try:
        head = json.loads(_exactly(sock, head_length, deadline))
    except (ValueError, RecursionError) as error:
        raise Garbled("a message that is not JSON") from error
    if not isinstance(head, dict):
        raise Garbled("a message that is no JSON object")
    return head, _exactly(sock, body_length, deadline)


def _exactly(sock: socket.socket, count: int, deadline: float | None) -> bytes:
    buffer = bytearray(count)
    view = memoryview(buffer)
    done = 0
    while done < count:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Overdue
            sock.settimeout(left)
        try:
            received = sock.recv_into(view[done:])
        except TimeoutError:
            raise Overdue from None
        except OSError as error:
            raise Closed from error
        if received == 0:
            raise Closed
        done += received
    return bytes(buffer)
