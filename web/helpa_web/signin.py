"""Signing in with the link a starting server shows, and signing out."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from helpa import Forbidden, InvalidValue, Route, Services
from helpa_web.page import Pages
from helpa_web.session import Sessions

KIND = "signin"
LIFETIME = 3600
LABEL = "Open this link to sign in to the page (it works once, within an hour)"

FORM_BYTES = 4096


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
        self._pages = pages
        self._sessions = sessions
        parts = urlsplit(services.public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"

    @staticmethod
    async def link(services: Services) -> str:
        """Return a new link that signs a browser in."""
        code = await services.tokens.create("sign-in link", kind=KIND, expires_in=LIFETIME)
        return f"{services.public_url}/signin#{code}"

    def routes(self) -> list[Route]:
        """Return the routes."""
        handler = self._pages.handler
        return [
            Route("GET", "/signin", handler(self.ask), "public", page=True),
            Route("POST", "/signin", handler(self.sign_in), "public", page=True, credential=True),
            Route("POST", "/signout", handler(self.sign_out), "public", page=True),
        ]

    async def ask(self, request: Request) -> Response:
        """Answer with the form; its script fills it from the fragment and sends it."""
        return self._pages.show(request, "signin.html", used=False)

    async def sign_in(self, request: Request) -> Response:
        """Take a code and begin a session."""
        self._check_origin(request)
        code = (await form(request)).get("code", "")
        found = await self._tokens.consume(code, kind=KIND)
        home = self._pages.redirect("/")
        if found is None:
            request.state.wrong_credential = True
            # Who is signed in and opens the link again wants the page, not an explanation.
            if await self._sessions.identify(request.headers) is not None:
                return home
            return self._pages.show(request, "signin.html", status=403, used=True)
        await self._sessions.begin(found.owner, home)
        return home

    async def sign_out(self, request: Request) -> Response:
        """End the session."""
        home = self._pages.redirect("/")
        await self._sessions.end(request.headers, home)
        return home

    def _check_origin(self, request: Request) -> None:
        """Refuse a form of another site, which would sign its visitors in to somebody else's page.

        The server checks this where a cookie is sent; here there is none yet.

        Raises:
            Forbidden: the browser says that the form is another site's.
        """
        site = request.headers.get("sec-fetch-site", "same-origin")
        here = f"{request.url.scheme}://{request.url.netloc}"
        origin = request.headers.get("origin", here)
        if site not in ("same-origin", "none") or origin not in (here, self._origin):
            raise Forbidden("This form comes from another site.", field="Origin")


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a small form.

    Raises:
        InvalidValue: it is not small, or not a form.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > FORM_BYTES:
            raise InvalidValue("The form is too long.", field="body")
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=8)
    except ValueError:
        raise InvalidValue("This is not a form.", field="body") from None
    return {name: values[0].strip() for name, values in fields.items()}
