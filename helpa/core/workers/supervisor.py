"""The supervisor: a thread for each worker, a deadline for each job, SIGKILL past it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from helpa.core.errors import (
    ContentTooLarge,
    RequestError,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
)
from helpa.core.workers import wire
from helpa.core.workers.process import NeverBegun, Nursery, StartFailed, WorkerProcess, run
from helpa.core.workers.queue import Job, JobQueue

log = structlog.get_logger("helpa.workers")

ATTEMPTS = 2
"""A job whose worker died without answering is tried once more."""

LOST = 10
"""A job is handed to so many workers that die before they take it."""

PREEMPT_EVERY = 0.1
"""Seconds between looks for a job that must give way."""


@dataclass(frozen=True)
class Reply:
    """What a worker answered.

    Args:
        head: facts and timings.
        body: bytes of a picture, or none.
        waited: seconds the job waited for a worker.
    """

    head: dict[str, Any]
    body: bytes
    waited: float


class JobFailed(Unprocessable):
    """A job that cannot be done: deadline, memory, a crash of the codec, or as a step found out."""


class WorkerError(RequestError):
    """A step of ours or of a plugin is broken; the log has the traceback."""


class Supervisor:
    """Keeps the workers alive and the jobs moving.

    Args:
        workers: how many, at least two.
        queue: how many jobs may wait.
        memory: address space of a worker, in bytes.
        recycle_jobs: a worker is replaced after so many jobs.
        recycle_bytes: a worker is replaced when its resident memory has passed this.
        preload: import paths of everything that draws, measures or encodes.
    """

    def __init__(
        self,
        *,
        workers: int,
        queue: int,
        memory: int,
        recycle_jobs: int,
        recycle_bytes: int,
        preload: list[str],
    ) -> None:
        self._count = max(2, workers)
        self.queue = JobQueue(queue, self._count)
        self._nursery = Nursery(preload, memory)
        self._recycle_jobs = recycle_jobs
        self._recycle_bytes = recycle_bytes
        self._threads: list[_WorkerThread] = []
        self._monitor: threading.Thread | None = None
        self._stopping = threading.Event()
        self.restarts: Counter[str] = Counter()

    def start(self) -> None:
        """Start the nursery and the workers; blocks until the first codecs are loaded.

        Raises:
            StartFailed: no worker can be had.
        """
        self._nursery.start()
        self._stopping.clear()
        self._threads = [_WorkerThread(self, number) for number in range(self._count)]
        for thread in self._threads:
            thread.start()
        self._monitor = threading.Thread(target=self._watch, name="helpa-preempt", daemon=True)
        self._monitor.start()

    @property
    def load_failures(self) -> dict[str, str]:
        """Reason by import path, for drawing functions that workers could not load."""
        return self._nursery.failures

    @property
    def alive(self) -> int:
        """How many workers are up."""
        return sum(thread.process is not None for thread in self._threads)

    @property
    def busy(self) -> int:
        """How many workers have a job."""
        return sum(thread.job is not None for thread in self._threads)

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers."""
        return [t.process.pid for t in self._threads if t.process is not None]

    def stop(self) -> None:
        """End the workers; jobs that wait are refused."""
        self._stopping.set()
        self._nursery.stop()  # its workers end with it
        for thread in self._threads:
            thread.wake()
        for thread in self._threads:
            thread.join(timeout=5)
        for job in self.queue.drain():
            job.finish(Unavailable("The server is stopping.", retry_after=5))

    async def submit(
        self,
        head: dict[str, Any],
        *,
        group: str,
        timeout: float,  # noqa: ASYNC109  the worker's deadline, kept by its thread
        patience: float | None = None,
        spent: Callable[[float], None] | None = None,
    ) -> Reply:
        """Return a worker's reply to a job.

        Args:
            head: the job.
            group: the picture it is for; pictures take turns.
            timeout: seconds a worker may take.
            patience: seconds it may wait for a worker; None for ever.
            spent: called with seconds of worker time as the job uses them, whoever still waits.

        Raises:
            Unavailable: the queue is full, or patience ran out.
            JobFailed: deadline, memory or crash.
            RequestError: what the worker refused, by its kind.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()

        def settle(result: Any) -> None:
            if future.done():
                return
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)

        def finish(result: Any) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, result)

        def charge(seconds: float) -> None:
            if spent is not None and not loop.is_closed():
                loop.call_soon_threadsafe(spent, seconds)

        job = Job(head, group, timeout, finish, charge)
        if self._stopping.is_set() or not self.queue.put(job):
            raise Unavailable(
                f"{len(self.queue)} renditions are waiting already; limits.queue allows "
                f"{self.queue.capacity}.",
                retry_after=2,
            )
        self.wake()
        timer = loop.call_later(patience, self._give_up, job, settle) if patience else None
        try:
            reply: Reply = await future
        finally:
            job.dropped = True  # a job whose last waiter has left is not begun
            if timer is not None:
                timer.cancel()
        return reply

    @staticmethod
    def _give_up(job: Job, settle: Any) -> None:
        if not job.started:
            job.dropped = True
            settle(Unavailable("No worker became free in time.", retry_after=5))

    def wake(self) -> None:
        """Let idle workers look at the queue."""
        for thread in self._threads:
            if thread.idle:
                thread.wake()

    def _watch(self) -> None:
        while not self._stopping.wait(PREEMPT_EVERY):
            if len(self.queue) == 0:
                continue
            job = self.queue.to_preempt()
            if job is not None:
                for thread in self._threads:
                    if thread.job is job and thread.process is not None:
                        thread.process.kill()
            # A reservation may have run out with nothing else to wake anybody.
            self.wake()

    def perform(self, process: WorkerProcess, job: Job) -> bool:
        """Run a job on a worker; whether the worker may be used again."""
        waited = job.started - job.queued
        job.attempts += 1
        try:
            head, body = run(process, job.head, job.timeout)
        except wire.Overdue:
            process.kill()
            self.restarts["deadline"] += 1
            self.queue.done(job, failed=True)
            text = f"It took longer than {job.timeout:g} s (limits.render_seconds)."
            job.finish(JobFailed(text, retry_after=60))
            return False
        except NeverBegun:
            process.kill()
            self.restarts["died"] += 1
            job.attempts -= 1
            job.lost += 1
            self.queue.done(job)
            if job.lost < LOST:
                self._again(job)
            else:
                job.finish(Unavailable("No worker stays alive.", retry_after=10))
            return False
        except wire.Closed:
            process.kill()
            self._died(job)
            return False
        failed = head.get("error") is not None
        broken = failed and head["error"]["code"] == "memory"
        self.queue.done(job, failed=broken)
        job.finish(_failure(head["error"]) if failed else Reply(head, body, waited))
        worn = process.jobs >= self._recycle_jobs or int(head.get("rss", 0)) > self._recycle_bytes
        if worn:
            self.restarts["recycled"] += 1
        return not worn

    def _died(self, job: Job) -> None:
        if job.preempted:
            self.restarts["preempted"] += 1
            job.attempts -= 1
            self.queue.done(job)
            self._again(job)
            return
        self.restarts["died"] += 1
        if job.attempts < ATTEMPTS:
            self.queue.done(job)
            self._again(job)
            return
        self.queue.done(job, failed=True)
        job.finish(JobFailed("The decoder or encoder crashed on it, twice.", retry_after=60))

    def _again(self, job: Job) -> None:
        job.started = 0.0
        self.queue.put(job, first=True)
        self.wake()

    def replace(self) -> WorkerProcess | None:
        """Return a new worker, or None while none can be had."""
        try:
            return self._nursery.fork()
        except (StartFailed, OSError) as error:
            log.error("worker.start_failed", error=str(error))
            return None

    @property
    def stopping(self) -> bool:
        """Whether the workers are being ended."""
        return self._stopping.is_set()


class _WorkerThread(threading.Thread):
    """Holds one worker: starts it, feeds it, replaces it when it dies, busy or idle."""

    def __init__(self, supervisor: Supervisor, number: int) -> None:
        super().__init__(name=f"helpa-worker-{number}", daemon=True)
        self._supervisor = supervisor
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        self.process: WorkerProcess | None = None
        self.job: Job | None = None
        self.idle = False

    def wake(self) -> None:
        """Let the thread look at the queue."""
        with contextlib.suppress(OSError):  # a full pipe wakes as well
            os.write(self._wake_write, b".")

    def run(self) -> None:
        """Work until the supervisor stops."""
        try:
            while not self._supervisor.stopping:
                if self.process is None:
                    self.process = self._supervisor.replace()
                    if self.process is None:
                        time.sleep(0.2)
                        continue
                if not self._turn(self.process):
                    process, self.process = self.process, None
                    process.close()
        finally:
            if self.process is not None:
                self.process.kill()
                self.process.close()
                self.process = None
            os.close(self._wake_read)

    def _turn(self, process: WorkerProcess) -> bool:
        """Do one job or wait for one; whether the worker is still good."""
        # Announced before looking, so that a job put after the look finds somebody to wake.
        self.idle = True
        job = None if self._gone(process, 0) else self._supervisor.queue.take()
        if job is None:
            alive = not self._gone(process, None)
            self.idle = False
            if not alive:
                self._supervisor.restarts["died"] += 1
            return alive
        self.idle = False
        self.job = job
        try:
            return self._supervisor.perform(process, job)
        finally:
            self.job = None
            self._supervisor.wake()

    def _gone(self, process: WorkerProcess, timeout: float | None) -> bool:
        """Wait for a wake-up or the worker's end; whether it ended."""
        poll = select.poll()  # select() takes no descriptor above 1023
        poll.register(process.sock, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        readable = {descriptor for descriptor, _ in poll.poll(timeout)}
        if self._wake_read in readable and timeout is None:
            os.read(self._wake_read, 4096)
        # An idle worker sends nothing, so what is readable is its end.
        return process.sock.fileno() in readable


def _failure(error: dict[str, str]) -> RequestError:
    code = error["code"]
    kinds: dict[str, type[RequestError]] = {
        "too_large": ContentTooLarge,
        "unsupported": UnsupportedMedia,
        "damaged": Unprocessable,
        "refused": JobFailed,
    }
    if code in kinds:
        return kinds[code](
            error["detail"],
            field=error["field"] or None,
            given=error["given"] or None,
            allowed=error["allowed"] or None,
        )
    if code == "memory":
        return JobFailed(error["detail"], field="limits.memory", retry_after=60)
    log.error("worker.step_failed", detail=error["detail"])
    return WorkerError("A step of this rendition failed; the server's log says why.")
