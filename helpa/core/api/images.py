"""``/api/images``."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa.core.access import may_manage, visible
from helpa.core.api.bodies import checked, json_body, query, tags_of
from helpa.core.api.documents import Documents
from helpa.core.api.models import (
    ImageChange,
    ImageDocument,
    ImageList,
    ListQuery,
    Problem,
    RevisionList,
    UploadResults,
    UploadSaid,
    UrlUpload,
)
from helpa.core.api.narrowing import Narrowing
from helpa.core.api.replies import promise_of, replay, reply
from helpa.core.api.upload import Received, receive
from helpa.core.api.url_import import UrlImport
from helpa.core.counters import Counters
from helpa.core.database import images
from helpa.core.database.engine import Database
from helpa.core.database.idempotency import Kept, Promise
from helpa.core.database.images import Record
from helpa.core.errors import Conflict, Forbidden, InvalidValue, NotFound, RequestError, Unavailable
from helpa.core.files import DataDir
from helpa.core.identity import Identity
from helpa.core.ingest import Incoming, Ingest, Prepared, Said
from helpa.core.moments import timestamp
from helpa.core.openapi import text_schema
from helpa.core.records import Records
from helpa.core.routes import PUBLIC, Route
from helpa.core.settings import Settings

PROBLEMS = {400: Problem, 401: Problem, 404: Problem}


class ImagesApi:
    """The routes of images.

    Args:
        settings: limits and the default visibility.
        database: rows.
        files: where uploads arrive.
        ingest: takes pictures in.
        imports: fetches those that are named by URL.
        records: the in-process table, told of our own changes at once.
        narrowing: waits until what allows less has reached everybody.
        documents: what is answered.
        counters: what is counted.
        erase: called after an image was deleted.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        files: DataDir,
        ingest: Ingest,
        imports: UrlImport,
        records: Records,
        narrowing: Narrowing,
        documents: Documents,
        counters: Counters,
        erase: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._database = database
        self._files = files
        self._ingest = ingest
        self._imports = imports
        self._records = records
        self._narrowing = narrowing
        self._documents = documents
        self._counters = counters
        self._erase = erase
        self._in_progress: set[tuple[str, str]] = set()

    def routes(self) -> list[Route]:
        """Return the routes."""
        binary = {"schema": {"type": "string", "format": "binary"}}
        form = UploadSaid.model_json_schema()["properties"]
        upload = {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "minItems": 1,
                            "maxItems": self._settings.limits.upload_files,
                        },
                        **{n: text_schema(form[n]) for n in form if n != "filename"},
                    },
                }
            },
            "image/*": binary,
            "application/octet-stream": binary,
        }
        return [
            Route(
                "POST",
                "/api/images",
                self.upload,
                "images:write",
                "Upload one picture or several, or name the URL of one.",
                query=UploadSaid,
                body=UrlUpload,
                content=upload,
                replies={
                    201: ImageDocument,
                    207: UploadResults,
                    **dict.fromkeys((408, 409, 413, 415, 422, 502, 503, 507), Problem),
                    **PROBLEMS,
                },
            ),
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

    async def upload(self, request: Request) -> Response:
        """Take pictures in."""
        identity: Identity = request.state.identity
        self._ingest.check_room()
        received = await receive(request, self._files, self._settings.limits, self._imports)
        try:
            return await self._take(request, identity, received)
        finally:
            await asyncio.shield(asyncio.to_thread(self._ingest.discard, (), received.incoming))

    async def _take(self, request: Request, identity: Identity, received: Received) -> Response:
        said, spoken = self._said(request, received, identity)
        if not received.files and not received.wanted:
            raise InvalidValue(
                "There is no file in the form.", field="file", allowed="one file or several"
            )
        key = request.headers.get("idempotency-key")
        if key is None:
            return reply(await self._store(received, said, identity, None))
        parts = ["upload", json.dumps(spoken, sort_keys=True)]
        if received.wanted:
            # Before it is fetched: a repeated request fetches nothing.
            parts += ["url", received.wanted.model_dump_json()]
        for each in received.incoming:
            parts += [each.filename, each.sha256]
        promise = Promise.of(identity.owner, key, *parts)
        claim = (promise.owner, promise.key)
        if claim in self._in_progress:
            raise Conflict("A request with this Idempotency-Key is under way.", retry_after=1)
        self._in_progress.add(claim)
        try:
            kept = await promise.kept(self._database)
            if kept is not None:
                return replay(kept, identity)
            return reply(await self._store(received, said, identity, promise))
        except IntegrityError:
            kept = await promise.kept(self._database)  # another process was quicker with this key
            if kept is None:
                raise
            return replay(kept, identity)
        finally:
            self._in_progress.discard(claim)

    def _said(
        self, request: Request, received: Received, identity: Identity
    ) -> tuple[Said, dict[str, Any]]:
        asked = query(request, UploadSaid)
        tags = tags_of(asked)
        if received.fields:
            unset = asked.model_dump(exclude_unset=True)
            asked = checked(UploadSaid, {**unset, **received.fields})
            tags = tags_of(asked)
        if received.wanted:
            tags = tuple(dict.fromkeys(t.strip() for t in received.wanted.tags if t.strip()))
        visibility = asked.visibility or self._settings.visibility
        said = Said(identity.owner, visibility, asked.title, asked.alt, tags)
        return said, asked.model_dump()

    async def _store(
        self,
        received: Received,
        said: Said,
        identity: Identity,
        promise: Promise | None,
    ) -> Kept:
        """Store what can be stored, in one transaction with the promise; return the reply."""
        if received.wanted:
            received.files.append(await self._imports.fetch(received.wanted))
        several = len(received.files) > 1
        results: list[Prepared | RequestError] = []
        for each in received.files:
            try:
                assert isinstance(each, Incoming)
                results.append(await self._ingest.prepare(each, said.owner))
            except RequestError as error:
                self._counters.uploads[type(error).__name__] += 1
                if not several:
                    raise
                results.append(error)
        prepared = [each for each in results if isinstance(each, Prepared)]
        made: list[Kept] = []

        def keep(connection: Connection, records: list[Record]) -> None:
            made[:] = [self._document(results, records, identity, several)]
            if promise is not None:
                promise.keep(connection, made[0].status, made[0].body)

        try:
            await self._ingest.commit(prepared, said, keep)
        except Exception:
            # Rolled back. A cancelled request is no such case: its commit may have gone through,
            # and what nothing refers to is swept later.
            await asyncio.to_thread(self._ingest.discard, prepared, ())
            raise
        self._counters.uploads["ok"] += len(prepared)
        return made[0]

    def _document(
        self,
        results: list[Prepared | RequestError],
        records: list[Record],
        identity: Identity,
        several: bool,
    ) -> Kept:
        made = iter(records)
        documents = [
            self._documents.image(next(made), identity)
            if isinstance(each, Prepared)
            else each.problem()
            for each in results
        ]
        return Kept(207, {"images": documents}) if several else Kept(201, documents[0])

    async def list(self, request: Request) -> Response:
        """List images."""
        identity: Identity = request.state.identity
        asked = query(request, ListQuery)
        page = await self._database.read(
            lambda c: images.page(
                c,
                identity.owner,
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
        record = await visible(self._records, request.path_params["id"], identity)
        if not may_manage(record, identity, scope):
            raise Forbidden("This image belongs to somebody else.", allowed=f"its owner's {scope}")
        return record

    async def patch(self, request: Request) -> Response:
        """Change what is said of an image."""
        identity: Identity = request.state.identity
        change = await json_body(request, ImageChange, self._settings.limits)
        values = change.model_dump(exclude_unset=True, exclude_none=True)
        promise = promise_of(request, json.dumps(values, sort_keys=True))
        kept = await promise.kept(self._database) if promise else None
        if kept is not None:
            return replay(kept, identity)
        record = await self.mine(request, "images:write")

        def work(connection: Connection) -> tuple[dict[str, Any], int | None]:
            found = images.change(connection, record.id, values)
            if found is None:
                raise NotFound("There is no such image.")
            changed, seq = found
            document = self._documents.image(changed, identity)
            if promise is not None:
                promise.keep(connection, 200, document)
            return document, seq

        try:
            document, seq = await self._database.write(work)
        except IntegrityError:
            kept = await promise.kept(self._database) if promise else None
            if kept is None:
                raise
            return replay(kept, identity)
        if seq is None:
            with contextlib.suppress(Unavailable):  # it is stored; what is held is soon forgotten
                await self._records.catch_up()
            return JSONResponse(document)
        return await self._narrowing.done(seq, document)

    async def delete(self, request: Request) -> Response:
        """Delete an image."""

        def delete(connection: Connection, image_id: str) -> int:
            seq = images.delete(connection, image_id)
            if seq is None:
                raise NotFound("There is no such image.")
            return seq

        reply = await self._narrowing.once(
            request, lambda: self.mine(request, "images:delete"), delete
        )
        self._erase()
        return reply

    async def revisions(self, request: Request) -> Response:
        """List an image's revisions."""
        record = await self.mine(request, "images:read")
        rows = await self._database.read(lambda c: images.revisions_of(c, record.id))
        listed = [
            {
                "revision": row.revision,
                "reason": row.reason,
                "created_at": timestamp(row.created_at),
            }
            for row in rows
        ]
        return JSONResponse({"revisions": listed})
