"""Replies that may be given again under an Idempotency-Key."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa.core.database.idempotency import Kept, Promise
from helpa.core.identity import Identity

SIGNATURE = re.compile(r"(?:&amp;|[?&])sig=[A-Za-z0-9._-]+")
"""In links, and in HTML, where it always comes last."""

REPLAYED = {"Idempotency-Replayed": "true"}


def replay(kept: Kept, viewer: Identity) -> Response:
    """Return a reply given before, without what this viewer has no right to."""
    documents = kept.body.get("images", [kept.body]) if kept.body else []
    if not viewer.may("originals:read"):
        for document in documents:
            document.pop("sha256", None)
    if not viewer.may("links:write"):
        for document in documents:
            for name, text in document.get("links", {}).items():
                document["links"][name] = SIGNATURE.sub("", text)
    return reply(kept, REPLAYED)


def reply(kept: Kept, headers: dict[str, str] | None = None) -> Response:
    """Return a reply as HTTP says it."""
    extra = dict(headers or {})
    if kept.status == 201 and "page_url" in kept.body:
        extra["Location"] = f"/api/images/{kept.body['id']}"
    return JSONResponse(kept.body, kept.status, extra)


def promise_of(request: Request, body: str) -> Promise | None:
    """Return the promise a request makes with its Idempotency-Key, or None without one."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    identity: Identity = request.state.identity
    return Promise.of(identity.owner, key, request.method, request.url.path, body)
