"""Equal keys share one piece of work, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from helpa.core.flight import Flights


class Work:
    """Something that is made slowly, and counts how often."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self.release = asyncio.Event()
        self.failure: Exception | None = None

    async def make(self) -> str:
        self.begun += 1
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failure is not None:
            raise self.failure
        return f"made {self.begun}"


def run(test: Callable[[Flights[str], Work], Awaitable[None]]) -> None:
    async def main() -> None:
        await test(Flights(), Work())

    asyncio.run(main())


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_64_callers_share_one_make() -> None:
    async def check(flights: Flights[str], work: Work) -> None:
        callers = [asyncio.create_task(flights.run("k", work.make)) for _ in range(64)]
        await settle()
        assert len(flights) == 1
        work.release.set()
        assert await asyncio.gather(*callers) == ["made 1"] * 64
        assert work.begun == 1
        assert flights.shared == 63
        assert len(flights) == 0

    run(check)


def test_other_keys_fly_alone() -> None:
    async def check(flights: Flights[str], work: Work) -> None:
        callers = [asyncio.create_task(flights.run(key, work.make)) for key in "abc"]
        await settle()
        assert len(flights) == 3
        work.release.set()
        await asyncio.gather(*callers)
        assert work.begun == 3
        assert flights.shared == 0

    run(check)


def test_a_failure_reaches_all_who_wait_and_no_one_after_them() -> None:
    async def check(flights: Flights[str], work: Work) -> None:
        work.failure = ValueError("broken")
        callers = [asyncio.create_task(flights.run("k", work.make)) for _ in range(8)]
        await settle()
        work.release.set()
        ends = await asyncio.gather(*callers, return_exceptions=True)
        assert [str(end) for end in ends] == ["broken"] * 8
        assert work.begun == 1
        work.failure = None
        assert await flights.run("k", work.make) == "made 2"

    run(check)


def test_the_next_after_a_success_begins_anew() -> None:
    async def check(flights: Flights[str], work: Work) -> None:
        work.release.set()
        assert await flights.run("k", work.make) == "made 1"
        assert await flights.run("k", work.make) == "made 2"

    run(check)


def test_one_who_leaves_does_not_disturb_the_others() -> None:
    async def check(flights: Flights[str], work: Work) -> None:
        leader = asyncio.create_task(flights.run("k", work.make))
        await settle()
        follower = asyncio.create_task(flights.run("k", work.make))
        await settle()
        leader.cancel()
        await settle()
        assert leader.cancelled()
        assert work.cancelled == 0
        work.release.set()
        assert await follower == "made 1"

    run(check)


def test_when_the_last_leaves_the_work_is_cancelled() -> None:
    async def check(flights: Flights[str], work: Work) -> None:
        callers = [asyncio.create_task(flights.run("k", work.make)) for _ in range(3)]
        await settle()
        for caller in callers:
            caller.cancel()
        await settle()
        assert work.cancelled == 1
        assert len(flights) == 0
        work.release.set()
        assert await flights.run("k", work.make) == "made 2"

    run(check)


def test_one_who_comes_while_abandoned_work_ends_begins_anew() -> None:
    async def check(flights: Flights[str], _: Work) -> None:
        ending = asyncio.Event()
        made: list[str] = []

        async def stubborn() -> str:
            made.append("begun")
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await ending.wait()
                raise
            raise AssertionError

        async def quick() -> str:
            return "fresh"

        caller = asyncio.create_task(flights.run("k", stubborn))
        await settle()
        caller.cancel()
        await settle()
        assert await flights.run("k", quick) == "fresh"
        slow = asyncio.create_task(flights.run("k", stubborn))
        await settle()
        assert len(flights) == 1
        ending.set()
        await settle()
        assert len(flights) == 1  # the end of the first takes nothing from the second
        assert made == ["begun", "begun"]
        slow.cancel()
        await settle()

    run(check)


def test_a_make_that_fails_at_once_leaves_nothing_behind() -> None:
    async def check(flights: Flights[str], work: Work) -> None:
        async def broken() -> str:
            raise KeyError("k")

        for _ in range(3):
            with pytest.raises(KeyError):
                await flights.run("k", broken)
        assert len(flights) == 0

    run(check)
