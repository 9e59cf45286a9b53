"""Pure ASGI around the API and the pages: request id, client, rates, log line, errors.

Image URLs do not pass through here. ``BaseHTTPMiddleware`` is not used anywhere: one of it takes
a 30 KB reply from some 20 k to 5 k requests a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from starlette.requests import Request

from helpa.core.client import Client, Clients
from helpa.core.errors import RequestError
from helpa.core.ids import new_id
from helpa.core.problems import problem_reply, unexpected
from helpa.core.rates import RateExceeded, Standing

log = structlog.get_logger("helpa.requests")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LINGER_SECONDS = 2.0
"""How long what a client still sends is read and dropped after its upload was refused."""

LINGER_BYTES = 16 * 2**20

SHIELD = (
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # What an answer holds depends on who asks.
    (b"cache-control", b"private, no-store"),
)
"""Headers of every answer that does not say otherwise itself."""

HSTS = (b"strict-transport-security", b"max-age=31536000")
"""For a year, browsers come by HTTPS alone (RFC 6797); other hosts of the domain are not ours."""

QUIET = ("/healthz", "/readyz", "/metrics")

CLIENT = "helpa.client"
"""Where in the scope the :class:`Client` of a request is."""

REQUEST_ID = "helpa.request_id"
"""Where in the scope the id of a request is."""

STANDING = "helpa.standing"
"""Where in the scope the :class:`Standing` of a request is, once it was counted."""


def client_of(request: Request) -> Client:
    """Return who sent a request, by address."""
    client: Client = request.scope[CLIENT]
    return client


class RequestContext:
    """Gives every request an id, logs its end, and answers errors as problem documents.

    Args:
        app: what it wraps.
        clients: says from what address a request comes.
        secure: whether the world reaches this server by HTTPS.
    """

    def __init__(
        self,
        app: Callable[[Scope, Receive, Send], Awaitable[None]],
        clients: Clients,
        *,
        secure: bool = False,
    ) -> None:
        self._app = app
        self._clients = clients
        self._shield = (*SHIELD, HSTS) if secure else SHIELD
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope) or new_id()
        named = (b"x-request-id", request_id.encode())
        client = scope[CLIENT] = self._clients.of(scope)
        scope[REQUEST_ID] = request_id
        self._warn(scope)
        began = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                standing: Standing | None = scope.get(STANDING)
                rates = standing.headers() if standing else []
                own = [*message.get("headers", []), *rates]
                have = {name.lower() for name, _ in own}
                added = (header for header in self._shield if header[0] not in have)
                message["headers"] = [*own, named, *added]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            except RequestError as error:
                if isinstance(error, RateExceeded):
                    scope[STANDING] = error.standing
                await self._problem(error, status, receive, send_with_id)
            except Exception as error:  # noqa: BLE001  every error gets an answer and a log line
                await self._problem(unexpected(error, scope), status, receive, send_with_id)
            if scope["path"] not in QUIET:
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    client=client.address,
                    seconds=round(time.perf_counter() - began, 4),
                )

    def _warn(self, scope: Scope) -> None:
        """Say once that a proxy seems to stand in front that nobody trusts.

        Its clients are then one address to every limit.
        """
        if self._warned or not self._clients.hidden(scope):
            return
        self._warned = True
        log.warning(
            "proxy.not_trusted",
            peer=scope["client"][0],
            advice="If this is a reverse proxy of yours, name it in trusted_proxies.",
        )

    @staticmethod
    async def _problem(error: RequestError, status: int, receive: Receive, send: Send) -> None:
        if status:
            return  # the reply has begun; the connection is closed by the server
        if error.status not in (408, 413):
            await problem_reply(error, send, [])
            return
        # The body is not read to its end, so the connection cannot be used again. Closing it while
        # the client still sends would reset it, and the client might never see the answer.
        held: list[Message] = []

        async def hold_end(message: Message) -> None:
            if message["type"] == "http.response.body":
                held.append({"type": "http.response.body", "body": b""})
                message["more_body"] = True
            await send(message)

        await problem_reply(error, hold_end, [(b"connection", b"close")])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                left = LINGER_BYTES
                while left > 0 and (message := await receive()).get("more_body", False):
                    left -= len(message["body"])
        for message in held:
            await send(message)


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and re.fullmatch(rb"[A-Za-z0-9_.-]{1,64}", value):
            return str(value, "ascii")
    return None
