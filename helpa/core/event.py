"""What happened, as plugins are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """A change that was made.

    Args:
        seq: its number; later changes have greater ones.
        kind: what was done, as noun and verb: ``image.delete``.
        object: to what: ``image:<id>``, ``account:<id>``.
        actor: who did it: ``account:<id>``, ``token:<id>``, ``command-line``, ``job:<kind>``,
            ``nobody``.
        payload: JSON values that say more; nothing of a person.
        created_at: when, in milliseconds since 1970.
    """

    seq: int
    kind: str
    object: str
    actor: str
    payload: Mapping[str, Any]
    created_at: int
