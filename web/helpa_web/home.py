"""The first page: what this is, or, signed in, where pictures go in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from helpa import Identity, Route, Services
from helpa.pages import Pages
from helpa_web.session import Sessions

RECENT = 24


class Home:
    """``/``.

    Args:
        services: what the server offers.
        pages: renders.
        sessions: tells a session that has ended from none.
    """

    def __init__(self, services: Services, pages: Pages, sessions: Sessions) -> None:
        self._services = services
        self._pages = pages
        self._sessions = sessions

    def routes(self) -> list[Route]:
        """Return the route."""
        return [self._pages.page("/", self.show, "public", menu="Pictures")]

    async def show(self, request: Request) -> Response:
        """Answer with the page."""
        viewer: Identity | None = request.state.identity
        if viewer is None:
            ended = self._sessions.text(request.headers) is not None
            response = self._pages.show(request, "welcome.html", ended=ended)
            if ended:
                self._sessions.forget(response)
            return response
        recent = await self._services.images.recent(viewer, RECENT)
        return self._pages.show(
            request, "home.html", recent=recent, max_bytes=self._services.max_upload_bytes
        )
