"""``/api/teams``."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Route
from helpa.api import Problem, actor_of, json_body
from helpa_accounts.bodies import NewTeam
from helpa_accounts.documents import TeamDocument, TeamList, WholeTeam
from helpa_accounts.teams import Teams

OWN, WRITE = "profile:write", "teams:write"
"""Everybody sees the teams they are in; which those are, the handlers look after."""


class TeamsApi:
    """Teams and their members.

    Args:
        teams: shows and changes them.
    """

    def __init__(self, teams: Teams) -> None:
        self._teams = teams

    def routes(self) -> list[Route]:
        """Return the routes."""
        one, missing = "/api/teams/{id}", {404: Problem}
        member = f"{one}/members/{{account}}"
        return [
            Route(
                "GET", "/api/teams", self.list, OWN,
                "List one's own teams; with users:read or teams:write, all of them.",
                replies={200: TeamList},
            ),
            Route(
                "POST", "/api/teams", self.create, WRITE, "Make a team.",
                body=NewTeam,
                replies={201: TeamDocument, 400: Problem, 409: Problem, 413: Problem, 415: Problem},
            ),
            Route(
                "GET", one, self.get, OWN, "Show a team and its members.",
                replies={200: WholeTeam, **missing},
            ),
            Route(
                "DELETE", one, self.remove, WRITE,
                "Remove a team. Its pictures are their owners' alone when this answers.",
                replies={204: "Removed.", **missing},
            ),
            Route(
                "PUT", member, self.join, WRITE, "Make somebody a member.",
                replies={204: "They are a member.", **missing},
            ),
            Route(
                "DELETE", member, self.leave, WRITE,
                "Take somebody out. They see the team's pictures nowhere when this answers.",
                replies={204: "They are none any more.", **missing},
            ),
        ]  # fmt: skip

    async def list(self, request: Request) -> Response:
        """List."""
        found = await self._teams.every(request.state.identity)
        teams = [TeamDocument(id=t.id, name=t.name, created_at=t.created_at) for t in found]
        return JSONResponse(TeamList(teams=teams).model_dump())

    async def create(self, request: Request) -> Response:
        """Make."""
        asked = await json_body(request, NewTeam)
        made = await self._teams.create(actor_of(request), asked.name)
        return JSONResponse(made.model_dump(), 201, {"Location": f"/api/teams/{made.id}"})

    async def get(self, request: Request) -> Response:
        """Show."""
        found = await self._teams.get(
            request.state.identity, actor_of(request), request.path_params["id"]
        )
        return JSONResponse(found.model_dump())

    async def remove(self, request: Request) -> Response:
        """Remove."""
        await self._teams.remove(actor_of(request), request.path_params["id"])
        return Response(status_code=204)

    async def join(self, request: Request) -> Response:
        """Join."""
        team, account = request.path_params["id"], request.path_params["account"]
        await self._teams.join(actor_of(request), team, account)
        return Response(status_code=204)

    async def leave(self, request: Request) -> Response:
        """Leave."""
        team, account = request.path_params["id"], request.path_params["account"]
        await self._teams.leave(actor_of(request), team, account)
        return Response(status_code=204)
