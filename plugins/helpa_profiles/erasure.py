"""Erasing somebody: everything that is kept of them, everywhere."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from helpa import Account, Actor, Forbidden, Identity, NotFound, Services, invalid
from helpa_profiles.export import check_fresh

ADMIN = "admin"

Check = Callable[[Connection], None]


class Erasure:
    """Erases accounts.

    Args:
        services: what the server offers.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def own(self, identity: Identity, actor: Actor, email: str) -> None:
        """Erase the account of whoever asks.

        Args:
            identity: who asks.
            actor: as the log names them.
            email: their address, typed as a confirmation.

        Raises:
            Conflict: it is the last administrator's.
            Forbidden: they have not signed in a moment ago.
            InvalidValue: it is not their address.
            NotFound: there is no account.
        """

        def check(connection: Connection) -> None:
            check_fresh(self._services, connection, identity)
            account = self._account(connection, identity.owner)
            typed = self._services.accounts.by_email(connection, email)
            if typed is None or typed.id != account.id:
                raise invalid("email", email, "the e-mail address of your account")

        await self._erase(actor, identity.owner, check)

    async def other(self, identity: Identity, actor: Actor, account_id: str) -> None:
        """Erase somebody's account, as an administrator.

        Raises:
            Conflict: it is the last administrator's.
            Forbidden: it is one's own, and one has not signed in a moment ago; or it may more than
                who asks.
            NotFound: there is no account.
        """

        def check(connection: Connection) -> None:
            if account_id == identity.owner:
                check_fresh(self._services, connection, identity)
            self._check_within(identity, self._account(connection, account_id).role)

        await self._erase(actor, account_id, check)

    def _check_within(self, identity: Identity, role: str) -> None:
        # As for every other change to somebody's account: who may write users is no administrator.
        allowed = self._services.allowed
        if identity.may(ADMIN) or (role != ADMIN and allowed(role) <= allowed(identity.role)):
            return
        raise Forbidden(
            f"An account of the role {role} is erased only by who may do as much.",
            field="role",
            given=role,
            allowed=ADMIN,
        )

    def _account(self, connection: Connection, account_id: str) -> Account:
        account = self._services.accounts.get(connection, account_id)
        if account is None or account.state == "erased":
            raise NotFound("There is no such account.")
        return account

    async def _erase(self, actor: Actor, account_id: str, check: Check) -> None:
        accounts, database = self._services.accounts, self._services.database

        def begin(connection: Connection) -> bool:
            check(connection)
            return accounts.erase_pictures(connection, actor, account_id)

        more = await database.write(begin)
        while more:
            more = await database.write(lambda c: accounts.erase_pictures(c, actor, account_id))

        def work(connection: Connection) -> int:
            for each in self._services.personal_data():
                each.erase(connection, account_id)
            return accounts.erase(connection, actor, account_id)

        seq = await database.write(work)
        await self._services.settled(seq)
