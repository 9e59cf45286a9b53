"""The right to a rendition, as the gate gives it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from helpa.core.database.images import Record
from helpa.core.query import Query
from helpa.core.signing import Grant


class Sharing(enum.Enum):
    """Who else may be shown an answer, which is what caches are told."""

    PUBLIC = "public"
    SIGNED = "signed"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Permit:
    """The right to a rendition.

    Args:
        record: the picture.
        query: what is asked of it.
        sharing: who else may be shown the answer.
        grant: what a signature allows, or None without one.
        not_after: moment (seconds since 1970) at which the right ends, or infinity.
        link: id of the link it came by, or None.
    """

    record: Record
    query: Query
    sharing: Sharing
    grant: Grant | None = None
    not_after: float = float("inf")
    link: str | None = None
