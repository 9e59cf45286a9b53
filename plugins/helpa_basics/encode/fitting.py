"""Keeping to ``max_bytes`` with few encodes."""

from __future__ import annotations

import itertools
import math
import time
from bisect import insort
from collections.abc import Callable, Sequence
from typing import Any

from helpa.drawing import refusal, seconds_left

ENCODES = 6
"""At most so many encodes an answer."""

ENOUGH = 0.92
"""An answer that fills this part of the limit is not improved on."""

AIM = 0.97
"""What is aimed at, so that most guesses fall below the limit and not above."""

LOWEST_QUALITY = 10
"""Chosen, not measured: at 15, the lowest measured, SSIMULACRA2 is −14 to 58 already."""

SLOWER = 1.5
"""An encode may take so many times as long as the slowest before it."""

SIZES = ((0, 0.08), (10, 0.2), (20, 0.33), (30, 0.43), (45, 0.56), (60, 0.69), (70, 0.81),
         (80, 1.0), (90, 1.65), (95, 2.5), (100, 4.6))  # fmt: skip
"""Bytes at a quality relative to quality 80: JPEG of a photograph and a screenshot was measured at
60, 80 and 90; the rest is estimated. A wrong estimate costs an encode, no more."""

Setting = Any
Rung = tuple[Setting, float]
"""A setting of an encoder, and the bytes it is expected to take, relative to the other rungs."""


def qualities(highest: int, step: int = 1) -> list[Rung]:
    """Return the rungs from a quality down to the lowest that is acceptable."""
    lowest = min(highest, LOWEST_QUALITY)
    listed = [*range(highest, lowest, -step), lowest]
    return [(quality, _relative(quality)) for quality in listed]


def _relative(quality: int) -> float:
    for (low, size), (high, larger) in itertools.pairwise(SIZES):
        if quality <= high:
            return float(size * (larger / size) ** ((quality - low) / (high - low)))
    return SIZES[-1][1]


def fit(
    limit: int, rungs: Sequence[Rung], encode: Callable[[Setting], bytes], *, advice: str
) -> bytes:
    """Return what the best rung gives that keeps to the limit, as far as few encodes can tell.

    The first encode is of the best rung. Each further one is of the best rung of which the sizes
    seen so far, interpolated in their logarithm against the sizes expected, promise that it fits.

    Args:
        limit: bytes allowed.
        rungs: from the best looking to the least acceptable.
        encode: makes an answer with a rung's setting.
        advice: what else would make the answer smaller, for the message.

    Raises:
        PixelError: even the last rung is too large, or time ran out before one fitted.
    """
    best = b""
    smallest, slowest = math.inf, 0.0
    seen: list[tuple[int, float]] = []
    low, high = 0, len(rungs)  # what fits, fits from `high` on; the rungs between are unknown
    at = 0
    for left in range(ENCODES - 1, -1, -1):
        began = time.monotonic()
        data = encode(rungs[at][0])
        slowest = max(slowest, time.monotonic() - began)
        smallest = min(smallest, len(data))
        insort(seen, (at, math.log(max(1, len(data)) / rungs[at][1])))
        if len(data) <= limit:
            best, high = data, at
            if at == 0 or len(data) >= ENOUGH * limit:
                break
        else:
            low = at + 1
        in_time = seconds_left() > SLOWER * slowest
        if low >= high or not in_time:
            break
        last_chance = not best and (left == 1 or seconds_left() < 2 * SLOWER * slowest)
        at = high - 1 if last_chance else _promising(rungs, seen, low, high, AIM * limit)
    if best:
        return best
    tried_all = low >= len(rungs)
    why = "even at the lowest quality it has" if tried_all else "in the time there is it has"
    raise refusal(
        f"max_bytes={limit}: the answer cannot be made that small; {why} {int(smallest)} bytes. "
        f"{advice}",
        field="max_bytes",
        given=str(limit),
        allowed=f"{int(smallest)} or more, or a smaller answer",
    )


def _promising(
    rungs: Sequence[Rung], seen: Sequence[tuple[int, float]], low: int, high: int, aim: float
) -> int:
    """Return the first rung of ``low`` to ``high`` that promises to keep to ``aim``, or the
    last of them.
    """
    for at in range(low, high):
        if rungs[at][1] * math.exp(_factor(seen, at)) <= aim:
            return at
    return high - 1


def _factor(seen: Sequence[tuple[int, float]], at: int) -> float:
    """Return the logarithm of real to expected size at a rung, from those seen around it."""
    below = [each for each in seen if each[0] <= at]
    above = [each for each in seen if each[0] > at]
    if not below or not above:
        return (below or above)[-1 if below else 0][1]
    (x, left), (next_x, right) = below[-1], above[0]
    return left + (right - left) * (at - x) / (next_x - x)


def exactly(limit: int, data: bytes, *, advice: str) -> bytes:
    """Return what was encoded without loss if it keeps to the limit.

    Raises:
        PixelError: it does not, and may not be made worse.
    """
    return fit(limit, [(None, 1.0)], lambda _: data, advice=advice)
