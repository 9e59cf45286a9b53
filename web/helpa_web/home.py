"""The first page: what this is, or, signed in, where pictures go in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from helpa import Identity, Route, Services
from helpa.pages import Pages

RECENT = 24


class Home:
    """``/``.

    Args:
        services: what the server offers.
        pages: renders.
    """

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services = services
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the route."""
        return [self._pages.page("/", self.show, "public", menu="Pictures")]

    async def show(self, request: Request) -> Response:
        """Answer with the page."""
        viewer: Identity | None = request.state.identity
        if viewer is None:
            sessions = self._services.sessions
            ended = sessions.text(request.headers) is not None
            empty = await self._services.database.read(self._services.accounts.empty)
            response = self._pages.show(request, "welcome.html", ended=ended, empty=empty)
            if ended:
                sessions.forget(response)
            return response
        shown = viewer.may("images:read")
        recent = await self._services.images.recent(viewer, RECENT) if shown else []
        return self._pages.show(
            request,
            "home.html",
            recent=recent,
            may_upload=viewer.may("images:write"),
            max_bytes=self._services.max_upload_bytes,
        )
