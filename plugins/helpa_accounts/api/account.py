"""``/api/account`` and ``/api/tokens``: what is one's own."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Route
from helpa.api import Problem, actor_of, json_body
from helpa_accounts.bodies import NewToken
from helpa_accounts.credentials import Credentials
from helpa_accounts.documents import (
    AccountDocument,
    NewTokenDocument,
    SessionList,
    TokenList,
)

OWN, TOKENS = "profile:write", "tokens:write"


class AccountApi:
    """Who asks, their sessions, their tokens.

    Args:
        credentials: shows and changes them.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def routes(self) -> list[Route]:
        """Return the routes."""
        sessions, tokens, missing = "/api/account/sessions", "/api/tokens", {404: Problem}
        return [
            Route(
                "GET", "/api/account", self.account, OWN, "Say who asks.",
                replies={200: AccountDocument},
            ),
            Route(
                "GET", sessions, self.sessions, OWN, "List one's own sessions.",
                replies={200: SessionList},
            ),
            Route(
                "DELETE", sessions, self.end_others, OWN,
                "End all of one's own sessions but the one that asks.",
                replies={204: "Ended."},
            ),
            Route(
                "DELETE", f"{sessions}/{{id}}", self.end, OWN, "End one of one's own sessions.",
                replies={204: "Ended.", **missing},
            ),
            Route(
                "GET", tokens, self.tokens, TOKENS, "List one's own tokens.",
                replies={200: TokenList},
            ),
            Route(
                "POST", tokens, self.create, TOKENS,
                "Make a token of one's own; its text is shown this once. A session must have been "
                "begun some minutes ago at most.",
                body=NewToken,
                replies={201: NewTokenDocument, 400: Problem, 413: Problem, 415: Problem},
            ),
            Route(
                "DELETE", f"{tokens}/{{id}}", self.revoke, TOKENS,
                "Revoke a token of one's own. It is refused everywhere when this answers.",
                replies={204: "Revoked.", **missing},
            ),
        ]  # fmt: skip

    async def account(self, request: Request) -> Response:
        """Say who."""
        return JSONResponse((await self._credentials.account(request.state.identity)).model_dump())

    async def sessions(self, request: Request) -> Response:
        """List sessions."""
        found = await self._credentials.sessions(request.state.identity)
        return JSONResponse(SessionList(sessions=found).model_dump())

    async def end_others(self, request: Request) -> Response:
        """End all others."""
        await self._credentials.end_others(request.state.identity, actor_of(request))
        return Response(status_code=204)

    async def end(self, request: Request) -> Response:
        """End one."""
        await self._credentials.end(
            request.state.identity, actor_of(request), request.path_params["id"]
        )
        return Response(status_code=204)

    async def tokens(self, request: Request) -> Response:
        """List tokens."""
        found = await self._credentials.tokens(request.state.identity)
        return JSONResponse(TokenList(tokens=found).model_dump())

    async def create(self, request: Request) -> Response:
        """Make one."""
        asked = await json_body(request, NewToken)
        made = await self._credentials.create(request, asked)
        return JSONResponse(made.model_dump(), 201, {"Location": f"/api/tokens/{made.id}"})

    async def revoke(self, request: Request) -> Response:
        """Revoke one."""
        await self._credentials.revoke(
            request.state.identity, actor_of(request), request.path_params["id"]
        )
        return Response(status_code=204)
