"""Replies to changes that allow less: they come when nobody can see any more what was taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa.core.api.replies import REPLAYED, promise_of, replay
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.errors import NotFound
from helpa.core.leases import Leases
from helpa.core.ledger import Ledger
from helpa.core.services import Keep, Make
from helpa.core.settings import Delivery


class Narrowing:
    """Waits for every instance, and says what lies outside.

    Args:
        database: where they are made.
        leases: of the instances.
        ledger: what a restored database is told again.
        delivery: whether an edge cache stands in front.
    """

    def __init__(
        self, database: Database, leases: Leases, ledger: Ledger, delivery: Delivery
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._leases = leases
        self._pending = ["edge"] if delivery.edge_max_age else []

    async def once(self, request: Request, said: str, make: Make, status: int = 200) -> Response:
        """Return the reply to a change, which is made once under one Idempotency-Key.

        Args:
            request: what asks for it.
            said: its body, in one spelling.
            make: makes the change, and in its transaction has the reply kept.
            status: of the reply; 204 has no document.
        """
        promise = promise_of(request, said)

        async def before() -> Response | None:
            kept = await promise.kept(self._database) if promise is not None else None
            if kept is None:
                return None
            if kept.status == 204:
                return Response(status_code=204, headers=REPLAYED)
            return replay(kept, request.state.identity)

        def keep(connection: Connection, document: dict[str, Any] | None) -> None:
            if promise is not None:
                promise.keep(connection, status, document)

        answered = await before()
        if answered is not None:
            return answered
        try:
            document, seq = await make(keep)
        except (IntegrityError, NotFound):
            answered = await before()  # another request with this key was quicker
            if answered is None:
                raise
            return answered
        if seq is not None:
            return await self.done(seq, document, status)
        return JSONResponse(document, status) if document is not None else Response(status_code=204)

    async def taken(
        self,
        request: Request,
        find: Callable[[], Awaitable[Record]],
        change: Callable[[Connection, Record], int],
    ) -> Response:
        """Return the reply, made once, to a change of an image that has no document.

        Args:
            request: what asks for it.
            find: returns the image, once it is found that the caller may change it.
            change: makes it, by connection and image; the number of its invalidation.
        """

        async def make(keep: Keep) -> tuple[None, int]:
            record = await find()

            def work(connection: Connection) -> int:
                seq = change(connection, record)
                keep(connection, None)
                return seq

            return None, await self._database.write(work)

        return await self.once(request, "", make, 204)

    async def done(
        self, seq: int, document: dict[str, Any] | None = None, status: int = 200
    ) -> Response:
        """Return the reply to a change, once every live lease has passed it or run out.

        Args:
            seq: number of its invalidation.
            document: what is answered.
            status: with which.

        Returns:
            The status, or 204 without a document; 202 with ``pending`` where a
            cache outside may still hold what was taken.
        """
        await self._ledger.noted(seq)
        await self._leases.passed(seq)
        if self._pending:
            return JSONResponse({**(document or {}), "pending": self._pending}, 202)
        return JSONResponse(document, status) if document is not None else Response(status_code=204)
