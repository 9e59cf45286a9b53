"""What tests of a real server share: its numbers, its files, raw connections, problems."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from serving import Server


def metric(server: Server, name: str, **labels: str) -> float:
    """Return the sum of a metric's samples whose labels include those given."""
    text = server.get("/metrics").text
    found = 0.0
    for line in text.splitlines():
        match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if match is None or match[1] != name:
            continue
        have = dict(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
        if labels.items() <= have.items():
            found += float(match[3])
    return found


def encodes(server: Server) -> float:
    """Return how many renditions the workers have encoded."""
    return metric(server, "helpa_encode_seconds_count")


def files_in(folder: Path) -> list[Path]:
    """Return every file below a folder, which may change meanwhile."""
    paths = (Path(parent) / name for parent, _, names in os.walk(folder) for name in names)
    return sorted(path for path in paths if path.is_file())


def contents(folder: Path) -> dict[Path, bytes]:
    """Return what stands in the files below a folder, but those that go while it is read."""
    found = {}
    for path in files_in(folder):
        with suppress(FileNotFoundError):
            found[path] = path.read_bytes()
    return found


def incoming(server: Server) -> list[Path]:
    """Return the files that are on their way in."""
    return files_in(server.data_dir / "incoming")


def originals(server: Server) -> list[Path]:
    """Return the stored uploads."""
    return files_in(server.data_dir / "originals")


def wait_until(holds: Callable[[], Any], seconds: float = 15.0, every: float = 0.05) -> bool:
    """Wait until something holds; whether it did before the deadline."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if holds():
            return True
        time.sleep(every)
    return bool(holds())


def timed(work: Callable[[], Any]) -> float:
    """Return how many seconds something takes, here and now: what is usual on a busy machine."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def problem(reply: httpx2.Response, status: int) -> dict[str, Any]:
    """Insist that a reply is a problem document (RFC 9457) of a status; return its members."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    members: dict[str, Any] = reply.json()
    assert members["status"] == status
    assert members["type"]
    assert members["title"]
    assert members["detail"]
    assert "Traceback" not in reply.text
    return members


def connect(server: Server) -> socket.socket:
    """Return a bare connection to a server."""
    parts = urlsplit(server.url)
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=30)


def read_all(connection: socket.socket, seconds: float = 30.0) -> bytes:
    """Return what comes on a connection until the other side closes it."""
    ends = time.monotonic() + seconds
    received = b""
    while time.monotonic() < ends:
        connection.settimeout(max(0.01, ends - time.monotonic()))
        try:
            piece = connection.recv(65536)
        except (ConnectionResetError, TimeoutError):
            break
        if not piece:
            break
        received += piece
    return received


def read_head(connection: socket.socket, seconds: float = 30.0) -> bytes:
    """Return the head of one reply."""
    connection.settimeout(seconds)
    received = b""
    with suppress(TimeoutError, ConnectionResetError):
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65536)
            if not piece:
                break
            received += piece
    return received


def head_of(server: Server, lines: Iterable[str], token: bool = True) -> bytes:
    """Return the head of a hand-made request."""
    listed = [*lines, f"Host: {urlsplit(server.url).netloc}"]
    if token:
        listed.append(f"Authorization: Bearer {server.token}")
    return ("\r\n".join(listed) + "\r\n\r\n").encode()


def status_of(reply: bytes) -> int:
    """Return the status of a raw reply."""
    match = re.match(rb"HTTP/1\.1 (\d{3}) ", reply)
    assert match is not None, reply[:200]
    return int(match[1])


def multipart(parts: Iterable[tuple[str, bytes]], boundary: str = "frontier") -> bytes:
    """Return a multipart body of (content-disposition parameters, data)."""
    body = b""
    for disposition, data in parts:
        body += f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode()
        body += data + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()
