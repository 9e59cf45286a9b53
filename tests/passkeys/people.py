"""People with accounts and browsers, at a server that is reached as localhost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text

from helpa.core import tokens
from helpa.core.accounts import Accounts
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from helpa.core.credentials import IssuedToken
from helpa.core.ids import new_id
from passkeys.authenticator import Authenticator
from ports import free_port
from serving import NO_TLS, Server, running_server
from web.visitors import form_token, local_url

ACCOUNTS = Accounts(Journal())


@contextmanager
def running_site(data_dir: Path, origin: str = "", **settings: str) -> Iterator[Server]:
    """A server that is reached as localhost, with an administrator.

    Args:
        data_dir: its folder.
        origin: where another instance is reached that this one stands beside.
        settings: of the server.
    """
    port = "0" if origin else str(free_port())
    where = origin or f"http://localhost:{port}"
    # The tests send more wrong answers a minute than anybody who guesses may.
    given = {"rates__failures": "0", "rates__signin_address": "0", **settings}
    with running_server(data_dir, port=port, public_url=where, **given) as server:
        if server.database.read(lambda c: ACCOUNTS.empty(c)):
            account(server, "admin")
        yield server


def account(server: Server, role: str = "member") -> str:
    """Make an account; its id."""
    email = f"{new_id()}@example.org"
    return server.database.write(
        lambda c: ACCOUNTS.create(c, COMMAND_LINE, email=email, name="Ann", role=role).id
    )


def session(server: Server, owner: str) -> IssuedToken:
    """Begin a session, as if somebody had signed in a moment ago."""
    return server.database.write(
        lambda c: tokens.create(c, "browser", (), owner=owner, kind="session", expires_in=3600)
    )


def entries(server: Server, action: str, owner: str = "") -> list[dict[str, Any]]:
    """Return the entries of the audit log of an action, perhaps those about an account."""
    rows = server.database.read(
        lambda c: c.execute(
            text("SELECT object, result, details FROM entries WHERE action = :a ORDER BY seq"),
            {"a": action},
        ).all()
    )
    listed = [
        {"object": row.object, "result": row.result, **json.loads(row.details)} for row in rows
    ]
    return [e for e in listed if not owner or owner in (e.get("account"), e["object"][8:])]


class Browser:
    """A browser by its cookies, whose authenticator is a test's.

    Args:
        server: which it talks to.
        owner: whose session it has; empty is nobody's.
    """

    def __init__(self, server: Server, owner: str = "") -> None:
        origin = server.environment["HELPA_PUBLIC_URL"]
        self.server = server
        self.origin = origin
        self.client = httpx2.Client(
            base_url=local_url(server),
            verify=NO_TLS,
            headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"},
            timeout=60,
            limits=httpx2.Limits(max_keepalive_connections=0),  # nothing is left open
        )
        if owner:
            self.client.cookies.set("helpa_session", session(server, owner).text)

    def move(self, server: Server) -> None:
        """Talk to another instance, or to the same after a restart, with the same cookies."""
        self.server = server
        self.client.base_url = local_url(server)

    def post(self, path: str, **body: Any) -> httpx2.Response:
        return self.client.post(path, json=body)

    def options_to_add(self, name: str = "Phone") -> dict[str, Any]:
        reply = self.post("/account/passkeys/options", name=name)
        assert reply.status_code == 200, reply.text
        options: dict[str, Any] = reply.json()
        return options

    def options_to_sign_in(self) -> dict[str, Any]:
        reply = self.post("/signin/passkey/options")
        assert reply.status_code == 200, reply.text
        options: dict[str, Any] = reply.json()
        return options

    def add(self, authenticator: Authenticator, name: str = "Phone") -> str:
        """Add a passkey; its id."""
        made = authenticator.create(self.options_to_add(name))
        reply = self.post("/account/passkeys", credential=made)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    def sign_in(self, authenticator: Authenticator, **forged: Any) -> httpx2.Response:
        """Sign in, perhaps with a forged answer."""
        answer = authenticator.get(self.options_to_sign_in(), **forged)
        return self.post("/signin/passkey", credential=answer)

    def signed_in(self) -> bool:
        """Whether the server knows who this is."""
        return self.client.get("/account/passkeys").status_code == 200

    def form(self, path: str, **fields: str) -> httpx2.Response:
        """Send a form of the page of passkeys."""
        token = form_token(self.client.get("/account/passkeys").text)
        return self.client.post(path, data={"_csrf": token, **fields})


def with_passkey(server: Server, *, counts: bool = True) -> tuple[str, Authenticator, str]:
    """Return an account, its authenticator, and the id of its passkey."""
    owner = account(server)
    browser = Browser(server, owner)
    authenticator = Authenticator(browser.origin, counts)
    return owner, authenticator, browser.add(authenticator)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
