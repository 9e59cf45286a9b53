"""Signing in with the link a starting server shows, and signing out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from helpa import Route, Services
from helpa.pages import Form, Pages
from helpa_web.session import Sessions

KIND = "signin"
LIFETIME = 3600
LABEL = "Open this link to sign in to the page (it works once, within an hour)"


class SignIn:
    """``/signin`` and ``/signout``.

    The code stands in the fragment of the link: no server, log or link previewer ever sees it
    there, and only a page that runs its script, or a person who pastes it, sends it back.

    Args:
        services: what the server offers.
        pages: renders.
        sessions: begins and ends sessions.
    """

    def __init__(self, services: Services, pages: Pages, sessions: Sessions) -> None:
        self._tokens = services.tokens
        self._database = services.database
        self._pages = pages
        self._sessions = sessions

    @staticmethod
    async def link(services: Services) -> str:
        """Return a new link that signs a browser in."""
        made = await services.database.write(
            lambda c: services.tokens.create(c, "sign-in link", kind=KIND, expires_in=LIFETIME)
        )
        return f"{services.public_url}/signin#{made.text}"

    def routes(self) -> list[Route]:
        """Return the routes."""
        pages = self._pages
        return [
            pages.page("/signin", self.ask, "public"),
            pages.form("/signin", self.sign_in, "public", token=False, credential=True),
            pages.form("/signout", self.sign_out, "public"),
        ]

    async def ask(self, request: Request) -> Response:
        """Answer with the form; its script fills it from the fragment and sends it."""
        return self._pages.show(request, "signin.html", used=False)

    async def sign_in(self, request: Request, form: Form) -> Response:
        """Take a code and begin a session."""
        code = form.get("code", "")
        found = await self._database.write(lambda c: self._tokens.consume(c, code, kind=KIND))
        home = self._pages.redirect("/")
        if found is None:
            request.state.wrong_credential = True
            # Who is signed in and opens the link again wants the page, not an explanation.
            if await self._sessions.identify(request.headers) is not None:
                return home
            return self._pages.show(request, "signin.html", status=403, used=True)
        await self._sessions.begin(found.owner, home)
        return home

    async def sign_out(self, request: Request, _: Form) -> Response:
        """End the session."""
        home = self._pages.redirect("/")
        await self._sessions.end(request.headers, home)
        return home
