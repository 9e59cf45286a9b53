"""The bounded queue before the workers, fair between pictures.

Every picture has its own line, and lines take turns. A picture whose job ran for more than a
second or failed is *slow* for a minute; slow pictures leave one worker to the others whenever
those have asked lately, and a picture that failed three times holds one worker at the most. So
a picture that costs a deadline every time cannot make the others wait for it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SLOW_AFTER = 1.0
"""Seconds of work after which a picture counts as slow."""

SLOW_FOR = 60.0
"""Seconds for which a picture stays slow."""

RECENT = 2.0
"""Seconds for which a job of another picture keeps the last worker free of slow ones."""

FAILURES = 3
"""Failures within a minute after which a picture holds one worker at the most."""


@dataclass(eq=False)
class Job:
    """A unit of work for a worker.

    Args:
        head: the message a worker gets.
        group: the picture it is for.
        timeout: seconds a worker may take.
        finish: called once, from any thread, with the reply or an exception.
        spent: called, from any thread, whenever it leaves a worker, with the seconds it had it;
            a job that failed is taken to have cost its whole deadline.
    """

    head: dict[str, Any]
    group: str
    timeout: float
    finish: Callable[[Any], None]
    spent: Callable[[float], None] = lambda _: None
    queued: float = field(default_factory=time.monotonic)
    started: float = 0.0
    attempts: int = 0
    lost: int = 0
    dropped: bool = False
    preempted: bool = False


class JobQueue:
    """Jobs waiting for a worker; safe to use from any thread.

    Args:
        capacity: how many may wait.
        workers: how many workers take from it.
    """

    def __init__(self, capacity: int, workers: int) -> None:
        self.capacity = capacity
        self._workers = workers
        self._lock = threading.Lock()
        self._lines: OrderedDict[str, deque[Job]] = OrderedDict()
        self._running: set[Job] = set()
        self._slow: dict[str, float] = {}
        self._failures: dict[str, deque[float]] = {}
        self._last_quick = 0.0
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def put(self, job: Job, *, first: bool = False) -> bool:
        """Add a job, at the head of its line if ``first``; False where the queue is full.

        A job put back first was accepted before, so no capacity is asked for it.
        """
        with self._lock:
            if not first and self._waiting >= self.capacity:
                self._clear_dropped()
                if self._waiting >= self.capacity:
                    return False
            line = self._lines.setdefault(job.group, deque())
            if first:
                line.appendleft(job)
            else:
                line.append(job)
            self._waiting += 1
            if not self._is_slow(job.group):
                self._last_quick = time.monotonic()
            return True

    def take(self) -> Job | None:
        """Return the next job that may start now, or None."""
        with self._lock:
            now = time.monotonic()
            held = Counter(job.group for job in self._running)
            slow_held = sum(self._is_slow(job.group) for job in self._running)
            reserve = now - self._last_quick < RECENT
            for group in list(self._lines):
                line = self._lines[group]
                while line and line[0].dropped:
                    line.popleft()
                    self._waiting -= 1
                if not line:
                    del self._lines[group]
                    continue
                if self._is_slow(group):
                    if reserve and slow_held >= self._workers - 1:
                        continue
                    if held[group] and self._failed(group) >= FAILURES:
                        continue
                job = line.popleft()
                self._waiting -= 1
                if line:
                    self._lines.move_to_end(group)
                else:
                    del self._lines[group]
                job.started = now
                job.preempted = False
                self._running.add(job)
                return job
            return None

    def done(self, job: Job, *, failed: bool = False) -> None:
        """Note that a job has left its worker."""
        now = time.monotonic()
        job.spent(job.timeout if failed else now - job.started)
        with self._lock:
            self._running.discard(job)
            if failed or now - job.started > SLOW_AFTER:
                self._slow[job.group] = now + SLOW_FOR
            if failed:
                self._failures.setdefault(job.group, deque(maxlen=FAILURES)).append(now)
            if len(self._slow) > 1000 or len(self._failures) > 1000:
                self._forget(now)

    def to_preempt(self) -> Job | None:
        """Return a running job that must give way, marked so, or None.

        That is the youngest slow one, where slow ones hold every worker while a quick one waits.
        """
        with self._lock:
            now = time.monotonic()
            for job in self._running:
                if now - job.started > SLOW_AFTER:
                    self._slow[job.group] = now + SLOW_FOR
            if len(self._running) < self._workers:
                return None
            if not all(self._is_slow(job.group) for job in self._running):
                return None
            quick = any(
                not self._is_slow(group) and any(not job.dropped for job in line)
                for group, line in self._lines.items()
            )
            if not quick or any(job.preempted for job in self._running):
                return None
            self._last_quick = now
            youngest = max(self._running, key=lambda job: job.started)
            youngest.preempted = True
            return youngest

    def drain(self) -> list[Job]:
        """Remove and return everything that waits."""
        with self._lock:
            jobs = [job for line in self._lines.values() for job in line]
            self._lines.clear()
            self._waiting = 0
            return jobs

    def is_poisoned(self, group: str) -> bool:
        """Whether a picture has failed so often that it holds one worker at the most."""
        with self._lock:
            return self._failed(group) >= FAILURES

    def _clear_dropped(self) -> None:
        for group in list(self._lines):
            line = deque(job for job in self._lines[group] if not job.dropped)
            self._waiting -= len(self._lines[group]) - len(line)
            if line:
                self._lines[group] = line
            else:
                del self._lines[group]

    def _is_slow(self, group: str) -> bool:
        return self._slow.get(group, 0.0) > time.monotonic()

    def _failed(self, group: str) -> int:
        horizon = time.monotonic() - SLOW_FOR
        return sum(moment > horizon for moment in self._failures.get(group, ()))

    def _forget(self, now: float) -> None:
        self._slow = {g: until for g, until in self._slow.items() if until > now}
        self._failures = {
            g: times for g, times in self._failures.items() if times[-1] > now - SLOW_FOR
        }
