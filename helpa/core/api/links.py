"""``/api/images/{id}/links``: signed links that can be revoked."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa.core.api.acting import actor_of
from helpa.core.api.bodies import json_body
from helpa.core.api.images import ImagesApi
from helpa.core.api.models import PROBLEMS, Body, Problem, Text
from helpa.core.api.narrowing import Narrowing
from helpa.core.api.replies import promise_of, replay
from helpa.core.audit.journal import Journal
from helpa.core.database import links
from helpa.core.database.engine import Database
from helpa.core.database.images import Record
from helpa.core.errors import NotFound
from helpa.core.identity import Identity
from helpa.core.ids import is_id, new_id
from helpa.core.moments import timestamp
from helpa.core.routes import Route
from helpa.core.settings import Settings
from helpa.core.signer import TEN_YEARS, Signer

SHOWN = 1000
"""Links of one picture that a list shows, newest first."""


class LinkRequest(Body):
    """What a link shall show, to whom, and for how long."""

    params: dict[Text, Text | bool | int | float] = Field(
        default_factory=dict, description='Parameters of the image URL: {"w": 400}.'
    )
    expires_in: Annotated[int, Field(ge=1, le=TEN_YEARS)] | None = Field(
        None, description="Seconds it lives; without it, until it is revoked."
    )
    grant: Literal["exact", "view"] = Field(
        "exact",
        description="exact is this URL and no other; view is sizes, formats and presets as the "
        "viewer likes.",
    )


class LinkDocument(BaseModel):
    """A signed link."""

    id: str = Field(description="To revoke it by.")
    url: str | None = Field(None, description="The link; shown when it is made.")
    grant: Literal["exact", "view"]
    params: str = Field(description="Its query, without the signature.")
    created_at: str = Field(description="RFC 3339, in UTC.")
    expires_at: str | None = Field(description="RFC 3339, in UTC; null is never.")


class LinkList(BaseModel):
    """The links of a picture that hold, newest first; those that have expired too."""

    epoch: int = Field(description="What signers of your own sign; revoking all links raises it.")
    links: list[LinkDocument]


class Revoked(BaseModel):
    """Links were revoked everywhere but where ``pending`` says."""

    pending: list[str] = Field(default_factory=list, description="Caches outside: edge.")


class LinksApi:
    """The routes of signed links.

    Args:
        settings: limits.
        database: rows.
        images: finds the caller's images.
        signer: signs.
        journal: told of what is made and revoked.
        narrowing: waits until a revocation has reached everybody.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        images: ImagesApi,
        signer: Signer,
        narrowing: Narrowing,
        journal: Journal,
    ) -> None:
        self._settings = settings
        self._database = database
        self._images = images
        self._signer = signer
        self._narrowing = narrowing
        self._journal = journal

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(
                "POST",
                "/api/images/{id}/links",
                self.create,
                "links:write",
                "Make a signed link.",
                keyed=True,
                body=LinkRequest,
                replies={201: LinkDocument, 413: Problem, 415: Problem, 422: Problem, **PROBLEMS},
            ),
            Route(
                "GET",
                "/api/images/{id}/links",
                self.list,
                "links:write",
                "List the signed links of an image, newest first.",
                replies={200: LinkList, **PROBLEMS},
            ),
            Route(
                "POST",
                "/api/images/{id}/links/revoke",
                self.revoke_all,
                "links:write",
                "Revoke every signed link to an image, those made elsewhere too.",
                keyed=True,
                replies={202: Revoked, 204: "They are revoked.", **PROBLEMS},
            ),
            Route(
                "DELETE",
                "/api/images/{id}/links/{link}",
                self.revoke,
                "links:write",
                "Revoke a signed link.",
                keyed=True,
                replies={202: Revoked, 204: "It is revoked.", **PROBLEMS},
            ),
        ]

    async def create(self, request: Request) -> Response:
        """Make a link."""
        identity: Identity = request.state.identity
        asked = await json_body(request, LinkRequest, self._settings.limits)
        promise = promise_of(request, asked.model_dump_json())
        kept = await promise.kept(self._database) if promise else None
        if kept is not None:
            return replay(kept, identity)
        record = await self._images.mine(request, "links:write")
        params = {name: _text(value) for name, value in asked.params.items()}
        link_id, actor = new_id(), actor_of(request)
        made = self._signer.link(
            record,
            params,
            kind=links.KINDS[asked.grant],
            link_id=link_id,
            expires_in=asked.expires_in,
        )

        def work(connection: Connection) -> dict[str, Any]:
            links.add(
                connection,
                link_id,
                record,
                kind=asked.grant,
                params=made.params,
                expires_at=made.expires_at,
            )
            document = _document(links.get(connection, link_id)) | {"url": made.url}
            self._journal.record(
                connection,
                actor,
                "link.create",
                f"image:{record.id}",
                details={"link": link_id, "grant": asked.grant},
            )
            if promise is not None:
                promise.keep(connection, 201, document)
            return document

        try:
            document = await self._database.write(work)
        except IntegrityError:
            kept = await promise.kept(self._database) if promise else None
            if kept is None:
                raise
            return replay(kept, identity)
        return JSONResponse(document, 201)

    async def list(self, request: Request) -> Response:
        """List the links of an image."""
        record = await self._images.mine(request, "links:write")
        rows = await self._database.read(lambda c: links.of_image(c, record.id, SHOWN))
        documents = [_document(row) for row in rows]
        return JSONResponse({"epoch": record.link_epoch, "links": documents})

    async def revoke(self, request: Request) -> Response:
        """Revoke a link."""
        link_id, actor = request.path_params["link"], actor_of(request)

        def revoke(connection: Connection, record: Record) -> int:
            seq = links.revoke(connection, record.id, link_id) if is_id(link_id) else None
            if seq is None:
                raise NotFound("There is no such link, or it was revoked before.")
            target, details = f"image:{record.id}", {"link": link_id}
            self._journal.record(connection, actor, "link.revoke", target, details=details)
            return seq

        return await self._narrowing.taken(
            request, lambda: self._images.mine(request, "links:write"), revoke
        )

    async def revoke_all(self, request: Request) -> Response:
        """Revoke every link to an image."""
        actor = actor_of(request)

        def revoke(connection: Connection, record: Record) -> int:
            seq = links.revoke_all(connection, record.id)
            if seq is None:
                raise NotFound("There is no such image.")
            self._journal.record(connection, actor, "link.revoke-all", f"image:{record.id}")
            return seq

        return await self._narrowing.taken(
            request, lambda: self._images.mine(request, "links:write"), revoke
        )


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if isinstance(value, bool) else json.dumps(value)


def _document(row: Row[Any]) -> dict[str, Any]:
    return LinkDocument(
        id=row.id,
        grant=row.grant_kind,
        params=row.params,
        created_at=timestamp(row.created_at),
        expires_at=timestamp(row.expires_at * 1000) if row.expires_at is not None else None,
    ).model_dump(exclude={"url"})  # only its maker is shown that
