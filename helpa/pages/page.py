"""Pages: templates, the headers of every one, forms, and errors as people read them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpa.core.errors import ContentTooLarge, Forbidden, RequestError, RequestTimeout
from helpa.core.identity import Identity
from helpa.core.routes import Handler, Route
from helpa.core.services import Services
from helpa.pages.assets import Assets, kit_assets
from helpa.pages.forms import (
    FORM_BYTES,
    TOKEN_FIELD,
    Form,
    SessionTokens,
    check_origin,
    local_path,
    read_form,
)

FormHandler = Callable[[Request, Form], Awaitable[Response]]

ACCOUNT = "/account"
"""The page that the name of who is signed in leads to, where a plugin has it in the menu."""

HEADERS = {
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    # What a page shows depends on who asks, and must be gone after signing out.
    "Cache-Control": "private, no-store",
}

POLICY = (
    "default-src 'none'; img-src 'self' blob: data:; style-src 'self'; "
    "script-src 'self' 'nonce-{nonce}'; connect-src 'self'; form-action {targets}; "
    "base-uri 'none'; frame-ancestors 'none'"
)

ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")

UNITS = ("bytes", "KB", "MB", "GB")


class Pages:
    """The pages of a plugin.

    Args:
        services: what the server offers.
        package: where the folders ``templates`` and ``static`` are.
        styles: style sheets of the package that every page of it loads, after the kit's.
    """

    def __init__(self, services: Services, package: str, styles: Iterable[str] = ()) -> None:
        parts = urlsplit(services.public_url)
        self._services = services
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._tokens = SessionTokens(lambda: services.secrets("forms of pages"))
        self._own = Assets.packaged(package)
        self._kit = kit_assets()
        self.base = parts.path
        self._environment = Environment(
            loader=ChoiceLoader([PackageLoader(package), PackageLoader("helpa.pages")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"bytes": byte_count, "day": day, "local": self.local}
        self._environment.globals |= {
            "base": self.base,
            "static": self.static,
            "styles": tuple(styles),
            "modules": {
                "imports": {
                    "helpa/": self.base + self._kit.base,
                }
            },
        }

    def static(self, name: str) -> str:
        """Return the address of a file of the package, or else of the kit.

        Raises:
            KeyError: there is no such file.
        """
        assets = self._own if name in self._own else self._kit
        return self.base + assets.path(name)

    def local(self, text: str) -> str:
        """Return a text with our absolute links made relative to the host.

        A page may load only from where it came from, and that need not be the public address:
        ``localhost`` for ``127.0.0.1`` is enough.
        """
        return text.replace(f"{self._services.public_url}/", f"{self.base}/")

    def routes(self) -> list[Route]:
        """Return the route of the package's static files, which the plugin registers."""
        return self._own.routes()

    def page(
        self, path: str, handle: Handler, permission: str, *, menu: str = "", signin: str = ""
    ) -> Route:
        """Return the route of a page.

        Args:
            path: as Starlette writes it.
            handle: answers with :meth:`show` or :meth:`redirect`.
            permission: ``public``, or what the viewer needs.
            menu: its name in the navigation; unset leaves it out. Pages below ``/account`` stand
                as tabs on the pages of the account.
            signin: what its button on the page to sign in says; unset leaves it out.
        """
        return Route(
            "GET", path, handle, permission, page=True, menu=menu, signin=signin, failed=self.failed
        )  # fmt: skip

    def form(
        self,
        path: str,
        handle: FormHandler,
        permission: str,
        *,
        token: bool = True,
        credential: bool = False,
        max_bytes: int = FORM_BYTES,
    ) -> Route:
        """Return the route that a form of a page is sent to (POST).

        The form must come from a page of this server, and, where somebody is signed in, hold the
        token that ``csrf_field()`` writes into it.

        Args:
            path: as Starlette writes it.
            handle: called with the request and the fields.
            permission: ``public``, or what the sender needs.
            token: whether the token is asked for; not where a form begins a session, for its page
                may be older than the session a second tab has begun.
            credential: whether the form holds one; see :class:`helpa.Route`.
            max_bytes: of the form.
        """

        async def handler(request: Request) -> Response:
            check_origin(request, self._origin)
            fields = await read_form(request, max_bytes)
            if token:
                self.check_token(request, fields)
            return await handle(request, fields)

        return Route(
            "POST",
            path,
            handler,
            permission,
            page=True,
            credential=credential,
            failed=self.failed,
        )

    def check_token(self, request: Request, fields: Form) -> None:
        """Refuse a form without the token of the session it is sent with.

        Raises:
            Forbidden: somebody is signed in, and the token is missing or another session's.
        """
        viewer = _viewer(request)
        # A bearer token is never sent by a browser on its own.
        bearer = request.headers.get("authorization", "").lower().startswith("bearer ")
        if viewer is None or bearer:
            return
        if not self._tokens.right(viewer.id, fields.get(TOKEN_FIELD, "")):
            raise Forbidden(
                "This form was made before you signed in, or too long ago. Go back, load the page "
                "anew, and send it again."
            )

    def show(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        form_action: Iterable[str] = (),
        **given: Any,
    ) -> Response:
        """Return a page.

        Args:
            request: which it answers.
            template: of the package, or of the kit.
            status: of the answer.
            form_action: further origins that forms of this page may lead to, redirects included.
            given: what the template is told; ``errors`` (message by field) is empty unless given.

        Raises:
            ValueError: ``form_action`` holds something that is no origin.
        """
        targets = ["'self'", *form_action]
        for origin in targets[1:]:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is no origin: https://host or https://host:port")
        nonce = secrets.token_urlsafe(16)
        viewer = _viewer(request)
        text = self._environment.get_template(template).render(
            {
                "errors": {},
                **given,
                "viewer": viewer,
                "nonce": nonce,
                "path": request.url.path,
                "csrf_field": lambda: self._field(viewer),
                **self._menu(request, viewer),
            }
        )
        policy = POLICY.format(nonce=nonce, targets=" ".join(targets))
        headers = {**HEADERS, "Content-Security-Policy": policy}
        return Response(text, status, headers, "text/html")

    def _field(self, viewer: Identity | None) -> Markup:
        if viewer is None:
            return Markup()
        value = self._tokens.make(viewer.id)
        return Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN_FIELD, value)

    def _menu(self, request: Request, viewer: Identity | None) -> dict[str, Any]:
        """Return the entries of the navigation, which of them is open, and the account page."""
        entries = list(self._services.menu(viewer))
        here = request.url.path
        within = [
            path
            for _, path in entries
            if here == path or (path != "/" and here.startswith(f"{path}/"))
        ]
        return {
            # The first page comes first, whichever plugin has it; so it does among the tabs.
            "menu": sorted(
                ((label, path) for label, path in entries if not _of_account(path)),
                key=lambda entry: entry[1] != "/",
            ),
            # Pages about whoever is signed in stand behind their name, as tabs.
            "tabs": sorted(
                ((label, path) for label, path in entries if _of_account(path)),
                key=lambda entry: entry[1] != ACCOUNT,
            )
            if _of_account(request.url.path)
            else [],
            "account": next((path for _, path in entries if path == ACCOUNT), None),
            "section": max(within, key=len, default=None),
        }

    def redirect(self, path: str) -> Response:
        """Send a browser on to a page of this server after a form.

        Raises:
            ValueError: it is no path of this server.
        """
        if local_path(path, "") != path:
            raise ValueError(f"{path!r} is no path of this server")
        return RedirectResponse(f"{self.base}{path}", 303, HEADERS)

    def leave(self, request: Request, url: str, title: str) -> Response:
        """Send a browser on to another site after a form.

        A redirect would not do: browsers hold it to the ``form-action`` of the page that had the
        form, which need not be this plugin's.

        Args:
            request: which it answers.
            url: where to; absolute.
            title: what has been done, and is read where nothing leads on.

        Raises:
            ValueError: it is no absolute URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"{url[:200]!r} is no absolute URL")
        return self.show(request, "leaving.html", url=url, title=title, host=parts.hostname)

    def failed(self, request: Request, error: RequestError) -> Response:
        """Return an error as a page."""
        detail = error.detail
        if error.status == 401 and "authorization" not in request.headers:
            detail = "This page is for people who are signed in."
        elif isinstance(error, Forbidden) and error.allowed:
            detail = f"You may not do this: it needs the permission {error.allowed}."
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        page = self.show(
            request,
            "error.html",
            status=error.status,
            title=error.title,
            detail=detail,
            problem=error,
            signin=f"{self.base}/signin?next={quote(local_path(where), safe='/')}",
        )
        if error.status == 401:
            page.headers["WWW-Authenticate"] = 'Bearer realm="helpa"'
        if error.retry_after is not None:
            page.headers["Retry-After"] = str(error.retry_after)
        if isinstance(error, (ContentTooLarge, RequestTimeout)):
            page.headers["Connection"] = "close"  # what is left of the body is not read
        return page


def _viewer(request: Request) -> Identity | None:
    viewer: Identity | None = getattr(request.state, "identity", None)
    return viewer


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


def _of_account(path: str) -> bool:
    return path == ACCOUNT or path.startswith(f"{ACCOUNT}/")
