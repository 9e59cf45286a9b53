"""Quiet hours, by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa_profiles.kept import Profile
from helpa_profiles.quiet import DAY, QuietHours, quiet, zones

MINUTES = st.integers(0, DAY - 1)
MOMENTS = st.integers(631_152_000, 2_114_380_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)
)
"""From 1990 to 2037."""

ZONES = st.sampled_from(sorted(zones()))


@st.composite
def hours(draw: st.DrawFn) -> QuietHours:
    start = draw(MINUTES)
    return QuietHours(start, (start + draw(st.integers(1, DAY - 1))) % DAY)


def sleeper(quiet_hours: QuietHours | None, zone: str | None = None) -> Profile:
    return Profile("ann", time_zone=zone, quiet_hours=quiet_hours)


NIGHT = QuietHours(22 * 60, 7 * 60)


@given(MOMENTS, hours(), ZONES)
def test_the_wall_clock_alone_decides(now: datetime, kept: QuietHours, zone: str) -> None:
    there = now.astimezone(ZoneInfo(zone))
    minute, length = there.hour * 60 + there.minute, (kept.end - kept.start) % DAY
    assert quiet(now, sleeper(kept, zone)) == ((minute - kept.start) % DAY < length)


@given(MOMENTS, hours(), ZONES, st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_quiet_whatever_zone_it_is_told_in(
    now: datetime, kept: QuietHours, zone: str, offset: int
) -> None:
    told = now.astimezone(timezone(timedelta(minutes=offset)))
    assert quiet(told, sleeper(kept, zone)) == quiet(now, sleeper(kept, zone))


@given(MOMENTS, hours(), ZONES)
def test_hours_and_their_complement_never_agree(now: datetime, kept: QuietHours, zone: str) -> None:
    other = QuietHours(kept.end, kept.start)
    assert quiet(now, sleeper(kept, zone)) != quiet(now, sleeper(other, zone))


@given(MOMENTS, ZONES)
def test_who_has_no_quiet_hours_is_never_quiet(now: datetime, zone: str) -> None:
    assert not quiet(now, sleeper(None, zone))


def quiet_minutes(day: date, zone: str) -> int:
    """Return for how many minutes it is quiet from noon to noon, by the wall."""
    noon = time(12, tzinfo=ZoneInfo(zone))
    start, end = (
        datetime.combine(each, noon).astimezone(UTC) for each in (day, day + timedelta(days=1))
    )
    length = int((end - start) / timedelta(minutes=1))
    moments = (start + timedelta(minutes=n) for n in range(length))
    return sum(quiet(moment, sleeper(NIGHT, zone)) for moment in moments)


@pytest.mark.parametrize(
    ("day", "zone", "minutes"),
    [
        (date(2026, 1, 10), "Europe/Zurich", 9 * 60),
        (date(2026, 3, 28), "Europe/Zurich", 8 * 60),  # the hour from 2 to 3 is left out
        (date(2026, 10, 24), "Europe/Zurich", 10 * 60),  # and comes twice
        (date(2026, 4, 4), "Australia/Lord_Howe", 9 * 60 + 30),  # half an hour comes twice
        (date(2011, 12, 29), "Pacific/Apia", 9 * 60),  # a whole day is left out
    ],
)
def test_nights_are_as_long_as_the_clock_makes_them(day: date, zone: str, minutes: int) -> None:
    assert quiet_minutes(day, zone) == minutes


def test_an_hour_that_comes_twice_is_quiet_both_times() -> None:
    early = sleeper(QuietHours(2 * 60, 3 * 60), "Europe/Zurich")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in summer time
    assert [quiet(first + timedelta(minutes=m), early) for m in (-60, 0, 60, 120)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_an_hour_that_is_left_out_is_quiet_for_nobody() -> None:
    early = sleeper(QuietHours(2 * 60, 3 * 60), "Europe/Zurich")
    start = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    assert not any(quiet(start + timedelta(minutes=m), early) for m in range(180))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        quiet(datetime.now(UTC).replace(tzinfo=None), sleeper(NIGHT))
