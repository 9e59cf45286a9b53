"""``/api/images/{id}/suggestions``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Conflict, NotFound, Route, Services, StoredImage
from helpa.api import PROBLEMS, Problem, actor_of, json_body, timestamp
from helpa_redaction import findings
from helpa_redaction.bodies import Decision, Decisions, SuggestionsRequest
from helpa_redaction.documents import (
    Box,
    RevisedDocument,
    ScanDocument,
    ScanStarted,
    SuggestionDocument,
    SuggestionList,
)
from helpa_redaction.findings import ACCEPTED, DISMISSED, PENDING, Scan, Suggestion
from helpa_redaction.policy import Style
from helpa_redaction.redactions import Redactions, Wanted, body_of
from helpa_redaction.scanning import Scanning, Wish

WRITE, READ = "images:write", "images:read"


class SuggestionsApi:
    """The routes.

    Args:
        services: of the server.
        scanning: looks.
        redactions: hides what is accepted.
    """

    def __init__(self, services: Services, scanning: Scanning, redactions: Redactions) -> None:
        self._services = services
        self._scanning = scanning
        self._redactions = redactions

    def routes(self) -> list[Route]:
        """Return the routes."""
        all_ = "/api/images/{id}/suggestions"
        bodies: dict[int, Any] = {
            409: Problem,
            413: Problem,
            415: Problem,
            422: Problem,
            503: Problem,
        }
        decided: dict[int, Any] = {201: RevisedDocument, 202: RevisedDocument, 204: "It is noted."}
        return [
            Route(
                "GET", all_, self.list, READ, "List what was found in a picture.",
                replies={200: SuggestionList, **PROBLEMS},
            ),
            Route(
                "POST", all_, self.start, WRITE,
                "Look through a picture for what should be hidden, as a job.",
                body=SuggestionsRequest, replies={202: ScanStarted, **bodies, **PROBLEMS},
            ),
            Route(
                "POST", f"{all_}/decisions", self.decide, WRITE,
                "Accept and dismiss several suggestions, in one revision.",
                body=Decisions, replies={**decided, **bodies, **PROBLEMS},
            ),
            Route(
                "POST", f"{all_}/{{suggestion}}", self.decide_one, WRITE,
                "Accept a suggestion, which redacts it, or dismiss it.",
                body=Decision, replies={**decided, **bodies, **PROBLEMS},
            ),
        ]  # fmt: skip

    async def list(self, request: Request) -> Response:
        """List."""
        image = await self._managed(request, READ)

        def read(connection: Connection) -> tuple[list[Suggestion], Scan | None]:
            return findings.of(connection, image.id), findings.scan_of(connection, image.id)

        found, scan = await self._services.database.read(read)
        document = SuggestionList(
            suggestions=[_document(each) for each in found],
            scan=self._scan(scan) if scan is not None else None,
        )
        return JSONResponse(document.model_dump())

    async def start(self, request: Request) -> Response:
        """Look."""
        asked = await json_body(request, SuggestionsRequest)
        image = await self._managed(request, WRITE)
        wish = Wish(image.id, tuple(dict.fromkeys(asked.look_for or ())))
        actor = actor_of(request)

        def work(connection: Connection) -> str:
            job = self._scanning.enqueue(connection, wish, image.revision)
            details = {"look_for": list(wish.look_for)}
            self._services.journal.record(
                connection, actor, "image.scan", f"image:{image.id}", details=details
            )
            return job

        job = await self._services.database.write(work)
        self._services.jobs.wake()
        url = f"{self._services.public_url}/api/jobs/{job}"
        return JSONResponse({"job": job, "job_url": url}, 202, {"Location": url})

    async def decide_one(self, request: Request) -> Response:
        """Accept or dismiss one."""
        asked = await json_body(request, Decision)
        ids = [request.path_params["suggestion"]]
        accept, dismiss = (ids, []) if asked.accept else ([], ids)
        return await self._decide(request, accept, dismiss, asked.style, "")

    async def decide(self, request: Request) -> Response:
        """Accept and dismiss several."""
        asked = await json_body(request, Decisions)
        return await self._decide(request, asked.accept, asked.dismiss, asked.style, asked.reason)

    async def _decide(
        self,
        request: Request,
        accept: Sequence[str],
        dismiss: Sequence[str],
        style: Style | None,
        reason: str,
    ) -> Response:
        image, actor = await self._managed(request, WRITE), actor_of(request)
        chosen = await self._services.database.read(
            lambda c: _chosen(findings.of(c, image.id), [*accept, *dismiss])
        )
        if not accept:

            def note(connection: Connection) -> None:
                findings.decide(connection, dismiss, DISMISSED, actor.name)
                self._services.journal.record(
                    connection, actor, "image.dismiss", f"image:{image.id}",
                    details={"suggestions": len(dismiss)},
                )  # fmt: skip

            await self._services.database.write(note)
            return Response(status_code=204)
        wanted = [each for each in chosen if each.id in set(accept)]
        categories = {each.found.category for each in wanted}
        documents: list[dict[str, Any]] = []
        viewer, images = request.state.identity, self._services.images

        def keep(connection: Connection, now: StoredImage) -> None:
            findings.decide(connection, accept, ACCEPTED, actor.name)
            findings.decide(connection, dismiss, DISMISSED, actor.name)
            covered = images.revisions(connection, now.id)[-1].details["covered"]
            findings.covered(connection, now.id, covered, actor.name)
            documents[:] = [
                {
                    "image": images.document(connection, now.id, viewer),
                    "manifest_url": f"{self._services.public_url}/api/images/{now.id}/manifest",
                    "covered": covered,
                }
            ]

        regions = [body_of(box) for each in wanted for box in each.found.boxes]
        category = categories.pop() if len(categories) == 1 else None
        wish = Wanted(regions, style or "solid", category=category, reason=reason)
        _, seq = await self._redactions.redact(image, wish, actor, keep)
        return await self._services.narrowed(seq, documents[0], 201)

    async def _managed(self, request: Request, scope: str) -> StoredImage:
        return await self._services.images.managed(
            request.path_params["id"], request.state.identity, scope
        )

    def _scan(self, scan: Scan) -> ScanDocument:
        return ScanDocument(
            job_url=f"{self._services.public_url}/api/jobs/{scan.job}",
            state=scan.state,
            revision=scan.revision,
            report=dict(scan.report),
            changed_at=timestamp(scan.changed_at),
        )


def _chosen(found: Sequence[Suggestion], ids: Sequence[str]) -> list[Suggestion]:
    """Return the suggestions of some ids.

    Raises:
        NotFound: there is none of an id.
        Conflict: one was decided about already.
    """
    known = {each.id: each for each in found}
    for wanted in ids:
        if wanted not in known:
            raise NotFound("There is no such suggestion.", given=wanted)
        if known[wanted].state != PENDING:
            raise Conflict(f"This suggestion was {known[wanted].state} already.", given=wanted)
    return [known[wanted] for wanted in ids]


def _document(each: Suggestion) -> SuggestionDocument:
    boxes = [Box(x=x, y=y, w=w, h=h) for x, y, w, h in (each.found.box, *each.found.boxes)]
    return SuggestionDocument(
        id=each.id,
        category=each.found.category,
        box=boxes[0],
        boxes=boxes[1:],
        confidence=each.found.confidence,
        why=each.found.why,
        state=each.state,
        revision=each.revision,
        created_at=timestamp(each.created_at),
    )
