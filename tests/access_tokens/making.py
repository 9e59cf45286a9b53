"""People with tokens and sessions, and access tokens of theirs: true ones and forged ones."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import httpx2
from joserfc import jws
from joserfc.jwk import ECKey

from helpa.core import tokens
from helpa.core.accounts import Accounts
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from helpa.core.credentials import IssuedToken
from helpa.core.ids import new_id
from serving import Server


class Community:
    """A server whose first account is the administrator's.

    Args:
        server: where.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.accounts = Accounts(Journal())
        self.add("admin")

    def add(self, role: str) -> str:
        """Make an account; its id."""
        email = f"{new_id()}@example.org"
        return self.server.database.write(
            lambda c: self.accounts.create(c, COMMAND_LINE, email=email, name="Ann", role=role).id
        )

    def token(self, account: str, *scopes: str, **given: Any) -> IssuedToken:
        """Make a token of an account."""
        return self.server.database.write(
            lambda c: tokens.create(c, "test", scopes, owner=account, **given)
        )

    def session(self, account: str) -> IssuedToken:
        """Make a session of an account."""
        return self.token(account, kind="session", expires_in=3600)

    def ask(self, token: str, **asked: Any) -> httpx2.Response:
        """Ask for an access token with a token."""
        with self.server.client(token) as client:
            return client.post("/api/access-tokens", json={"scopes": ["images:read"], **asked})

    def made(self, token: str, **asked: Any) -> str:
        """Return an access token."""
        reply = self.ask(token, **asked)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["access_token"])

    def list(self, access_token: str) -> httpx2.Response:
        """List images with an access token."""
        with self.server.client(access_token) as client:
            return client.get("/api/images")

    @property
    def key_file(self) -> Path:
        return self.server.data_dir / "plugins" / "jwt" / "keys.json"

    def key(self) -> tuple[str, ECKey]:
        """Return the name of the key that signs, and the key."""
        first = json.loads(self.key_file.read_text())["keys"][0]
        return first["kid"], ECKey.import_key(first["key"])


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a token says, unchecked."""
    head, claims = (
        json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]
    )
    return head, claims


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def signed(
    key: Any, header: dict[str, Any], claims: dict[str, Any], algorithm: str = "ES256"
) -> str:
    """Sign whatever it is, of which a library would refuse some."""
    text = f"{part({'alg': algorithm, **header})}.{part(claims)}"
    signature = jws.JWSRegistry.algorithms[algorithm].sign(text.encode(), key)
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def now() -> int:
    return int(time.time())
