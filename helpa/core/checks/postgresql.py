"""PostgreSQL, where the settings name one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from helpa.core.checks import schema
from helpa.core.checks.finding import Finding, size
from helpa.core.database import connect
from helpa.core.errors import SettingsError

CONNECT_SECONDS = 5.0

OLDEST = 13
"""Older versions get no fixes for security holes any more (postgresql.org/support/versioning)."""

DIFFERENCE = 2.0
"""Seconds by which clocks may differ: signed links and tokens end by this machine's clock."""

FACTS = """
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int / 10000 AS major,
       current_setting('server_encoding') AS encoding,
       pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS reading,
       has_schema_privilege(current_schema(), 'CREATE') AS creates,
       current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off'
           AS durable,
       pg_database_size(current_database()) AS bytes,
       extract(epoch FROM clock_timestamp())::float8 AS now
"""


@dataclass(frozen=True)
class Facts:
    """What a server says of itself.

    Args:
        version: as it writes it.
        major: the number before the point.
        encoding: of texts.
        reading: whether it takes no writes.
        creates: whether this user may create tables, as ``helpa db upgrade`` does.
        durable: whether a commit is on the disk when it is acknowledged.
        bytes: of the database.
        ahead: seconds by which its clock is before this machine's.
        newest: when the newest picture was stored, in seconds since 1970, or None.
    """

    version: str
    major: int
    encoding: str
    reading: bool
    creates: bool
    durable: bool
    bytes: int
    ahead: float
    newest: float | None


def facts(url: str) -> Facts:
    """Ask the server.

    Args:
        url: its address.

    Raises:
        SettingsError: it cannot be used; says why, without the password.
    """
    connect.require_driver()
    import asyncpg

    from helpa.core.database.postgresql import driver_url, is_away, reason

    async def ask() -> Facts:
        dsn = driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(
            dsn, timeout=CONNECT_SECONDS, command_timeout=CONNECT_SECONDS
        )
        try:
            before = time.time()
            row = dict(await connection.fetchrow(FACTS) or {})
            middle = (before + time.time()) / 2
            has = await connection.fetchval("SELECT to_regclass('images') IS NOT NULL")
            newest = (
                await connection.fetchval("SELECT max(created_at) FROM images") if has else None
            )
        finally:
            connection.terminate()
        return Facts(
            ahead=row.pop("now") - middle,
            newest=newest / 1000 if newest is not None else None,
            **row,
        )

    try:
        return asyncio.run(ask())
    except Exception as error:
        if not is_away(error):
            raise
        raise SettingsError(f"PostgreSQL cannot be used: {reason(error)}") from None


def check(url: str, plugins: Mapping[str, Path]) -> Iterator[Finding]:
    """Say whether it answers, is current, takes writes and keeps them.

    Args:
        url: its address.
        plugins: folders of their revisions, by name.
    """
    try:
        found = facts(url)
        old = list(schema.check("PostgreSQL", None, url, plugins))
    except SettingsError as error:
        advice = "Is it up, and are address, user and password in database_url right?"
        yield Finding("fail", "database", str(error), advice)
        return
    problems = [*_problems(found), *old]
    yield from problems
    if not any(each.state == "fail" for each in problems):
        text = f"PostgreSQL {found.version} ({size(found.bytes)}): current, writable"
        yield Finding("ok", "database", text)


def _problems(found: Facts) -> Iterator[Finding]:
    if found.reading:
        advice = "Is it a standby? Name the primary in database_url."
        yield Finding("fail", "database", "PostgreSQL takes no writes", advice)
    if found.encoding != "UTF8":
        advice = "Create the database with ENCODING 'UTF8'."
        yield Finding("fail", "database", f"its encoding is {found.encoding}", advice)
    if not found.creates:
        advice = "Grant CREATE on the schema to this user, or upgrade as another one."
        yield Finding("warn", "database", "this user may create no tables", advice)
    if not found.durable:
        advice = "Set fsync and synchronous_commit on: else a power cut loses uploads."
        yield Finding("warn", "database", "commits are not on the disk when answered", advice)
    if found.major < OLDEST:
        advice = "Upgrade it."
        yield Finding("warn", "database", f"PostgreSQL {found.version} is out of support", advice)
