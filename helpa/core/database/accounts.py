"""Statements on accounts, teams, and who belongs to which."""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from helpa.core.database.engine import now_ms
from helpa.core.database.schema import accounts, images, memberships, teams
from helpa.core.errors import Conflict, Forbidden, NotFound
from helpa.core.ids import new_id
from helpa.core.people import ACTIVE, ERASED, Account, Team
from helpa.core.permissions import ADMIN


def email_key(email: str) -> str:
    """Return an address as it is compared: two that differ in case are one person's."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.email, row.name, row.role, row.state, row.created_at)


def get(connection: Connection, account_id: str) -> Account | None:
    """Return an account by id, or None."""
    row = connection.execute(select(accounts).where(accounts.c.id == account_id)).one_or_none()
    return _account(row) if row is not None else None


def by_email(connection: Connection, email: str) -> Account | None:
    """Return the account of an address, or None."""
    statement = select(accounts).where(accounts.c.email_key == email_key(email))
    row = connection.execute(statement).one_or_none()
    return _account(row) if row is not None else None


def empty(connection: Connection) -> bool:
    """Whether there is no account at all."""
    return connection.execute(select(accounts.c.id).limit(1)).one_or_none() is None


def page(
    connection: Connection, *, limit: int, after: str | None = None, text: str = ""
) -> list[Account]:
    """Return accounts that are not erased, in the order of their making.

    Args:
        connection: a reading connection.
        limit: how many at the most.
        after: id of the account before the first.
        text: only those whose name or address holds this.
    """
    statement = (
        select(accounts)
        .where(accounts.c.state != ERASED)
        .order_by(accounts.c.created_at, accounts.c.id)
        .limit(limit)
    )
    if after is not None:
        last = get(connection, after)
        if last is not None:
            statement = statement.where(
                or_(
                    accounts.c.created_at > last.created_at,
                    (accounts.c.created_at == last.created_at) & (accounts.c.id > last.id),
                )
            )
    if text:
        statement = statement.where(
            or_(
                accounts.c.name.icontains(text, autoescape=True),
                accounts.c.email_key.contains(email_key(text), autoescape=True),
            )
        )
    return [_account(row) for row in connection.execute(statement)]


def add(connection: Connection, account_id: str, email: str, name: str, role: str) -> Account:
    """Add an account.

    Raises:
        Conflict: the address has one.
    """
    if by_email(connection, email) is not None:
        raise Conflict("There is an account with this e-mail address.", field="email", given=email)
    account = Account(account_id, email.strip(), name, role, ACTIVE, now_ms())
    connection.execute(
        insert(accounts).values(
            id=account.id,
            email=account.email,
            email_key=email_key(email),
            name=name,
            role=role,
            state=ACTIVE,
            created_at=account.created_at,
        )
    )
    return account


def change(connection: Connection, account_id: str, **values: Any) -> Account:
    """Change columns of an account and return it.

    Raises:
        Conflict: it would take the last administrator away, or another has the address.
        NotFound: there is no such account, or it was erased.
    """
    before = get(connection, account_id)
    if before is None or before.state == ERASED:
        raise NotFound("There is no such account.", given=account_id)
    role, state = values.get("role", before.role), values.get("state", before.state)
    if (role, state) != (ADMIN, ACTIVE):
        check_another_admin(connection, before)
    if values.get("email") is not None:
        other = by_email(connection, values["email"])
        if other is not None and other.id != account_id:
            raise Conflict("Another account has this e-mail address.", field="email")
        values["email_key"] = email_key(values["email"])
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(**values))
    changed = get(connection, account_id)
    assert changed is not None
    return changed


def check_another_admin(connection: Connection, account: Account) -> None:
    """Insist that an administrator is left without an account.

    Raises:
        Conflict: it is the last administrator's.
    """
    if (account.role, account.state) != (ADMIN, ACTIVE):
        return
    others = select(func.count()).where(
        accounts.c.role == ADMIN, accounts.c.state == ACTIVE, accounts.c.id != account.id
    )
    if connection.execute(others).scalar_one() == 0:
        raise Conflict("This is the last administrator; make another one first.", field="account")


def require_active(connection: Connection, account_id: str) -> None:
    """Insist that an account was neither disabled nor erased; an id without one will do.

    Raises:
        Forbidden: it was.
    """
    account = get(connection, account_id)
    if account is not None and account.state != ACTIVE:
        raise Forbidden("This account is disabled. Ask an administrator.")


def teams_of(connection: Connection, account_id: str) -> list[Team]:
    """Return the teams an account belongs to, by name."""
    statement = (
        select(teams)
        .join(memberships, memberships.c.team == teams.c.id)
        .where(memberships.c.account == account_id)
        .order_by(teams.c.name_key)
    )
    return [Team(row.id, row.name, row.created_at) for row in connection.execute(statement)]


def all_teams(connection: Connection) -> list[Team]:
    """Return every team, by name."""
    found = connection.execute(select(teams).order_by(teams.c.name_key))
    return [Team(row.id, row.name, row.created_at) for row in found]


def members(connection: Connection, team_id: str) -> list[Account]:
    """Return the accounts of a team, by name."""
    statement = (
        select(accounts)
        .join(memberships, memberships.c.account == accounts.c.id)
        .where(memberships.c.team == team_id, accounts.c.state != ERASED)
        .order_by(accounts.c.name, accounts.c.id)
    )
    return [_account(row) for row in connection.execute(statement)]


def add_team(connection: Connection, name: str) -> Team:
    """Add a team.

    Raises:
        Conflict: there is one of that name.
    """
    key = email_key(name)
    if connection.execute(select(teams.c.id).where(teams.c.name_key == key)).first():
        raise Conflict("There is a team of this name.", field="name", given=name)
    team = Team(new_id(), name.strip(), now_ms())
    connection.execute(
        insert(teams).values(id=team.id, name=team.name, name_key=key, created_at=team.created_at)
    )
    return team


def team(connection: Connection, team_id: str) -> Team:
    """Return a team.

    Raises:
        NotFound: there is none of that id.
    """
    row = connection.execute(select(teams).where(teams.c.id == team_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such team.", given=team_id)
    return Team(row.id, row.name, row.created_at)


def remove_team(connection: Connection, team_id: str) -> list[str]:
    """Remove a team; its pictures are their owners' alone from then on.

    Returns:
        The ids of the pictures that were the team's.
    """
    shared = connection.execute(select(images.c.id).where(images.c.team == team_id)).scalars().all()
    connection.execute(
        update(images)
        .where(images.c.team == team_id)
        .values(team=None, access_version=images.c.access_version + 1)
    )
    connection.execute(delete(memberships).where(memberships.c.team == team_id))
    connection.execute(delete(teams).where(teams.c.id == team_id))
    return list(shared)


def join(connection: Connection, account_id: str, team_id: str) -> bool:
    """Make an account a member of a team; whether it was none."""
    held = select(memberships).where(
        memberships.c.account == account_id, memberships.c.team == team_id
    )
    if connection.execute(held).first() is not None:
        return False
    connection.execute(insert(memberships).values(account=account_id, team=team_id))
    return True


def leave(connection: Connection, account_id: str, team_id: str | None = None) -> int:
    """Take an account out of a team, or of all; out of how many that was."""
    statement = delete(memberships).where(memberships.c.account == account_id)
    if team_id is not None:
        statement = statement.where(memberships.c.team == team_id)
    return connection.execute(statement).rowcount
