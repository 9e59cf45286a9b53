"""``/api/audit``: searching the audit log."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field
from sqlalchemy import Connection, Row
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from helpa.core.api.acting import actor_of
from helpa.core.api.bodies import query
from helpa.core.api.models import Body, Problem
from helpa.core.audit import search
from helpa.core.audit.journal import Journal
from helpa.core.database.engine import Database
from helpa.core.routes import Route

Name = Annotated[str, Field(pattern=r"^[a-z_-]+(:[A-Za-z0-9_.:/-]{1,150})?$", max_length=160)]
Action = Annotated[str, Field(pattern=r"^[a-z_-]+\.([a-z_-]+|\*)$", max_length=64)]


def _written(value: object) -> object:
    # pydantic would also take a number of seconds.
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value):
        raise ValueError("a moment as in 2026-03-31T14:00:00Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written)]


class AuditQuery(Body):
    """Which entries are wanted; all that is given must hold."""

    limit: Annotated[int, Field(ge=1, le=500)] = Field(50, description="How many at the most.")
    cursor: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="Where to go on, as an earlier page said."
    )
    actor: Name | None = Field(
        None, description="Who did it, or on whose behalf: account:<id>, token:<id>, command-line."
    )
    object: Name | None = Field(None, description="To which object: image:<id>, account:<id>.")
    action: Action | None = Field(
        None, description="What: image.delete; session.* is every action of that noun."
    )
    since: Moment | None = Field(None, alias="from", description="From this moment on: RFC 3339.")
    until: Moment | None = Field(None, alias="to", description="Before this one: RFC 3339.")


class EntryDocument(BaseModel):
    """An entry of the audit log."""

    seq: int = Field(description="Its number, from 1 on, without gaps.")
    at: str = Field(description="RFC 3339, in UTC.")
    actor: str = Field(description="account:<id>, token:<id>, command-line, job:<kind>, nobody.")
    on_behalf: str = Field(description="The account a token belongs to, or empty.")
    action: str
    object: str
    result: str = Field(description="ok or refused.")
    request: str = Field(description="Id of the HTTP request, or empty.")
    details: dict[str, Any] = Field(description="Nobody's in person.")
    personal: dict[str, Any] | None = Field(
        description="Address, device and what else belongs to a person; null once erased."
    )
    commitment: str
    leaf: str


class EntryList(BaseModel):
    """A part of the log, newest first."""

    entries: list[EntryDocument]
    next_cursor: int | None = Field(
        None, description="Where the next part begins, if there is one."
    )


class AuditApi:
    """The route of the audit log.

    Args:
        database: where it is.
        journal: notes who has looked.
    """

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(
                "GET",
                "/api/audit",
                self.list,
                "audit:read",
                "Search the audit log, newest first. Looking is an entry itself.",
                query=AuditQuery,
                replies={200: EntryList, 400: Problem, 401: Problem, 403: Problem},
            )
        ]

    async def list(self, request: Request) -> Response:
        """Search."""
        asked = query(request, AuditQuery)
        filters = filters_of(asked)
        rows: list[Row[Any]] = await self._database.read(
            lambda c: search.page(c, filters, limit=asked.limit + 1, before=asked.cursor)
        )
        shown = rows[: asked.limit]
        actor = actor_of(request)
        details = asked.model_dump(mode="json", by_alias=True, exclude_none=True)

        def note(connection: Connection) -> None:
            self._journal.record(
                connection,
                actor,
                "audit.read",
                "audit:log",
                details=details | {"entries": len(shown)},
                event=False,
            )

        # Nothing is shown unless that is on record.
        await self._database.write(note)
        more = shown[-1].seq if len(rows) > len(shown) else None
        documents = [search.document(row) for row in shown]
        return JSONResponse({"entries": documents, "next_cursor": more})


def filters_of(asked: AuditQuery) -> search.Filters:
    """Return what a query asks for."""
    since, until = (
        None if moment is None else int(moment.astimezone(UTC).timestamp() * 1000)
        for moment in (asked.since, asked.until)
    )
    return search.Filters(asked.actor, asked.object, asked.action, since, until)
