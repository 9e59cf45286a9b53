"""Renditions in memory, bounded by bytes."""

from __future__ import annotations

from collections import OrderedDict

from helpa.core.stores.protocol import members

OVERHEAD = 200
"""Bytes counted for an entry beside its value."""


class MemoryStore:
    """The least recently used values go first.

    Args:
        capacity: bytes at the most.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[str, bytes] = OrderedDict()
        self._groups: dict[str, set[str]] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._values)

    async def get(self, key: str) -> bytes | None:
        """Return what was put under ``key``, or None."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes) -> None:
        """Keep ``value``, unless it is larger than an eighth of all there is room for."""
        size = len(value) + OVERHEAD
        if key in self._values or size > self._capacity // 8:
            return
        self._values[key] = value
        for member in members(key.partition("/")[0]):
            self._groups.setdefault(member, set()).add(key)
        self.bytes += size
        while self.bytes > self._capacity:
            self._remove(next(iter(self._values)))

    async def delete(self, group: str) -> None:
        """Forget everything of a group, and of every group that joins it with others."""
        held = [self._groups.get(member, set()) for member in members(group)]
        for key in set.intersection(*held):
            self._remove(key)

    def _remove(self, key: str) -> None:
        self.bytes -= len(self._values.pop(key)) + OVERHEAD
        for member in members(key.partition("/")[0]):
            keys = self._groups[member]
            keys.discard(key)
            if not keys:
                del self._groups[member]

    async def close(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._groups.clear()
        self.bytes = 0
