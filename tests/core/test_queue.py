"""The queue before the workers: bounded, fair, and hard to block by one picture."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa.core.workers import queue as module
from helpa.core.workers.queue import FAILURES, RECENT, SLOW_AFTER, SLOW_FOR, Job, JobQueue


class Clock:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def job(group: str = "a") -> Job:
    def finish(result: Any) -> None:
        raise AssertionError("the queue ends no job")

    return Job({}, group, 10, finish, queued=0)


def put(queue: JobQueue, *groups: str) -> list[Job]:
    jobs = [job(group) for group in groups]
    assert all(queue.put(each) for each in jobs)
    return jobs


def take(queue: JobQueue) -> Job:
    taken = queue.take()
    assert taken is not None
    return taken


def run_slowly(queue: JobQueue, clock: Clock, group: str) -> None:
    """Make a picture slow."""
    put(queue, group)
    taken = take(queue)
    clock.now += SLOW_AFTER + 0.1
    queue.done(taken)


def fail(queue: JobQueue, group: str, times: int) -> None:
    for _ in range(times):
        put(queue, group)
        queue.done(take(queue), failed=True)


def test_jobs_of_one_picture_come_in_order() -> None:
    queue = JobQueue(10, 2)
    jobs = put(queue, "a", "a", "a")
    assert [queue.take() for _ in range(4)] == [*jobs, None]


def test_no_more_may_wait_than_there_is_room_for() -> None:
    queue = JobQueue(2, 2)
    put(queue, "a", "b")
    assert not queue.put(job("c"))
    assert len(queue) == 2
    take(queue)
    assert queue.put(job("c"))


def test_a_job_put_back_needs_no_room_and_comes_first() -> None:
    queue = JobQueue(1, 2)
    (first,) = put(queue, "a")
    take(queue)
    put(queue, "a")
    queue.done(first)
    assert queue.put(first, first=True)
    assert take(queue) is first


def test_pictures_take_turns() -> None:
    queue = JobQueue(100, 2)
    put(queue, *"aaaaaa", "b", "c", "b")
    order = []
    for _ in range(9):
        taken = take(queue)
        order.append(taken.group)
        queue.done(taken)
    assert order == list("abcabaaaa")


def test_a_picture_that_comes_last_waits_for_one_turn_only() -> None:
    queue = JobQueue(1000, 2)
    put(queue, *["hog"] * 500)
    queue.done(take(queue))
    put(queue, "late")
    assert {take(queue).group, take(queue).group} == {"hog", "late"}


def test_dropped_jobs_are_not_begun() -> None:
    queue = JobQueue(10, 2)
    first, second, third = put(queue, "a", "a", "b")
    first.dropped = third.dropped = True
    assert take(queue) is second
    assert queue.take() is None
    assert len(queue) == 0


def test_a_dropped_job_leaves_its_place_to_others() -> None:
    queue = JobQueue(2, 2)
    waiting = put(queue, "a", "b")
    for each in waiting:
        each.dropped = True
    # All workers are busy, so nothing takes from the queue; who asks now finds nobody waiting.
    assert queue.put(job("c"))


def test_slow_pictures_leave_one_worker_to_the_others(clock: Clock) -> None:
    queue = JobQueue(100, 3)
    run_slowly(queue, clock, "slow")
    run_slowly(queue, clock, "slower")
    put(queue, "quick")
    queue.done(take(queue))
    put(queue, *["slow", "slower"] * 3)
    assert {take(queue).group, take(queue).group} <= {"slow", "slower"}
    assert queue.take() is None
    put(queue, "quick")
    assert take(queue).group == "quick"


def test_the_free_worker_is_kept_only_while_others_have_asked_lately(clock: Clock) -> None:
    queue = JobQueue(100, 2)
    run_slowly(queue, clock, "slow")
    put(queue, "quick")
    queue.done(take(queue))
    put(queue, "slow", "slow")
    take(queue)
    assert queue.take() is None
    clock.now += RECENT + 0.1
    assert take(queue).group == "slow"


def test_slowness_wears_off(clock: Clock) -> None:
    queue = JobQueue(100, 2)
    run_slowly(queue, clock, "slow")
    clock.now += SLOW_FOR + 0.1
    put(queue, "quick", "slow", "slow")
    assert take(queue).group == "quick"
    queue_groups = [take(queue).group, take(queue).group]
    assert queue_groups == ["slow", "slow"]


def test_quick_jobs_make_no_picture_slow(clock: Clock) -> None:
    queue = JobQueue(100, 2)
    put(queue, "quick")
    taken = take(queue)
    clock.now += SLOW_AFTER - 0.1
    queue.done(taken)
    put(queue, "quick", "quick")
    assert take(queue).group == take(queue).group == "quick"


def test_a_picture_that_failed_three_times_holds_one_worker_at_the_most(clock: Clock) -> None:
    queue = JobQueue(100, 4)
    fail(queue, "bad", FAILURES)
    assert queue.is_poisoned("bad")
    assert not queue.is_poisoned("good")
    clock.now += RECENT + 0.1
    put(queue, "bad", "bad", "bad")
    held = take(queue)
    assert held.group == "bad"
    assert queue.take() is None
    put(queue, "good")
    assert take(queue).group == "good"
    queue.done(held)
    assert take(queue).group == "bad"


def test_two_failures_do_not_poison(clock: Clock) -> None:
    queue = JobQueue(100, 4)
    fail(queue, "bad", FAILURES - 1)
    assert not queue.is_poisoned("bad")
    clock.now += RECENT + 0.1
    put(queue, "bad", "bad")
    assert take(queue).group == take(queue).group == "bad"


def test_failures_are_forgotten_after_a_while(clock: Clock) -> None:
    queue = JobQueue(100, 4)
    fail(queue, "bad", FAILURES)
    clock.now += SLOW_FOR + 0.1
    assert not queue.is_poisoned("bad")
    put(queue, "bad", "bad")
    assert take(queue).group == take(queue).group == "bad"


def test_what_is_kept_of_pictures_is_bounded(clock: Clock) -> None:
    queue = JobQueue(10, 2)
    for number in range(3000):
        fail(queue, f"bad{number}", 1)
        clock.now += 0.5
    assert len(queue._failures) <= 1001
    assert len(queue._slow) <= 1001


# Giving way


def test_the_youngest_slow_job_gives_way_to_a_quick_one(clock: Clock) -> None:
    queue = JobQueue(100, 2)
    put(queue, "a", "b")
    older = take(queue)
    clock.now += 0.2
    younger = take(queue)
    clock.now += SLOW_AFTER + 0.1
    assert queue.to_preempt() is None  # nobody waits
    put(queue, "quick")
    assert queue.to_preempt() is younger
    assert younger.preempted
    assert not older.preempted
    assert queue.to_preempt() is None  # one is enough
    queue.done(younger)
    assert take(queue).group == "quick"


def test_nobody_gives_way_while_a_worker_is_free_or_quick(clock: Clock) -> None:
    queue = JobQueue(100, 2)
    put(queue, "a")
    take(queue)
    clock.now += SLOW_AFTER + 0.1
    put(queue, "quick")
    assert queue.to_preempt() is None  # the second worker is free
    take(queue)
    put(queue, "quicker")
    assert queue.to_preempt() is None  # the second job is not slow
    clock.now += SLOW_AFTER + 0.1
    assert queue.to_preempt() is not None


def test_nobody_gives_way_to_a_slow_or_a_dropped_one(clock: Clock) -> None:
    queue = JobQueue(100, 2)
    put(queue, "a", "b")
    take(queue)
    take(queue)
    clock.now += SLOW_AFTER + 0.1
    put(queue, "a")
    assert queue.to_preempt() is None
    (left,) = put(queue, "quick")
    left.dropped = True
    assert queue.to_preempt() is None


def test_a_job_that_gave_way_comes_back_unmarked(clock: Clock) -> None:
    queue = JobQueue(100, 2)
    put(queue, "a", "b")
    take(queue), take(queue)
    clock.now += SLOW_AFTER + 0.1
    put(queue, "quick")
    victim = queue.to_preempt()
    assert victim is not None
    queue.done(victim)
    queue.put(victim, first=True)
    quick = take(queue)
    assert quick.group == "quick"
    queue.done(quick)
    clock.now += RECENT + 0.1
    assert take(queue) is victim
    assert not victim.preempted


def test_draining_hands_back_all_that_wait() -> None:
    queue = JobQueue(100, 2)
    jobs = put(queue, *"abcab")
    assert sorted(map(id, queue.drain())) == sorted(map(id, jobs))
    assert len(queue) == 0
    assert queue.take() is None


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["put", "take", "done", "fail", "drop", "wait"]), st.sampled_from("abcd")
    ),
    max_size=60,
)


@given(MOVES)
def test_every_job_is_taken_once_or_dropped_whatever_happens(
    moves: list[tuple[str, str]],
) -> None:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "time", clock)
        queue = JobQueue(1000, 2)
        waiting: list[Job] = []
        running: list[Job] = []

        def take_one() -> bool:
            taken = queue.take() if len(running) < 2 else None
            if taken is not None:
                assert taken in waiting
                assert not taken.dropped
                waiting.remove(taken)
                running.append(taken)
            return taken is not None

        for move, group in moves:
            if move == "put":
                waiting += put(queue, group)
            elif move == "take":
                take_one()
            elif move in ("done", "fail") and running:
                queue.done(running.pop(0), failed=move == "fail")
            elif move == "drop" and waiting:
                waiting.pop().dropped = True
            elif move == "wait":
                clock.now += 1.5
        for _ in range(200):
            clock.now += RECENT + 0.1
            while running:
                queue.done(running.pop())
            if not take_one():
                break
        assert waiting == []
        assert len(queue) == 0
