"""``/api/users``."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Route
from helpa.api import Problem, actor_of, json_body, query
from helpa_accounts.bodies import Invitation, UserChange, UserQuery
from helpa_accounts.documents import InvitedUser, ResetLink, UserDocument, UserList
from helpa_accounts.users import Users

READ, WRITE = "users:read", "users:write"


class UsersApi:
    """Other people's accounts.

    Args:
        users: shows and changes them.
    """

    def __init__(self, users: Users) -> None:
        self._users = users

    def routes(self) -> list[Route]:
        """Return the routes."""
        one, missing = "/api/users/{id}", {404: Problem}
        return [
            Route(
                "GET", "/api/users", self.list, READ,
                "List people and their e-mail addresses. Looking is an entry of the audit log.",
                query=UserQuery, replies={200: UserList, 400: Problem},
            ),
            Route(
                "POST", "/api/users", self.invite, WRITE, "Invite somebody.",
                body=Invitation,
                replies={201: InvitedUser, 400: Problem, 409: Problem, 413: Problem, 415: Problem},
            ),
            Route(
                "GET", one, self.get, READ,
                "Show somebody's account. Looking is an entry of the audit log.",
                replies={200: UserDocument, **missing},
            ),
            Route(
                "PATCH", one, self.change, WRITE,
                "Change somebody's role, state or name. What was taken is taken everywhere when "
                "this answers.",
                body=UserChange,
                replies={
                    200: UserDocument, 400: Problem, 409: Problem, 413: Problem, 415: Problem,
                    **missing,
                },
            ),
            Route(
                "POST", f"{one}/reset", self.reset, WRITE,
                "Let somebody choose a new password, by a link that works once.",
                replies={201: ResetLink, 409: Problem, **missing},
            ),
            Route(
                "POST", f"{one}/invitation", self.invite_again, WRITE,
                "Invite somebody anew whose invitation was lost; the earlier one ends.",
                replies={201: ResetLink, 409: Problem, **missing},
            ),
            Route(
                "DELETE", f"{one}/sessions", self.end_sessions, WRITE,
                "Sign somebody out everywhere.",
                replies={204: "Signed out.", **missing},
            ),
        ]  # fmt: skip

    async def list(self, request: Request) -> Response:
        """List."""
        asked = query(request, UserQuery)
        found = await self._users.page(
            actor_of(request), limit=asked.limit, cursor=asked.cursor, text=asked.q
        )
        return JSONResponse(found.model_dump())

    async def invite(self, request: Request) -> Response:
        """Invite."""
        asked = await json_body(request, Invitation)
        made = await self._users.invite(request.state.identity, actor_of(request), asked)
        return JSONResponse(made.model_dump(), 201, {"Location": f"/api/users/{made.id}"})

    async def get(self, request: Request) -> Response:
        """Show."""
        found = await self._users.get(actor_of(request), request.path_params["id"])
        return JSONResponse(found.model_dump())

    async def change(self, request: Request) -> Response:
        """Change."""
        asked = await json_body(request, UserChange)
        changed = await self._users.change(
            request.state.identity, actor_of(request), request.path_params["id"], asked
        )
        return JSONResponse(changed.model_dump())

    async def reset(self, request: Request) -> Response:
        """Make a link."""
        link = await self._users.reset(
            request.state.identity, actor_of(request), request.path_params["id"]
        )
        return JSONResponse(ResetLink(link=link).model_dump(), 201)

    async def invite_again(self, request: Request) -> Response:
        """Make another invitation."""
        link = await self._users.invite_again(
            request.state.identity, actor_of(request), request.path_params["id"]
        )
        return JSONResponse(ResetLink(link=link).model_dump(), 201)

    async def end_sessions(self, request: Request) -> Response:
        """Sign out."""
        await self._users.end_sessions(
            request.state.identity, actor_of(request), request.path_params["id"]
        )
        return Response(status_code=204)
