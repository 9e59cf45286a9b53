"""The dispatcher by itself: turns, deadlines, deaths, and what is swept."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from databases import Place
from events.listening import record
from helpa.core import events as running
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from helpa.core.counters import Counters
from helpa.core.database import events
from helpa.core.database.engine import Database, now_ms
from helpa.core.database.schema import event_consumers, event_dead_letters
from helpa.core.database.schema import events as table
from helpa.core.event import Event
from helpa.core.events import Dispatcher


async def dispatcher(database: Database, hear: Callable[[Event], Awaitable[None]]) -> Dispatcher:
    made = Dispatcher(
        database, lambda: {"hear": hear}, attempts=3, poll_seconds=0.05, counters=Counters()
    )
    await made.enrol()
    return made


async def row(database: Database) -> Any:
    return await database.read(lambda c: c.execute(select(event_consumers)).one())


async def put(database: Database, **values: int) -> None:
    await database.write(lambda c: c.execute(update(event_consumers).values(**values)) and None)


def played(place: Place, play: Callable[[Database], Awaitable[None]]) -> None:
    async def go() -> None:
        async with place.opened() as database:
            await play(database)

    asyncio.run(go())


def told(place: Place, *numbers: int) -> None:
    """Record events that the plugin is still to be told of."""
    place.write(lambda c: events.enrol(c, ["hear"]))
    record(place, *numbers)


class Slow:
    """Hears an event, and is not done before it is told so."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.goes_on = asyncio.Event()

    async def __call__(self, _: Event) -> None:
        self.began.set()
        await self.goes_on.wait()


def test_nobody_else_delivers_while_a_turn_lasts_and_one_that_ran_out_moves_nothing(
    place: Place,
) -> None:
    told(place, 1, 2)

    async def play(database: Database) -> None:
        slow, heard = Slow(), list[int]()

        async def hear(event: Event) -> None:
            heard.append(event.payload["n"])

        first, second = await dispatcher(database, slow), await dispatcher(database, hear)
        task = asyncio.create_task(first.run_due())
        await slow.began.wait()
        assert await second.run_due() == 0
        await put(database, lease_until=1)
        assert await second.run_due() == 2
        assert heard == [1, 2]
        after = await row(database)
        slow.goes_on.set()
        await task
        assert await row(database) == after

    played(place, play)


def test_what_takes_too_long_is_ended_and_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "DEADLINE_SECONDS", 0.05)
    told(place, 1)

    async def play(database: Database) -> None:
        made = await dispatcher(database, Slow())
        for attempt in (1, 2):
            assert await made.run_due() == 0
            after = await row(database)
            assert (after.attempts, after.lease_until) == (attempt, 0)
            assert after.due_at > now_ms()
            await put(database, due_at=0)
        await made.run_due()
        letters = await database.read(lambda c: list(c.execute(select(event_dead_letters))))
        assert [each.error for each in letters] == ["it took longer than 0.05 s"]

    played(place, play)


def test_an_event_that_kills_every_process_becomes_a_dead_letter_that_nobody_is_told(
    place: Place,
) -> None:
    told(place, 1, 2)

    async def play(database: Database) -> None:
        newest = await database.read(lambda c: c.execute(select(table.c.seq)).scalars().all()[-1])
        for _ in range(3):  # as a process does that is killed then
            assert await database.write(lambda c: events.take(c, "hear", newest, 30)) is not None
            await put(database, lease_until=1)
        heard = []

        async def hear(event: Event) -> None:
            heard.append(event.payload["n"])

        assert await (await dispatcher(database, hear)).run_due() == 1
        assert heard == [2]
        (letter,) = await database.read(lambda c: list(c.execute(select(event_dead_letters))))
        assert letter.error == "the process that delivered it died"

    played(place, play)


def test_a_delivery_cut_off_by_the_end_of_the_server_counts_for_nothing(place: Place) -> None:
    told(place, 1)

    async def play(database: Database) -> None:
        slow = Slow()
        made = await dispatcher(database, slow)
        task = asyncio.create_task(made.run())
        await slow.began.wait()
        made.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        after = await row(database)
        assert (after.attempts, after.lease_until, after.due_at) == (0, 0, 0)

    played(place, play)


def test_something_cancelled_inside_a_plugin_is_a_failure_like_others(place: Place) -> None:
    told(place, 1)

    async def play(database: Database) -> None:
        async def hear(_: Event) -> None:
            never = asyncio.get_running_loop().create_future()
            never.cancel()
            await never

        made = await dispatcher(database, hear)
        assert await made.run_due() == 0
        assert (await row(database)).attempts == 1

    played(place, play)


def test_where_there_is_nothing_to_tell_nothing_is_written(place: Place) -> None:
    told(place, 1)

    async def play(database: Database) -> None:
        async def hear(_: Event) -> None:
            return

        made = await dispatcher(database, hear)
        assert await made.run_due() == 1
        writes = []
        database.on_commit(lambda: writes.append(1))
        assert await made.run_due() == 0
        await made.enrol()
        assert writes == []

    played(place, play)


def test_old_events_are_swept_once_all_who_listen_have_been_told(place: Place) -> None:
    told(place, 1, 2, 3)
    place.write(lambda c: events.enrol(c, ["other", "gone"]))

    def left() -> int:
        return len(place.read(lambda c: c.execute(select(table.c.seq)).all()))

    def sweep(*plugins: str, before: int = now_ms() + 1000) -> int:
        place.write(lambda c: events.sweep(c, plugins, before))
        return left()

    first = place.read(lambda c: c.execute(select(table.c.seq)).scalars().all()[0])
    assert sweep("hear", "other") == 3
    place.write(lambda c: c.execute(update(event_consumers).values(cursor=first)) and None)
    assert sweep("hear", "other", before=1) == 3
    assert sweep("hear", "other") == 2
    assert sweep() == 0


def test_numbers_of_events_are_seen_in_their_order(place: Place) -> None:
    """Else a plugin's cursor could pass an event that is committed a moment later."""

    async def play(database: Database) -> None:
        journal = Journal()
        seen: list[list[int]] = []

        async def add(number: int) -> None:
            def work(connection: Connection) -> None:
                journal.record(connection, COMMAND_LINE, "note.add", f"note:{number}")
                if connection.dialect.name == "postgresql":
                    # What is committed last must not be what has the smaller number.
                    connection.exec_driver_sql(f"SELECT pg_sleep({0.05 * (number % 3)})")

            await database.write(work)

        async def look() -> None:
            while len(seen) < 1 or len(seen[-1]) < 12:
                seen.append([e.seq for e in await database.read(lambda c: events.after(c, 0, 50))])
                await asyncio.sleep(0)

        await asyncio.gather(look(), *map(add, range(12)))
        for earlier, later in itertools.pairwise(seen):
            assert later[: len(earlier)] == earlier

    played(place, play)
