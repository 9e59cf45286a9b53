"""Changes that are made once under an Idempotency-Key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from helpa import Services
from helpa.api import Keep

Change = Callable[[Connection], tuple[dict[str, Any] | None, int | None]]
"""Makes a change; the document that is answered, and the number of its invalidation."""


async def once(
    services: Services,
    request: Request,
    said: str,
    prepare: Callable[[], Awaitable[Change]],
    status: int = 200,
) -> Response:
    """Return the reply to a change of rows, which is made once under one Idempotency-Key.

    Args:
        services: of the server.
        request: what asks for it.
        said: its body, in one spelling.
        prepare: looks at what is asked, and returns what makes the change.
        status: of the reply; 204 has no document.
    """

    async def make(keep: Keep) -> tuple[dict[str, Any] | None, int | None]:
        change = await prepare()

        def work(connection: Connection) -> tuple[dict[str, Any] | None, int | None]:
            document, seq = change(connection)
            keep(connection, document)
            return document, seq

        return await services.database.write(work)

    return await services.once(request, said, make, status)
