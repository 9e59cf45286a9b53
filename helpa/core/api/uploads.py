"""``POST /api/images``: taking pictures in."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response

from helpa.core.access import allowed_team
from helpa.core.actor import Actor
from helpa.core.api.acting import actor_of, confirm
from helpa.core.api.bodies import checked, query, tags_of
from helpa.core.api.documents import Documents
from helpa.core.api.models import (
    PROBLEMS,
    ImageDocument,
    Problem,
    UploadResults,
    UploadSaid,
    UrlUpload,
)
from helpa.core.api.replies import replay, reply
from helpa.core.api.upload import Received, receive
from helpa.core.api.url_import import UrlImport
from helpa.core.audit.journal import Journal
from helpa.core.counters import Counters
from helpa.core.database import accounts
from helpa.core.database.engine import Database
from helpa.core.database.idempotency import Kept, Promise
from helpa.core.database.images import Record
from helpa.core.errors import Conflict, InvalidValue, RequestError
from helpa.core.files import DataDir
from helpa.core.identity import Identity
from helpa.core.ingest import Incoming, Ingest, Prepared, Said
from helpa.core.openapi import text_schema
from helpa.core.routes import Route
from helpa.core.settings import Settings


class UploadsApi:
    """The route that takes pictures in.

    Args:
        settings: limits and the default visibility.
        database: rows.
        files: where uploads arrive.
        ingest: takes pictures in.
        imports: fetches those that are named by URL.
        documents: what is answered.
        counters: what is counted.
        journal: told of every picture.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        files: DataDir,
        ingest: Ingest,
        imports: UrlImport,
        documents: Documents,
        counters: Counters,
        journal: Journal,
    ) -> None:
        self._settings = settings
        self._database = database
        self._files = files
        self._ingest = ingest
        self._imports = imports
        self._documents = documents
        self._counters = counters
        self._journal = journal
        self._in_progress: set[tuple[str, str]] = set()

    def routes(self) -> list[Route]:
        """Return the route."""
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
                keyed=True,
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
        ]

    async def upload(self, request: Request) -> Response:
        """Take pictures in."""
        identity: Identity = request.state.identity
        self._ingest.check_room()
        received = await receive(request, self._files, self._settings.limits, self._imports)
        try:
            await confirm(request)
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
            return reply(await self._store(received, said, identity, None, actor_of(request)))
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
            return reply(await self._store(received, said, identity, promise, actor_of(request)))
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
        team = allowed_team(identity, asked.team)
        actor = actor_of(request).name
        said = Said(identity.owner, visibility, team, asked.title, asked.alt, tags, actor)
        return said, asked.model_dump()

    async def _store(
        self,
        received: Received,
        said: Said,
        identity: Identity,
        promise: Promise | None,
        actor: Actor,
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
            # A body may take long to arrive: whose account was disabled or erased meanwhile has no
            # pictures any more.
            accounts.require_active(connection, said.owner)
            made[:] = [self._document(results, records, identity, several)]
            for record in records:
                details = {"bytes": record.bytes, "visibility": record.visibility}
                target = f"image:{record.id}"
                self._journal.record(connection, actor, "image.upload", target, details=details)
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
