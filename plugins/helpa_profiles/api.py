"""``/api/account/profile`` and what else one asks of one's own account."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Identity, NotFound, Route
from helpa.api import PROBLEMS, Problem, actor_of, json_body
from helpa_profiles.bodies import ErasureRequest, ProfileChange
from helpa_profiles.documents import ProfileDocument, SharedProfile
from helpa_profiles.erasure import Erasure
from helpa_profiles.export import Export
from helpa_profiles.profiles import Profiles

OWN = "profile:write"

Forget = Callable[[Response], None]


class ProfilesApi:
    """The routes.

    Args:
        profiles: shows and changes them.
        export: makes exports.
        erasure: erases accounts.
        forget: takes a browser's cookie back.
    """

    def __init__(
        self, profiles: Profiles, export: Export, erasure: Erasure, forget: Forget
    ) -> None:
        self._profiles = profiles
        self._export = export
        self._erasure = erasure
        self._forget = forget

    def routes(self) -> list[Route]:
        """Return the routes."""
        bodies = {413: Problem, 415: Problem}
        missing = {404: Problem}
        return [
            Route(
                "GET",
                "/api/account/profile",
                self.show,
                OWN,
                "Show one's own profile.",
                replies={200: ProfileDocument, **missing, **PROBLEMS},
            ),
            Route(
                "PATCH",
                "/api/account/profile",
                self.change,
                OWN,
                "Change one's own profile.",
                keyed=False,
                body=ProfileChange,
                replies={200: ProfileDocument, 429: Problem, **missing, **bodies, **PROBLEMS},
            ),
            Route(
                "POST",
                "/api/account/export",
                self.export,
                OWN,
                "Take everything along that is kept of oneself; needs a browser that has just "
                "signed in.",
                keyed=False,
                replies={200: "A zip.", **missing, **PROBLEMS},
            ),
            Route(
                "POST",
                "/api/account/erase",
                self.erase,
                OWN,
                "Erase one's own account and everything kept with it; needs a browser that has "
                "just signed in.",
                keyed=False,
                body=ErasureRequest,
                replies={204: "It is gone.", 409: Problem, **missing, **bodies, **PROBLEMS},
            ),
            Route(
                "GET",
                "/api/users/{id}/profile",
                self.of,
                OWN,  # every role; whether they know each other is found out then
                "Show the profile of somebody in one's teams; anybody's needs users:read.",
                replies={200: SharedProfile, **missing, **PROBLEMS},
            ),
            Route(
                "POST",
                "/api/users/{id}/erase",
                self.erase_other,
                "users:write",
                "Erase an account and everything kept with it.",
                keyed=False,
                replies={204: "It is gone.", 409: Problem, **missing, **PROBLEMS},
            ),
        ]

    async def show(self, request: Request) -> Response:
        """Answer with one's own profile."""
        return JSONResponse((await self._profiles.own(_who(request))).model_dump(by_alias=True))

    async def change(self, request: Request) -> Response:
        """Change it."""
        wanted = await json_body(request, ProfileChange)
        await self._profiles.change(_who(request), actor_of(request), wanted)
        return await self.show(request)

    async def of(self, request: Request) -> Response:
        """Answer with somebody's."""
        account_id = _account_id(request)
        shared = await self._profiles.of(_who(request), actor_of(request), account_id)
        return JSONResponse(shared.model_dump())

    async def export(self, request: Request) -> Response:
        """Answer with a zip."""
        return await self._export.reply(_who(request), actor_of(request))

    async def erase(self, request: Request) -> Response:
        """Erase one's own account."""
        asked = await json_body(request, ErasureRequest)
        await self._erasure.own(_who(request), actor_of(request), asked.email)
        response = Response(status_code=204)
        self._forget(response)
        return response

    async def erase_other(self, request: Request) -> Response:
        """Erase somebody's account."""
        account_id = _account_id(request)
        await self._erasure.other(_who(request), actor_of(request), account_id)
        return Response(status_code=204)


def _account_id(request: Request) -> str:
    """Return the id in a path.

    Raises:
        NotFound: it has not the form of one; PostgreSQL refuses to look for some texts.
    """
    text: str = request.path_params["id"]
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        raise NotFound("There is no such account.")
    return text


def _who(request: Request) -> Identity:
    identity: Identity = request.state.identity
    return identity
