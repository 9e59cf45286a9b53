"""Budgets of cold renders: buckets of seconds."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa.core.budgets import KEPT, Account, Buckets, Budgets
from helpa.core.database.images import Record
from helpa.core.errors import TooManyRequests, Unauthorized
from helpa.core.identity import Identity
from helpa.core.settings_cost import Budgets as BudgetSettings


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Picture:
    """What of a record a budget looks at."""

    id = "A" * 22
    owner = "local"
    team = None
    visibility = "public"


RECORD = cast("Record", Picture())
OWNER = Identity("t", "owner", frozenset({"images:read"}))

waits = st.floats(0, 500)
costs = st.floats(0.001, 60)


@given(st.floats(0.1, 500), st.floats(0.01, 2), st.lists(st.tuples(waits, costs), min_size=1))
def test_over_any_time_no_more_is_admitted_than_burst_and_refill_and_one_job(
    burst: float, refill: float, jobs: list[tuple[float, float]]
) -> None:
    clock = Clock()
    buckets = Buckets(burst, refill, clock=clock)
    began, spent, last = clock.now, 0.0, 0.0
    for wait, cost in jobs:
        clock.now += wait
        if buckets.wait("a") == 0:
            buckets.charge("a", cost)
            spent, last = spent + cost, cost
        assert spent - last <= burst + refill * (clock.now - began) + 1e-6


@given(st.floats(0.1, 500), st.floats(0.01, 2), st.lists(costs, min_size=1, max_size=20))
def test_after_the_wait_it_says_a_bucket_admits_and_not_before(
    burst: float, refill: float, jobs: list[float]
) -> None:
    clock = Clock()
    buckets = Buckets(burst, refill, clock=clock)
    for cost in jobs:
        buckets.charge("a", cost)
    wait = buckets.wait("a")
    if wait > 0.001:
        clock.now += wait * 0.99
        assert buckets.wait("a") > 0
        clock.now += wait * 0.01
    clock.now += 1e-6
    assert buckets.wait("a") == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), waits, costs), max_size=40))
def test_a_bucket_never_holds_more_than_its_burst_and_full_ones_are_forgotten(
    jobs: list[tuple[str, float, float]],
) -> None:
    clock = Clock()
    buckets = Buckets(100, 0.5, clock=clock)
    for name, wait, cost in jobs:
        clock.now += wait
        buckets.charge(name, cost)
        assert all(buckets.level(each) <= 100 for each in "abc")
    clock.now += 10_000
    buckets.charge("d", 1)
    assert len(buckets) == 1


def test_one_bucket_says_nothing_of_another() -> None:
    buckets = Buckets(10, 0.1, clock=Clock())
    buckets.charge("a", 50)
    assert buckets.wait("a") == pytest.approx(400)
    assert buckets.wait("b") == 0


def test_an_attacker_with_a_million_addresses_fills_no_memory() -> None:
    buckets = Buckets(10, 0.1, clock=Clock())
    for number in range(KEPT + 5_000):
        buckets.charge(f"2001:db8:0:{number:x}::/64", 1)
    assert len(buckets) == KEPT
    buckets.charge("mine", 50)
    assert buckets.wait("mine") > 0


def test_a_burst_of_0_is_no_limit() -> None:
    buckets = Buckets(0, 0.1, clock=Clock())
    buckets.charge("a", 1e6)
    assert buckets.wait("a") == 0
    assert len(buckets) == 0


def budgets(clock: Clock | None = None, **given: float) -> Budgets:
    settings = {"picture_burst": 10, "picture_refill": 0.1, "address_burst": 20, **given}
    return Budgets(BudgetSettings(**cast("Any", settings)), Counter(), clock=clock or Clock())


def account(of: Budgets, who: Identity | None = None, *, exact: bool = False) -> Account:
    async def identify() -> Identity | None:
        return who

    return of.account(RECORD, "192.0.2.1", identify, exact=exact)


def refused(one: Account) -> TooManyRequests | None:
    try:
        asyncio.run(one.admit())
    except TooManyRequests as error:
        return error
    return None


def test_a_refusal_names_the_budget_and_when_it_holds_something_again() -> None:
    clock = Clock()
    ours = budgets(clock)
    account(ours).charge(10)
    error = refused(account(ours))
    assert error is not None
    assert error.problem()["budget"] == "picture"
    assert error.field == "budgets.picture_burst"
    assert "of this picture" in error.detail
    assert error.retry_after == 1
    account(ours).charge(15)
    error = refused(account(ours))
    assert error is not None
    assert error.retry_after is not None
    assert error.problem()["budget"] == "picture"  # 150 s; the address is free in 10 s
    assert error.retry_after == 151
    assert ours.refused == {"picture": 2}
    clock.now += error.retry_after
    assert refused(account(ours)) is None


def test_the_address_is_refused_where_the_picture_is_not() -> None:
    ours = budgets(picture_burst=0)
    account(ours).charge(21)
    error = refused(account(ours))
    assert error is not None
    assert error.problem()["budget"] == "address"
    assert "your address" in error.detail
    assert error.retry_after == 3


def test_who_manages_the_picture_is_admitted_and_from_then_on_not_charged() -> None:
    ours = budgets()
    account(ours).charge(15)
    mine = account(ours, OWNER)
    assert refused(mine) is None
    mine.charge(1000)
    error = refused(account(ours))
    assert error is not None
    assert error.retry_after == 51
    assert ours.refused == {"picture": 1}
    for other in (
        Identity("t", "reads nothing", frozenset({"images:write"})),
        Identity("t", "of others", frozenset({"images:read"}), "others"),
    ):
        assert refused(account(ours, other)) is not None


def test_nobody_is_identified_while_there_is_something_in_the_budget() -> None:
    async def identify() -> Identity | None:
        raise AssertionError("asked")

    asyncio.run(budgets().account(RECORD, "192.0.2.1", identify).admit())


def test_a_credential_that_is_not_valid_is_none() -> None:
    async def identify() -> Identity | None:
        raise Unauthorized("no")

    ours = budgets()
    account(ours).charge(15)
    assert refused(ours.account(RECORD, "192.0.2.1", identify)) is not None


def test_a_link_signed_for_this_rendition_has_only_its_address_s_budget() -> None:
    ours = budgets()
    account(ours).charge(15)
    exact = account(ours, exact=True)
    assert refused(exact) is None
    exact.charge(10)
    error = refused(account(ours, exact=True))
    assert error is not None
    assert error.problem()["budget"] == "address"
    assert error.retry_after == 11  # 25 of 20 spent, 0.5 a second
