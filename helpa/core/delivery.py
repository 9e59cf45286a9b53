"""Image URLs as bare ASGI, in front of every router: the table of ready answers, then the rest."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

import structlog

from helpa.core.accept import accept_class
from helpa.core.answer import Answer
from helpa.core.authentication import Authenticator
from helpa.core.client import Clients
from helpa.core.counters import Counters
from helpa.core.errors import MethodNotAllowed, NotFound, RequestError
from helpa.core.flight import or_disconnect
from helpa.core.gate import Gate
from helpa.core.identity import Identity
from helpa.core.mounts import Mounted
from helpa.core.permit import Sharing
from helpa.core.pipeline import Pipeline
from helpa.core.problems import problem_reply, unexpected
from helpa.core.ready import Key, Ready, ReadyTable
from helpa.core.records import Records
from helpa.core.requested import Reader, Requested
from helpa.core.settings import Delivery as DeliverySettings
from helpa.core.sourcing import Found, Sourcing

log = structlog.get_logger("helpa.delivery")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SIGNED_AGE = 300
"""Seconds a browser may keep what a signature showed it, at the most."""

ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
    (b"cross-origin-resource-policy", b"cross-origin"),
]
"""Headers of every answer to an image URL."""


class Delivery:
    """The ASGI application in front.

    Args:
        app: everything that is not an image URL.
        reader: says what a URL names.
        pipeline: makes what the table does not have.
        sourcing: finds the images of paths of sources.
        gate: says who may have a picture brought.
        table: ready answers.
        records: image records, which tell when something changed.
        authenticator: says who asks, where it matters.
        settings: what caches outside are told.
        counters: what is counted.
        clients: says from what address a request comes.
    """

    def __init__(
        self,
        app: App,
        *,
        reader: Reader,
        pipeline: Pipeline,
        sourcing: Sourcing,
        gate: Gate,
        table: ReadyTable,
        records: Records,
        authenticator: Authenticator,
        settings: DeliverySettings,
        counters: Counters,
        clients: Clients,
    ) -> None:
        self._app = app
        self._reader = reader
        self.prefixes = reader.prefixes
        self._pipeline = pipeline
        self._sourcing = sourcing
        self._gate = gate
        self._table = table
        self._records = records
        self._authenticator = authenticator
        self._settings = settings
        self._counters = counters
        self._clients = clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not scope["path"].startswith(self.prefixes):
            await self._app(scope, receive, send)
            return
        ready, unchanged = self.look_up(scope)
        if ready is None:
            await self._miss(scope, receive, send)
        elif unchanged:
            await send(ready.unchanged)
            await send(EMPTY)
        else:
            await send(ready.start)
            await send(EMPTY if scope["method"] == "HEAD" else ready.body)

    def look_up(self, scope: Scope) -> tuple[Ready | None, bool]:
        """Return the ready answer to a request for an image URL, and whether it is a 304.

        The server asks here before it makes a task for the request; whoever asks sends it.
        """
        key, none_match = _asked(scope)
        ready = self._table.get(key) if self._records.fresh() else None
        method = scope["method"]
        if ready is None or ready.not_after <= time.time() or method not in ("GET", "HEAD"):
            return None, False
        counters = self._counters
        counters.ready_hits += 1
        self._table.used(key)
        if none_match and matches(none_match, ready.etag):
            counters.not_modified += 1
            return ready, True
        if method == "GET":
            counters.bytes_sent += ready.size
        return ready, False

    async def _miss(self, scope: Scope, receive: Receive, send: Send) -> None:
        key, none_match = _asked(scope)
        head_only = scope["method"] == "HEAD"
        try:
            if scope["method"] not in ("GET", "HEAD"):
                raise MethodNotAllowed(
                    f"{scope['method']} is not for image URLs.",
                    given=scope["method"],
                    allowed="GET, HEAD",
                )
            made = await or_disconnect(self._answer(scope, key, none_match), _disconnected(receive))
        except RequestError as error:
            self._count_error(error)
            await problem_reply(error, send, ALWAYS, image=True, head_only=head_only)
            return
        except Exception as error:  # noqa: BLE001  every error gets an answer
            self._counters.requests["error", "none"] += 1
            await problem_reply(unexpected(error, scope), send, ALWAYS, image=True)
            return
        if made is None:
            self._counters.requests["gone", "none"] += 1
            return
        answer, found = made
        self._counters.requests["ok", answer.tier] += 1
        caching, not_after = self._lifetime(answer, found)
        if answer.explains:
            told = {"cache-control": caching.decode(), "etag": etag(answer.plan.key).decode()}
            if answer.plan.varies:
                told["vary"] = "accept"
            path = key[0].decode("ascii", "replace")
            if found is None:  # else what looks like an extension is part of a source's path
                path = path.partition(".")[0]
            body = self._pipeline.explain(answer, path, key[2], told)
            await self._explain(body, send, head_only=head_only)
            return
        headers = self._headers(answer, caching)
        if answer.body is None:
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send(EMPTY)
            return
        ready = _ready(answer, headers, not_after)
        # The table forgets what it holds by then: what was narrowed since must not come in.
        if answer.sharing is not Sharing.PRIVATE and answer.narrowed == self._records.narrowed:
            self._table.put(key, ready)
        await send(ready.start)
        if head_only:
            await send(EMPTY)
            return
        self._counters.bytes_sent += len(answer.body)
        await send(ready.body)

    async def _explain(self, body: bytes, send: Send, *, head_only: bool) -> None:
        """Answer how a rendition came about: to who asks alone, and never kept."""
        headers = [
            (b"content-type", b"application/json"),
            (b"cache-control", b"private, no-store"),
            (b"content-length", b"%d" % len(body)),
            *ALWAYS,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        self._counters.bytes_sent += 0 if head_only else len(body)
        await send(EMPTY if head_only else {"type": "http.response.body", "body": body})

    async def _answer(
        self, scope: Scope, key: Key, none_match: bytes
    ) -> tuple[Answer, Found | None]:
        """Return the answer, and what its path led to where it is a path of a source."""
        requested = self._reader.read(key[0], key[1])
        try:
            return await self._answer_to(requested, scope, key[2], none_match)
        except RequestError as error:
            raise requested.in_its_words(error) from None

    async def _answer_to(
        self, requested: Requested, scope: Scope, accept: int, none_match: bytes
    ) -> tuple[Answer, Found | None]:
        client = self._clients.of(scope).group

        def identify() -> Awaitable[Identity | None]:
            return self._authenticator.identify(scope["headers"], client)

        async def ask(
            image_id: str, extension: str | None, signed_as: tuple[str, int] | None = None
        ) -> Answer:
            return await self._pipeline.answer(
                image_id,
                extension,
                requested.query,
                accept,
                identify,
                signed_as=signed_as,
                granted=requested.granted,
                has=lambda plan_key: matches(none_match, etag(plan_key)),
                client=client,
            )

        source = requested.source
        if source is None:
            return await ask(requested.image, requested.extension), None

        async def admit(mounted: Mounted | None) -> None:
            await self._gate.bring(mounted, source[1], requested.query, identify, requested.granted)

        found = await self._sourcing.find(*source, admit)
        try:
            return await ask(found.image, None, found.signed_as), found
        except NotFound:
            again = await self._sourcing.find(*source, admit)
            if again.image == found.image:
                raise
        # The source has another picture now; it replaced the one that was just found.
        return await ask(again.image, None, again.signed_as), again

    def _count_error(self, error: RequestError) -> None:
        self._counters.requests[type(error).__name__, "none"] += 1
        if error.status >= 500:
            log.warning("image.refused", status=error.status, detail=error.detail)

    def _headers(self, answer: Answer, caching: bytes) -> list[tuple[bytes, bytes]]:
        headers = [
            (b"content-type", answer.media_type.encode()),
            (b"cache-control", caching),
            (b"etag", etag(answer.plan.key)),
            *ALWAYS,
        ]
        if answer.plan.varies:
            headers.append((b"vary", b"accept"))
        download = answer.permit.query.get("dl")
        if download is not None:
            headers.append((b"content-disposition", disposition(answer, download.text)))
        return headers

    def _lifetime(self, answer: Answer, found: Found | None) -> tuple[bytes, float]:
        """Return what caches are told, and the moment at which the table must ask anew."""
        sharing, ends = answer.sharing, answer.permit.not_after
        if sharing is Sharing.PRIVATE:
            return b"private, no-store", 0.0
        recheck = found.not_after if found is not None else float("inf")
        if sharing is Sharing.SIGNED:
            now = time.time()
            left = ends - now
            age = SIGNED_AGE if found is None else min(SIGNED_AGE, found.max_age)
            if left >= age + 1:
                return b"private, max-age=%d" % age, min(ends - age, recheck)
            # Near its end the age shrinks, so the reply is put together anew every second.
            return b"private, max-age=%d" % max(0, int(left) - 1), min(ends, recheck, now + 1)
        return self._public_caching(answer, found), min(ends, recheck)

    def _public_caching(self, answer: Answer, found: Found | None) -> bytes:
        settings = self._settings
        current = answer.permit.query.get("v") == answer.permit.record.revision
        age = settings.max_age_current if current else settings.max_age
        edge = settings.edge_max_age
        if found is not None:
            # A source may change its picture without a new URL, and no edge is told.
            age = min(settings.max_age, found.max_age)
            edge = min(edge, age) if edge else edge
        shared = f", s-maxage={edge}" if edge else ""
        return f"public, max-age={age}{shared}".encode()


def _asked(scope: Scope) -> tuple[Key, bytes]:
    """Return what the table is keyed by, and the If-None-Match header."""
    accept = none_match = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept = accept + b"," + value if accept else value
        elif name == b"if-none-match":
            none_match = none_match + b"," + value if none_match else value
    return (scope["raw_path"], scope["query_string"], accept_class(accept)), none_match


EMPTY: dict[str, Any] = {"type": "http.response.body", "body": b""}


def etag(key: str) -> bytes:
    """Return the validator of a rendition; weak, for its bytes may differ between encoders."""
    return f'W/"{key}"'.encode()


def matches(none_match: bytes, tag: bytes) -> bool:
    """Whether an If-None-Match header names a tag (RFC 9110 §13.1.2, weak comparison)."""
    if not none_match:
        return False
    if none_match.strip() == b"*":
        return True
    opaque = tag.removeprefix(b"W/")
    return any(c.strip().removeprefix(b"W/") == opaque for c in none_match.split(b","))


def disposition(answer: Answer, wanted: str) -> bytes:
    """Return the header that makes a download, under the picture's name or the one asked for."""
    extension = "json" if answer.plan.describe else answer.plan.encoder.extensions[0]
    record = answer.records[0]
    if wanted == "1":
        stem = record.filename.rpartition(".")[0] or record.filename or record.id
        name = f"{stem}.{extension}"
    else:
        name = wanted if "." in wanted else f"{wanted}.{extension}"
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}".encode()


def _ready(answer: Answer, headers: list[tuple[bytes, bytes]], not_after: float) -> Ready:
    body = answer.body or b""
    link = answer.permit.link
    length = (b"content-length", str(len(body)).encode())
    return Ready(
        start={
            "type": "http.response.start",
            "status": 200,
            "headers": [*headers, length],
        },
        unchanged={"type": "http.response.start", "status": 304, "headers": headers},
        wire=(_wire(b"200 OK", [*headers, length]), _wire(b"304 Not Modified", headers)),
        body={"type": "http.response.body", "body": body},
        etag=etag(answer.plan.key),
        key=answer.plan.key,
        depends=(*(record.id for record in answer.records), *([link] if link else [])),
        size=len(body),
        not_after=not_after,
    )


def _wire(status: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    lines = [b"HTTP/1.1 " + status, *(name + b": " + value for name, value in headers)]
    return b"\r\n".join(lines) + b"\r\n"


async def _disconnected(receive: Receive) -> None:
    """Return when the client has gone; what it sends meanwhile is dropped."""
    while (await receive())["type"] != "http.disconnect":  # noqa: ASYNC110  receive() waits
        await asyncio.sleep(0)
