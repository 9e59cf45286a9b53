"""Ending a session with a provider when its session here ends: RP-Initiated Logout 1.0."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select

from helpa_oidc.tables import sessions

KEPT_MS = 400 * 24 * 3600 * 1000
"""The longest a session may last; what is older is of a session that has ended."""


@dataclass(frozen=True)
class Hint:
    """What a provider is shown to end a session.

    Args:
        provider: its name in the settings.
        id_token: of the session.
    """

    provider: str
    id_token: str = field(repr=False)


def remember(
    connection: Connection, session: str, account: str, provider: str, id_token: str
) -> None:
    """Keep what ends a new session with its provider, and forget what can no longer be asked for.

    Args:
        connection: a writing connection.
        session: its id.
        account: whose it is.
        provider: its name in the settings.
        id_token: of the session.
    """
    now = time.time_ns() // 1_000_000
    connection.execute(delete(sessions).where(sessions.c.created_at < now - KEPT_MS))
    connection.execute(
        insert(sessions).values(
            session=session,
            account=account,
            provider=provider,
            id_token=id_token,
            created_at=now,
        )
    )


def take(connection: Connection, session: str) -> Hint | None:
    """Take what ends a session with its provider; None where it was begun in another way."""
    mine = sessions.c.session == session
    row = connection.execute(select(sessions.c.provider, sessions.c.id_token).where(mine)).first()
    if row is None:
        return None
    connection.execute(delete(sessions).where(mine))
    return Hint(row.provider, row.id_token)
