"""Telling plugins what happened: in order, at least once each, from the rows of the outbox."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog

from helpa.core.counters import Counters
from helpa.core.database import events
from helpa.core.database.engine import Database, steady
from helpa.core.database.events import PENDING, Turn
from helpa.core.event import Event

log = structlog.get_logger("helpa.events")

Listener = Callable[[Event], Awaitable[None]]

AT_ONCE = 50
"""Events that are read at a time."""

DEADLINE_SECONDS = 20.0
LEASE_SECONDS = DEADLINE_SECONDS + 10
"""Longer than the deadline, so that an event still being delivered is never begun elsewhere. It is
also what a killed server's events wait for."""


class Dispatcher:
    """Delivers events to plugins, each on its own.

    Args:
        database: where events are.
        listeners: returns the plugins that listen, by name; asked once, at the start.
        attempts: tries before an event becomes a dead letter.
        poll_seconds: between looks for what other processes have written.
        counters: what is counted.
    """

    def __init__(
        self,
        database: Database,
        listeners: Callable[[], Mapping[str, Listener]],
        *,
        attempts: int,
        poll_seconds: float,
        counters: Counters,
    ) -> None:
        self._database = database
        self._find = listeners
        self._attempts = attempts
        self._poll = poll_seconds
        self._counters = counters
        self._listeners: dict[str, Listener] = {}
        self._woken: dict[str, asyncio.Event] = {}
        self._stopped = asyncio.Event()

    @property
    def plugins(self) -> frozenset[str]:
        """Those that are told."""
        return frozenset(self._listeners)

    async def enrol(self) -> None:
        """Begin with plugins that are enabled for the first time, at the next event."""
        self._listeners = dict(self._find())
        self._woken = {name: asyncio.Event() for name in self._listeners}
        names = sorted(self._listeners)
        if not names:
            return
        if await self._database.read(partial(events.unknown, plugins=names)):
            await self._database.write(partial(events.enrol, plugins=names))

    def wake(self) -> None:
        """Look for events now."""
        for woken in self._woken.values():
            woken.set()

    def stop(self) -> None:
        """Begin no further delivery."""
        self._stopped.set()
        self.wake()

    async def run(self) -> None:
        """Deliver until stopped; a delivery that is begun is finished first."""
        async with asyncio.TaskGroup() as group:
            for plugin in self._listeners:
                group.create_task(self._serve(plugin))

    async def run_due(self) -> int:
        """Deliver everything that is due; return how many events that were."""
        before = self._delivered()
        for plugin in self._listeners:
            while await self._turn(plugin):
                pass
        return self._delivered() - before

    def _delivered(self) -> int:
        counted = self._counters.events.items()
        return sum(count for (_, outcome), count in counted if outcome == "delivered")

    async def _serve(self, plugin: str) -> None:
        woken = self._woken[plugin]
        while not self._stopped.is_set():
            woken.clear()
            try:
                if await self._turn(plugin):
                    continue
            except Exception as error:  # an exception would end the whole group of tasks
                log.error("events.look_failed", plugin=plugin, exc_info=error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), self._poll)

    async def _turn(self, plugin: str) -> bool:
        """Deliver what a plugin is to be told; whether there may be more."""
        row = await self._database.point(PENDING, plugin)
        if row is None:
            await self._database.write(lambda c: events.enrol(c, [plugin]))
            return False
        newest: int | None = row["newest"]
        if newest is None or newest <= row["cursor"]:
            return False
        if not await self._database.read(lambda c: events.is_due(c, plugin)):
            return False
        moment = steady()
        turn = await self._database.write(lambda c: events.take(c, plugin, newest, LEASE_SECONDS))
        if turn is None:
            return False
        cursor = turn.cursor
        batch = await self._database.read(lambda c: events.after(c, cursor, AT_ONCE))
        for event in batch:
            if self._stopped.is_set() or steady() - moment > LEASE_SECONDS - DEADLINE_SECONDS:
                break  # the turn could run out before the deadline does
            failed = await self._tell(turn, event)
            moment = steady()
            going = event is not batch[-1] and not self._stopped.is_set()
            turn = await self._settle(turn, event, failed, LEASE_SECONDS if going else 0)
            if turn is None:
                return False
        if turn.lease:
            await self._database.write(partial(events.give_back, turn=turn))
        return not self._stopped.is_set()

    async def _tell(self, turn: Turn, event: Event) -> str:
        """Tell a plugin of an event; why that failed, or nothing."""
        if turn.attempts > self._attempts:
            # Its process died every time, so nobody was there to note the failures.
            return "the process that delivered it died"
        try:
            return await _call(self._listeners[turn.plugin], event)
        except asyncio.CancelledError:
            await self._database.write(partial(events.give_back, turn=turn))
            raise

    async def _settle(self, turn: Turn, event: Event, failed: str, seconds: float) -> Turn | None:
        """Note what came of an event; return the turn as it goes on, or None where it ended."""
        if failed and turn.attempts < self._attempts:
            await self._database.write(partial(events.retry, turn=turn))
            self._note(turn, event, "retried", failed)
            return None
        dead = (event, failed) if failed else None
        going = await self._database.write(
            lambda c: events.advance(c, turn, event.seq, seconds, dead)
        )
        if going is None:
            log.warning("events.overtaken", plugin=turn.plugin, seq=event.seq)
        self._note(turn, event, "dead" if failed else "delivered", failed)
        return going

    def _note(self, turn: Turn, event: Event, outcome: str, failed: str) -> None:
        self._counters.events[turn.plugin, outcome] += 1
        if failed:
            log.error("event.failed", plugin=turn.plugin, seq=event.seq, kind=event.kind,
                      attempt=turn.attempts, dead=outcome == "dead", error=failed)  # fmt: skip


async def _call(listener: Listener, event: Event) -> str:
    """Tell a plugin of an event; why that failed, or nothing."""
    deadline = asyncio.timeout(DEADLINE_SECONDS)
    try:
        async with deadline:
            await listener(event)
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return f"CancelledError: {error}"  # of something that the plugin waited for
    except Exception as error:  # noqa: BLE001  whatever it was, the event is delivered again
        if deadline.expired():
            return f"it took longer than {DEADLINE_SECONDS:g} s"
        return f"{type(error).__name__}: {error}"
    return ""
