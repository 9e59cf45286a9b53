"""``/account/sessions`` and ``/account/tokens``."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from helpa import Forbidden, Identity, InvalidValue, Route, Services
from helpa.api import actor_of, checked
from helpa.pages import Form, Pages
from helpa_accounts.bodies import NewToken
from helpa_accounts.credentials import Credentials
from helpa_accounts.pages.user import history
from helpa_accounts.pages.words import device, messages, method, moment

SESSIONS, TOKENS = "/account/sessions", "/account/tokens"
OWN, WRITE = "profile:write", "tokens:write"

DAY = 24 * 3600
LIVES = (
    (str(DAY), "1 day"),
    (str(7 * DAY), "7 days"),
    (str(30 * DAY), "30 days"),
    (str(90 * DAY), "90 days"),
    (str(365 * DAY), "1 year"),
    ("", "no end"),
)
"""How long a token may live; the page proposes 90 days."""

FIELDS = {"name": "name", "scopes": "scopes", "expires_in": "expires_in", "session": "name"}


class CredentialPages:
    """One's own sessions and tokens.

    Args:
        services: what the server offers.
        pages: renders.
        credentials: shows and changes them.
    """

    def __init__(self, services: Services, pages: Pages, credentials: Credentials) -> None:
        self._services = services
        self._pages = pages
        self._credentials = credentials

    def routes(self) -> list[Route]:
        """Return the routes."""
        pages = self._pages
        return [
            pages.page(SESSIONS, self.sessions, OWN, menu="Sessions"),
            pages.form(f"{SESSIONS}/others/end", self.end_others, OWN),
            pages.form(f"{SESSIONS}/{{id}}/end", self.end, OWN),
            pages.page(TOKENS, self.tokens, WRITE, menu="Tokens"),
            pages.form(TOKENS, self.create, WRITE),
            pages.page(f"{TOKENS}/{{id}}/revoke", self.ask_revoke, WRITE),
            pages.form(f"{TOKENS}/{{id}}/revoke", self.revoke, WRITE),
        ]

    async def sessions(self, request: Request) -> Response:
        """Answer with the sessions, and what was before them."""
        viewer: Identity = request.state.identity
        found = await self._credentials.sessions(viewer)
        # It is their own: that they look at it is no exposure.
        past = await self._services.database.read(lambda c: history(c, viewer.owner))
        rows = [
            {
                "id": each.id,
                "current": each.current,
                "device": device(each.device),
                "agent": each.device,
                "address": each.address or "not kept",
                "method": method(each.method),
                "since": moment(each.created_at),
                "used": moment(each.used_at, "not since"),
            }
            for each in reversed(found)
        ]
        return self._pages.show(
            request, "sessions.html", sessions=sorted(rows, key=_not_current), history=past
        )

    async def end(self, request: Request, _: Form) -> Response:
        """End a session."""
        viewer: Identity = request.state.identity
        await self._credentials.end(viewer, actor_of(request), request.path_params["id"])
        return self._pages.redirect("/" if request.path_params["id"] == viewer.id else SESSIONS)

    async def end_others(self, request: Request, _: Form) -> Response:
        """End all sessions but this one."""
        await self._credentials.end_others(request.state.identity, actor_of(request))
        return self._pages.redirect(SESSIONS)

    async def tokens(self, request: Request) -> Response:
        """Answer with the tokens, and the form that makes one."""
        return await self._tokens(request)

    async def _tokens(self, request: Request, *, status: int = 200, **given: Any) -> Response:
        viewer: Identity = request.state.identity
        found = await self._credentials.tokens(viewer)
        permissions = self._services.permissions
        return self._pages.show(
            request,
            "tokens.html",
            status=status,
            tokens=[
                {
                    "id": each.id,
                    "name": each.name,
                    "scopes": each.scopes,
                    "used": moment(each.used_at),
                    "since": moment(each.created_at),
                    "ends": moment(each.expires_at),
                }
                for each in reversed(found)
            ],
            fresh=viewer.kind != "session" or await self._credentials.fresh(viewer),
            scopes=[
                (name, permissions[name].summary) for name in self._credentials.own_scopes(viewer)
            ],
            lives=LIVES,
            **{
                "typed": {"name": "", "expires_in": str(90 * DAY)},
                "ticked": ["images:read", "images:write"],
                **given,
            },
        )

    async def create(self, request: Request, form: Form) -> Response:
        """Make a token, and show it this once."""
        typed = {name: form.get(name, "") for name in ("name", "expires_in")}
        scopes = form.all("scopes")
        errors: dict[str, str] = {}
        if not typed["name"]:
            errors["name"] = "Give the token a name: what it is for, or where it is kept."
        if not scopes:
            errors["scopes"] = "Tick what the token may do."
        if errors:
            return await self._refused(request, errors, typed, scopes)
        values = {"name": typed["name"], "scopes": scopes, "expires_in": typed["expires_in"]}
        try:
            asked = checked(NewToken, {name: value for name, value in values.items() if value})
            made = await self._credentials.create(request, asked)
        except Forbidden:
            return await self._tokens(request, status=403)
        except InvalidValue as error:
            return await self._refused(request, messages(error, FIELDS), typed, scopes)
        text = json.dumps(made.sharex, indent=2, ensure_ascii=False)
        return self._pages.show(
            request,
            "token.html",
            status=201,
            token=made,
            ends=moment(made.expires_at),
            uploads="images:write" in made.scopes or "admin" in made.scopes,
            # A link that holds the file itself: the text is never sent here again.
            sharex=f"data:application/json;charset=utf-8,{quote(text)}",
        )

    async def _refused(
        self, request: Request, errors: dict[str, str], typed: dict[str, str], scopes: list[str]
    ) -> Response:
        return await self._tokens(request, status=422, errors=errors, typed=typed, ticked=scopes)

    async def ask_revoke(self, request: Request) -> Response:
        """Ask whether a token shall end."""
        viewer: Identity = request.state.identity
        token = await self._credentials.token(viewer, request.path_params["id"])
        return self._pages.show(
            request,
            "confirm.html",
            title=f"Revoke the token {token.name}?",
            text=f"Whatever uses it is refused at once. It was last used: {moment(token.used_at)}. "
            "This cannot be undone; you can make another token.",
            action=f"{self._pages.base}{TOKENS}/{token.id}/revoke",
            button="Revoke the token",
            back=f"{self._pages.base}{TOKENS}",
        )

    async def revoke(self, request: Request, _: Form) -> Response:
        """End a token."""
        await self._credentials.revoke(
            request.state.identity, actor_of(request), request.path_params["id"]
        )
        return self._pages.redirect(TOKENS)


def _not_current(row: dict[str, Any]) -> bool:
    return not row["current"]
