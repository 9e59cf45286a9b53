"""A log to look at: how tests write to one, and what they read of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from databases import Place
from helpa.core.actor import Actor
from helpa.core.audit import key, verification
from helpa.core.audit.checkpoints import Checkpoints
from helpa.core.audit.journal import Journal
from helpa.core.audit.verification import Report
from helpa.core.database.schema import entries
from helpa.core.files import DataDir
from helpa.core.settings_audit import Audit

ANN = Actor("account:ann", "", "r1", "203.0.113.77", "Firefox")
ANNS_TOKEN = Actor("token:t1", "account:ann", "r2", "2001:db8:1:2::3", "curl/8")
BOB = Actor("account:bob", "", "r3", "198.51.100.9", "Safari")
JOURNAL = Journal()


def fill(place: Place, count: int) -> None:
    """Add some entries of several people, one transaction each kind."""

    def work(connection: Connection) -> None:
        for number in range(count):
            actor = (ANN, ANNS_TOKEN, BOB)[number % 3]
            JOURNAL.record(
                connection,
                actor,
                "image.upload",
                f"image:i{number}",
                details={"bytes": number, "kind": "a “graphic”"},
                personal={"filename": f"secret-{number}.png"},
            )

    place.write(work)


def rows(place: Place) -> list[dict[str, Any]]:
    """Return every entry."""
    found: list[dict[str, Any]] = place.read(
        lambda c: [dict(row._mapping) for row in c.execute(select(entries).order_by(entries.c.seq))]
    )
    return found


def checkpoints(place: Place) -> Checkpoints:
    return Checkpoints(Audit(), DataDir(place.path.parent))


def sign(place: Place) -> None:
    """Sign what the log is now."""

    async def run() -> None:
        async with place.opened() as database:
            await checkpoints(place).add(database)

    asyncio.run(run())


def public(place: Place) -> str:
    return key.public(key.load(place.path.parent))


def verified(place: Place, path: Path | None = None) -> Report:
    """Verify the log with its own key."""

    async def run() -> Report:
        async with place.opened() as database:
            return await verification.verify(
                database, path or checkpoints(place).path, {public(place)}
            )

    return asyncio.run(run())


def found(report: Report) -> list[str]:
    return [f"{finding.where}: {finding.what}" for finding in report.findings]
