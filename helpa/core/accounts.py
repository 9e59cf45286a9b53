"""Changes to accounts and teams, each with its entry and what it narrows."""

from __future__ import annotations

import re

from sqlalchemy import Connection

from helpa.core import tokens
from helpa.core.actor import Actor
from helpa.core.audit.journal import Journal
from helpa.core.database import accounts as rows
from helpa.core.database import idempotency, images, jobs
from helpa.core.database.invalidations import invalidate
from helpa.core.errors import Conflict, NotFound, invalid
from helpa.core.identity import LOCAL
from helpa.core.ids import new_id
from helpa.core.people import ACTIVE, DISABLED, ERASED, Account, Team
from helpa.core.permissions import ADMIN, ROLES

NAME_MOST = 100
EMAIL_MOST = 254
"""Of RFC 5321: a path is 256 octets with its brackets."""

SCRUB_AFTER = 2.0
"""Seconds from erasing somebody to rewriting the database."""

ERASED_AT_ONCE = 50
"""Pictures that are erased in one transaction."""

_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]+")


class Accounts:
    """Accounts, roles and teams.

    Its methods run in the transaction of the connection they are given. Those that take a right
    away return the number of the invalidation that has told everybody; wait for it after the
    commit.

    Args:
        journal: told of every change.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    @staticmethod
    def get(connection: Connection, account_id: str) -> Account | None:
        """Return an account by id, or None."""
        return rows.get(connection, account_id)

    @staticmethod
    def by_email(connection: Connection, email: str) -> Account | None:
        """Return the account of an address, or None."""
        return rows.by_email(connection, email)

    @staticmethod
    def empty(connection: Connection) -> bool:
        """Whether there is no account at all."""
        return rows.empty(connection)

    @staticmethod
    def page(
        connection: Connection, *, limit: int, after: str | None = None, text: str = ""
    ) -> list[Account]:
        """Return accounts in the order of their making, from after one of them on."""
        return rows.page(connection, limit=limit, after=after, text=text)

    @staticmethod
    def teams_of(connection: Connection, account_id: str) -> list[Team]:
        """Return the teams an account belongs to, by name."""
        return rows.teams_of(connection, account_id)

    @staticmethod
    def teams(connection: Connection) -> list[Team]:
        """Return every team, by name."""
        return rows.all_teams(connection)

    @staticmethod
    def members(connection: Connection, team_id: str) -> list[Account]:
        """Return the accounts of a team, by name."""
        return rows.members(connection, team_id)

    def create(
        self, connection: Connection, actor: Actor, *, email: str, name: str, role: str
    ) -> Account:
        """Add an account; the first is the administrator's, and owns what is there already.

        Raises:
            Conflict: the address has an account.
            InvalidValue: the address, the name or the role cannot be one.
        """
        check_role(role)
        first = rows.empty(connection)
        if first and role != ADMIN:
            raise Conflict("The first account is an administrator's.", field="role", given=role)
        account = rows.add(
            connection,
            LOCAL if first else new_id(),
            checked_email(email),
            checked_name(name),
            role,
        )
        self._record(connection, actor, "account.create", account, role=role)
        return account

    def set_role(self, connection: Connection, actor: Actor, account_id: str, role: str) -> int:
        """Give an account another role.

        Raises:
            Conflict: it is the last administrator's.
            InvalidValue: there is no such role.
            NotFound: there is no such account.
        """
        check_role(role)
        before = rows.get(connection, account_id)
        account = rows.change(connection, account_id, role=role)
        self._record(connection, actor, "account.role", account, role=role,
                     before=before.role if before else "")  # fmt: skip
        return invalidate(connection, narrows=True)

    def disable(self, connection: Connection, actor: Actor, account_id: str) -> int:
        """Keep somebody out: sessions end, tokens hold no longer.

        Raises:
            Conflict: it is the last administrator's.
            NotFound: there is no such account.
        """
        account = rows.change(connection, account_id, state=DISABLED)
        tokens.revoke_all(connection, account_id, kinds=(tokens.SESSION,))
        self._record(connection, actor, "account.disable", account)
        return invalidate(connection, narrows=True)

    def enable(self, connection: Connection, actor: Actor, account_id: str) -> None:
        """Let somebody in again.

        Raises:
            NotFound: there is no such account.
        """
        account = rows.change(connection, account_id, state=ACTIVE)
        self._record(connection, actor, "account.enable", account)

    def rename(self, connection: Connection, actor: Actor, account_id: str, name: str) -> None:
        """Call somebody otherwise.

        Raises:
            InvalidValue: it cannot be a name.
            NotFound: there is no such account.
        """
        account = rows.change(connection, account_id, name=checked_name(name))
        self._record(connection, actor, "account.rename", account)

    def set_email(self, connection: Connection, actor: Actor, account_id: str, email: str) -> None:
        """Give an account another address.

        Raises:
            Conflict: another account has it.
            InvalidValue: it cannot be one.
            NotFound: there is no such account.
        """
        account = rows.change(connection, account_id, email=checked_email(email))
        self._record(connection, actor, "account.email", account)

    def erase(self, connection: Connection, actor: Actor, account_id: str) -> int:
        """Erase somebody: their pictures, sessions, tokens, and what the log says in person.

        Replies that are kept under an Idempotency-Key go where they hold one of the pictures,
        whoever sent it, and everything that was kept for the person.

        Plugins erase what they keep in the same transaction, before this is called.

        Raises:
            Conflict: it is the last administrator's.
            NotFound: there is no such account.
        """
        before = rows.get(connection, account_id)
        if before is None or before.state == ERASED:
            raise NotFound("There is no such account.", given=account_id)
        erased = rows.change(
            connection, account_id, state=ERASED, email=None, email_key=None, name="",
        )  # fmt: skip
        rows.leave(connection, account_id)
        tokens.erase_all(connection, account_id)
        self._erase_pictures(connection, actor, account_id, None)
        self._record(connection, actor, "account.erase", erased)
        self._journal.erase(connection, account_id)
        # Later than the jobs that erase the pictures: their rows hold what was in the files.
        jobs.enqueue(connection, "scrub", {}, delay_seconds=SCRUB_AFTER)
        return invalidate(connection, narrows=True)

    def erase_pictures(self, connection: Connection, actor: Actor, account_id: str) -> bool:
        """Erase a part of somebody's pictures, where they have more than one transaction takes.

        Deleting a picture takes some 4 ms on SQLite and 8 on PostgreSQL, and meanwhile nobody else
        writes; so whoever erases somebody calls this before, until it says that no more is needed.

        Returns:
            Whether it is to be called again.

        Raises:
            Conflict: it is the last administrator's account.
            NotFound: there is no such account.
        """
        account = rows.get(connection, account_id)
        if account is None or account.state == ERASED:
            raise NotFound("There is no such account.", given=account_id)
        rows.check_another_admin(connection, account)
        if len(images.owned(connection, account_id, limit=ERASED_AT_ONCE + 1)) <= ERASED_AT_ONCE:
            return False
        self._erase_pictures(connection, actor, account_id, ERASED_AT_ONCE)
        return True

    def _erase_pictures(
        self, connection: Connection, actor: Actor, account_id: str, most: int | None
    ) -> None:
        owned = images.owned(connection, account_id, limit=most)
        idempotency.erase(connection, account_id, owned)
        for image_id in owned:
            images.delete(connection, image_id)
            self._journal.record(connection, actor, "image.delete", f"image:{image_id}")

    def create_team(self, connection: Connection, actor: Actor, name: str) -> Team:
        """Add a team.

        Raises:
            Conflict: there is one of that name.
            InvalidValue: it cannot be a name.
        """
        team = rows.add_team(connection, checked_name(name))
        self._journal.record(
            connection, actor, "team.create", f"team:{team.id}", details={"name": team.name}
        )
        return team

    def remove_team(self, connection: Connection, actor: Actor, team_id: str) -> int:
        """Remove a team; its pictures are their owners' alone from then on.

        Raises:
            NotFound: there is no such team.
        """
        team = rows.team(connection, team_id)
        for image_id in rows.remove_team(connection, team_id):
            invalidate(connection, image_id, narrows=True)
        self._journal.record(connection, actor, "team.delete", f"team:{team.id}")
        return invalidate(connection, narrows=True)

    def join(self, connection: Connection, actor: Actor, account_id: str, team_id: str) -> None:
        """Make an account a member of a team.

        Raises:
            NotFound: there is no such account or team.
        """
        team, account = rows.team(connection, team_id), rows.get(connection, account_id)
        if account is None or account.state == ERASED:
            raise NotFound("There is no such account.", given=account_id)
        if rows.join(connection, account_id, team.id):
            self._record(connection, actor, "team.join", account, team=team.id)

    def leave(self, connection: Connection, actor: Actor, account_id: str, team_id: str) -> int:
        """Take an account out of a team.

        Raises:
            NotFound: it is not in it.
        """
        account = rows.get(connection, account_id)
        if account is None or not rows.leave(connection, account_id, team_id):
            raise NotFound("This account is not in the team.", given=account_id)
        self._record(connection, actor, "team.leave", account, team=team_id)
        return invalidate(connection, narrows=True)

    def _record(
        self, connection: Connection, actor: Actor, action: str, account: Account, **details: str
    ) -> None:
        person = {"name": account.name, "email": account.email} if account.email else None
        self._journal.record(
            connection, actor, action, f"account:{account.id}", details=details, personal=person
        )


def check_role(role: str) -> None:
    """Insist that there is a role.

    Raises:
        InvalidValue: there is none of that name.
    """
    if role not in ROLES:
        raise invalid("role", role, ", ".join(ROLES))


def checked_name(name: str) -> str:
    """Return a name of a person or a team, without spaces around it.

    Raises:
        InvalidValue: it is empty, too long, or holds control characters.
    """
    plain = " ".join(name.split(" ")).strip()
    if not 1 <= len(plain) <= NAME_MOST or not plain.isprintable():
        raise invalid("name", name[:NAME_MOST], f"1 to {NAME_MOST} printable characters")
    return plain


def checked_email(email: str) -> str:
    """Return an e-mail address, without spaces around it.

    What may stand in one is wide (RFC 5321); here it only must not be able to end a header line
    or to name a second recipient. That it is theirs, its holder shows by the link it is sent.

    Raises:
        InvalidValue: it cannot be one.
    """
    plain = email.strip()
    if len(plain) > EMAIL_MOST or not plain.isprintable() or not _EMAIL.fullmatch(plain):
        raise invalid("email", email[:EMAIL_MOST], "an e-mail address: name@example.org")
    return plain
