"""Errors as problem documents (RFC 9457), with the caching each deserves."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import structlog

from helpa.core.errors import RequestError

log = structlog.get_logger("helpa.errors")

MEDIA_TYPE = b"application/problem+json"

Headers = list[tuple[bytes, bytes]]


class Unexpected(RequestError):
    """A mistake of ours; the log has the traceback, the client has the request's id."""


def unexpected(error: BaseException, scope: Mapping[str, Any]) -> Unexpected:
    """Log an error nobody foresaw and return what the client is told."""
    log.error("request.failed", path=scope.get("path"), exc_info=error)
    return Unexpected("Something went wrong on our side; the server's log says what.")


def cache_control(error: RequestError, *, image: bool) -> bytes:
    """Return how long an error may be kept.

    A picture that is not there and one that may not be seen answer alike, so a 404 of an image is
    always a question of access and is never kept. Nor is a 429, which is about who asked (RFC
    6585 §4). A mistake in a URL stays one for a minute.
    """
    if not image or error.status in (401, 403, 404, 410, 429):
        return b"private, no-store"
    if error.status in (400, 405):
        return b"public, max-age=60"
    return b"public, max-age=1"


def problem_headers(error: RequestError, body: bytes, *, image: bool = False) -> Headers:
    """Return the headers of a problem document."""
    headers = [
        (b"content-type", MEDIA_TYPE),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", cache_control(error, image=image)),
    ]
    if error.retry_after is not None:
        headers.append((b"retry-after", str(error.retry_after).encode()))
    if error.status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="helpa"'))
    if error.status == 405 and error.allowed:
        headers.append((b"allow", error.allowed.encode()))
    return headers


async def problem_reply(
    error: RequestError,
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    extra: Headers,
    *,
    image: bool = False,
    head_only: bool = False,
) -> None:
    """Send a problem document."""
    # What a client sent and gets to see again may hold half a surrogate pair, which is no text.
    body = json.dumps(error.problem(), ensure_ascii=False).encode("utf-8", "replace")
    headers = [*problem_headers(error, body, image=image), *extra]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head_only else body})
