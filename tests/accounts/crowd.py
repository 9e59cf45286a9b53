"""Somebody of every role on a server, and credentials of theirs, made in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import Connection

from helpa.core import tokens
from helpa.core.accounts import Accounts
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from helpa.core.credentials import IssuedToken
from helpa.core.permissions import ROLES
from serving import Server, running_server
from web.visitors import Visitor, browser_headers

UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA"
"""An id that nothing has."""

UNLIMITED = {"rates__failures": "0", "rates__token": "0", "rates__address": "0",
             "rates__signin_address": "0", "rates__signin_account": "0",
             "rates__signin_total": "0"}  # fmt: skip

ACCOUNTS = Accounts(Journal())


@dataclass
class Crowd:
    """A server, and who has an account there.

    Args:
        server: where.
        accounts: id by role; the administrator is the first, and so ``local``.
    """

    server: Server
    accounts: dict[str, str]

    def add(self, role: str, name: str) -> str:
        """Add an account; return its id."""
        return self.server.database.write(
            lambda c: (
                ACCOUNTS.create(
                    c, COMMAND_LINE, email=f"{name}@example.org", name=name, role=role
                ).id
            )
        )

    def add_team(self, name: str, *members: str) -> str:
        """Add a team of some accounts; return its id."""

        def work(connection: Connection) -> str:
            team = ACCOUNTS.create_team(connection, COMMAND_LINE, name)
            for each in members:
                ACCOUNTS.join(connection, COMMAND_LINE, each, team.id)
            return team.id

        return self.server.database.write(work)

    def issue(self, account: str, scopes: Iterable[str] = (), **given: Any) -> IssuedToken:
        """Make a token of an account's; with ``kind="session"`` a session."""
        return self.server.database.write(
            lambda c: tokens.create(c, "made by a test", scopes, owner=account, **given)
        )

    def session(self, account: str, server: Server | None = None) -> Visitor:
        """Sign somebody in."""
        return Visitor(server or self.server, self.issue(account, kind="session").text)

    def by_token(self, account: str, *scopes: str, server: Server | None = None) -> httpx2.Client:
        """Return a client with a token of an account's."""
        return (server or self.server).client(self.issue(account, scopes).text)

    def admin(self) -> httpx2.Client:
        """Return a client of the administrator's."""
        return self.by_token("local", "admin")

    def entries(self, **filters: str) -> list[dict[str, Any]]:
        """Return entries of the audit log, newest first."""
        with self.by_token("local", "audit:read") as client:
            found: list[dict[str, Any]] = client.get("/api/audit", params=filters).json()["entries"]
        return found


@contextmanager
def gathered(folder: Path, **settings: str) -> Iterator[Crowd]:
    """A server with an account of every role."""
    with running_server(folder, **{**UNLIMITED, **settings}) as server:
        yield crowd_of(server)


def crowd_of(server: Server) -> Crowd:
    """Give a server without accounts one of every role."""
    crowd = Crowd(server, {})
    for role in ("admin", *(each for each in ROLES if each != "admin")):
        crowd.accounts[role] = crowd.add(role, role)
    return crowd


def from_a_page(server: Server, token: str) -> dict[str, str]:
    """Return what a program sends that acts as if it were one of our pages."""
    return {"Authorization": f"Bearer {token}", **browser_headers(server)}
