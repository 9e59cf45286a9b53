"""People with accounts, signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2
from sqlalchemy import Connection, update

from helpa.core import tokens
from helpa.core.accounts import Accounts
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from helpa.core.database import schema
from serving import NO_TLS, Server
from web.visitors import Visitor

ACCOUNTS = Accounts(Journal())

BROWSER = "Netscape Navigator 4.79 of the attic"


@dataclass
class Person:
    """Somebody.

    Args:
        server: where.
        id: of their account.
        email: as they write it.
        session: the text of their session's cookie.
        session_id: its id.
    """

    server: Server
    id: str
    email: str
    session: str
    session_id: str

    @property
    def visitor(self) -> Visitor:
        """As tests of pages know them."""
        return Visitor(self.server, self.session)

    def client(self) -> httpx2.Client:
        """Return a client with the headers of a browser of theirs."""
        headers = {**self.visitor.headers, "User-Agent": BROWSER}
        return httpx2.Client(base_url=self.server.url, headers=headers, timeout=60, verify=NO_TLS)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Send a request as their browser does."""
        with self.client() as client:
            return client.request(method, path, json=body, headers=headers)

    def upload(self, data: bytes, name: str = "picture.png", **fields: str) -> dict[str, Any]:
        """Upload a picture; its document."""
        with self.client() as client:
            reply = client.post("/api/images", files={"file": (name, data)}, data=fields)
        assert reply.status_code == 201, reply.text
        document: dict[str, Any] = reply.json()
        return document

    def token(self, *scopes: str) -> str:
        """Return a token of theirs."""
        return self.server.database.write(
            lambda c: tokens.create(c, "their token", scopes, owner=self.id)
        ).text

    def age(self, minutes: int = 600) -> None:
        """Make it longer ago that they signed in."""
        column = schema.tokens.c.created_at
        self.server.database.write(
            lambda c: (
                c.execute(
                    update(schema.tokens)
                    .where(schema.tokens.c.id == self.session_id)
                    .values(created_at=column - minutes * 60_000)
                ).rowcount
            )
        )


def person(server: Server, name: str, role: str = "member", email: str = "") -> Person:
    """Return somebody new; the first one of a server is its administrator."""
    address = email or f"{name.lower().replace(' ', '.')}@example.org"

    def make(connection: Connection) -> Person:
        account = ACCOUNTS.create(connection, COMMAND_LINE, email=address, name=name, role=role)
        made = tokens.create(connection, "browser", (), owner=account.id, kind=tokens.SESSION)
        return Person(server, account.id, address, made.text, made.id)

    return server.database.write(make)


def team_of(*people: Person) -> str:
    """Put people into a new team; its id."""

    def make(connection: Connection) -> str:
        team = ACCOUNTS.create_team(connection, COMMAND_LINE, f"Team of {people[0].id}")
        for each in people:
            ACCOUNTS.join(connection, COMMAND_LINE, each.id, team.id)
        return team.id

    return people[0].server.database.write(make)
