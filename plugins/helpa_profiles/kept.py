"""What is kept of a profile, and the statements on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection, delete, insert, select, update

from helpa.api import now_ms
from helpa_profiles.notices import DEFAULT, Channel, Notice
from helpa_profiles.quiet import QuietHours, clock
from helpa_profiles.tables import profiles


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody says of themselves.

    Args:
        account: whose.
        picture: id of an image of theirs.
        language: BCP 47.
        time_zone: IANA; None is UTC.
        quiet_hours: None is never.
        cell: H3, resolution 8.
        cell_changes: when that was set, in milliseconds since 1970.
        notifications: channels by kind of notice; every kind is there.
    """

    account: str
    picture: str | None = None
    language: str | None = None
    time_zone: str | None = None
    quiet_hours: QuietHours | None = None
    cell: str | None = None
    cell_changes: tuple[int, ...] = ()
    notifications: Mapping[Notice, tuple[Channel, ...]] = field(
        default_factory=lambda: dict(DEFAULT)
    )


def get(connection: Connection, account_id: str) -> Profile:
    """Return somebody's profile; an empty one where they said nothing yet."""
    found = connection.execute(select(profiles).where(profiles.c.account == account_id))
    row = found.one_or_none()
    if row is None:
        return Profile(account_id)
    hours = None if row.quiet_from is None else QuietHours(row.quiet_from, row.quiet_to)
    said = cast("dict[Notice, list[Channel]]", json.loads(row.notifications))
    return Profile(
        account_id,
        row.picture,
        row.language,
        row.time_zone,
        hours,
        row.cell,
        tuple(json.loads(row.cell_changes)),
        {notice: tuple(said.get(notice, channels)) for notice, channels in DEFAULT.items()},
    )


def put(connection: Connection, profile: Profile) -> None:
    """Keep a profile."""
    hours = profile.quiet_hours
    values: dict[str, Any] = {
        "picture": profile.picture,
        "language": profile.language,
        "time_zone": profile.time_zone,
        "quiet_from": hours.start if hours is not None else None,
        "quiet_to": hours.end if hours is not None else None,
        "cell": profile.cell,
        "cell_changes": json.dumps(list(profile.cell_changes)),
        "notifications": json.dumps(dict(profile.notifications)),
        "changed_at": now_ms(),
    }
    mine = profiles.c.account == profile.account
    if not connection.execute(update(profiles).where(mine).values(**values)).rowcount:
        connection.execute(insert(profiles).values(account=profile.account, **values))


def exported(connection: Connection, account_id: str) -> dict[str, Any]:
    """Return somebody's profile for their export."""
    profile = get(connection, account_id)
    hours = profile.quiet_hours
    return {
        "picture": profile.picture,
        "language": profile.language,
        "time_zone": profile.time_zone,
        "quiet_hours": {"from": clock(hours.start), "to": clock(hours.end)} if hours else None,
        "cell": profile.cell,
        "notifications": profile.notifications,
    }


def erase(connection: Connection, account_id: str) -> None:
    """Forget somebody's profile."""
    connection.execute(delete(profiles).where(profiles.c.account == account_id))
