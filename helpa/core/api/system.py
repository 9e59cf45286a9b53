"""Health, readiness, metrics, jobs and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from helpa.core import reference
from helpa.core.api.job_events import JobEvents, wanted
from helpa.core.api.models import Health, JobDocument, Problem
from helpa.core.database import jobs
from helpa.core.database.engine import Database
from helpa.core.errors import Forbidden, NotFound, Unauthorized
from helpa.core.identity import Identity
from helpa.core.ids import is_id
from helpa.core.metrics import CONTENT_TYPE, Metrics
from helpa.core.middleware import CLIENT
from helpa.core.moments import timestamp
from helpa.core.routes import PUBLIC, Route
from helpa.core.vocabulary import Vocabulary

NO_STORE = {"Cache-Control": "no-store"}


class SystemApi:
    """The routes about the server itself.

    Args:
        database: for jobs.
        metrics: exported numbers.
        not_ready: returns why the server is not ready, or None.
        document: returns the OpenAPI document.
        vocabulary: what image URLs may say.
    """

    def __init__(
        self,
        *,
        database: Database,
        metrics: Metrics,
        not_ready: Callable[[], str | None],
        document: Callable[[], dict[str, Any]],
        vocabulary: Vocabulary,
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._not_ready = not_ready
        self._document = document
        self._vocabulary = vocabulary
        self._events = JobEvents(lambda: not_ready() == "draining")

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(
                "GET",
                "/healthz",
                self.healthz,
                PUBLIC,
                "Whether the process is alive.",
                anonymous=True,
                replies={200: Health},
            ),
            Route(
                "GET",
                "/readyz",
                self.readyz,
                PUBLIC,
                "Whether it is initialised, its schema current, and it is not draining.",
                anonymous=True,
                replies={200: Health, 503: Health},
            ),
            Route(
                "GET",
                "/metrics",
                self.metrics,
                PUBLIC,
                "Numbers for Prometheus: from this machine, or with the scope metrics.",
                replies={200: "Text for Prometheus.", 401: Problem, 403: Problem},
            ),
            Route(
                "GET",
                "/api/jobs/{id}",
                self.job,
                "images:read",
                "Show a background job, as events where text/event-stream is asked for.",
                events=True,
                replies={200: JobDocument, 401: Problem, 404: Problem},
            ),
            Route("GET", "/docs/urls", self.urls, PUBLIC, "Image URLs.", page=True),
            Route("GET", "/docs/errors", self.errors, PUBLIC, "Errors.", page=True),
            Route(
                "GET",
                "/api/openapi.json",
                self.openapi,
                PUBLIC,
                "This document.",
                replies={200: "The OpenAPI document."},
            ),
        ]

    async def healthz(self, _: Request) -> Response:
        """Say that the process is alive."""
        return JSONResponse({"status": "alive"}, headers=NO_STORE)

    async def readyz(self, _: Request) -> Response:
        """Say whether the server is ready."""
        reason = self._not_ready()
        if reason is None:
            return JSONResponse({"status": "ready"}, headers=NO_STORE)
        return JSONResponse({"status": "not ready", "reason": reason}, 503, NO_STORE)

    async def metrics(self, request: Request) -> Response:
        """Export the numbers."""
        identity: Identity | None = request.state.identity
        if not request.scope[CLIENT].here and not (identity and identity.may("metrics")):
            if identity is None:
                raise Unauthorized("Metrics from elsewhere need a token with the scope metrics.")
            raise Forbidden("The token lacks the scope metrics.", allowed="metrics")
        return Response(self._metrics.render(), media_type=CONTENT_TYPE, headers=NO_STORE)

    async def job(self, request: Request) -> Response:
        """Show a job, once or while it goes on."""
        job_id = request.path_params["id"]
        document = await self._job(job_id) if is_id(job_id) else None
        if document is None:
            raise NotFound("There is no such job; finished ones are kept for a day.")
        if wanted(request):
            return self._events.reply(request, document, lambda: self._job(job_id))
        return JSONResponse(document, headers={"Vary": "Accept"})

    async def _job(self, job_id: str) -> dict[str, Any] | None:
        row = await self._database.read(lambda c: jobs.show(c, job_id))
        if row is None:
            return None
        names = ("id", "kind", "state", "attempts", "done", "total", "error")
        shown = {name: getattr(row, name) for name in names}
        return {**shown, "created_at": timestamp(row.created_at)}

    async def urls(self, _: Request) -> Response:
        """Show what image URLs may say."""
        return HTMLResponse(reference.page(self._vocabulary))

    async def errors(self, _: Request) -> Response:
        """Show what each error means."""
        return HTMLResponse(reference.errors_page())

    async def openapi(self, _: Request) -> Response:
        """Return the OpenAPI document."""
        return JSONResponse(self._document())
