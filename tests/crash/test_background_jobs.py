"""Jobs in the database: retries, dead letters, unique keys, leases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from sqlalchemy import Connection, select, text, update

from databases import Place
from helpa.core import jobs as running
from helpa.core.counters import Counters
from helpa.core.database import jobs
from helpa.core.database.engine import Database, now_ms
from helpa.core.database.schema import jobs as table
from helpa.core.jobs import JobRunner


def runner(database: Database, attempts: int = 3, **handlers: Any) -> JobRunner:
    return JobRunner(
        database, handlers, periodic={}, attempts=attempts, poll_seconds=0.05, counters=Counters()
    )


async def make_due(database: Database) -> None:
    await database.write(lambda c: c.execute(update(table).values(due_at=0)) and None)


async def rows(database: Database) -> list[Any]:
    return await database.read(
        lambda c: list(c.execute(select(table).order_by(table.c.created_at)))
    )


def add(kind: str = "work", **options: Any) -> Callable[[Connection], str | None]:
    return lambda c: jobs.enqueue(c, kind, options.pop("payload", {}), **options)


def test_a_job_is_done_once_with_its_payload(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as database:
            done: list[Mapping[str, Any]] = []

            async def work(payload: Mapping[str, Any]) -> None:
                done.append(payload)

            await database.write(add(payload={"n": 1, "text": "ä"}))
            jobs_ = runner(database, work=work)
            assert await jobs_.run_due() == 1
            assert await jobs_.run_due() == 0
            assert done == [{"n": 1, "text": "ä"}]
            (row,) = await rows(database)
            assert (row.state, row.attempts, row.error) == ("done", 1, "")

    asyncio.run(go())


def test_a_job_that_fails_waits_longer_every_time_and_ends_as_a_dead_letter(
    place: Place,
) -> None:
    async def go() -> None:
        async with place.opened() as database:
            tried = 0

            async def work(_: Mapping[str, Any]) -> None:
                nonlocal tried
                tried += 1
                raise OSError(f"try {tried}")

            await database.write(add(unique_key="k"))
            jobs_ = runner(database, attempts=4, work=work)
            waits = []
            for attempt in range(1, 5):
                assert await jobs_.run_due() == 1, "a failed job must not be due again at once"
                (row,) = await rows(database)
                assert row.attempts == attempt
                assert row.error == f"OSError: try {attempt}"
                if attempt < 4:
                    assert row.state == "queued"
                    waits.append(row.due_at - now_ms())
                await make_due(database)
            assert waits[0] > 1000
            assert waits[0] < waits[1] < waits[2]
            (row,) = await rows(database)
            assert (row.state, row.lease_until) == ("dead", None)
            assert await jobs_.run_due() == 0
            assert tried == 4
            assert await database.write(add(unique_key="k")) is not None

    asyncio.run(go())


def test_the_wait_between_tries_has_an_upper_bound(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as database:
            await database.write(add())
            job = await database.write(lambda c: jobs.claim(c, ["work"], 10))
            assert job is not None
            late = jobs.Claimed(job.id, job.kind, job.payload, 900)
            await database.write(lambda c: jobs.fail(c, late, "x", 1000))
            (row,) = await rows(database)
            assert row.due_at - now_ms() < 600_000

    asyncio.run(go())


def test_one_unique_key_is_queued_once_until_it_has_ended(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as database:

            async def keyed(_: Mapping[str, Any]) -> None:
                again = await database.write(add(unique_key="k"))
                assert again is None, "queued again while it runs"

            async def work(_: Mapping[str, Any]) -> None:
                """Nothing to do."""

            assert await database.write(add("keyed", unique_key="k")) is not None
            assert await database.write(add("keyed", unique_key="k")) is None
            assert await database.write(add(unique_key="other")) is not None
            assert await database.write(add()) is not None
            assert await database.write(add()) is not None
            assert len(await rows(database)) == 4
            jobs_ = runner(database, work=work, keyed=keyed)
            assert await jobs_.run_due() == 4
            assert {row.state for row in await rows(database)} == {"done"}
            assert await database.write(add(unique_key="k")) is not None

    asyncio.run(go())


def test_a_key_that_is_taken_does_not_undo_the_transaction_around_it(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as database:
            await database.write(add(unique_key="k"))

            def work(connection: Connection) -> None:
                assert jobs.enqueue(connection, "first", {}) is not None
                assert jobs.enqueue(connection, "work", {}, unique_key="k") is None
                assert jobs.enqueue(connection, "last", {}) is not None

            await database.write(work)
            assert [row.kind for row in await rows(database)].count("first") == 1
            assert [row.kind for row in await rows(database)].count("last") == 1

    asyncio.run(go())


def test_a_job_of_a_dead_process_is_taken_over_when_its_lease_has_run_out(
    place: Place,
) -> None:
    async def go() -> None:
        async with place.opened() as database:
            done = 0

            async def work(_: Mapping[str, Any]) -> None:
                nonlocal done
                done += 1

            await database.write(add())
            held = await database.write(lambda c: jobs.claim(c, ["work"], 3600))
            assert held is not None
            jobs_ = runner(database, work=work)
            assert await jobs_.run_due() == 0
            assert done == 0
            await database.write(
                lambda c: c.execute(update(table).values(lease_until=now_ms() - 1)) and None
            )
            assert await jobs_.run_due() == 1
            assert done == 1
            (row,) = await rows(database)
            assert (row.state, row.attempts) == ("done", 2)

    asyncio.run(go())


def test_a_job_whose_process_dies_every_time_becomes_a_dead_letter_too(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as database:
            begun = 0

            async def work(_: Mapping[str, Any]) -> None:
                nonlocal begun
                begun += 1

            await database.write(add())
            for _ in range(3):  # claimed, and the process is gone
                assert await database.write(lambda c: jobs.claim(c, ["work"], 3600)) is not None
                await database.write(
                    lambda c: c.execute(update(table).values(lease_until=now_ms() - 1)) and None
                )
            await runner(database, attempts=3, work=work).run_due()
            (row,) = await rows(database)
            assert (row.state, begun) == ("dead", 0)

    asyncio.run(go())


def test_one_job_is_claimed_by_one_of_many(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as database:
            stack = AsyncExitStack()
            others = [await stack.enter_async_context(place.opened()) for _ in range(3)]
            for _ in range(20):
                await database.write(add())
            claimed: list[str] = []

            async def take(each: Database) -> None:
                while (job := await each.write(lambda c: jobs.claim(c, ["work"], 60))) is not None:
                    claimed.append(job.id)

            await asyncio.gather(*(take(each) for each in [database, *others]))
            assert len(claimed) == len(set(claimed)) == 20
            await stack.aclose()

    asyncio.run(go())


def test_a_job_past_its_deadline_fails_and_is_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "DEADLINE_SECONDS", 0.1)

    async def go() -> None:
        async with place.opened() as database:

            async def work(_: Mapping[str, Any]) -> None:
                await asyncio.sleep(30)

            await database.write(add())
            await asyncio.wait_for(runner(database, work=work).run_due(), 10)
            (row,) = await rows(database)
            assert (row.state, row.attempts) == ("queued", 1)
            assert "TimeoutError" in row.error

    asyncio.run(go())


def test_a_lease_outlives_the_deadline_so_that_no_job_runs_twice_at_once() -> None:
    assert running.LEASE_SECONDS > running.DEADLINE_SECONDS


def test_a_kind_nobody_handles_waits_and_holds_nobody_up(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as database:
            done = 0

            async def work(_: Mapping[str, Any]) -> None:
                nonlocal done
                done += 1

            await database.write(add("unknown"))
            await database.write(add())
            assert await runner(database, work=work).run_due() == 1
            states = {row.kind: row.state for row in await rows(database)}
            assert states == {"unknown": "queued", "work": "done"}

    asyncio.run(go())


def test_jobs_are_done_in_the_order_they_are_due(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as database:
            order: list[int] = []

            async def work(payload: Mapping[str, Any]) -> None:
                order.append(payload["n"])

            for number in (3, 1, 2):
                await database.write(add(payload={"n": number}))
                await database.write(
                    lambda c, n=number: (
                        c.execute(  # type: ignore[misc]
                            text("UPDATE jobs SET due_at = :n WHERE payload = :p"),
                            {"n": n, "p": f'{{"n": {n}}}'},
                        )
                        and None
                    )
                )
            await runner(database, work=work).run_due()
            assert order == [1, 2, 3]

    asyncio.run(go())


def test_a_running_runner_does_what_is_added_and_stops_when_told(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as database:
            done = asyncio.Event()

            async def work(_: Mapping[str, Any]) -> None:
                done.set()

            jobs_ = runner(database, work=work)
            task = asyncio.create_task(jobs_.run())
            await database.write(add())
            jobs_.wake()
            await asyncio.wait_for(done.wait(), 10)
            jobs_.stop()
            await asyncio.wait_for(task, 10)

    asyncio.run(go())


def test_a_periodic_job_is_queued_once_however_often_it_is_scheduled(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as database:

            async def sweep(_: Mapping[str, Any]) -> None:
                """Nothing to do."""

            jobs_ = JobRunner(
                database,
                {"sweep": sweep},
                periodic={"sweep": 3600},
                attempts=3,
                poll_seconds=1,
                counters=Counters(),
            )
            await jobs_.enqueue_periodic()
            await jobs_.enqueue_periodic()
            (row,) = await rows(database)
            assert row.due_at > now_ms() + 3_000_000
            assert await jobs_.run_due() == 0
            await make_due(database)
            assert await jobs_.run_due() == 1
            await jobs_.enqueue_periodic()
            assert [r.state for r in await rows(database)].count("queued") == 1

    asyncio.run(go())
