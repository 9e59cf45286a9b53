"""Finding entries: who, what, which object, when."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, union

from helpa.core.audit import log
from helpa.core.database.engine import Database
from helpa.core.database.schema import entries
from helpa.core.moments import timestamp


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are wanted; all that are given must hold.

    Args:
        actor: who, or on whose behalf.
        object: which object.
        action: what; ``session.*`` is every action of that noun.
        since: from this moment on, in milliseconds since 1970.
        until: before this one.
    """

    actor: str | None = None
    object: str | None = None
    action: str | None = None
    since: int | None = None
    until: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return all but the actor, which two columns name."""
        found: list[ColumnElement[bool]] = []
        if self.object is not None:
            found.append(entries.c.object == self.object)
        if self.action is not None and self.action.endswith(".*"):
            noun = self.action.removesuffix("*")
            # What begins with "session." is what sorts from there up to "session/".
            found += [entries.c.action >= noun, entries.c.action < noun[:-1] + "/"]
        elif self.action is not None:
            found.append(entries.c.action == self.action)
        if self.since is not None:
            found.append(entries.c.at >= self.since)
        if self.until is not None:
            found.append(entries.c.at < self.until)
        return found


def page(
    connection: Connection, filters: Filters, *, limit: int, before: int | None = None
) -> list[Row[Any]]:
    """Return entries, newest first.

    Args:
        connection: for reading.
        filters: which.
        limit: how many at the most.
        before: only those with a smaller number.
    """
    also = filters.conditions()
    if before is not None:
        also.append(entries.c.seq < before)
    return list(connection.execute(_statement(filters.actor, also, limit, newest_first=True)))


def _statement(
    actor: str | None, also: list[ColumnElement[bool]], limit: int, *, newest_first: bool
) -> Select[Any]:
    order = entries.c.seq.desc() if newest_first else entries.c.seq
    if actor is None:
        return select(entries).where(*also).order_by(order).limit(limit)
    # Each half goes along an index and ends at the limit; "or" would sort all that match.
    halves = [
        select(entries.c.seq).where(column == actor, *also).order_by(order).limit(limit).subquery()
        for column in (entries.c.actor, entries.c.on_behalf)
    ]
    seqs = union(*(select(half.c.seq) for half in halves)).subquery()
    return select(entries).where(entries.c.seq.in_(select(seqs.c.seq))).order_by(order).limit(limit)


async def every(database: Database, filters: Filters) -> AsyncIterator[Row[Any]]:
    """Yield entries, oldest first, holding a batch of them at a time."""
    done = 0
    while True:
        also = [*filters.conditions(), entries.c.seq > done]
        statement = _statement(filters.actor, also, log.BATCH, newest_first=False)
        rows = await database.read(lambda c, s=statement: list(c.execute(s)))  # type: ignore[misc]
        for row in rows:
            done = row.seq
            yield row
        if len(rows) < log.BATCH:
            return


async def of_person(database: Database, account_id: str) -> AsyncIterator[dict[str, Any]]:
    """Yield the entries of what somebody did and of what was done to them, as they may see them.

    What an entry says of somebody else in person is left out: the address and the device of an
    administrator who changed the account, the e-mail address of an account that one has made.

    Args:
        database: where the log is.
        account_id: whose.
    """
    me = f"account:{account_id}"
    async for row in every(database, Filters(actor=me)):
        yield _own(document(row), me)
    async for row in every(database, Filters(object=me)):
        if me not in (row.actor, row.on_behalf):
            yield _own(document(row), me)


def _own(entry: dict[str, Any], me: str) -> dict[str, Any]:
    personal, mine = entry["personal"], me in (entry["actor"], entry["on_behalf"])
    if isinstance(personal, dict):
        hidden = set() if mine else {"address", "device"}
        if entry["object"] != me and entry["object"].startswith("account:"):
            hidden.add("personal")
        entry["personal"] = {name: each for name, each in personal.items() if name not in hidden}
    return entry


def documents(
    connection: Connection, filters: Filters, *, limit: int, before: int | None = None
) -> list[dict[str, Any]]:
    """Return entries as the API shows them, newest first.

    Whoever shows them records that first: ``audit.read``.

    Args:
        connection: for reading.
        filters: which.
        limit: how many at the most.
        before: only those with a smaller number.
    """
    return [document(row) for row in page(connection, filters, limit=limit, before=before)]


def document(row: Row[Any]) -> dict[str, Any]:
    """Return an entry as the API and the export show it."""
    personal = _loaded(row.personal) if row.personal is not None else None
    return {
        "seq": row.seq,
        "at": timestamp(row.at),
        "actor": row.actor,
        "on_behalf": row.on_behalf,
        "action": row.action,
        "object": row.object,
        "result": row.result,
        "request": row.request,
        "details": _loaded(row.details),
        "personal": personal,
        "commitment": row.commitment,
        "leaf": row.leaf,
    }


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text  # somebody has changed it: what stands there is shown
