"""Budgets of cold renders: how much worker time one picture, and one address, may cause.

Token buckets whose tokens are seconds of worker time, so that a thumbnail costs a thumbnail and a
rendition that runs into its deadline costs the deadline. What a rendition will take is not known
before, so a bucket admits while it holds anything and is charged afterwards; it may then owe, and
what it owes is paid back by the refill before it admits again. Over a day, then, nothing takes
more than burst + refill × time, however the requests are timed.
"""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from helpa.core.access import may_manage
from helpa.core.database.images import Record
from helpa.core.errors import RequestError, TooManyRequests
from helpa.core.identity import Identify
from helpa.core.settings_cost import Budgets as BudgetSettings

KEPT = 20_000
"""Buckets kept of each kind, some 300 bytes each. The one charged longest ago goes first."""

SUM = 1e-9
"""Seconds that sums of floating point may be off by."""

Clock = Callable[[], float]


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Buckets:
    """Token buckets of one kind, by name.

    Args:
        burst: what a full bucket holds, in seconds of work; 0 is no limit.
        refill: what comes back, in seconds of work a second.
        clock: seconds of a clock that never goes back.
        kept: how many buckets are remembered.
    """

    def __init__(
        self, burst: float, refill: float, *, clock: Clock = time.monotonic, kept: int = KEPT
    ) -> None:
        self._burst = burst
        self._refill = refill
        self._clock = clock
        self._kept = kept
        # In the order of their last charge. One that is full again says nothing and is forgotten.
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def level(self, name: str) -> float:
        """Return what a bucket holds, in seconds of work; below 0 where it owes."""
        bucket = self._buckets.get(name)
        if bucket is None:
            return self._burst
        return min(self._burst, bucket.level + (self._clock() - bucket.at) * self._refill)

    def wait(self, name: str) -> float:
        """Return the seconds until a bucket admits again; 0 where it does now."""
        if self._burst == 0:
            return 0.0
        level = self.level(name)
        return 0.0 if level > SUM else (2 * SUM - level) / self._refill

    def charge(self, name: str, seconds: float) -> None:
        """Take what some work cost."""
        if self._burst == 0 or seconds <= 0:
            return
        self._buckets[name] = _Bucket(self.level(name) - seconds, self._clock())
        self._buckets.move_to_end(name)
        self._forget()

    def _forget(self) -> None:
        while self._buckets:
            oldest = next(iter(self._buckets))
            if len(self._buckets) <= self._kept and self.level(oldest) < self._burst:
                return
            del self._buckets[oldest]


class Budgets:
    """The budgets of a server.

    Args:
        settings: bursts and refills.
        refused: counts refusals by budget.
        clock: seconds of a clock that never goes back.
    """

    def __init__(
        self, settings: BudgetSettings, refused: Counter[str], *, clock: Clock = time.monotonic
    ) -> None:
        self._settings = settings
        self.refused = refused
        self._pictures = Buckets(settings.picture_burst, settings.picture_refill, clock=clock)
        self._addresses = Buckets(settings.address_burst, settings.address_refill, clock=clock)

    def account(
        self, record: Record, address: str, identify: Identify, *, exact: bool = False
    ) -> Account:
        """Return what the renditions of one request are charged to.

        Args:
            record: the picture.
            address: whose request it is; empty where that is not known, and not limited.
            identify: says who asks; called only over budget.
            exact: whether the link was signed for this very rendition, which somebody who manages
                the picture did: then the picture's budget has no say.
        """

        async def manages() -> bool:
            try:
                return may_manage(record, await identify(), "images:read")
            except RequestError:  # a credential that is not valid is none
                return False

        return Account(self, "" if exact else record.id, address, manages)

    def check(self, picture: str, address: str) -> None:
        """Insist that a picture and an address may cause new work; an empty name always may.

        Raises:
            TooManyRequests: names the budget that is used up, and when it is not any more.
        """
        waits = {
            "picture": self._pictures.wait(picture) if picture else 0.0,
            "address": self._addresses.wait(address) if address else 0.0,
        }
        budget = max(waits, key=lambda name: waits[name])
        if not waits[budget]:
            return
        retry = max(1, math.ceil(waits[budget]))
        settings = self._settings
        what, burst, refill = (
            ("of this picture", settings.picture_burst, settings.picture_refill)
            if budget == "picture"
            else ("for your address", settings.address_burst, settings.address_refill)
        )
        raise TooManyRequests(
            f"New renditions {what} have used up their budget of worker time "
            f"(budgets.{budget}_burst: {burst:g} s, refilled by {refill:g} s a second). Renditions "
            f"that exist are served; new ones again in {retry} s.",
            field=f"budgets.{budget}_burst",
            retry_after=retry,
            extra={"budget": budget},
        )

    def charge(self, picture: str, address: str, seconds: float) -> None:
        """Take what some work cost, in seconds of worker time; an empty name is not charged."""
        if picture:
            self._pictures.charge(picture, seconds)
        if address:
            self._addresses.charge(address, seconds)


class Account:
    """What the renditions of one request are charged to.

    Args:
        budgets: where the buckets are.
        picture: its id, or empty.
        address: group of the client's address, or empty.
        manages: whether who asks manages the picture.
    """

    def __init__(
        self, budgets: Budgets, picture: str, address: str, manages: Callable[[], Awaitable[bool]]
    ) -> None:
        self._budgets = budgets
        self._picture = picture
        self._address = address
        self._manages = manages

    async def admit(self) -> None:
        """Insist that a new rendition may be made.

        Whoever manages the picture is always admitted, and from then on not charged: else their
        work would shut the picture to everybody else.

        Raises:
            TooManyRequests: a budget is used up.
        """
        try:
            self._budgets.check(self._picture, self._address)
        except TooManyRequests as error:
            if not await self._manages():
                self._budgets.refused[error.extra["budget"]] += 1
                raise
            self._picture = self._address = ""

    def charge(self, seconds: float) -> None:
        """Take what some work cost, in seconds of worker time."""
        self._budgets.charge(self._picture, self._address, seconds)
