"""``/audit``: the audit log, searched and read."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from helpa import NotFound, Route, Services
from helpa.api import EntryFilters, actor_of, entries
from helpa.pages import Pages
from helpa_accounts.ids import plain
from helpa_accounts.pages.words import device, moment

READ = "audit:read"

SHOWN = 50

TEXTS = ("actor", "object", "action")
TIMES = {"from": "since", "to": "until"}

KNOWN = re.compile(r"[a-z_-]{1,32}(:[A-Za-z0-9_.*/-]{1,64}|\.[a-z*_-]{1,32})?")
"""Names of actors, objects and actions: ``account:<id>``, ``command-line``, ``session.*``."""

NUMBER = re.compile(r"[1-9][0-9]{0,8}")
"""Of an entry, as far as the databases count."""


class AuditPages:
    """The log.

    Args:
        services: what the server offers.
        pages: renders.
    """

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services = services
        self._pages = pages

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            self._pages.page("/audit", self.search, READ, menu="Audit"),
            self._pages.page("/audit/{seq}", self.entry, READ),
        ]

    async def search(self, request: Request) -> Response:
        """Answer with the entries that are asked for."""
        typed = {name: plain(request.query_params.get(name, "")) for name in (*TEXTS, *TIMES)}
        before = request.query_params.get("before", "")
        filters, errors = filters_of(typed)
        if before and not NUMBER.fullmatch(before):
            before = ""
        found: list[dict[str, Any]] = []
        if not errors:
            found = await self._found(request, filters, typed, int(before) if before else None)
        shown, asked = found[:SHOWN], {name: text for name, text in typed.items() if text}
        here = f"{self._pages.base}/audit"
        older = {**asked, "before": shown[-1]["seq"]} if len(found) > SHOWN else None
        return self._pages.show(
            request,
            "audit.html",
            status=422 if errors else 200,
            entries=[{**each, "when": moment(each["at"])} for each in shown],
            typed={name: "" if name in errors else text for name, text in typed.items()},
            errors=errors,
            asked=bool(asked),
            newest=f"{here}?{urlencode(asked)}" if before else None,
            older=f"{here}?{urlencode(older)}" if older is not None else None,
        )

    async def _found(
        self, request: Request, filters: EntryFilters, typed: dict[str, str], before: int | None
    ) -> list[dict[str, Any]]:
        found = await self._services.database.read(
            lambda c: entries(c, filters, limit=SHOWN + 1, before=before)
        )
        # What was typed may be somebody's address, and details stay for ever.
        details = {
            name: text if name in TIMES or KNOWN.fullmatch(text) else "something else"
            for name, text in typed.items()
            if text
        }
        await self._record(request, {**details, "entries": min(len(found), SHOWN)})
        return found

    async def _record(self, request: Request, details: dict[str, Any]) -> None:
        """Put on record that the log is read; nothing is shown unless that is."""
        actor = actor_of(request)

        def note(connection: Connection) -> None:
            self._services.journal.record(
                connection, actor, "audit.read", "audit:log", details=details, event=False
            )

        await self._services.database.write(note)

    async def entry(self, request: Request) -> Response:
        """Answer with an entry, whole."""
        text = request.path_params["seq"]
        seq = int(text) if NUMBER.fullmatch(text) else 0
        found = await self._services.database.read(
            lambda c: entries(c, EntryFilters(), limit=1, before=seq + 1)
        )
        if not found or found[0]["seq"] != seq:
            raise NotFound("There is no such entry.")
        await self._record(request, {"seq": seq})
        entry = found[0]
        personal = entry["personal"] if isinstance(entry["personal"], dict) else {}
        agent = str(personal.get("device", ""))
        return self._pages.show(
            request,
            "entry.html",
            entry=entry,
            when=moment(entry["at"]),
            device=device(agent) if agent else "",
            details=_pretty(entry["details"]),
            personal=None if entry["personal"] is None else _pretty(entry["personal"]),
        )


def filters_of(typed: dict[str, str]) -> tuple[EntryFilters, dict[str, str]]:
    """Return what a form asks for, and what is wrong with it by field.

    Args:
        typed: actor, object, action, and the times from and to, in UTC; empty is any.
    """
    errors: dict[str, str] = {}
    times: dict[str, int | None] = {}
    for name, field in TIMES.items():
        times[field] = None
        if typed[name]:
            try:
                moment = datetime.fromisoformat(typed[name])
                moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
                times[field] = int(moment.timestamp() * 1000)
            except (ValueError, OverflowError):
                errors[name] = "Write a time as in 2026-03-31 14:00; it is read as UTC."
    actor, target, action = (typed[name] or None for name in TEXTS)
    return EntryFilters(actor, target, action, times["since"], times["until"]), errors


def _pretty(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
