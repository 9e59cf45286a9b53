"""Routes as Starlette serves them, each behind the permission it names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route as StarletteRoute
from starlette.routing import Router

from helpa.core.authentication import Authenticator
from helpa.core.errors import (
    Conflict,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    RequestError,
    Unauthorized,
)
from helpa.core.identity import Identity
from helpa.core.middleware import CLIENT, STANDING
from helpa.core.problems import unexpected
from helpa.core.rates import RateExceeded, Rates
from helpa.core.routes import PUBLIC, Handler, Route

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def build(
    routes: Iterable[Route], authenticator: Authenticator, rates: Rates, origin: str
) -> Router:
    """Return the application of all routes.

    A bare router: Starlette's application would answer errors itself, in words of its own.

    Args:
        routes: those of the core and of plugins.
        authenticator: says who asks.
        rates: counts requests.
        origin: scheme and host of this server, which pages of ours send as Origin.
    """
    by_path: dict[str, dict[str, Handler]] = {}
    for route in routes:
        handler = guarded(route, authenticator, rates, origin)
        by_path.setdefault(route.path, {})[route.method] = answering(route, handler)
    listed = [StarletteRoute(path, dispatch(methods, rates), methods=None) for path, methods in
              by_path.items()]  # fmt: skip
    for each in listed:
        each.methods = set()  # the dispatcher below answers 405 itself
    return Router(
        routes=[
            *listed,
            StarletteRoute("/{path:path}", nothing(rates), methods=list(_ALL)),
        ],
        default=_no_path,
    )


NOTHING = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>Not found · Helpa</title>'
    '<main><h1>Not found</h1><p>There is nothing here. <a href="/">To the start</a></p></main>'
)

_ALL = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def nothing(rates: Rates) -> Handler:
    """Return the handler of every path there is none for."""

    async def handle(request: Request) -> Response:
        count(request, rates, None)
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(NOTHING, 404)
        raise NotFound(f"There is nothing at {request.url.path[:200]}.")

    return handle


async def _no_path(scope: Any, _receive: Any, _send: Any) -> None:
    # "OPTIONS *", and methods there are no names for.
    raise NotFound(f"There is nothing at {scope['path'][:200]}.")


def dispatch(methods: dict[str, Handler], rates: Rates) -> Handler:
    """Return a handler that hands each method on, and refuses those there are none for."""
    allowed = sorted(set(methods) | ({"HEAD"} if "GET" in methods else set()))

    async def handle(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" and "HEAD" not in methods else request.method
        handler = methods.get(method)
        if handler is None:
            count(request, rates, None)
            raise MethodNotAllowed(
                f"{request.method} is not for this path.",
                given=request.method,
                allowed=", ".join(allowed),
            )
        return await handler(request)

    return handle


def answering(route: Route, handler: Handler) -> Handler:
    """Return a handler whose errors are answered as its route says."""
    failed = route.failed
    if failed is None:
        return handler

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except RequestError as error:
            if isinstance(error, RateExceeded):
                request.scope[STANDING] = error.standing
            return failed(request, error)
        except Exception as error:  # noqa: BLE001  every error gets an answer and a log line
            return failed(request, unexpected(error, request.scope))

    return handle


def guarded(route: Route, authenticator: Authenticator, rates: Rates, origin: str) -> Handler:
    """Return a route's handler behind its rates and its permission."""

    async def handle(request: Request) -> Response:
        address = request.scope[CLIENT].group
        if route.credential:
            rates.check_failures(address)
        try:
            identity = None
            if not route.anonymous:
                identity = await authenticator.identify(request.scope["headers"], address)
            count(request, rates, identity)
        except Unauthorized:
            count(request, rates, None)
            # A cookie gone stale must not lock anybody out of what is open to all.
            if route.permission != PUBLIC or "authorization" in request.headers:
                raise
            identity = None
        request.state.identity = identity
        check(route, identity)
        check_origin(request, origin)
        if identity is not None and route.permission != PUBLIC:
            request.state.confirm = partial(confirm, request, identity, authenticator)
        try:
            return await route.handler(request)
        finally:
            if route.credential and getattr(request.state, "wrong_credential", False):
                rates.failed(address)

    return handle


async def confirm(request: Request, before: Identity, authenticator: Authenticator) -> None:
    """Insist that who sent a request may still do what they might when its head came.

    Its body may take half a minute, and meanwhile they lost a role or were signed out: they must
    not have kept a change in hand for that.

    Raises:
        Conflict: they may do something else now.
        Unauthorized: their credential holds no longer.
    """
    now = await authenticator.identify(request.scope["headers"], request.scope[CLIENT].group)
    if now is None:
        raise Unauthorized("You were signed out while this was sent.")
    if replace(now, name=before.name) != before:
        raise Conflict("What you may do here has changed while this was sent. Send it again.")


def count(request: Request, rates: Rates, identity: Identity | None) -> None:
    """Count a request to the API, or one that changes something, and note where that leaves it.

    Raises:
        RateExceeded: that was one too many.
    """
    if not request.scope["path"].startswith("/api/") and request.method in SAFE:
        return
    if identity is None:
        standing = rates.take("address", request.scope[CLIENT].group)
    else:
        standing = rates.take("token", identity.id)
    request.scope[STANDING] = standing


def check(route: Route, identity: Identity | None) -> None:
    """Refuse an identity that lacks the route's permission.

    Raises:
        Unauthorized: nobody.
        Forbidden: somebody without the scope.
    """
    if route.permission == PUBLIC:
        return
    if identity is None:
        raise Unauthorized(
            "This needs a token: Authorization: Bearer <token>. "
            "`helpa token create --name …` prints one.",
            field="Authorization",
        )
    if not identity.may(route.permission):
        who = f"The role {identity.role}" if identity.kind == "session" else "The token"
        raise Forbidden(f"{who} lacks the permission {route.permission}.", allowed=route.permission)


def check_origin(request: Request, origin: str) -> None:
    """Refuse a change that a page of another site asks for with a visitor's cookie.

    A bearer token is never sent by a browser on its own, so it needs no such check.

    Raises:
        Forbidden: the Origin or Sec-Fetch-Site header names another site.
    """
    if request.method in SAFE or "authorization" in request.headers:
        return
    if "cookie" not in request.headers:
        return
    given = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    here = f"{request.url.scheme}://{request.url.netloc}"
    if site in ("same-origin", "none") and (given is None or given in (origin, here)):
        return
    if site is None and given in (origin, here):
        return
    raise Forbidden("This request comes from another site.", field="Origin", given=given or "")


def menu(routes: Iterable[Route], identity: Identity | None) -> list[tuple[str, str]]:
    """Return (label, path) of the pages that somebody may open and that have a label, in order."""
    return [(route.menu, route.path) for route in routes if route.menu and may(route, identity)]


def may(route: Route, identity: Identity | None) -> bool:
    """Whether somebody has the route's permission."""
    return route.permission == PUBLIC or (identity is not None and identity.may(route.permission))
