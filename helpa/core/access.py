"""Who may see a picture, and which renditions of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from helpa.core.database.images import Record
from helpa.core.errors import Forbidden, NotFound, invalid
from helpa.core.identity import Identity
from helpa.core.records import Records

MODERATE = "images:moderate"
"""The permission that everybody's pictures are open to."""

SOURCE_OWNER = "source:"
"""How the owners of pictures begin that came from a source."""


def is_public(record: Record) -> bool:
    """Whether whoever has the link may see it."""
    return record.visibility == "public"


def may_see(record: Record, identity: Identity | None) -> bool:
    """Whether a viewer may see it, whatever the link."""
    return is_public(record) or may_manage(record, identity, "images:read")


def may_manage(record: Record, identity: Identity | None, scope: str) -> bool:
    """Whether an identity may do what ``scope`` names to a picture.

    It must be their own, or one of a team of theirs, unless they moderate. Pictures of sources are
    nobody's to change, and everybody's who may read images.
    """
    if identity is None or not identity.may(scope):
        return False
    if record.owner.startswith(SOURCE_OWNER):
        return scope == "images:read"
    return (
        identity.owner == record.owner
        or (record.team is not None and record.team in identity.teams)
        or identity.may(MODERATE)
    )


def allowed_team(identity: Identity, team: str) -> str | None:
    """Return the team that a picture of somebody's shall belong to, or None for none.

    Raises:
        InvalidValue: they belong to no such team.
    """
    if not team:
        return None
    if team not in identity.teams:
        raise invalid("team", team, "the id of a team that you belong to")
    return team


Allowed = Callable[[Identity, str, str], Awaitable[bool]]
"""Whether no plugin denies an identity a permission on an object."""


async def managed(
    records: Records, image_id: str, identity: Identity | None, scope: str, allowed: Allowed
) -> Record:
    """Return an image that somebody may do to what ``scope`` names.

    Raises:
        NotFound: there is none for them.
        Forbidden: they may see it, and no more.
    """
    record = await visible(records, image_id, identity)
    if identity is None or not may_manage(record, identity, scope):
        raise Forbidden("This image belongs to somebody else.", allowed=f"its owner's {scope}")
    if not await allowed(identity, scope, f"image:{record.id}"):
        raise Forbidden("A policy does not allow you this.", allowed=f"{scope} by its policy")
    return record


async def visible(records: Records, image_id: str, identity: Identity | None) -> Record:
    """Return an image that somebody may see.

    Raises:
        NotFound: there is none for them.
    """
    record = await records.get(image_id)
    if record is None or not may_see(record, identity):
        raise NotFound("There is no such image.")
    return record
