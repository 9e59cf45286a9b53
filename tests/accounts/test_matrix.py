"""Every route and every role: who is let through, by session and by token, and who is not."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping

import httpx2
import pytest
from sqlalchemy import Connection

from accounts.crowd import UNKNOWN, Crowd
from helpa.core import tokens
from helpa.core.app import Helpa
from helpa.core.credentials import IssuedToken
from helpa.core.permissions import ROLES
from helpa.core.routes import PUBLIC, Route
from helpa.core.settings import Settings
from helpa.pages.forms import SessionTokens
from serving import NO_TLS
from web.visitors import browser_headers

OPEN = {
    "GET /api/images/{id}", "GET /api/images/{id}/markup", "GET /api/openapi.json",
    "GET /api/annotations/schema",
    "GET /healthz", "GET /readyz", "GET /metrics", "GET /.well-known/jwks.json",
    "GET /docs/urls", "GET /docs/errors",
    "GET /static/helpa/{version}/{name}", "GET /static/helpa_web/{version}/{name}",
    "GET /static/helpa_accounts/{version}/{name}",
    "GET /static/helpa_profiles/{version}/{name}",
    "GET /", "GET /i/{id}",
    "GET /signin", "POST /signin", "POST /signout", "GET /forgot", "POST /forgot",
    "GET /setup", "POST /setup", "GET /invitation", "POST /invitation",
    "GET /reset", "POST /reset", "GET /signin/passkey", "POST /signin/passkey",
    "POST /signin/passkey/options", "GET /static/helpa_passkeys/{version}/{name}",
}  # fmt: skip
"""What anybody may call. Whoever adds to it has thought of what strangers learn there."""


@pytest.fixture(scope="module")
def app(crowd: Crowd) -> Iterator[Helpa]:
    """The server's own code on its data, not running: it knows the routes and the keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HELPA_DATA_DIR", raising=False)
        yield Helpa(Settings(data_dir=crowd.server.data_dir))


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_every_route_names_a_registered_permission_or_is_public(app: Helpa) -> None:
    assert len(app.routes) > 80
    for route in app.routes:
        assert route.permission in {PUBLIC, *app.permissions.declared}, name_of(route)


def test_exactly_these_routes_are_public(app: Helpa) -> None:
    assert {name_of(route) for route in app.routes if route.permission == PUBLIC} == OPEN


def test_every_permission_is_asked_for_by_a_route_or_by_what_the_routes_do(app: Helpa) -> None:
    asked = {route.permission for route in app.routes}
    assert set(app.permissions.declared) - asked == {"metrics", "admin", "images:moderate"}


def test_every_form_of_those_who_are_signed_in_is_refused_without_their_token(
    crowd: Crowd, app: Helpa
) -> None:
    forms = [r for r in app.routes if r.page and r.method != "GET" and r.permission != PUBLIC]
    assert len(forms) > 20
    visitor = crowd.session("local")
    taken = []
    with visitor.client() as client:
        for route in forms:
            path = re.sub(r"{\w+}", UNKNOWN, route.path)
            replies = [
                client.request(route.method, path, data={"x": "1"}),
                client.request(route.method, path, data={"x": "1"}, headers={"Origin": "null"}),
                client.request(
                    route.method, path, json={}, headers={"Origin": "https://a.example"}
                ),
            ]
            # What takes JSON, which no form of another site can send, says that first.
            statuses = [each.status_code for each in replies]
            if statuses[0] not in (403, 415) or statuses[1:] != [403, 403]:
                taken.append((name_of(route), statuses))
    assert taken == []


class Caller:
    """Calls a route as different people, each time with a credential made for that call.

    Args:
        crowd: the server.
        app: knows the keys of forms.
        client: over which all calls go.
    """

    def __init__(self, crowd: Crowd, app: Helpa, client: httpx2.Client) -> None:
        self._crowd = crowd
        self._client = client
        self._forms = SessionTokens(lambda: app.keyring.secrets("forms of pages", time.time()))
        self._page = browser_headers(crowd.server)

    def as_nobody(self, route: Route) -> httpx2.Response:
        return self._call(route, {})

    def as_sessions(self, route: Route) -> dict[str, httpx2.Response]:
        made = self._issue(dict.fromkeys(ROLES, ()), "session")
        return {
            role: self._call(route, {"Cookie": f"helpa_session={each.text}"}, each.id)
            for role, each in made.items()
        }

    def as_tokens(
        self, route: Route, scopes: Mapping[str, Iterable[str]]
    ) -> dict[str, httpx2.Response]:
        made = self._issue(scopes, "api")
        return {
            role: self._call(route, {"Authorization": f"Bearer {each.text}"})
            for role, each in made.items()
        }

    def _issue(self, scopes: Mapping[str, Iterable[str]], kind: str) -> dict[str, IssuedToken]:
        accounts = self._crowd.accounts

        def work(connection: Connection) -> dict[str, IssuedToken]:
            return {
                role: tokens.create(connection, "call", each, owner=accounts[role], kind=kind)
                for role, each in scopes.items()
            }

        return self._crowd.server.database.write(work)

    def _call(
        self, route: Route, headers: dict[str, str], session: str | None = None
    ) -> httpx2.Response:
        path = re.sub(r"{\w+}", UNKNOWN, route.path)
        form = None
        if route.page and route.method == "POST":
            form = {"_csrf": self._forms.make(session) if session else ""}
        return self._client.request(
            route.method, path, headers={**self._page, **headers}, data=form
        )


def refused(reply: httpx2.Response, permission: str) -> bool:
    """Whether an answer says that the permission is missing."""
    words = f"lacks the permission {permission}.", f"needs the permission {permission}."
    said = any(each in reply.text for each in words)
    assert not said or reply.status_code == 403, reply.text
    return said


def test_every_route_lets_those_through_whose_role_has_its_permission_and_nobody_else(
    crowd: Crowd, app: Helpa
) -> None:
    every, wrong = set(app.permissions.declared), []
    calls = 0
    with httpx2.Client(base_url=crowd.server.url, timeout=60, verify=NO_TLS) as client:
        caller = Caller(crowd, app, client)
        for route in app.routes:
            permission = route.permission
            allowed = {
                role: permission == PUBLIC or permission in app.permissions.of(role)
                for role in ROLES
            }
            nobody = caller.as_nobody(route)
            asked_in = nobody.status_code == 401 and (
                "needs a token" in nobody.text or "people who are signed in" in nobody.text
            )
            if asked_in != (permission != PUBLIC):
                wrong.append(f"{name_of(route)} by nobody: {nobody.status_code}")
            scope = {permission} - {PUBLIC}
            ways = {
                "session": (caller.as_sessions(route), allowed),
                "token with the scope": (
                    caller.as_tokens(route, dict.fromkeys(ROLES, scope)), allowed
                ),
                "token of scope admin": (
                    caller.as_tokens(route, dict.fromkeys(ROLES, ("admin",))), allowed
                ),
                "token with all other scopes": (
                    caller.as_tokens(route, dict.fromkeys(ROLES, every - scope - {"admin"})),
                    dict.fromkeys(ROLES, permission == PUBLIC),
                ),
            }  # fmt: skip
            for way, (replies, expected) in ways.items():
                for role, reply in replies.items():
                    calls += 1
                    if refused(reply, permission) == expected[role] or reply.status_code >= 500:
                        wrong.append(f"{name_of(route)} by {way}, {role}: {reply.status_code}")
    assert not wrong, "\n".join(wrong)
    assert calls == len(app.routes) * len(ROLES) * 4
