"""Who may see a picture, and which renditions of it."""

from __future__ import annotations

from helpa.core.database.images import Record
from helpa.core.errors import NotFound
from helpa.core.identity import Identity
from helpa.core.records import Records

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

    Pictures of sources are nobody's to change, and everybody's who may read images.
    """
    if identity is None or not identity.may(scope):
        return False
    of_source = scope == "images:read" and record.owner.startswith(SOURCE_OWNER)
    return identity.owner == record.owner or of_source


async def visible(records: Records, image_id: str, identity: Identity | None) -> Record:
    """Return an image that somebody may see.

    Raises:
        NotFound: there is none for them.
    """
    record = await records.get(image_id)
    if record is None or not may_see(record, identity):
        raise NotFound("There is no such image.")
    return record
