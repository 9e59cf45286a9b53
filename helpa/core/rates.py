"""Rates of requests: so many a minute by token, by address, and for wrong credentials.

The counting is that of the library ``limits``, fixed windows that begin with a client's first
request, in a store of our own. Its own memory store starts a thread to walk over every key
whenever it is used, and keeps a key for each address that ever asked within the window: somebody
with a /48 of IPv6 has 65,536 of those to fill it with.
"""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage.base import Storage
from limits.strategies import FixedWindowRateLimiter

from helpa.core.errors import TooManyRequests
from helpa.core.settings_cost import Rates as RateSettings

KEPT = 50_000
"""Windows kept, some 300 bytes each. The one that ends first goes first."""

Clock = Callable[[], float]
Headers = list[tuple[bytes, bytes]]


class WindowStorage(Storage):
    """Windows in memory, so many and no more.

    Args:
        kept: how many windows are remembered.
        clock: seconds of a clock that never goes back; expiries are told in its time.
    """

    STORAGE_SCHEME = None

    def __init__(self, *, kept: int = KEPT, clock: Clock = time.monotonic) -> None:
        super().__init__()
        self._kept = kept
        self._clock = clock
        # Key to count and end. All last equally long, so they stand in the order of their ends.
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What it may raise: nothing of its own."""
        return OSError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, beginning a window of ``expiry`` seconds where there is none; the count."""
        now = self._clock()
        count, ends = self._windows.get(key, (0, 0.0))
        if ends <= now:
            self._windows.pop(key, None)
            count, ends = 0, now + expiry
        self._windows[key] = (count + amount, ends)
        while len(self._windows) > self._kept or next(iter(self._windows.values()))[1] <= now:
            self._windows.popitem(last=False)
        return count + amount

    def get(self, key: str) -> int:
        """Return the count of a window, 0 where it has ended."""
        count, ends = self._windows.get(key, (0, 0.0))
        return count if ends > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        """Return when a window ends, in the clock's time; now where there is none."""
        return max(self._windows.get(key, (0, 0.0))[1], self._clock())

    def check(self) -> bool:
        """Whether it works."""
        return True

    def reset(self) -> int:
        """Forget everything; how much that was."""
        number = len(self._windows)
        self._windows.clear()
        return number

    def clear(self, key: str) -> None:
        """Forget a window."""
        self._windows.pop(key, None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client stands under a policy.

    Args:
        policy: its name.
        quota: requests a window.
        window: seconds it lasts.
        left: requests left in it.
        ends: seconds until it ends.
    """

    policy: str
    quota: int
    window: int
    left: int
    ends: int

    def headers(self) -> Headers:
        """Return the fields RateLimit-Policy and RateLimit.

        They are structured fields (RFC 9651) as draft-ietf-httpapi-ratelimit-headers-11 has them.
        """
        policy = f'"{self.policy}";q={self.quota};w={self.window}'
        standing = f'"{self.policy}";r={self.left};t={self.ends}'
        return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", standing.encode())]


class RateExceeded(TooManyRequests):
    """More requests than a rate allows.

    Args:
        detail: what happened.
        standing: under the policy that is exceeded.
    """

    def __init__(self, detail: str, standing: Standing) -> None:
        super().__init__(
            detail,
            field=f"rates.{standing.policy}",
            allowed=f"{standing.quota} in {standing.window} s",
            retry_after=standing.ends,
            extra={"rate": standing.policy},
        )
        self.standing = standing


WORDS = {
    "token": "requests with this token",
    "address": "requests without a valid token from this address",
    "signin_account": "tries to sign in to this account from this address",
    "signin_total": "tries to sign in to this account",
    "signin_address": "tries to sign in from this address",
    "failures": "wrong credentials from this address",
}


class Rates:
    """The rates of a server.

    Args:
        settings: requests a minute; 0 is no limit.
        limited: counts refusals by rate.
        clock: seconds of a clock that never goes back.
        kept: how many windows are remembered.
    """

    def __init__(
        self,
        settings: RateSettings,
        limited: Counter[str],
        *,
        clock: Clock = time.monotonic,
        kept: int = KEPT,
    ) -> None:
        quotas = settings.model_dump()
        self._items = {name: _item(name, quota) for name, quota in quotas.items() if quota}
        self._limited = limited
        self._clock = clock
        self._storage = WindowStorage(kept=kept, clock=clock)
        self._limiter = FixedWindowRateLimiter(self._storage)

    def take(self, policy: str, key: str) -> Standing | None:
        """Count a request; where that leaves the client, or None where there is no limit.

        Raises:
            RateExceeded: that was one too many.
        """
        item = self._items.get(policy)
        if item is None:
            return None
        admitted = self._limiter.hit(item, key)
        standing = self._standing(policy, item, key)
        if not admitted:
            raise self._exceeded(standing)
        return standing

    def check_failures(self, address: str) -> None:
        """Insist that a credential from an address may be looked at.

        Raises:
            RateExceeded: too many from there were wrong.
        """
        item = self._items.get("failures")
        if item is not None and not self._limiter.test(item, address):
            raise self._exceeded(self._standing("failures", item, address))

    def failed(self, address: str) -> None:
        """Count a wrong credential."""
        item = self._items.get("failures")
        if item is not None:
            self._limiter.hit(item, address)

    def _standing(self, policy: str, item: RateLimitItem, key: str) -> Standing:
        ends, left = self._limiter.get_window_stats(item, key)
        seconds = max(1, math.ceil(ends - self._clock()))
        return Standing(policy, item.amount, item.get_expiry(), left, seconds)

    def _exceeded(self, standing: Standing) -> RateExceeded:
        self._limited[standing.policy] += 1
        return RateExceeded(
            f"More than {standing.quota} {WORDS[standing.policy]} within a minute "
            f"(rates.{standing.policy}). Again in {standing.ends} s.",
            standing,
        )


def _item(name: str, quota: int) -> RateLimitItem:
    return RateLimitItemPerMinute(quota, namespace=name)
