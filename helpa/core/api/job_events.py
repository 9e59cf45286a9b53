"""A background job as server-sent events (HTML Living Standard, 9.2)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

MEDIA_TYPE = "text/event-stream"

EVERY_SECONDS = 0.5
"""How often a job is looked at."""

SILENT_SECONDS = 15.0
"""After which a comment is sent where nothing changed: proxies close what is silent for longer."""

LONGEST_SECONDS = 60.0
"""After which a stream ends. The browser comes back, and its right is looked at again."""

MOST = 200
"""Streams at a time; one more ends after its first event, and the browser comes back for more."""

RETRY_MS = 2000
"""After which a browser comes back."""

ENDED = ("done", "dead")
"""States in which a job stays; each is the id of its event, so that who comes back with it is told
by 204 to come no more."""

Show = Callable[[], Awaitable[dict[str, Any] | None]]


def wanted(request: Request) -> bool:
    """Return whether a request asks for events by name; ``*/*`` does not."""
    kinds = (kind.split(";")[0].strip() for kind in request.headers.get("accept", "").split(","))
    return MEDIA_TYPE in (kind.lower() for kind in kinds)


class JobEvents:
    """Tells of jobs while they go on.

    Args:
        stopping: whether the server is to stop, which ends every stream.
    """

    def __init__(self, stopping: Callable[[], bool]) -> None:
        self._stopping = stopping
        self._open = 0

    def reply(self, request: Request, first: dict[str, Any], show: Show) -> Response:
        """Return an answer with an event of the job now and one for each change, until it ends.

        Args:
            request: of somebody who may see the job.
            first: the job's document now.
            show: returns its document later; None where it is gone.
        """
        if first["state"] in ENDED and request.headers.get("last-event-id") == first["state"]:
            return Response(status_code=204)
        # Proxies are not to collect what is to be seen at once (nginx minds this header).
        headers = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}
        told = self._told(first, show)
        return StreamingResponse(told, media_type=MEDIA_TYPE, headers=headers)

    async def _told(self, first: dict[str, Any], show: Show) -> AsyncIterator[str]:
        yield f"retry: {RETRY_MS}\n{_event(first)}"
        if self._open >= MOST:
            return
        self._open += 1
        try:
            async for text in self._changes(first, show):
                yield text
        finally:
            self._open -= 1

    async def _changes(self, first: dict[str, Any], show: Show) -> AsyncIterator[str]:
        until, said, last = time.monotonic() + LONGEST_SECONDS, time.monotonic(), first
        while last["state"] not in ENDED and time.monotonic() < until and not self._stopping():
            await asyncio.sleep(EVERY_SECONDS)
            now = await show()
            if now is None:
                return
            if now != last:
                yield _event(now)
                last, said = now, time.monotonic()
            elif time.monotonic() - said > SILENT_SECONDS:
                yield ":\n\n"
                said = time.monotonic()


def _event(document: dict[str, Any]) -> str:
    return f"event: job\nid: {document['state']}\ndata: {json.dumps(document)}\n\n"
