"""Teams: who belongs to which, and who sees that."""

from __future__ import annotations

from sqlalchemy import Connection

from helpa import Actor, Identity, NotFound, Services, Team
from helpa_accounts.documents import TeamDocument, TeamMember, WholeTeam
from helpa_accounts.ids import check_id


class Teams:
    """Shows and changes teams.

    Args:
        services: what the server offers.
    """

    def __init__(self, services: Services) -> None:
        self._accounts = services.accounts
        self._database = services.database
        self._journal = services.journal
        self._settled = services.settled

    @staticmethod
    def sees_all(identity: Identity) -> bool:
        """Whether somebody sees teams that they are not in."""
        return identity.may("users:read") or identity.may("teams:write")

    async def every(self, identity: Identity) -> list[WholeTeam]:
        """Return the teams that somebody sees, by name."""

        def find(connection: Connection) -> list[WholeTeam]:
            if self.sees_all(identity):
                found = self._accounts.teams(connection)
            else:
                found = self._accounts.teams_of(connection, identity.owner)
            return [self._whole(connection, team) for team in found]

        return await self._database.read(find)

    async def get(self, identity: Identity, actor: Actor, team_id: str) -> WholeTeam:
        """Return a team; that somebody was told who is in it is on record.

        Raises:
            NotFound: there is none, or somebody may not know of it.
        """
        team = await self._database.read(
            lambda c: self._whole(c, self._visible(c, identity, team_id))
        )
        ids = [each.id for each in team.members if each.id != identity.owner]
        if ids:
            await self._database.write(
                lambda c: self._journal.record(
                    c, actor, "team.read", f"team:{team.id}", details={"accounts": ids}, event=False
                )
            )
        return team

    async def create(self, actor: Actor, name: str) -> TeamDocument:
        """Make a team.

        Raises:
            Conflict: there is one of that name.
            InvalidValue: it cannot be a name.
        """
        team = await self._database.write(lambda c: self._accounts.create_team(c, actor, name))
        return TeamDocument.of(team)

    async def remove(self, actor: Actor, team_id: str) -> None:
        """Remove a team, and wait until nobody sees its pictures by it.

        Raises:
            NotFound: there is none.
        """
        check_id(team_id, "team")
        await self._settled(
            await self._database.write(lambda c: self._accounts.remove_team(c, actor, team_id))
        )

    async def join(self, actor: Actor, team_id: str, account_id: str) -> None:
        """Make somebody a member.

        Raises:
            NotFound: there is no such team or account.
        """
        check_id(team_id, "team")
        check_id(account_id, "account")
        await self._database.write(lambda c: self._accounts.join(c, actor, account_id, team_id))

    async def join_by_email(self, actor: Actor, team_id: str, email: str) -> None:
        """Make somebody a member, by their address.

        Raises:
            NotFound: there is no such team, or nobody of that address.
        """

        def work(connection: Connection) -> None:
            account = self._accounts.by_email(connection, email)
            if account is None:
                raise NotFound("Nobody here has this e-mail address.", field="email")
            self._accounts.join(connection, actor, account.id, team_id)

        await self._database.write(work)

    async def leave(self, actor: Actor, team_id: str, account_id: str) -> None:
        """Take somebody out, and wait until they see the team's pictures nowhere.

        Raises:
            NotFound: they are not in it.
        """
        check_id(team_id, "team")
        check_id(account_id, "account")
        await self._settled(
            await self._database.write(
                lambda c: self._accounts.leave(c, actor, account_id, team_id)
            )
        )

    def _visible(self, connection: Connection, identity: Identity, team_id: str) -> Team:
        found = {team.id: team for team in self._accounts.teams(connection)}
        if team_id not in found or not (self.sees_all(identity) or team_id in identity.teams):
            # The same words and no id: whether there is one is not told.
            raise NotFound("There is no such team.")
        return found[team_id]

    def _whole(self, connection: Connection, team: Team) -> WholeTeam:
        return WholeTeam(
            **dict(TeamDocument.of(team)),
            members=[
                TeamMember(id=each.id, name=each.name, role=each.role)
                for each in self._accounts.members(connection, team.id)
            ],
        )
