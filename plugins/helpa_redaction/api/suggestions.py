"""``/api/images/{id}/suggestions``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Conflict, NotFound, Route, Services, StoredImage
from helpa.api import PROBLEMS, Body, Keep, Problem, actor_of, json_body, timestamp
from helpa_redaction import findings
from helpa_redaction.bodies import Decision, Decisions, SuggestionsRequest
from helpa_redaction.documents import (
    Box,
    RevisedDocument,
    ScanDocument,
    ScanStarted,
    SuggestionDocument,
    SuggestionList,
    revised,
)
from helpa_redaction.findings import ACCEPTED, DISMISSED, PENDING, Scan, Suggestion
from helpa_redaction.policy import Style
from helpa_redaction.redactions import Redactions, Wanted, body_of
from helpa_redaction.scanning import Scanning

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
                keyed=True, body=Decisions, replies={**decided, **bodies, **PROBLEMS},
            ),
            Route(
                "POST", f"{all_}/{{suggestion}}", self.decide_one, WRITE,
                "Accept a suggestion, which redacts it, or dismiss it.",
                keyed=True, body=Decision, replies={**decided, **bodies, **PROBLEMS},
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
        look_for = tuple(dict.fromkeys(asked.look_for or ()))
        actor = actor_of(request)

        def work(connection: Connection) -> str:
            job = self._scanning.enqueue(connection, image, look_for)
            details = {"look_for": list(look_for)}
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
        return await self._decide(request, _Decided(accept, dismiss, asked.style), asked)

    async def decide(self, request: Request) -> Response:
        """Accept and dismiss several."""
        asked = await json_body(request, Decisions)
        decided = _Decided(asked.accept, asked.dismiss, asked.style, asked.reason)
        return await self._decide(request, decided, asked)

    async def _decide(self, request: Request, decided: _Decided, asked: Body) -> Response:
        async def make(keep: Keep) -> tuple[dict[str, Any] | None, int | None]:
            image = await self._managed(request, WRITE)
            chosen = await self._services.database.read(
                lambda c: _chosen(findings.of(c, image.id), [*decided.accept, *decided.dismiss])
            )
            if not decided.accept:
                await self._dismiss(request, image, decided, keep)
                return None, None
            return await self._accept(request, image, decided, chosen, keep)

        status = 201 if decided.accept else 204
        return await self._services.once(request, asked.model_dump_json(), make, status)

    async def _dismiss(
        self, request: Request, image: StoredImage, decided: _Decided, keep: Keep
    ) -> None:
        actor = actor_of(request)

        def work(connection: Connection) -> None:
            findings.decide(connection, decided.dismiss, DISMISSED, actor.name)
            self._services.journal.record(
                connection, actor, "image.dismiss", f"image:{image.id}",
                details={"suggestions": len(decided.dismiss)},
            )  # fmt: skip
            keep(connection, None)

        await self._services.database.write(work)

    async def _accept(
        self,
        request: Request,
        image: StoredImage,
        decided: _Decided,
        chosen: Sequence[Suggestion],
        keep: Keep,
    ) -> tuple[dict[str, Any], int]:
        actor, viewer = actor_of(request), request.state.identity
        wanted = [each for each in chosen if each.id in set(decided.accept)]
        categories = {each.found.category for each in wanted}
        documents: list[dict[str, Any]] = []

        def kept(connection: Connection, now: StoredImage) -> None:
            findings.decide(connection, decided.accept, ACCEPTED, actor.name)
            findings.decide(connection, decided.dismiss, DISMISSED, actor.name)
            documents[:] = [revised(self._services, connection, now, viewer)]
            keep(connection, documents[0])

        wish = Wanted(
            [body_of(box) for each in wanted for box in each.found.boxes],
            decided.style or "solid",
            category=categories.pop() if len(categories) == 1 else None,
            reason=decided.reason,
            revision=image.revision,  # else the boxes might lie elsewhere by then
        )
        _, seq = await self._redactions.redact(image, wish, actor, kept)
        return documents[0], seq

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


@dataclass(frozen=True, slots=True)
class _Decided:
    """What somebody decided about suggestions."""

    accept: Sequence[str]
    dismiss: Sequence[str]
    style: Style | None = None
    reason: str = ""


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
