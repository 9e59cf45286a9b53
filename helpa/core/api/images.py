"""``/api/images``."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa.core.access import MODERATE, Allowed, allowed_team, managed, visible
from helpa.core.api.acting import actor_of
from helpa.core.api.bodies import json_body, query
from helpa.core.api.documents import Documents
from helpa.core.api.models import (
    PROBLEMS,
    ImageChange,
    ImageDocument,
    ImageList,
    ListQuery,
    Problem,
    RevisionList,
)
from helpa.core.api.narrowing import Narrowing
from helpa.core.audit.journal import Journal
from helpa.core.database import images, listing, revisions
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.errors import Forbidden, NotFound, Unavailable
from helpa.core.identity import Identity
from helpa.core.moments import timestamp
from helpa.core.records import Records
from helpa.core.routes import PUBLIC, Route
from helpa.core.screening import Arrival, Screened
from helpa.core.services import Keep
from helpa.core.settings import Settings


class ImagesApi:
    """The routes of images.

    Args:
        settings: limits and the default visibility.
        database: rows.
        records: the in-process table, told of our own changes at once.
        narrowing: waits until what allows less has reached everybody.
        documents: what is answered.
        journal: told of every change.
        erase: called after an image was deleted.
        allowed: whether no plugin denies a permission on an image.
        screen: says whether a picture that goes to another team is guarded.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        records: Records,
        narrowing: Narrowing,
        documents: Documents,
        journal: Journal,
        erase: Callable[[], None],
        allowed: Allowed,
        screen: Callable[[Connection, Arrival], Screened],
    ) -> None:
        self._settings = settings
        self._database = database
        self._records = records
        self._narrowing = narrowing
        self._documents = documents
        self._journal = journal
        self._erase = erase
        self._allowed = allowed
        self._screen = screen

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(
                "GET",
                "/api/images",
                self.list,
                "images:read",
                "List images, newest first.",
                query=ListQuery,
                replies={200: ImageList, **PROBLEMS},
            ),
            Route(
                "GET",
                "/api/images/{id}",
                self.get,
                PUBLIC,
                "Show an image; a private one needs images:read.",
                replies={200: ImageDocument, **PROBLEMS},
            ),
            Route(
                "PATCH",
                "/api/images/{id}",
                self.patch,
                "images:write",
                "Change title, alternative text, tags or visibility.",
                keyed=True,
                body=ImageChange,
                replies={
                    200: ImageDocument,
                    413: Problem,
                    415: Problem,
                    422: Problem,
                    **PROBLEMS,
                },
            ),
            Route(
                "DELETE",
                "/api/images/{id}",
                self.delete,
                "images:delete",
                "Delete an image, everywhere.",
                keyed=True,
                replies={204: "It is gone.", 422: Problem, **PROBLEMS},
            ),
            Route(
                "GET",
                "/api/images/{id}/revisions",
                self.revisions,
                "images:read",
                "List an image's revisions, oldest first.",
                replies={200: RevisionList, **PROBLEMS},
            ),
        ]

    async def list(self, request: Request) -> Response:
        """List images."""
        identity: Identity = request.state.identity
        asked = query(request, ListQuery)
        owner = _whose(identity, asked)
        page = await self._database.read(
            lambda c: listing.page(
                c,
                owner,
                team=asked.team or None,
                limit=asked.limit,
                cursor=asked.cursor,
                text=asked.q,
                tag=asked.tag,
            )
        )
        documents = [self._documents.image(record, identity) for record in page.records]
        return JSONResponse({"images": documents, "next_cursor": page.cursor})

    async def get(self, request: Request) -> Response:
        """Show an image."""
        identity: Identity | None = request.state.identity
        record = await visible(self._records, request.path_params["id"], identity)
        return JSONResponse(self._documents.image(record, identity))

    async def mine(self, request: Request, scope: str) -> Record:
        """Return an image the caller may change; whoever may see it is told what is missing."""
        identity: Identity | None = request.state.identity
        image_id = request.path_params["id"]
        return await managed(self._records, image_id, identity, scope, self._allowed)

    async def patch(self, request: Request) -> Response:
        """Change what is said of an image."""
        identity: Identity = request.state.identity
        change = await json_body(request, ImageChange, self._settings.limits)
        values = change.model_dump(exclude_unset=True, exclude_none=True)
        actor = actor_of(request)

        async def make(keep: Keep) -> tuple[dict[str, Any], int | None]:
            record = await self.mine(request, "images:write")
            row = dict(values)
            if "team" in row:
                row["team"] = allowed_team(identity, row["team"])
            details = {
                name: {"from": getattr(record, name), "to": row[name]}
                for name in ("visibility", "team")
                if name in row
            } | {"changed": sorted(values)}

            def work(connection: Connection) -> tuple[dict[str, Any], int | None]:
                if "team" in row:
                    uploader = revisions.of(connection, record.id)[0].actor
                    arrival = Arrival(record.owner, row["team"], uploader, new=False)
                    row["guarded"] = self._screen(connection, arrival).guarded
                found = images.change(connection, record.id, row)
                if found is None:
                    raise NotFound("There is no such image.")
                changed, seq = found
                document = self._documents.image(changed, identity)
                target = f"image:{record.id}"
                self._journal.record(connection, actor, "image.change", target, details=details)
                keep(connection, document)
                return document, seq

            document, seq = await self._database.write(work)
            if seq is None:
                with contextlib.suppress(Unavailable):  # stored; what is held is soon forgotten
                    await self._records.catch_up()
            return document, seq

        return await self._narrowing.once(request, json.dumps(values, sort_keys=True), make)

    async def delete(self, request: Request) -> Response:
        """Delete an image."""
        actor = actor_of(request)

        def delete(connection: Connection, record: Record) -> int:
            seq = images.delete(connection, record.id)
            if seq is None:
                raise NotFound("There is no such image.")
            self._journal.record(connection, actor, "image.delete", f"image:{record.id}")
            return seq

        reply = await self._narrowing.taken(
            request, lambda: self.mine(request, "images:delete"), delete
        )
        self._erase()
        return reply

    async def revisions(self, request: Request) -> Response:
        """List an image's revisions."""
        record = await self.mine(request, "images:read")
        rows = await self._database.read(lambda c: revisions.of(c, record.id))
        listed = [
            {
                "revision": row.revision,
                "reason": row.reason,
                "original": revisions.state(row) if place == 0 else None,
                "created_at": timestamp(row.created_at),
            }
            for place, row in enumerate(rows)
        ]
        return JSONResponse({"revisions": listed})


def _whose(identity: Identity, asked: ListQuery) -> str | None:
    """Return the owner whose images a list is of; None is anybody's.

    Raises:
        Forbidden: they are somebody else's, and the caller does not moderate.
    """
    moderates = identity.may(MODERATE)
    if asked.team:
        if asked.team not in identity.teams and not moderates:
            raise Forbidden("You are not in this team.", field="team", given=asked.team)
        return None if asked.owner in ("", "*") else asked.owner
    if asked.owner in ("", identity.owner):
        return identity.owner
    if not moderates:
        raise Forbidden(
            "Others' images need images:moderate.", field="owner", given=asked.owner,
            allowed=identity.owner,
        )  # fmt: skip
    return None if asked.owner == "*" else asked.owner
