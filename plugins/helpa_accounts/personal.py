"""What this plugin keeps of people, to export and to erase."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from helpa import PersonalData
from helpa.api import timestamp
from helpa_accounts import passwords
from helpa_accounts.letters import Letters
from helpa_accounts.tables import passwords as table


def exported(connection: Connection, account_id: str) -> dict[str, Any]:
    """Return when somebody chose their password; its hash is nobody's to have."""
    statement = select(table.c.changed_at).where(table.c.account == account_id)
    moment = connection.execute(statement).scalar_one_or_none()
    return {"changed_at": timestamp(moment) if moment is not None else None}


def erase(connection: Connection, account_id: str) -> None:
    """Remove somebody's password, and letters that wait."""
    passwords.forget(connection, account_id)
    Letters.forget(connection, account_id)


PERSONAL_DATA = PersonalData("password", exported, erase)
