"""One leader for equal keys: those who ask while it works wait for its result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    waiters: int = 0


class Flights(Generic[T]):
    """The work that is under way, by key."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}
        self.shared = 0

    def __len__(self) -> int:
        return len(self._flights)

    def __contains__(self, key: object) -> bool:
        return key in self._flights

    async def run(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """Return what ``make`` makes, which runs once however many ask for ``key`` meanwhile.

        When the last who waits is cancelled, so is the work. A failure reaches all who wait,
        once; the next to ask begins anew.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = _Flight(asyncio.ensure_future(self._lead(key, make)))
            self._flights[key] = flight
        else:
            self.shared += 1
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiters -= 1
            if flight.waiters == 0 and not flight.task.done():
                if self._flights.get(key) is flight:
                    del self._flights[key]
                flight.task.cancel()

    async def _lead(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        try:
            return await make()
        finally:
            mine = self._flights.get(key)
            if mine is not None and mine.task is asyncio.current_task():
                del self._flights[key]


async def or_disconnect(work: Awaitable[T], gone: Awaitable[None]) -> T | None:
    """Return what work makes, or None where the client went away first, which cancels the work."""
    making = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(gone)
    try:
        await asyncio.wait({making, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if making.done():
            return making.result()
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)
        return None
    except asyncio.CancelledError:
        making.cancel()
        raise
    finally:
        leaving.cancel()
