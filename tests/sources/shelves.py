"""Places a source may have its pictures, so that one suite holds for every kind."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from fetching.attacker import Attacker, ok

BASE = "/shop/pictures"


class Shelf(Protocol):
    """Where pictures can be put and taken away."""

    name: str

    def table(self) -> dict[str, Any]:
        """Return the members of its kind for ``[[sources]]``."""

    def put(self, path: str, data: bytes) -> None:
        """Have a file there."""

    def remove(self, path: str) -> None:
        """Have it there no more."""

    def fail(self) -> None:
        """Answer nothing from now on."""

    def mend(self) -> None:
        """Answer again."""


class FolderShelf:
    """A folder."""

    name = "files"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    def table(self) -> dict[str, Any]:
        return {"kind": "folder", "path": str(self.folder)}

    def put(self, path: str, data: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(".aside")
        aside.write_bytes(data)
        aside.rename(target)

    def remove(self, path: str) -> None:
        (self.folder / path).unlink()

    def fail(self) -> None:
        self.folder.rename(self.folder.with_name("away"))

    def mend(self) -> None:
        self.folder.with_name("away").rename(self.folder)


class HttpShelf:
    """A web server, with validators."""

    name = "shop"

    def __init__(self, attacker: Attacker) -> None:
        self.attacker = attacker
        self._kept: dict[str, Any] = {}

    def table(self) -> dict[str, Any]:
        return {
            "kind": "http",
            "base_url": self.attacker.url(BASE + "/"),
            "headers": {"Authorization": "Bearer of-the-shop"},
        }

    def put(self, path: str, data: bytes) -> None:
        tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'

        def answer(connection: Any) -> None:
            if self.attacker.header("if-none-match") == tag:
                connection.sendall(b"HTTP/1.1 304 Not Modified\r\n\r\n")
            else:
                connection.sendall(ok(data, f"ETag: {tag}"))

        self.attacker.answers[f"{BASE}/{quote(path)}"] = answer

    def remove(self, path: str) -> None:
        del self.attacker.answers[f"{BASE}/{quote(path)}"]

    def fail(self) -> None:
        self._kept = dict(self.attacker.answers)
        for path in self._kept:
            self.attacker.answers[path] = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"

    def mend(self) -> None:
        self.attacker.answers.update(self._kept)
