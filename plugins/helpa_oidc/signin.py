"""The pages: to a provider, back from it, and out of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpa import Route, Services
from helpa.api import actor_of, client_of
from helpa.pages import Pages, local_path
from helpa_oidc import farewell, pending
from helpa_oidc.client import PATH, Client
from helpa_oidc.failure import Failure, untrusted
from helpa_oidc.linking import Linking
from helpa_oidc.person import Person
from helpa_oidc.settings import OidcSettings

log = structlog.get_logger("helpa.oidc")

Handler = Callable[[Request], Awaitable[Response]]

MAX_ANSWER = 16 * 1024
"""Characters of the query that a browser brings back."""

MAX_TARGET = 2048
"""Characters of the address to go on to."""


class SignIn:
    """Signs people in whom a provider vouches for.

    Args:
        services: what the server offers.
        settings: the providers.
        pages: renders.
    """

    def __init__(self, services: Services, settings: OidcSettings, pages: Pages) -> None:
        self._services = services
        self._pages = pages
        self._linking = Linking(services)
        self._secure = services.public_url.startswith("https:")
        # The prefix makes browsers refuse the cookie from anywhere but this host over HTTPS.
        self._cookie = "__Host-helpa_oidc" if self._secure else "helpa_oidc"
        self.clients = {
            name: Client(name, provider, services.public_url)
            for name, provider in settings.providers.items()
        }

    def routes(self) -> list[Route]:
        """Return the routes."""
        found = []
        for name, client in self.clients.items():
            path = f"{PATH}/{name}"
            found.append(
                self._route(
                    path, partial(self.begin, client), signin=f"Sign in with {client.title}"
                )
            )
            found.append(self._route(f"{path}/callback", partial(self.finish, client)))
        return found

    def _route(self, path: str, handler: Handler, signin: str = "") -> Route:
        # Both take credentials, if not in forms: who sends too many wrong ones has to wait.
        return Route(
            "GET",
            path,
            handler,
            "public",
            page=True,
            signin=signin,
            credential=True,
            failed=self._pages.failed,
        )

    async def begin(self, client: Client, request: Request) -> Response:
        """Send a browser to a provider."""
        self._services.rates.take("signin_address", client_of(request).group)
        browser = pending.browser_secret(request.cookies.get(self._cookie))
        target = request.query_params.get("next", "/")
        target = local_path(target) if len(target) <= MAX_TARGET else "/"
        begun = await self._services.database.write(
            lambda connection: pending.begin(connection, client.name, browser, target)
        )
        try:
            url = await client.authorization(
                state=begun.state, nonce=begun.nonce, verifier=begun.verifier
            )
        except Failure as failure:
            return await self._refused(request, client, failure)
        response = RedirectResponse(url, 303, {"Cache-Control": "private, no-store"})
        # One for all tabs and providers; each sign-in under way keeps it for as long as it lasts.
        response.set_cookie(
            self._cookie,
            browser,
            max_age=pending.LIFETIME_MS // 1000,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def finish(self, client: Client, request: Request) -> Response:
        """Take what a browser brings back from a provider, and begin a session."""
        if request.method != "GET":
            return Response(status_code=405, headers={"Allow": "GET"})
        try:
            return await self._finished(request, client)
        except Failure as failure:
            return await self._refused(request, client, failure)

    async def _finished(self, request: Request, client: Client) -> Response:
        answer = _answer(request)
        browser = request.cookies.get(self._cookie, "")
        begun = await self._services.database.write(
            lambda connection: pending.take(
                connection, client.name, answer.get("state", ""), browser
            )
        )
        if begun is None:
            if getattr(request.state, "identity", None) is not None:
                return self._pages.redirect("/")  # the same answer, loaded anew
            raise Failure(
                "wrong_state",
                "This sign-in took too long, has been finished already, or was begun in another "
                "browser. Please sign in again.",
            )
        person = await client.person(answer, nonce=begun.nonce, verifier=begun.verifier)
        text, narrowed = await self._services.database.write(
            lambda connection: self._begin_session(connection, request, client, person)
        )
        if narrowed is not None:
            await self._services.settled(narrowed)
        response = self._pages.redirect(begun.target)
        self._services.sessions.hand(response, text)
        return response

    def _begin_session(
        self, connection: Connection, request: Request, client: Client, person: Person
    ) -> tuple[str, int | None]:
        """Return the text of a new session, and the invalidation it has to wait for."""
        actor = actor_of(request)
        admitted = self._linking.admit(connection, actor, person, client.name, client.settings)
        account = admitted.account
        text = self._services.sessions.begin(
            connection, request, account, actor, f"oidc:{client.name}"
        )
        made = self._services.tokens.peek(connection, text, kind="session")
        if made is not None and person.farewell is not None:
            held = self._services.tokens.held(connection, owner=account, kind="session")
            ids = [each.id for each in held]
            farewell.remember(connection, made.id, account, person.farewell, held=ids)
        return text, admitted.narrowed

    async def _refused(self, request: Request, client: Client, failure: Failure) -> Response:
        """Answer a sign-in that came to nothing, and note it."""
        self._services.rates.take("signin_address", client_of(request).group)
        log.warning(
            "oidc.refused",
            provider=client.name,
            reason=failure.reason,
            details=failure.details[:500],
        )
        request.state.wrong_credential = failure.status == 403
        actor = actor_of(request)
        details = {"method": f"oidc:{client.name}", "why": failure.reason}
        target = f"account:{failure.account or 'unknown'}"
        await self._services.database.write(
            lambda connection: self._services.journal.record(
                connection,
                actor,
                "signin.failed",
                target,
                result="refused",
                details=details,
            )
        )
        return self._pages.show(
            request,
            "refused.html",
            status=failure.status,
            message=failure.message,
            title=client.title,
            again=f"{PATH}/{client.name}",
        )


def _answer(request: Request) -> Mapping[str, str]:
    """Return the query that a browser brought back.

    Raises:
        Failure: it is too long, or says something twice.
    """
    pairs = request.query_params.multi_items()
    answer = dict(pairs)
    if len(request.url.query) > MAX_ANSWER or len(answer) < len(pairs):
        raise untrusted("wrong_answer", "the answer is too long, or says something twice")
    return answer
