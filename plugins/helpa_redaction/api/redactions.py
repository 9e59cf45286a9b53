"""``/api/images/{id}/redactions``, ``/edits``, ``/manifest`` and ``/release``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa import Conflict, Route, Services, StoredImage
from helpa.api import (
    PROBLEMS,
    Body,
    ImageDocument,
    Problem,
    actor_of,
    json_body,
)
from helpa.api import Keep as KeepReply
from helpa.api import query as read_query
from helpa_redaction.bodies import EditRequest, RedactionRequest
from helpa_redaction.documents import ManifestDocument, RevisedDocument, revised
from helpa_redaction.editing import Editing
from helpa_redaction.manifests import manifest_of, signed
from helpa_redaction.redactions import Keep, Redactions, Wanted

WRITE, READ = "images:write", "images:read"
REFUSED = dict.fromkeys((409, 413, 415, 422, 503, 507), Problem)

Revise = Callable[[StoredImage, Keep], Awaitable[tuple[StoredImage, int]]]


class ManifestQuery(Body):
    """Which manifest."""

    revision: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="Up to which revision; unset is the current one."
    )


class RedactionsApi:
    """The routes.

    Args:
        services: of the server.
        redactions: hides.
        editing: crops, rotates and flips.
    """

    def __init__(self, services: Services, redactions: Redactions, editing: Editing) -> None:
        self._services = services
        self._redactions = redactions
        self._editing = editing

    def routes(self) -> list[Route]:
        """Return the routes."""
        image = "/api/images/{id}"
        replies: dict[int, Any] = {
            201: RevisedDocument,
            202: RevisedDocument,
            **REFUSED,
            **PROBLEMS,
        }
        return [
            Route(
                "POST", f"{image}/redactions", self.redact, WRITE,
                "Hide regions for good: a new revision, rebuilt from pixels.",
                keyed=True, body=RedactionRequest, replies=replies,
            ),
            Route(
                "POST", f"{image}/edits", self.edit, WRITE,
                "Crop, rotate or flip for good: a new revision, rebuilt from pixels.",
                keyed=True, body=EditRequest, replies=replies,
            ),
            Route(
                "GET", f"{image}/manifest", self.manifest, READ,
                "Show what was done to the pixels, signed.",
                query=ManifestQuery, replies={200: ManifestDocument, **PROBLEMS},
            ),
            Route(
                "POST", f"{image}/release", self.release, WRITE,
                "Let a picture be seen that was held back by a policy.",
                replies={200: ImageDocument, 202: ImageDocument, 409: Problem, **PROBLEMS},
            ),
        ]  # fmt: skip

    async def redact(self, request: Request) -> Response:
        """Hide."""
        asked = await json_body(request, RedactionRequest)
        wanted = Wanted(
            asked.regions, asked.style, asked.colour, asked.category, asked.reason, asked.revision
        )
        return await self._revised(
            request,
            asked,
            lambda image, keep: self._redactions.redact(image, wanted, actor_of(request), keep),
        )

    async def edit(self, request: Request) -> Response:
        """Edit."""
        asked = await json_body(request, EditRequest)
        return await self._revised(
            request,
            asked,
            lambda image, keep: self._editing.edit(image, asked, actor_of(request), keep),
        )

    async def _revised(self, request: Request, asked: Body, revise: Revise) -> Response:
        viewer, services = request.state.identity, self._services

        async def make(keep: KeepReply) -> tuple[dict[str, Any], int]:
            image = await services.images.managed(request.path_params["id"], viewer, WRITE)
            documents: list[dict[str, Any]] = []

            def kept(connection: Connection, now: StoredImage) -> None:
                documents[:] = [revised(services, connection, now, viewer)]
                keep(connection, documents[0])

            _, seq = await revise(image, kept)
            return documents[0], seq

        return await services.once(request, asked.model_dump_json(), make, 201)

    async def manifest(self, request: Request) -> Response:
        """Show what was done."""
        asked = read_query(request, ManifestQuery)
        images = self._services.images
        image = await images.managed(request.path_params["id"], request.state.identity, READ)
        rows = await self._services.database.read(lambda c: images.revisions(c, image.id))
        told = manifest_of(image, rows, asked.revision or rows[-1].revision)
        return JSONResponse(signed(self._services, told))

    async def release(self, request: Request) -> Response:
        """Let it be seen."""
        viewer, images = request.state.identity, self._services.images
        image = await images.managed(request.path_params["id"], viewer, WRITE)
        actor = actor_of(request)

        def work(connection: Connection) -> tuple[int, dict[str, Any]]:
            seq = images.release(connection, image.id)
            if seq is None:
                raise Conflict("This picture is not held back.")
            self._services.journal.record(connection, actor, "image.release", f"image:{image.id}")
            return seq, images.document(connection, image.id, viewer)

        seq, document = await self._services.database.write(work)
        return await self._services.narrowed(seq, document, 200)
