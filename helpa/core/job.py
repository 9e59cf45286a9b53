"""What a plugin declares of work done in the background."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job that is being done.

    Args:
        id: of the job; ``/api/jobs/<id>`` shows how far it is.
        payload: JSON values it was queued with.
        attempt: counted from 1: it is begun again where a process died or it failed.
        progress: says how far it is: ``await run.progress(done, total)``.
    """

    id: str
    payload: Mapping[str, Any]
    attempt: int
    progress: Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of work done in the background.

    Args:
        kind: its name: ``suggestions``.
        run: does it, within two minutes. After an exception or later than that it is tried again
            after a growing delay; after ``jobs.attempts`` tries it is a dead letter. What it has
            done before must not hurt when it is done again.
        every: seconds between runs of a job that queues itself; None is only when it is queued.
    """

    kind: str
    run: Callable[[JobRun], Awaitable[None]]
    every: float | None = None
