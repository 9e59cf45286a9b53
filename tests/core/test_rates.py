"""Rates of requests: windows, headers, bounds."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa.core.rates import KEPT, RateExceeded, Rates, WindowStorage
from helpa.core.settings_cost import Rates as RateSettings


class Clock:
    """A clock that goes when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def rates(clock: Clock, *, kept: int = KEPT, **quotas: int) -> Rates:
    return Rates(RateSettings(**quotas), Counter(), clock=clock, kept=kept)


def test_a_client_is_told_what_is_left_and_for_how_long() -> None:
    clock = Clock()
    ours = rates(clock, token=3)
    first = ours.take("token", "t")
    assert first is not None
    assert first.headers() == [
        (b"ratelimit-policy", b'"token";q=3;w=60'),
        (b"ratelimit", b'"token";r=2;t=60'),
    ]
    clock.now += 20.5
    second = ours.take("token", "t")
    assert second is not None
    assert (second.left, second.ends) == (1, 40)


def test_over_the_rate_is_refused_until_the_window_ends_and_not_longer() -> None:
    clock = Clock()
    ours = rates(clock, address=2)
    ours.take("address", "a")
    ours.take("address", "a")
    clock.now += 10
    with pytest.raises(RateExceeded) as caught:
        ours.take("address", "a")
    error = caught.value
    assert error.retry_after == 50
    assert error.field == "rates.address"
    assert (error.standing.left, error.standing.ends) == (0, 50)
    assert ours.take("address", "b") is not None
    clock.now += error.retry_after
    fresh = ours.take("address", "a")
    assert fresh is not None
    assert fresh.left == 1


def test_a_wrong_credential_too_many_is_told_before_the_next_is_looked_at() -> None:
    clock = Clock()
    ours = rates(clock, failures=2)
    for _ in range(2):
        ours.check_failures("a")
        ours.failed("a")
    with pytest.raises(RateExceeded) as caught:
        ours.check_failures("a")
    assert caught.value.problem()["rate"] == "failures"
    ours.check_failures("b")
    clock.now += 60
    ours.check_failures("a")


def test_0_is_no_limit() -> None:
    ours = rates(Clock(), token=0, address=0, failures=0)
    for _ in range(100):
        assert ours.take("token", "t") is None
        assert ours.take("address", "a") is None
        ours.failed("a")
    ours.check_failures("a")


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 40)), max_size=60))
def test_no_window_admits_more_than_its_quota(asked: list[tuple[str, float]]) -> None:
    clock = Clock()
    ours = rates(clock, address=3)
    began: dict[str, float] = {}
    admitted: Counter[str] = Counter()
    for name, wait in asked:
        clock.now += wait
        if clock.now >= began.get(name, -100.0) + 60:
            began[name] = clock.now
            admitted[name] = 0
        try:
            ours.take("address", name)
            admitted[name] += 1
        except RateExceeded:
            assert admitted[name] == 3
        assert admitted[name] <= 3


def test_a_million_addresses_fill_no_memory_and_start_no_thread() -> None:
    clock = Clock()
    storage = WindowStorage(kept=1000, clock=clock)
    before = threading.active_count()
    for number in range(5000):
        storage.incr(f"2001:db8:0:{number:x}::/64", 60)
    assert len(storage) == 1000
    assert threading.active_count() == before
    clock.now += 60
    storage.incr("one", 60)
    assert len(storage) == 1


def test_the_store_does_what_its_library_asks_of_stores() -> None:
    clock = Clock()
    storage = WindowStorage(clock=clock)
    assert storage.check()
    assert [storage.incr("a", 60), storage.incr("a", 60, 3)] == [1, 4]
    assert storage.get("a") == 4
    assert storage.get_expiry("a") == 1060
    assert storage.get("b") == 0
    assert storage.get_expiry("b") == 1000
    storage.incr("b", 60)
    storage.clear("a")
    assert storage.get("a") == 0
    assert storage.reset() == 1
    assert len(storage) == 0
