"""Changes that are made once under an Idempotency-Key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Identity, Services
from helpa.api import promise_of, replay

Change = Callable[[Connection], tuple[dict[str, Any] | None, int | None]]
"""Makes a change; the document that is answered, and the number of its invalidation."""


async def once(
    services: Services,
    request: Request,
    said: str,
    prepare: Callable[[], Awaitable[Change]],
    status: int = 200,
) -> Response:
    """Return the reply to a change, which is made once under one Idempotency-Key.

    Args:
        services: of the server.
        request: what asks for it.
        said: its body, in one spelling.
        prepare: looks at what is asked, and returns what makes the change.
        status: of the reply; 204 has no document.
    """
    identity: Identity = request.state.identity
    promise = promise_of(request, said)

    async def before() -> Response | None:
        kept = await promise.kept(services.database) if promise is not None else None
        if kept is None:
            return None
        if kept.status == 204:
            return Response(status_code=204, headers={"Idempotency-Replayed": "true"})
        return replay(kept, identity)

    answered = await before()
    if answered is not None:
        return answered
    change = await prepare()

    def work(connection: Connection) -> tuple[dict[str, Any] | None, int | None]:
        document, seq = change(connection)
        if promise is not None:
            promise.keep(connection, status, document)
        return document, seq

    try:
        document, seq = await services.database.write(work)
    except IntegrityError:
        answered = await before()
        if answered is None:
            raise
        return answered
    if seq is not None:
        return await services.narrowed(seq, document, status)
    if document is None:
        return Response(status_code=status)
    return JSONResponse(document, status)
