"""Making signed links in tests: by the API, or by hand with the server's own key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from click.testing import CliRunner

from helpa.core.cli import main
from helpa.core.keyfile import read
from helpa.core.signing import Keyring, canonical_query
from serving import Server


def path_of(url: str) -> str:
    """Return a URL without scheme and host."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def ask(
    server: Server, image: str, token: str = "", headers: dict[str, str] | None = None, **body: Any
) -> httpx2.Response:
    """Ask the API for a link."""
    with server.client(token) as client:
        return client.post(f"/api/images/{image}/links", json=body, headers=headers)


@dataclass(frozen=True)
class Done:
    """What a command did."""

    returncode: int
    stdout: str
    stderr: str


def command(*args: str, data_dir: Path) -> Done:
    """Run the command line in this process: one of its own takes seconds on a busy machine."""
    result = CliRunner().invoke(main, [*args, "--data-dir", str(data_dir)])
    return Done(result.exit_code, result.stdout, result.stderr)


def make(server: Server, image: str, **body: Any) -> tuple[str, str]:
    """Have the API make a link; return its path with the query, and its id."""
    reply = ask(server, image, **body)
    assert reply.status_code == 201, reply.text
    return path_of(reply.json()["url"]), reply.json()["id"]


def signature(server: Server, image: str, texts: dict[str, str], grant: str, epoch: int) -> str:
    """Return a signature by the server's own key file."""
    signed = {n: v for n, v in texts.items() if grant != "v" or n == "exp"}
    return str(Keyring(read(server.data_dir / "signing.key")).sign(grant, image, epoch, signed))


def by_hand(
    server: Server, image: str, grant: str = "e", epoch: int = 1, **texts: str | int
) -> str:
    """Return the path and query of a link signed with the server's own key file."""
    said = {name: str(value) for name, value in texts.items()}
    made = signature(server, image, said, grant, epoch)
    return f"/img/{image}?{'&'.join(filter(None, [canonical_query(said), f'sig={made}']))}"
