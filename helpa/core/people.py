"""People and teams, as plugins and the core hand them on."""

from __future__ import annotations

from dataclasses import dataclass

ACTIVE, DISABLED, ERASED = "active", "disabled", "erased"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Args:
        id: stable; what pictures and tokens of theirs name as owner.
        email: as they write it; None once they are erased.
        name: what to call them.
        role: what they may do.
        state: ``active``, ``disabled`` or ``erased``.
        created_at: milliseconds since 1970.
    """

    id: str
    email: str | None
    name: str
    role: str
    state: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Team:
    """People who share pictures.

    Args:
        id: stable.
        name: what to call it.
        created_at: milliseconds since 1970.
    """

    id: str
    name: str
    created_at: int
