"""The clock, on which expiry of links, tokens and leases rests."""

from __future__ import annotations

import ctypes
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import helpa
from helpa.core.checks import postgresql
from helpa.core.checks.finding import Finding
from helpa.core.checks.installation import Installation, data_dir
from helpa.core.errors import SettingsError
from helpa.core.settings import Settings

LEEWAY = 5.0
"""Seconds that file systems and clocks may differ by without harm."""

PAUSE = 0.1
TIMEX_BYTES = 512
"""More than struct timex has on any Linux (adjtimex(2)); a zero in it asks and sets nothing."""

UNSYNCHRONISED = 5

SET = "Set the clock, and let NTP keep it."


def check(installation: Installation) -> Iterator[Finding]:
    """Say whether the time can be right, runs evenly, and is kept by NTP."""
    problems = list(_problems(installation))
    yield from problems
    if problems:
        return
    shown = datetime.now(UTC).isoformat(timespec="seconds")
    synchronised = _synchronised()
    if synchronised is False:
        yield Finding("warn", "clock", f"{shown}; the system says it is not synchronised", SET)
    else:
        known = "kept by NTP" if synchronised else "whether NTP keeps it cannot be told"
        yield Finding("ok", "clock", f"{shown}; {known}")


def _problems(installation: Installation) -> Iterator[Finding]:
    wall, steady = time.time(), time.monotonic()
    time.sleep(PAUSE)
    jump = (time.time() - wall) - (time.monotonic() - steady)
    if abs(jump) > 1:
        yield Finding("warn", "clock", f"it jumped {jump:+.1f} s while looked at", SET)
    made = Path(helpa.__file__).stat().st_mtime
    if time.time() < made - LEEWAY:
        yield Finding("fail", "clock", "it is earlier than Helpa's own files", SET)
    newest, ahead = _database(installation)
    if abs(ahead) > postgresql.DIFFERENCE:
        text = f"the database's clock differs from this machine's by {ahead:+.1f} s"
        yield Finding("warn", "clock", text, "Let NTP keep both.")
    if newest is not None and newest > time.time() + LEEWAY:
        ahead = newest - time.time()
        text = f"the newest picture was stored {ahead:.0f} s from now"
        yield Finding("fail", "clock", text, SET)


def _database(installation: Installation) -> tuple[float | None, float]:
    """Return when the newest picture was stored, and seconds by which the database is ahead."""
    if installation.settings is None:
        return None, 0.0
    if installation.settings.database is None:
        return _newest_row(installation.settings), 0.0
    try:
        found = postgresql.facts(installation.settings.database)
    except SettingsError:
        return None, 0.0  # said by the check of the database
    return found.newest, found.ahead


def _newest_row(settings: Settings) -> float | None:
    """Return when the newest picture was stored, in seconds since 1970."""
    path = data_dir(settings).database
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            (newest,) = connection.execute("SELECT max(created_at) FROM images").fetchone()
    except sqlite3.Error:
        return None  # said by the check of the database
    return None if newest is None else newest / 1000


def _synchronised() -> bool | None:
    """Whether the kernel's clock is disciplined; None where it does not tell."""
    if sys.platform != "linux":
        return None
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (AttributeError, OSError):
        return None
    return None if state < 0 else state != UNSYNCHRONISED
