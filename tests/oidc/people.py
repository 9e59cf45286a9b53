"""Accounts as the tests make and see them, straight in the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from helpa.core.accounts import Accounts
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from serving import Server, running_server

ROOT = "root@example.org"


@contextmanager
def running_community(data_dir: Path, **settings: str) -> Iterator[Server]:
    """A server that has an administrator, so that others may come."""
    with running_server(data_dir, **settings) as running:
        if person(running, ROOT) is None:
            add(running, ROOT, "Root", "admin")
        yield running


def add(server: Server, email: str, name: str, role: str) -> str:
    """Make an account; its id."""

    def work(connection: Connection) -> str:
        accounts = Accounts(Journal())
        return accounts.create(connection, COMMAND_LINE, email=email, name=name, role=role).id

    return server.database.write(work)


def person(server: Server, email: str) -> Any:
    """Return the row of an account, or None."""
    query = text("SELECT * FROM accounts WHERE email = :email")
    return server.database.read(
        lambda c: c.execute(query, {"email": email}).mappings().one_or_none()
    )
