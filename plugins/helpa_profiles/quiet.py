"""Quiet hours: when somebody does not want to be disturbed, by the clock on their wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of every day; past midnight where they end before they begin.

    Args:
        start: minutes since midnight; quiet from this minute on.
        end: the first minute that is not quiet any more; another than ``start``.
    """

    start: int
    end: int

    def hold(self, minute: int) -> bool:
        """Whether it is quiet at a minute of the day."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


class Restful(Protocol):
    """Whoever has quiet hours; a :class:`~helpa_profiles.kept.Profile`."""

    @property
    def time_zone(self) -> str | None:
        """IANA name; None is UTC."""

    @property
    def quiet_hours(self) -> QuietHours | None:
        """None is never."""


def quiet(now: datetime, profile: Restful) -> bool:
    """Whether somebody has their quiet hours.

    They go by the wall: in a night of 23 or 25 hours, as summer time begins or ends, they begin
    and end when the clock says so. A minute that comes twice is quiet both times, or never.

    Args:
        now: a moment, with its zone.
        profile: whose.

    Raises:
        ValueError: ``now`` has no zone.
    """
    if now.tzinfo is None:
        raise ValueError("a moment without a zone is not one")
    hours = profile.quiet_hours
    if hours is None:
        return False
    zone = ZoneInfo(profile.time_zone) if profile.time_zone else UTC
    there = now.astimezone(zone)
    return hours.hold(there.hour * 60 + there.minute)


def parse_minutes(text: str) -> int:
    """Return the minutes since midnight of ``HH:MM``."""
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def clock(minutes: int) -> str:
    """Return minutes since midnight as ``HH:MM``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


CONTINENTS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


@cache
def zones() -> frozenset[str]:
    """Return every IANA name that may be chosen."""
    return frozenset(available_timezones() - {"Factory", "localtime"})


@cache
def offered_zones() -> tuple[str, ...]:
    """Return the names that are offered to people: places, and UTC."""
    places = (name for name in zones() if name.partition("/")[0] in CONTINENTS and "/" in name)
    return ("UTC", *sorted(places))
