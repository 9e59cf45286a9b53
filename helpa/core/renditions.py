"""The tiers that finished renditions are looked for in, nearest first."""

from __future__ import annotations

from collections.abc import Sequence

from helpa.core.stores import Store


class Renditions:
    """Named stores in order of nearness.

    Args:
        tiers: (name, store), nearest first.
    """

    def __init__(self, tiers: Sequence[tuple[str, Store]]) -> None:
        self._tiers = tuple(tiers)

    async def get(self, key: str) -> tuple[bytes, str] | None:
        """Return a rendition and the name of the tier that had it, or None."""
        for number, (name, store) in enumerate(self._tiers):
            value = await store.get(key)
            if value is not None:
                for _, nearer in self._tiers[:number]:
                    await nearer.put(key, value)
                return value, name
        return None

    async def near(self, key: str) -> bytes | None:
        """Return what the nearest tier has, or None."""
        return await self._tiers[0][1].get(key)

    async def put(self, key: str, value: bytes) -> None:
        """Keep a rendition in every tier."""
        for _, store in self._tiers:
            await store.put(key, value)

    async def delete(self, group: str) -> None:
        """Forget every rendition that a rendition id is drawn in, alone or with others."""
        for _, store in self._tiers:
            await store.delete(group)

    async def close(self) -> None:
        """Close every tier."""
        for _, store in self._tiers:
            await store.close()
