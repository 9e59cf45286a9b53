"""Statements on passkeys."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from helpa import Conflict, NotFound
from helpa.api import timestamp
from helpa_passkeys import challenges
from helpa_passkeys.tables import passkeys

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

MOST = 25
"""Of one account: more than anybody has devices."""


@dataclass(frozen=True)
class Passkey:
    """A passkey.

    Args:
        id: what pages call it by.
        credential: what authenticators call it by, in base64url.
        account: whom it signs in.
        handle: of the account, as authenticators are told.
        public_key: what its signatures are checked with (COSE).
        sign_count: how often it had signed, as far as it counts; 0 where it does not.
        name: what its owner calls it.
        transports: how the authenticator is reached.
        created_at: milliseconds since 1970.
        last_used_at: milliseconds since 1970; None is never.
    """

    id: str
    credential: str
    account: str
    handle: str
    public_key: bytes = field(repr=False)
    sign_count: int
    name: str
    transports: tuple[str, ...]
    created_at: int
    last_used_at: int | None


def of_account(connection: Connection, account: str) -> list[Passkey]:
    """Return the passkeys of an account, oldest first."""
    statement = (
        select(passkeys)
        .where(passkeys.c.account == account)
        .order_by(passkeys.c.created_at, passkeys.c.id)
    )
    return [_passkey(row) for row in connection.execute(statement)]


def by_credential(connection: Connection, credential: str) -> Passkey | None:
    """Return the passkey of a credential, or None."""
    statement = select(passkeys).where(passkeys.c.credential == credential)
    row = connection.execute(statement).one_or_none()
    return _passkey(row) if row is not None else None


def get(connection: Connection, account: str, passkey_id: str) -> Passkey:
    """Return a passkey of an account.

    Raises:
        NotFound: the account has none of that id.
    """
    statement = select(passkeys).where(passkeys.c.id == passkey_id, passkeys.c.account == account)
    # PostgreSQL refuses to look for some texts that a path may hold.
    formed = _ID.fullmatch(passkey_id) is not None
    row = connection.execute(statement).one_or_none() if formed else None
    if row is None:
        raise NotFound("You have no such passkey.")
    return _passkey(row)


def handle_of(held: Sequence[Passkey]) -> str:
    """Return what authenticators call an account by: random, so that it says nothing of it.

    Args:
        held: the passkeys of the account.
    """
    return held[0].handle if held else secrets.token_urlsafe(32)


def add(
    connection: Connection,
    asked: challenges.Asked,
    *,
    credential: str,
    public_key: bytes,
    sign_count: int,
    transports: Sequence[str],
) -> str:
    """Add a passkey; its id.

    Raises:
        Conflict: it is there already, or the account has too many.
    """
    if by_credential(connection, credential) is not None:
        raise Conflict("This passkey is registered already.")
    check_room(of_account(connection, asked.account))
    passkey_id = secrets.token_urlsafe(16)
    connection.execute(
        insert(passkeys).values(
            id=passkey_id,
            credential=credential,
            account=asked.account,
            handle=asked.handle,
            public_key=public_key,
            sign_count=sign_count,
            name=asked.name,
            transports=" ".join(transports),
            created_at=_now(),
        )
    )
    return passkey_id


def check_room(held: Sequence[Passkey]) -> None:
    """Insist that an account may have another passkey.

    Raises:
        Conflict: it has too many.
    """
    if len(held) >= MOST:
        raise Conflict(f"You have {MOST} passkeys already; remove one first.")


def used(connection: Connection, passkey_id: str, sign_count: int) -> None:
    """Note that a passkey has signed somebody in."""
    connection.execute(
        update(passkeys)
        .where(passkeys.c.id == passkey_id)
        .values(sign_count=sign_count, last_used_at=_now())
    )


def rename(connection: Connection, passkey_id: str, name: str) -> None:
    """Call a passkey otherwise."""
    connection.execute(update(passkeys).where(passkeys.c.id == passkey_id).values(name=name))


def remove(connection: Connection, passkey_id: str) -> None:
    """Remove a passkey."""
    connection.execute(delete(passkeys).where(passkeys.c.id == passkey_id))


def export(connection: Connection, account: str) -> list[dict[str, Any]]:
    """Return what is kept of an account."""
    return [
        {
            "name": each.name,
            "credential": each.credential,
            "transports": list(each.transports),
            "sign_count": each.sign_count,
            "created_at": timestamp(each.created_at),
            "last_used_at": timestamp(each.last_used_at) if each.last_used_at else None,
        }
        for each in of_account(connection, account)
    ]


def erase(connection: Connection, account: str) -> None:
    """Remove what is kept of an account."""
    connection.execute(delete(passkeys).where(passkeys.c.account == account))
    challenges.forget(connection, account)


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        row.id,
        row.credential,
        row.account,
        row.handle,
        bytes(row.public_key),
        row.sign_count,
        row.name,
        tuple(row.transports.split()),
        row.created_at,
        row.last_used_at,
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
