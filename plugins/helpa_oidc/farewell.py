"""Ending a session with a provider when its session here ends: RP-Initiated Logout 1.0."""

from __future__ import annotations

import time
from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from helpa_oidc.tables import sessions


def remember(
    connection: Connection, session: str, account: str, url: str, *, held: Iterable[str]
) -> None:
    """Keep where a new session ends with its provider, and forget those that ended otherwise.

    Args:
        connection: a writing connection.
        session: its id.
        account: whose it is.
        url: where a browser ends it.
        held: ids of the account's sessions that hold.
    """
    theirs = sessions.c.account == account
    connection.execute(delete(sessions).where(theirs, sessions.c.session.not_in(list(held))))
    now = time.time_ns() // 1_000_000
    connection.execute(
        insert(sessions).values(session=session, account=account, url=url, created_at=now)
    )


def take(connection: Connection, session: str) -> str | None:
    """Take where a session ends with its provider; None where there is nothing to end."""
    mine = sessions.c.session == session
    url = connection.execute(select(sessions.c.url).where(mine)).scalar_one_or_none()
    if url is not None:
        connection.execute(delete(sessions).where(mine))
    return url
