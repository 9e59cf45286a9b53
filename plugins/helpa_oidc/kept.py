"""What the plugin keeps of people: exported and erased with their accounts."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from helpa.api import timestamp
from helpa_oidc.tables import identities, sessions


def links(connection: Connection, account_id: str) -> list[dict[str, object]]:
    """Return whom an account is at providers, for an export."""
    mine = select(identities).where(identities.c.account == account_id)
    rows = connection.execute(mine.order_by(identities.c.created_at)).mappings()
    return [
        {
            "issuer": row["issuer"],
            "subject": row["subject"],
            "linked_at": timestamp(row["created_at"]),
        }
        for row in rows
    ]


def forget(connection: Connection, account_id: str) -> None:
    """Forget what is kept of an account."""
    for table in (identities, sessions):
        connection.execute(delete(table).where(table.c.account == account_id))
