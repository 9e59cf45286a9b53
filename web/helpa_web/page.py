"""Pages: templates, the headers of every one, and errors as people read them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpa import Identity, RequestError, Services
from helpa_web.assets import Assets

Handler = Callable[[Request], Awaitable[Response]]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    # What a page shows depends on who asks, and must be gone after signing out.
    "Cache-Control": "private, no-store",
}

UNITS = ("bytes", "KB", "MB", "GB")


class Pages:
    """Renders pages.

    Args:
        services: what the server offers.
        assets: what pages load.
    """

    def __init__(self, services: Services, assets: Assets) -> None:
        self._public_url = services.public_url
        self.base = urlsplit(services.public_url).path
        self._environment = Environment(
            loader=PackageLoader("helpa_web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["bytes"] = byte_count
        self._environment.filters["day"] = day
        self._environment.filters["local"] = self.local
        self._environment.globals["base"] = self.base
        self._environment.globals["static"] = lambda name: self.base + assets.path(name)

    def local(self, text: str) -> str:
        """Return a text with our absolute links made relative to the host.

        A page may load only from where it came from, and that need not be the public address:
        ``localhost`` for ``127.0.0.1`` is enough.
        """
        return text.replace(f"{self._public_url}/", f"{self.base}/")

    def show(self, request: Request, template: str, *, status: int = 200, **given: Any) -> Response:
        """Return a page."""
        viewer: Identity | None = getattr(request.state, "identity", None)
        text = self._environment.get_template(template).render(viewer=viewer, **given)
        return Response(text, status, HEADERS, "text/html")

    def redirect(self, path: str) -> Response:
        """Send a browser on to a page after a form."""
        return RedirectResponse(f"{self.base}{path}", 303, HEADERS)

    def handler(self, handle: Handler) -> Handler:
        """Return a handler whose errors are pages."""

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestError as error:
                return self.show(
                    request,
                    "error.html",
                    status=error.status,
                    title=error.title,
                    detail=error.detail,
                )

        return shown


def byte_count(number: int) -> str:
    """Return a size in the unit people would name it in."""
    value, unit = float(number), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    text = f"{value:.1f}".removesuffix(".0") if value < 10 else f"{value:.0f}"
    return f"{text} {UNITS[unit]}"


def day(timestamp: str) -> str:
    """Return the date of an RFC 3339 time, in words."""
    moment = datetime.fromisoformat(timestamp)
    return f"{moment.day} {moment:%B %Y}"
