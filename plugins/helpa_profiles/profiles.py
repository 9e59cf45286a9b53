"""Profiles: one's own, and those of others as far as one may see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from helpa import (
    Account,
    Actor,
    Identity,
    NotFound,
    Services,
    TooManyRequests,
    invalid,
)
from helpa.api import now_ms
from helpa_profiles import kept
from helpa_profiles.bodies import ProfileChange
from helpa_profiles.documents import (
    HoursDocument,
    PictureDocument,
    PlaceDocument,
    ProfileDocument,
    SharedPlace,
    SharedProfile,
)
from helpa_profiles.kept import Profile
from helpa_profiles.languages import LANGUAGES
from helpa_profiles.place import shown_cell
from helpa_profiles.quiet import QuietHours, clock, parse_minutes, quiet
from helpa_profiles.settings import ProfileSettings

SIDE = 160
"""Pixels of a picture's sides: 80 in a profile, on a screen of two pixels in one."""

DAY_MS = 24 * 3600 * 1000

READ_ANYBODY = "users:read"


class Profiles:
    """Shows and changes profiles.

    Args:
        services: what the server offers.
        settings: how often a place may change.
    """

    def __init__(self, services: Services, settings: ProfileSettings) -> None:
        self._services = services
        self._settings = settings

    async def own(self, identity: Identity) -> ProfileDocument:
        """Return one's own profile.

        Raises:
            NotFound: the token belongs to no account.
        """

        def find(connection: Connection) -> tuple[Account, Profile]:
            return self._mine(connection, identity), kept.get(connection, identity.owner)

        account, profile = await self._services.database.read(find)
        hours = profile.quiet_hours
        return ProfileDocument(
            id=account.id,
            name=account.name,
            email=account.email or "",
            initials=initials(account.name),
            picture=await self._picture(profile),
            language=profile.language,
            time_zone=profile.time_zone,
            quiet_hours=HoursDocument(start=clock(hours.start), end=clock(hours.end))
            if hours is not None
            else None,
            quiet_now=quiet(datetime.now(UTC), profile),
            place=PlaceDocument(cell=profile.cell, shown=shown_cell(profile.cell))
            if profile.cell is not None
            else None,
            notifications={notice: list(by) for notice, by in profile.notifications.items()},
            languages=list(LANGUAGES),
        )

    async def change(self, identity: Identity, actor: Actor, wanted: ProfileChange) -> None:
        """Change one's own profile.

        Raises:
            InvalidValue: the picture is none of one's own that others may see, or the name is none.
            NotFound: the token belongs to no account.
            TooManyRequests: the place was changed too often within a day.
        """
        given = wanted.model_fields_set
        if "picture" in given and wanted.picture:
            await self._check_picture(identity, wanted.picture)

        def work(connection: Connection) -> None:
            account = self._mine(connection, identity)
            before = kept.get(connection, account.id)
            after = replace(before, **self._values(before, wanted))
            changed = [
                name
                for name, there in {
                    "picture": before.picture != after.picture,
                    "language": before.language != after.language,
                    "time_zone": before.time_zone != after.time_zone,
                    "quiet_hours": before.quiet_hours != after.quiet_hours,
                    "place": before.cell != after.cell,
                    "notifications": before.notifications != after.notifications,
                }.items()
                if there
            ]
            if "name" in given and wanted.name != account.name:
                self._services.accounts.rename(connection, actor, account.id, wanted.name)
            if not changed:
                return
            kept.put(connection, after)
            # Which members, and never what they say: the log is for ever.
            self._services.journal.record(
                connection,
                actor,
                "profile.change",
                f"account:{account.id}",
                details={"changed": changed},
            )

        await self._services.database.write(work)

    async def of(self, identity: Identity, actor: Actor, account_id: str) -> SharedProfile:
        """Return somebody's profile as others see it, and note that it was shown.

        Raises:
            NotFound: there is no such account, or it is none of the caller's business.
        """

        def find(connection: Connection) -> tuple[Account, Profile]:
            account = self._services.accounts.get(connection, account_id)
            if account is None or account.state == "erased":
                raise NotFound("There is no such account.")
            own = account.id == identity.owner
            if not own and not identity.may(READ_ANYBODY):
                teams = {
                    team.id for team in self._services.accounts.teams_of(connection, account.id)
                }
                if identity.teams.isdisjoint(teams):
                    # The same words as for one that is not there, so that nobody learns which is.
                    raise NotFound("There is no such account.")
            if not own:
                self._services.journal.record(
                    connection, actor, "profile.read", f"account:{account.id}", event=False
                )
            return account, kept.get(connection, account.id)

        account, profile = await self._services.database.write(find)
        return SharedProfile(
            id=account.id,
            name=account.name,
            initials=initials(account.name),
            picture=await self._picture(profile),
            place=SharedPlace(cell=shown_cell(profile.cell)) if profile.cell is not None else None,
        )

    def _mine(self, connection: Connection, identity: Identity) -> Account:
        account = self._services.accounts.get(connection, identity.owner)
        if account is None or account.state == "erased":
            raise NotFound("This token belongs to no account, so it has no profile.")
        return account

    async def _check_picture(self, identity: Identity, image_id: str) -> None:
        try:
            await self._services.images.shown(image_id, identity.owner)
        except NotFound:
            allowed = "the id of a picture of your own that is not private"
            raise invalid("picture", image_id, allowed) from None

    async def _picture(self, profile: Profile) -> PictureDocument | None:
        """Return somebody's picture, or None where it is gone, or not for everybody any more."""
        if profile.picture is None:
            return None
        side = str(SIDE)
        try:
            url = await self._services.images.shown(
                profile.picture, profile.account, w=side, h=side, fit="cover", enlarge="1"
            )
        except NotFound:
            return None
        return PictureDocument(id=profile.picture, url=url)

    def _values(self, before: Profile, wanted: ProfileChange) -> dict[str, Any]:
        """Return the columns that a change sets."""
        given, hours = wanted.model_fields_set, wanted.quiet_hours
        values: dict[str, Any] = {
            "picture": wanted.picture or None,
            "language": wanted.language,
            "time_zone": wanted.time_zone,
            "quiet_hours": QuietHours(parse_minutes(hours.start), parse_minutes(hours.end))
            if hours is not None
            else None,
            "notifications": {
                notice: tuple(dict.fromkeys(wanted.notifications.get(notice, by)))
                for notice, by in before.notifications.items()
            },
        }
        chosen = {name: value for name, value in values.items() if name in given}
        return chosen | (self._moved(before, wanted) if "place" in given else {})

    def _moved(self, before: Profile, wanted: ProfileChange) -> dict[str, Any]:
        cell = wanted.place.kept() if wanted.place is not None else None
        if cell in (None, before.cell):
            return {"cell": cell}
        now = now_ms()
        recent = tuple(moment for moment in before.cell_changes if moment > now - DAY_MS)
        most = self._settings.place_changes
        if len(recent) >= most:
            raise TooManyRequests(
                f"A place may be set {most} times a day.",
                field="place",
                retry_after=(recent[-most] + DAY_MS - now) // 1000 + 1,
            )
        return {"cell": cell, "cell_changes": (*recent, now)}


def initials(name: str) -> str:
    """Return what stands for somebody without a picture: the first letters of their names."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
