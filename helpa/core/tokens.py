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
import json
import secrets
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from helpa.core.credentials import HeldToken, IssuedToken, SingleUse
from helpa.core.database.engine import Database, now_ms
from helpa.core.database.invalidations import invalidate
from helpa.core.database.schema import tokens
from helpa.core.identity import LOCAL, Identity, Refused
from helpa.core.ids import new_id
from helpa.core.permissions import ADMIN, DEFAULT_SCOPES, Permissions

PREFIX = "helpa_"
API, SESSION = "api", "session"
"""Kinds of the core: what programs send, and what browsers do."""

LENGTH = len(PREFIX) + 22 + 43 + 6


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
    owner: str = LOCAL,
    kind: str = API,
    expires_in: float | None = None,
    data: Mapping[str, Any] | None = None,
) -> IssuedToken:
    """Add a token.

    Args:
        connection: a writing connection.
        name: what its holder calls it.
        scopes: what it allows, as far as the account it is for may itself.
        owner: the account it is for.
        kind: ``api``, ``session``, or what a plugin calls tokens of its own.
        expires_in: seconds it lives; None is for ever.
        data: JSON values kept with it.
    """
    wanted = tuple(dict.fromkeys(scopes))
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
            data=json.dumps(dict(data or {}), ensure_ascii=False),
        )
    )
    return IssuedToken(token_id, text)


def well_formed(text: str) -> bool:
    """Whether a text has a token's prefix, length and checksum."""
    return (
        text.startswith(PREFIX)
        and len(text) == LENGTH
        and text.isascii()
        and hmac.compare_digest(text[-6:], _checksum(text[:-6]))
    )


_CHECK = (
    "SELECT t.*, a.name AS account_name, a.role, a.state, m.team FROM tokens t"
    " LEFT JOIN accounts a ON a.id = t.owner LEFT JOIN memberships m ON m.account = a.id"
    " WHERE t.id = ?"
)


async def check(
    database: Database,
    text: str,
    permissions: Permissions,
    *,
    kind: str = API,
    idle_ms: int | None = None,
) -> Identity | Refused:
    """Return whose token a text is, or why it is refused; by a point read.

    What a session allows is what its account's role does; another token's scopes can only narrow
    that. A token whose owner has no account, as before there are any, allows its scopes.

    Args:
        database: where tokens are.
        text: what was sent.
        permissions: what roles may do.
        kind: of the token.
        idle_ms: milliseconds without use after which it holds no longer; None is for ever.
    """
    if not well_formed(text):
        return Refused("This is not a Helpa token, or a part of it is missing.")
    rows = await database.points(_CHECK, _id(text))
    row = rows[0] if rows else None
    known = row["hash"] if row is not None else "0" * 64
    matches = hmac.compare_digest(known, _hash(text))
    if row is None or not matches or row["kind"] != kind or row["revoked_at"] is not None:
        return Refused("The token is not known here, or was revoked.")
    if idle_ms is not None and (row["used_at"] or row["created_at"]) + idle_ms <= now_ms():
        return Refused("The token was not used for too long.")
    return _identity(rows, permissions)


async def limited(
    database: Database, token_id: str, scopes: Iterable[str], permissions: Permissions
) -> Identity | Refused:
    """Return whose a token or a session is, with no more than some scopes; by a point read.

    Args:
        database: where tokens are.
        token_id: of a token of the API or a session.
        scopes: what is allowed, as far as the token and its account still allow it.
        permissions: what roles may do.
    """
    rows = await database.points(_CHECK, token_id)
    row = rows[0] if rows else None
    if row is None or row["kind"] not in (API, SESSION) or row["revoked_at"] is not None:
        return Refused("The token is not known here, or was revoked.")
    found = _identity(rows, permissions)
    if isinstance(found, Refused):
        return found
    asked = frozenset(scopes)
    kept = asked if ADMIN in found.scopes else asked & found.scopes
    # What was made of a session is a token: it does not stand for a person at a browser.
    return replace(found, scopes=kept, kind="token")


def _identity(rows: Sequence[Mapping[str, Any]], permissions: Permissions) -> Identity | Refused:
    row = rows[0]
    if row["expires_at"] is not None and row["expires_at"] <= now_ms():
        return Refused("The token has expired.")
    if row["state"] not in (None, "active"):
        return Refused("The account of this token is disabled.")
    scopes, role = frozenset(row["scopes"].split()), row["role"]
    session = row["kind"] == SESSION
    if role is not None:
        scopes = permissions.of(role) if session else permissions.effective(scopes, role)
    return Identity(
        row["id"],
        row["account_name"] if session and role else row["name"],
        scopes,
        row["owner"],
        kind="session" if session else "token",
        role=role or "",
        teams=frozenset(each["team"] for each in rows if each["team"] is not None),
    )


