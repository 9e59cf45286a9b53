"""People: who has an account, what their role is, whether they may sign in."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from helpa import Account, Actor, Conflict, Forbidden, Identity, NotFound, Services, invalid
from helpa_accounts.bodies import Invitation, UserChange
from helpa_accounts.documents import InvitedUser, SessionDocument, UserDocument, UserList
from helpa_accounts.ids import check_id
from helpa_accounts.letters import Letter, Letters
from helpa_accounts.links import INVITATION, Links

ADMIN = "admin"


class Users:
    """Shows and changes other people's accounts.

    Args:
        services: what the server offers.
        links: invites, and lets choose a new password.
        letters: knows whether there is a mail server.
    """

    def __init__(self, services: Services, links: Links, letters: Letters) -> None:
        self._services = services
        self._accounts = services.accounts
        self._database = services.database
        self._links = links
        self._letters = letters

    async def page(
        self, actor: Actor, *, limit: int, cursor: str | None = None, text: str = ""
    ) -> UserList:
        """Return a part of the list; that it was shown, and who was in it, is on record.

        Args:
            actor: who looks.
            limit: how many at the most.
            cursor: the last id of the part before.
            text: what the name or the address holds.

        Raises:
            InvalidValue: no part ended with that cursor.
        """

        def find(connection: Connection) -> UserList:
            if cursor is not None and self._accounts.get(connection, cursor) is None:
                raise invalid("cursor", cursor, "next_cursor of an earlier page")
            found = self._accounts.page(connection, limit=limit + 1, after=cursor, text=text)
            shown = found[:limit]
            more = shown[-1].id if len(found) > limit else None
            return UserList(users=self._documents(connection, shown), next_cursor=more)

        listed = await self._database.read(find)
        ids = [each.id for each in listed.users]
        # Nobody's address is shown unless that is on record.
        await self._database.write(
            lambda c: self._services.journal.record(
                c, actor, "account.list", "account:*", details={"accounts": ids}, event=False
            )
        )
        return listed

    async def get(self, actor: Actor, account_id: str) -> UserDocument:
        """Return an account; that it was shown is on record.

        Raises:
            NotFound: there is none.
        """
        found = await self._database.read(lambda c: self._document(c, self.there(c, account_id)))
        await self._database.write(
            lambda c: self._services.journal.record(
                c, actor, "account.read", f"account:{account_id}", event=False
            )
        )
        return found

    async def invite(self, identity: Identity, actor: Actor, asked: Invitation) -> InvitedUser:
        """Make an account and invite its holder.

        Raises:
            Conflict: the address has an account.
            Forbidden: the role may more than who invites, or teams need another permission.
            InvalidValue: the address or a name cannot be one, or there is no such team.
        """
        if asked.teams and not identity.may("teams:write"):
            raise Forbidden("Putting people in teams needs teams:write.", allowed="teams:write")

        def work(connection: Connection) -> InvitedUser:
            self.check_within(identity, asked.role)
            account = self._accounts.create(
                connection, actor, email=asked.email, name=asked.name, role=asked.role
            )
            for team in asked.teams:
                try:
                    self._accounts.join(connection, actor, account.id, team)
                except NotFound:
                    raise invalid("teams", team, "ids of teams there are") from None
            link = self._links.invite(connection, actor, account.id)
            document = self._document(connection, account)
            return InvitedUser(**dict(document), link=None if self._letters.sends else link)

        return await self._database.write(work)

    async def invite_again(self, identity: Identity, actor: Actor, account_id: str) -> str | None:
        """Invite somebody anew whose invitation was lost; return the link where no mail goes.

        Raises:
            Conflict: they have accepted, or the account is disabled.
            Forbidden: they may more than who invites.
            NotFound: there is no such account.
        """

        def work(connection: Connection) -> str:
            account = self._touched(connection, identity, account_id)
            if account.id not in self._invited(connection):
                raise Conflict("No invitation waits for this account.", field="account")
            return self._links.invite(connection, actor, account.id)

        return self._shown(await self._database.write(work))

    async def reset(self, identity: Identity, actor: Actor, account_id: str) -> str | None:
        """Let somebody choose a new password; return the link where no mail goes.

        Raises:
            Conflict: the account is disabled.
            Forbidden: they may more than who asks.
            NotFound: there is no such account.
        """

        def work(connection: Connection) -> str:
            account = self._touched(connection, identity, account_id)
            return self._links.reset(connection, actor, account.id)

        return self._shown(await self._database.write(work))

    async def change(
        self, identity: Identity, actor: Actor, account_id: str, asked: UserChange
    ) -> UserDocument:
        """Change an account, and wait until what was taken is taken everywhere.

        Raises:
            Conflict: it is the last administrator's.
            Forbidden: the old or the new role may more than who asks.
            NotFound: there is no such account.
        """

        def work(connection: Connection) -> tuple[UserDocument, list[int]]:
            before = self.there(connection, account_id)
            self.check_within(identity, before.role)
            taken = []
            if asked.name is not None and asked.name != before.name:
                self._accounts.rename(connection, actor, account_id, asked.name)
            if asked.role is not None and asked.role != before.role:
                self.check_within(identity, asked.role)
                taken.append(self._accounts.set_role(connection, actor, account_id, asked.role))
            if asked.state is not None and asked.state != before.state:
                if asked.state == "disabled":
                    taken.append(self._accounts.disable(connection, actor, account_id))
                else:
                    self._accounts.enable(connection, actor, account_id)
            return self._document(connection, self.there(connection, account_id)), taken

        document, taken = await self._database.write(work)
        if taken:
            await self._services.settled(max(taken))
        return document

    async def end_sessions(self, identity: Identity, actor: Actor, account_id: str) -> None:
        """Sign somebody out everywhere.

        Raises:
            Forbidden: they may more than who asks.
            NotFound: there is no such account.
        """

        def work(connection: Connection) -> int | None:
            account = self.there(connection, account_id)
            self.check_within(identity, account.role)
            seq = self._services.tokens.revoke_all(connection, account_id, kinds=("session",))
            if seq is not None:
                self._services.journal.record(
                    connection, actor, "session.end-all", f"account:{account_id}"
                )
            return seq

        seq = await self._database.write(work)
        if seq is not None:
            await self._services.settled(seq)

    def sessions(self, connection: Connection, account_id: str) -> list[SessionDocument]:
        """Return somebody's sessions."""
        held = self._services.tokens.held(connection, owner=account_id, kind="session")
        return [SessionDocument.of(each, "") for each in held]

    def waiting(self, connection: Connection, identity: Identity) -> list[Letter]:
        """Return the letters that were not sent, of accounts that somebody may change.

        Whoever reads one may become whom it is for.
        """
        found = []
        for letter in self._letters.waiting(connection):
            account = self._accounts.get(connection, letter.account or "")
            if account is not None and letter.error and self.within(identity, account.role):
                found.append(letter)
        return found

    def there(self, connection: Connection, account_id: str) -> Account:
        """Return an account.

        Raises:
            NotFound: there is none, or it was erased.
        """
        account = self._accounts.get(connection, check_id(account_id, "account"))
        if account is None or account.state == "erased":
            raise NotFound("There is no such account.")
        return account

    def within(self, identity: Identity, role: str) -> bool:
        """Whether somebody may give a role, or change accounts that have it."""
        if identity.may(ADMIN):
            return True
        allowed = self._services.allowed
        return role != ADMIN and allowed(role) <= allowed(identity.role)

    def check_within(self, identity: Identity, role: str) -> None:
        """Insist that a role may no more than who gives it or changes its accounts.

        Who may change accounts could else become an administrator by way of another account.

        Raises:
            Forbidden: it may more.
        """
        if not self.within(identity, role):
            raise Forbidden(
                f"An account of the role {role} is made and changed only by who may do as much.",
                field="role",
                given=role,
                allowed=ADMIN,
            )

    def _touched(self, connection: Connection, identity: Identity, account_id: str) -> Account:
        account = self.there(connection, account_id)
        self.check_within(identity, account.role)
        if account.state != "active":
            raise Conflict("This account is disabled; enable it first.", field="state")
        return account

    def _shown(self, link: str) -> str | None:
        return None if self._letters.sends else link

    def _invited(self, connection: Connection) -> frozenset[str]:
        held = self._services.tokens.held(connection, kind=INVITATION)
        return frozenset(each.owner for each in held)

    def _document(self, connection: Connection, account: Account) -> UserDocument:
        return self._documents(connection, [account])[0]

    def _documents(self, connection: Connection, accounts: Iterable[Account]) -> list[UserDocument]:
        invited = self._invited(connection)
        return [
            UserDocument.of(
                each, self._accounts.teams_of(connection, each.id), invited=each.id in invited
            )
            for each in accounts
        ]
