"""Running background jobs from the database: with leases, deadlines, backoff and dead letters."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from helpa.core.counters import Counters
from helpa.core.database import jobs
from helpa.core.database.engine import Database
from helpa.core.database.jobs import Claimed
from helpa.core.held_jobs import HeldJobs
from helpa.core.job import Job, JobRun

log = structlog.get_logger("helpa.jobs")

Handler = Callable[[Mapping[str, Any]], Awaitable[None]]
Run = Callable[[JobRun], Awaitable[None]]

DEADLINE_SECONDS = 120.0
SCHEDULE_SECONDS = 60.0
LEASE_SECONDS = DEADLINE_SECONDS + 30
"""Longer than the deadline, so that a job that still runs is never begun elsewhere."""


FINISH_SECONDS = 10.0
"""How long the end of a server waits for what has begun: events first, jobs last."""


class Runner(Protocol):
    """What works in the background of a server."""

    async def run(self) -> None:
        """Work until told to stop."""

    def stop(self) -> None:
        """Begin nothing further."""


@contextlib.asynccontextmanager
async def working(runner: Runner) -> AsyncIterator[None]:
    """Have something work while the block lasts."""
    task = asyncio.create_task(runner.run())
    try:
        yield
    finally:
        runner.stop()
        done, _ = await asyncio.wait({task}, timeout=FINISH_SECONDS)
        if not done:
            task.cancel()  # its lease runs out, and it is begun again elsewhere
            await asyncio.gather(task, return_exceptions=True)


class JobRunner:
    """Takes due jobs and does them, a few at a time.

    Args:
        database: where they are.
        handlers: function by kind of job.
        periodic: seconds between runs, by kind.
        attempts: tries before a job becomes a dead letter.
        poll_seconds: between looks for due jobs.
        folder: of files that say which jobs have begun, for others to take those over at once
            where this process is killed; None leaves them to their leases.
        at_once: how many at a time.
    """

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        *,
        periodic: Mapping[str, float],
        attempts: int,
        poll_seconds: float,
        counters: Counters,
        folder: Path | None = None,
        at_once: int = 2,
    ) -> None:
        self._database = database
        self._handlers: dict[str, Run] = {k: _plain(do) for k, do in handlers.items()}
        self._periodic = dict(periodic)
        self._attempts = attempts
        self._poll = poll_seconds
        self._counters = counters
        self._held = HeldJobs(folder)
        self._at_once = at_once
        self._woken = asyncio.Event()
        self._stopped = asyncio.Event()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of job there are."""
        return frozenset(self._handlers)

    def add(self, job: Job) -> None:
        """Do jobs of a further kind, too; before the first is done."""
        self._handlers[job.kind] = job.run
        if job.every is not None:
            self._periodic[job.kind] = job.every

    def wake(self) -> None:
        """Look for due jobs now."""
        self._woken.set()

    async def run(self) -> None:
        """Do jobs until cancelled; what is begun is finished first."""
        with self._held.kept():
            async with asyncio.TaskGroup() as group:
                for _ in range(self._at_once):
                    group.create_task(self._work())
                group.create_task(self._schedule())

    async def run_due(self) -> int:
        """Do every job that is due, and return how many that were."""
        count = 0
        while await self._one():
            count += 1
        return count

    def stop(self) -> None:
        """Begin no further job."""
        self._stopped.set()
        self._woken.set()

    async def _work(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                if await self._one():
                    continue
            except Exception as error:
                log.error("jobs.look_failed", exc_info=error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._poll)

    async def _schedule(self) -> None:
        while not self._stopped.is_set():
            try:
                await self._take_over()
                await self.enqueue_periodic()
            except Exception as error:  # an exception would end the whole group of tasks
                log.error("jobs.schedule_failed", exc_info=error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), SCHEDULE_SECONDS)

    async def _take_over(self) -> None:
        left = await asyncio.to_thread(self._held.left)
        if left:
            await self._database.write(lambda c: jobs.let_go(c, left))
            self.wake()

    async def enqueue_periodic(self) -> None:
        """Queue the next run of every periodic job that has none."""

        def add(connection: Any) -> None:
            for kind, seconds in self._periodic.items():
                jobs.enqueue(connection, kind, {}, unique_key=kind, delay_seconds=seconds)

        await self._database.write(add)

    async def _one(self) -> bool:
        """Do the next due job; whether there was one."""
        if await self._database.read(jobs.next_claimable) is None:
            return False  # looking takes no write lock, so that idle runners disturb nobody
        with self._held.holding() as note:

            def claim(connection: Connection) -> Claimed | None:
                job = jobs.claim(connection, list(self._handlers), LEASE_SECONDS)
                if job is not None:
                    note(job)
                return job

            job = await self._database.write(claim)
            if job is None:
                return False
            await self._attempt(job)
        return True

    async def _attempt(self, job: Claimed) -> None:
        if job.attempts > self._attempts:
            # Its process died every time, so nobody was there to note the failures.
            text = "the process that ran it died"
            await self._database.write(lambda c: jobs.fail(c, job, text, self._attempts))
            self._counters.jobs[job.kind, "dead"] += 1
            log.error("job.failed", kind=job.kind, id=job.id, dead=True, error=text)
            return
        await self._do(job)

    def _run(self, job: Claimed) -> JobRun:
        async def progress(done: int, total: int) -> None:
            await self._database.write(lambda c: jobs.progress(c, job.id, done, total))

        return JobRun(job.id, job.payload, job.attempts, progress)

    async def _do(self, job: Claimed) -> None:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await self._handlers[job.kind](self._run(job))
        except Exception as error:  # noqa: BLE001  whatever it was, the job is tried again
            text = f"{type(error).__name__}: {error}"
            dead = await self._database.write(lambda c: jobs.fail(c, job, text, self._attempts))
            self._counters.jobs[job.kind, "dead" if dead else "retried"] += 1
            log.error("job.failed", kind=job.kind, id=job.id, attempt=job.attempts, dead=dead,
                      error=text)  # fmt: skip
            return
        await self._database.write(lambda c: jobs.finish(c, job.id))
        self._counters.jobs[job.kind, "done"] += 1


def _plain(handler: Handler) -> Run:
    """Return a job that needs nothing but its payload."""

    async def run(given: JobRun) -> None:
        await handler(given.payload)

    return run
