"""A real server in a process of its own, for tests that act as a user would."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from databases import Place
from forks import Forked, may_fork
from helpa.core import tokens
from helpa.core.permissions import DEFAULT_SCOPES

START_SECONDS = 120.0
STOP_SECONDS = 60.0

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Of clients of servers on this machine, which speak no TLS; a client of its own takes 40 ms."""


@dataclass
class Server:
    """A running server.

    Args:
        url: where it is.
        data_dir: its folder.
        process: its process.
        announced: lines shown at the start, by label.
        environment: what it was started with.
    """

    url: str
    data_dir: Path
    process: subprocess.Popen[str] | Forked
    announced: dict[str, str]
    environment: dict[str, str]
    log: list[str] = field(default_factory=list)
    _token: str = ""

    @property
    def token(self) -> str:
        """A token with the default scopes."""
        if not self._token:
            self._token = self.make_token()
        return self._token

    def make_token(self, *scopes: str) -> str:
        """Return a new token, made in this process: a command takes a second."""
        wanted = scopes or DEFAULT_SCOPES
        return self.database.write(lambda c: tokens.create(c, "test", wanted)).text

    @property
    def database(self) -> Place:
        """Where its database is."""
        return Place(self.data_dir / "helpa.sqlite3", self.environment.get("HELPA_DATABASE_URL"))

    def client(self, token: str | None = "", **options: Any) -> httpx2.Client:
        """Return a client; with the default token unless told another, or None for nobody."""
        headers = {"Accept": "*/*"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token or self.token}"
        given = {"base_url": self.url, "timeout": 60, "verify": NO_TLS, **options}
        return httpx2.Client(headers=headers, **given)

    def upload(self, data: bytes, filename: str = "picture.png", **fields: str) -> dict[str, Any]:
        """Upload a picture and return its document."""
        with self.client() as client:
            reply = client.post("/api/images", files={"file": (filename, data)}, data=fields)
        assert reply.status_code == 201, reply.text
        document: dict[str, Any] = reply.json()
        return document

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """Get a path as nobody in particular."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.client(None) as client:
            return client.get(path, headers=named)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)


def environment(**settings: str) -> dict[str, str]:
    """Return this process' environment without Helpa's variables, and with some of them."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HELPA_")}
    return kept | {f"HELPA_{name.upper()}": value for name, value in settings.items()}


def helpa(*args: str, data_dir: Path | None = None, **settings: str) -> str:
    """Run the command line and return its standard output."""
    done = run_helpa(*args, data_dir=data_dir, cwd=None, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_helpa(
    *args: str, data_dir: Path | None = None, cwd: Path | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    named = ["--data-dir", str(data_dir)] if data_dir is not None else []
    return subprocess.run(
        [sys.executable, "-m", "helpa", *args, *named],
        env=environment(**settings),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def start_server(data_dir: Path, **settings: str) -> Server:
    """Start a server, on a free port unless told one; settings as ``limits__queue="5"``."""
    arguments, env = _asked(data_dir, settings)
    if not may_fork(env):
        return _started(_commanded(arguments, env), data_dir, env)
    return _started(Forked(arguments, env), data_dir, env)


def command_server(data_dir: Path, **settings: str) -> Server:
    """Start a server by the command that users give, rather than forked from what is imported."""
    arguments, env = _asked(data_dir, settings)
    return _started(_commanded(arguments, env), data_dir, env)


def _asked(data_dir: Path, settings: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    port = settings.pop("port", "0")
    env = environment(**{"drain_seconds": "0", **settings})
    return ["serve", "--port", port, "--data-dir", str(data_dir)], env


def _commanded(arguments: list[str], env: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "helpa", *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _started(
    process: subprocess.Popen[str] | Forked, data_dir: Path, env: dict[str, str]
) -> Server:
    """Return a server once it says where it is."""
    log: list[str] = []
    assert process.stderr is not None
    threading.Thread(target=_drain, args=(process.stderr, log), daemon=True).start()
    lines: list[str] = []
    assert process.stdout is not None
    ends = time.monotonic() + START_SECONDS
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if "Stop with Ctrl-C" in line or time.monotonic() > ends:
            break
    if not lines or not lines[0].startswith("Helpa is at "):
        process.kill()
        raise AssertionError(f"the server did not start: {lines} {log}")
    threading.Thread(target=_drain, args=(process.stdout, []), daemon=True).start()
    url = lines[0].removeprefix("Helpa is at ").strip()
    announced = {
        label.strip().removesuffix(":"): text.strip()
        for label, text in itertools.pairwise(lines)
        if label.startswith("  ") and label.endswith(":") and text.startswith("    ")
    }
    return Server(url, data_dir, process, announced, env, log)


def stop_server(server: Server) -> None:
    """Stop a server, gently first."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGINT)
        try:
            server.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


@contextmanager
def running_server(data_dir: Path, **settings: str) -> Iterator[Server]:
    """A server that is stopped at the end of the block."""
    server = start_server(data_dir, **settings)
    try:
        yield server
    finally:
        stop_server(server)


def _drain(stream: Any, into: list[str]) -> None:
    with contextlib.suppress(ValueError), stream:
        into.extend(stream)