def consume(connection: Connection, text: str, *, kind: str) -> SingleUse | None:
    """Take a single-use token out of the world, or return None where it is not valid."""
    row = _held(connection, text, kind)
    if row is None:
        return None
    connection.execute(delete(tokens).where(tokens.c.id == row.id))
    if row.expires_at is not None and row.expires_at <= now_ms():
        return None
    return SingleUse(row.id, row.owner, json.loads(row.data))


def peek(connection: Connection, text: str, *, kind: str) -> SingleUse | None:
    """Return what :func:`consume` would, and leave it."""
    row = _held(connection, text, kind)
    if row is None or (row.expires_at is not None and row.expires_at <= now_ms()):
        return None
    return SingleUse(row.id, row.owner, json.loads(row.data))


def _held(connection: Connection, text: str, kind: str) -> Row[Any] | None:
    if not well_formed(text):
        return None
    row = connection.execute(select(tokens).where(tokens.c.id == _id(text))).one_or_none()
    known = row.hash if row is not None else "0" * 64
    if not hmac.compare_digest(known, _hash(text)) or row is None or row.kind != kind:
        return None
    return None if row.revoked_at is not None else row


def _id(text: str) -> str:
    return text[len(PREFIX) : len(PREFIX) + 22]


def revoke(connection: Connection, token_id: str) -> int | None:
    """End a token.

    Returns:
        The number of its invalidation, or None where there was none that held.
    """
    ended = connection.execute(
        update(tokens)
        .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=now_ms())
    )
    return invalidate(connection, token=token_id, narrows=True) if ended.rowcount else None


def revoke_all(
    connection: Connection, owner: str, *, kinds: Iterable[str], but: str = ""
) -> int | None:
    """End every token of an account of some kinds, but one.

    Returns:
        The number of the last invalidation, or None where there was none that held.
    """
    rows = connection.execute(
        select(tokens.c.id).where(
            tokens.c.owner == owner,
            tokens.c.kind.in_(list(kinds)),
            tokens.c.revoked_at.is_(None),
            tokens.c.id != but,
        )
    )
    return max(
        (seq for row in rows.all() if (seq := revoke(connection, row.id)) is not None),
        default=None,
    )


def erase_all(connection: Connection, owner: str) -> None:
    """Remove every token of an account, sessions and their addresses with them."""
    connection.execute(delete(tokens).where(tokens.c.owner == owner))


def used(connection: Connection, moments: Mapping[str, int]) -> None:
    """Note when tokens were last used.

    Args:
        connection: a writing connection.
        moments: milliseconds since 1970, by id.
    """
    for token_id, moment in moments.items():
        connection.execute(update(tokens).where(tokens.c.id == token_id).values(used_at=moment))


def held(connection: Connection, *, owner: str | None = None, kind: str = API) -> list[HeldToken]:
    """Return the tokens of a kind that hold, oldest first; an owner's, or everybody's."""
    statement = (
        select(tokens)
        .where(
            tokens.c.kind == kind,
            tokens.c.revoked_at.is_(None),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now_ms()),
        )
        .order_by(tokens.c.created_at, tokens.c.id)
    )
    if owner is not None:
        statement = statement.where(tokens.c.owner == owner)
    return [_held_token(row) for row in connection.execute(statement)]


def find(connection: Connection, token_id: str) -> HeldToken | None:
    """Return a token by id, whether it holds or not."""
    row = connection.execute(select(tokens).where(tokens.c.id == token_id)).one_or_none()
    return _held_token(row) if row is not None else None


def begun(connection: Connection, session_id: str) -> int | None:
    """Return when a session was begun, in milliseconds since 1970; None where it has ended.

    It may have ended since its request was let in: a body may take its time.
    """
    statement = select(tokens.c.created_at).where(
        tokens.c.id == session_id, tokens.c.kind == SESSION, tokens.c.revoked_at.is_(None)
    )
    moment: int | None = connection.execute(statement).scalar_one_or_none()
    return moment


def _held_token(row: Row[Any]) -> HeldToken:
    return HeldToken(
        row.id,
        row.name,
        row.owner,
        tuple(row.scopes.split()),
        row.created_at,
        row.expires_at,
        row.used_at,
        json.loads(row.data),
    )
