"""What a store of renditions does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

JOINT = "."
"""Stands between the ids of a joint group; no id holds it."""


def join(ids: Iterable[str]) -> str:
    """Return the group of what is drawn from several things, each of which may be forgotten."""
    return JOINT.join(sorted(set(ids)))


def members(group: str) -> frozenset[str]:
    """Return the ids that a group joins; one where it is plain."""
    return frozenset(group.split(JOINT))


class Store(Protocol):
    """Keeps bytes under keys ``<group>/<name>``, both of URL-safe characters.

    A group is an id, or several joined by :data:`JOINT` where a value was drawn from several
    pictures: then deleting any of them forgets it.

    A store may forget anything at any time. What it returns is whole: exactly what was put.
    """

    async def get(self, key: str) -> bytes | None:
        """Return what was put under ``key``, or None."""

    async def put(self, key: str, value: bytes) -> None:
        """Keep ``value`` under ``key``; what is there already is never overwritten."""

    async def delete(self, group: str) -> None:
        """Forget everything of a group, and of every group that joins it with others."""

    async def close(self) -> None:
        """Let go of connections and files."""
