"""``/teams``."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from helpa import Conflict, Identity, InvalidValue, NotFound, Route
from helpa.api import actor_of, checked
from helpa.pages import Form, Pages
from helpa_accounts.bodies import NewTeam
from helpa_accounts.pages.words import messages, moment
from helpa_accounts.teams import Teams

OWN, WRITE = "profile:write", "teams:write"


class TeamsPage:
    """Teams and their members.

    Args:
        pages: renders.
        teams: shows and changes them.
    """

    def __init__(self, pages: Pages, teams: Teams) -> None:
        self._pages = pages
        self._teams = teams

    def routes(self) -> list[Route]:
        """Return the routes."""
        pages, one = self._pages, "/teams/{id}"
        return [
            pages.page("/teams", self.teams, OWN, menu="Teams"),
            pages.form("/teams", self.create, WRITE),
            pages.page(one, self.team, OWN),
            pages.form(f"{one}/members", self.join, WRITE),
            pages.form(f"{one}/members/{{account}}/remove", self.leave, WRITE),
            pages.page(f"{one}/delete", self.ask_delete, WRITE),
            pages.form(f"{one}/delete", self.delete, WRITE),
        ]

    async def teams(self, request: Request) -> Response:
        """Answer with the teams somebody sees."""
        return await self._list(request)

    async def _list(self, request: Request, *, status: int = 200, **given: Any) -> Response:
        viewer: Identity = request.state.identity
        found = await self._teams.every(viewer)
        return self._pages.show(
            request,
            "teams.html",
            status=status,
            teams=[(team, moment(team.created_at)) for team in found],
            own=viewer.teams,
            sees_all=self._teams.sees_all(viewer),
            may_write=viewer.may(WRITE),
            **{"typed": "", **given},
        )

    async def create(self, request: Request, form: Form) -> Response:
        """Make a team."""
        typed = form.get("name", "")
        try:
            asked = checked(NewTeam, {"name": typed})
            made = await self._teams.create(actor_of(request), asked.name)
        except (InvalidValue, Conflict) as error:
            errors = messages(error, {"name": "name"})
            return await self._list(request, status=error.status, errors=errors, typed=typed)
        return self._pages.redirect(f"/teams/{made.id}")

    async def team(self, request: Request) -> Response:
        """Answer with a team."""
        return await self._team(request)

    async def _team(self, request: Request, *, status: int = 200, **given: Any) -> Response:
        viewer: Identity = request.state.identity
        return self._pages.show(
            request,
            "team.html",
            status=status,
            team=await self._teams.get(viewer, actor_of(request), request.path_params["id"]),
            may_write=viewer.may(WRITE),
            may_see=viewer.may("users:read"),
            **{"typed": "", **given},
        )

    async def join(self, request: Request, form: Form) -> Response:
        """Make somebody a member, by their address."""
        team, typed = request.path_params["id"], form.get("email", "")
        await self._teams.get(request.state.identity, actor_of(request), team)
        try:
            await self._teams.join_by_email(actor_of(request), team, typed)
        except NotFound as error:
            return await self._team(request, status=422, errors={"email": error.detail},
                                    typed=typed)  # fmt: skip
        return self._pages.redirect(f"/teams/{team}")

    async def leave(self, request: Request, _: Form) -> Response:
        """Take somebody out."""
        team, account = request.path_params["id"], request.path_params["account"]
        await self._teams.leave(actor_of(request), team, account)
        return self._pages.redirect(f"/teams/{team}")

    async def ask_delete(self, request: Request) -> Response:
        """Ask whether a team shall be removed."""
        team = await self._teams.get(
            request.state.identity, actor_of(request), request.path_params["id"]
        )
        return self._pages.show(
            request,
            "confirm.html",
            title=f"Delete the team {team.name}?",
            text="Its members see one another's pictures no longer by it: each picture is its "
            "owner's alone again. No picture and no account is deleted. This cannot be undone.",
            action=f"{self._pages.base}/teams/{team.id}/delete",
            button="Delete the team",
            back=f"{self._pages.base}/teams/{team.id}",
        )

    async def delete(self, request: Request, _: Form) -> Response:
        """Remove a team."""
        await self._teams.remove(actor_of(request), request.path_params["id"])
        return self._pages.redirect("/teams")
