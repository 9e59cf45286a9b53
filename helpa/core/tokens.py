"""API tokens: recognisable, checksummed, stored as hashes, compared in constant time.

A token reads ``helpa_<id><secret><checksum>``: 22 characters of id, 43 of secret (256 random
bits), 6 of CRC-32. The prefix lets secret scanners find leaked ones, the checksum lets a typing
mistake be told from a wrong token without asking the database. The secret is random, so a plain
SHA-256 of the whole is enough; a slow hash is for passwords.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select

from helpa.core.database.engine import Database, now_ms
from helpa.core.database.schema import tokens
from helpa.core.errors import invalid
from helpa.core.identity import DEFAULT_SCOPES, SCOPES, Identity, Refused
from helpa.core.ids import new_id

PREFIX = "helpa_"
LENGTH = len(PREFIX) + 22 + 43 + 6


@dataclass(frozen=True, slots=True)
class Token:
    """A new token; its text is shown this once."""

    id: str
    text: str


def _checksum(text: str) -> str:
    raw = zlib.crc32(text.encode()).to_bytes(4, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def create(
    connection: Connection,
    name: str,
    scopes: Iterable[str] = DEFAULT_SCOPES,
    *,
    owner: str = "local",
    kind: str = "api",
    expires_in: float | None = None,
) -> Token:
    """Add a token.

    Args:
        connection: a writing connection.
        name: what its holder calls it.
        scopes: what it allows.
        owner: whose images it is for.
        kind: ``api``, ``session`` or ``signin``.
        expires_in: seconds it lives; None is for ever.

    Raises:
        InvalidValue: a scope does not exist.
    """
    wanted = tuple(dict.fromkeys(scopes))
    for scope in wanted:
        if scope not in SCOPES:
            raise invalid("scope", scope, "one of " + ", ".join(SCOPES))
    token_id = new_id()
    body = PREFIX + token_id + secrets.token_urlsafe(32)
    text = body + _checksum(body)
    now = now_ms()
    connection.execute(
        insert(tokens).values(
            id=token_id,
            name=name,
            owner=owner,
            hash=_hash(text),
            scopes=" ".join(wanted),
            kind=kind,
            created_at=now,
            expires_at=None if expires_in is None else now + int(expires_in * 1000),
        )
    )
    return Token(token_id, text)


def well_formed(text: str) -> bool:
    """Whether a text has a token's prefix, length and checksum."""
    return (
        text.startswith(PREFIX)
        and len(text) == LENGTH
        and text.isascii()
        and hmac.compare_digest(text[-6:], _checksum(text[:-6]))
    )


async def check(database: Database, text: str, *, kind: str = "api") -> Identity | Refused:
    """Return whose token a text is, or why it is refused; by a point read."""
    if not well_formed(text):
        return Refused("This is not a Helpa token, or a part of it is missing.")
    token_id = text[len(PREFIX) : len(PREFIX) + 22]
    row = await database.point("SELECT * FROM tokens WHERE id = ?", token_id)
    known = row["hash"] if row is not None else "0" * 64
    matches = hmac.compare_digest(known, _hash(text))
    if row is None or not matches or row["kind"] != kind or row["revoked_at"] is not None:
        return Refused("The token is not known here, or was revoked.")
    if row["expires_at"] is not None and row["expires_at"] <= now_ms():
        return Refused("The token has expired.")
    return Identity(row["id"], row["name"], frozenset(row["scopes"].split()), row["owner"])


def consume(connection: Connection, text: str, *, kind: str) -> Identity | None:
    """Take a single-use token out of the world; whose it was, or None where it is not valid."""
    if not well_formed(text):
        return None
    token_id = text[len(PREFIX) : len(PREFIX) + 22]
    row = connection.execute(select(tokens).where(tokens.c.id == token_id)).one_or_none()
    known = row.hash if row is not None else "0" * 64
    if not hmac.compare_digest(known, _hash(text)) or row is None or row.kind != kind:
        return None
    connection.execute(delete(tokens).where(tokens.c.id == token_id))
    if row.expires_at is not None and row.expires_at <= now_ms():
        return None
    return Identity(row.id, row.name, frozenset(row.scopes.split()), row.owner)


def revoke(connection: Connection, token_id: str) -> bool:
    """End a token; whether there was one that held."""
    ended = connection.execute(
        tokens.update()
        .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=now_ms())
    )
    return ended.rowcount > 0


def valid(connection: Connection) -> list[Row[Any]]:
    """Return the API tokens that hold, oldest first."""
    statement = (
        select(tokens)
        .where(
            tokens.c.kind == "api",
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now_ms()),
        )
        .order_by(tokens.c.created_at, tokens.c.id)
    )
    return list(connection.execute(statement))
