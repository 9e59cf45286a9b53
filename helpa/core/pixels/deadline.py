"""When the job of this worker ends: past it the worker is killed."""

from __future__ import annotations

import math
import time

_ends = math.inf


def begin(seconds: float) -> None:
    """Note that a job has begun which may take so many seconds."""
    global _ends  # a worker does one job at a time
    _ends = time.monotonic() + seconds


def seconds_left() -> float:
    """Return the seconds the job has left: what would not be done within them is better not begun.

    Infinite where nothing has a deadline, as in tests of a drawing function alone.
    """
    return _ends - time.monotonic()
