"""Challenges that wait for an answer: rows, each for one answer of the browser that asked."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select

from helpa_passkeys.tables import challenges

LIFETIME_MS = 5 * 60 * 1000
AT_ONCE = 20
"""Of one browser; the oldest give way. Nobody answers in so many tabs."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Asked:
    """What a challenge was for.

    Args:
        account: whose passkey is to be added; empty for signing in.
        handle: of the account, as authenticators are told.
        name: what the passkey is to be called.
    """

    account: str = ""
    handle: str = ""
    name: str = ""


def browser_secret(given: str | None) -> str:
    """Return the secret in a cookie, or a new one where it is none."""
    return given if given and _SECRET.fullmatch(given) else secrets.token_urlsafe(32)


def make(connection: Connection, browser: str, asked: Asked) -> bytes:
    """Return a new challenge, and forget those that have run out.

    Args:
        connection: a writing connection.
        browser: the secret in the cookie of the browser that asks.
        asked: what it is for.
    """
    now = _now()
    connection.execute(delete(challenges).where(_run_out(now)))
    held = connection.execute(
        select(challenges.c.challenge)
        .where(challenges.c.browser == _hash(browser.encode()))
        .order_by(challenges.c.created_at.desc())
    ).scalars()
    crowded = list(held)[AT_ONCE - 1 :]
    if crowded:
        connection.execute(delete(challenges).where(challenges.c.challenge.in_(crowded)))
    challenge = secrets.token_bytes(32)
    connection.execute(
        insert(challenges).values(
            challenge=_hash(challenge),
            browser=_hash(browser.encode()),
            account=asked.account,
            handle=asked.handle,
            name=asked.name,
            created_at=now,
        )
    )
    return challenge


def take(
    connection: Connection, challenge: bytes, browser: str | None, account: str = ""
) -> Asked | None:
    """Take a challenge, once; None where this browser was not given it, or too long ago.

    What another browser sends takes nothing away from the one that was given it.

    Args:
        connection: a writing connection.
        challenge: as the answer has it.
        browser: the secret in the cookie of the browser that answers.
        account: whose passkey is to be added; empty for signing in.
    """
    if not browser or not _SECRET.fullmatch(browser):
        return None
    mine = (
        (challenges.c.challenge == _hash(challenge))
        & (challenges.c.browser == _hash(browser.encode()))
        & (challenges.c.account == account)
        & ~_run_out(_now())
    )
    row = connection.execute(select(challenges).where(mine)).one_or_none()
    if row is None or connection.execute(delete(challenges).where(mine)).rowcount != 1:
        return None
    return Asked(row.account, row.handle, row.name)


def forget(connection: Connection, account: str) -> None:
    """Forget the challenges of an account."""
    connection.execute(delete(challenges).where(challenges.c.account == account))


def _run_out(now: int) -> ColumnElement[bool]:
    # Both ways: a clock that was set back must not make challenges last for hours.
    return or_(
        challenges.c.created_at < now - LIFETIME_MS, challenges.c.created_at > now + LIFETIME_MS
    )


def _hash(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()


def _now() -> int:
    return time.time_ns() // 1_000_000
