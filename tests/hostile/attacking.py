"""Attacking a running server: uploads by the dozen, renditions of what it took, and the watch."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2
import psutil

from api.asking import incoming, metric, timed, wait_until
from hostile.cases import Case, Outcome
from hostile.formats import MARK
from pictures import png
from serving import Server

DEADLINE = 4.0
"""Seconds a worker may take, as the attacked server is told."""

WORKER_MEMORY = 768 * 2**20
WEB_GROWTH = 200 * 2**20
"""How far the web process' resident memory may rise: its caches are set to 24 MB."""

SETTINGS = {
    "limits__inspect_seconds": f"{DEADLINE:g}",
    "limits__render_seconds": f"{DEADLINE:g}",
    "limits__memory": str(WORKER_MEMORY),
    "cache__ready_bytes": str(8 * 2**20),
    "cache__memory_bytes": str(16 * 2**20),
    "workers__count": "2",
}

TOGETHER = 4
FILES = 20
BATCH_BYTES = 8 * 2**20

RENDITIONS = (
    "w=40&fmt=webp", "w=64&h=64&fit=cover&fmt=png", "w=30&fmt=avif", "w=50&h=20&fit=fill&fmt=jpg",
    "w=24&fmt=gif", "fmt=json", "w=20&rot=90&fmt=png", "w=33&trim=10&fmt=webp", "w=31&anim=0",
    "w=32&page=0&fmt=png", "rect=10p,10p,50p,50p&w=16&fmt=jpg", "w=300&enlarge=1&fmt=jpg&q=40",
    "w=29&pad=4&bg=fff&fmt=png", "w=45&lossless=1&fmt=webp", "w=40&dl=1&fmt=jpg",
)  # fmt: skip

SCRIPTS = (MARK, b"<script", b"<?php", b"PK\x03\x04", b"%PDF", b"<svg", b"GPS", b"alert(")
"""What the uploads carry beside pixels; none of it may be in a rendition."""

KINDS = ("image/jpeg", "image/png", "image/webp", "image/avif", "image/gif")

HEALTHY_SECONDS = 2.0


@dataclass
class Watch:
    """Looks at the processes of a server until told to stop.

    Args:
        server: whose.
    """

    server: Server
    wrong: list[str] = field(default_factory=list)
    most: int = 0
    web: int = 0

    def __post_init__(self) -> None:
        self._main = psutil.Process(self.server.process.pid)
        self._began = self._main.create_time()
        self._base = self._main.memory_info().rss
        self._busy: dict[int, tuple[int, float, float]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            try:
                self._look()
            except psutil.NoSuchProcess:
                continue

    def _look(self) -> None:
        if self._main.create_time() != self._began:
            self.wrong.append("the web process is another one")
        self.web = max(self.web, self._main.memory_info().rss - self._base)
        if self.web > WEB_GROWTH:
            self.wrong.append(f"the web process grew by {self.web >> 20} MB")
        seen = {}
        for child in self._main.children(recursive=True):
            try:
                with child.oneshot():
                    rss = child.memory_info().rss
                    switches = child.num_ctx_switches().voluntary
                    times = child.cpu_times()
            except psutil.NoSuchProcess:
                continue
            self.most = max(self.most, rss)
            if rss > WORKER_MEMORY:
                self.wrong.append(f"a worker holds {rss >> 20} MB")
            now, spent = time.monotonic(), times.user + times.system
            last = self._busy.get(child.pid)
            if last is not None and last[0] == switches:
                # It has waited for nothing since, so it is at the same job still.
                seen[child.pid] = last
                if now - last[1] > DEADLINE + 1 and spent - last[2] > DEADLINE:
                    self.wrong.append(f"a worker is at one job for {now - last[1]:.1f} s")
            else:
                seen[child.pid] = (switches, now, spent)
        self._busy = seen


class Attack:
    """Uploads cases, draws what was taken, and insists on sound answers.

    Args:
        server: whom to attack.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.watch = Watch(server)
        self.uploads = self.renditions = 0
        self._numbers = itertools.count(1)
        self._token = server.token

    @contextmanager
    def client(self, token: bool = True) -> Iterator[httpx2.Client]:
        """A client; with the token, or nobody's."""
        with self.server.client(self._token if token else None) as client:
            yield client

    def upload(self, cases: Iterable[Case], *, files: int = FILES) -> list[Outcome]:
        """Upload cases, many in a request, some requests at a time."""
        batches = list(_batches(cases, files))
        with self.client() as client, ThreadPoolExecutor(TOGETHER) as pool:
            done = pool.map(lambda batch: self._post(client, batch), batches)
            outcomes = [each for batch in done for each in batch]
        self.uploads += len(outcomes)
        wrong = [found for each in outcomes for found in _wrong(each)]
        assert not wrong, _few(wrong)
        return outcomes

    @staticmethod
    def _post(client: httpx2.Client, batch: Sequence[Case]) -> list[Outcome]:
        padded = [*batch, Case("a second file", b"no picture")]  # so that the answer is a list
        files = [("file", (case.filename, case.data)) for case in padded]
        reply = client.post("/api/images", files=files)
        assert reply.status_code == 207, (reply.status_code, reply.text[:300], batch[0].name)
        answers = reply.json()["images"]
        assert len(answers) == len(padded)
        return [Outcome(c, a) for c, a in zip(batch, answers[:-1], strict=True)]

    def draw(self, outcomes: Iterable[Outcome], each: int = 2) -> dict[int, int]:
        """Ask for some renditions of whatever was taken; return how many had each status."""
        wanted = []
        for outcome in outcomes:
            if outcome.accepted:
                chosen = random.Random(outcome.case.name)
                wanted += [(outcome, query) for query in chosen.sample(RENDITIONS, each)]
        statuses: dict[int, int] = {}
        with self.client(token=False) as client, ThreadPoolExecutor(TOGETHER) as pool:
            done = list(pool.map(lambda ask: self._get(client, *ask), wanted))
        for status, _ in done:
            statuses[status] = statuses.get(status, 0) + 1
        self.renditions += len(wanted)
        wrong = [
            f"{o.case.name}, {q}: {w}" for (o, q), (_, w) in zip(wanted, done, strict=True) if w
        ]
        assert not wrong, _few(wrong)
        return statuses

    @staticmethod
    def _get(client: httpx2.Client, outcome: Outcome, query: str) -> tuple[int, str]:
        """Return the status, and what is wrong with the answer, if anything."""
        reply = client.get(f"/img/{outcome.answer['id']}?{query}")
        kind = reply.headers["content-type"]
        if reply.headers.get("x-content-type-options") != "nosniff":
            return reply.status_code, "no nosniff"
        if reply.status_code != 200:
            if reply.status_code not in (400, 422) or kind != "application/problem+json":
                return reply.status_code, f"{reply.status_code} {kind} {reply.text[:300]}"
            return reply.status_code, _unsound(reply.json(), reply.status_code)
        if query == "fmt=json":
            return 200, "" if kind == "application/json" else kind
        if kind not in KINDS:
            return 200, kind
        found = [text for text in SCRIPTS if text in reply.content]
        return 200, f"it holds {found}" if found else ""

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """Insist that the server is as well after the block as before."""
        self.usual = timed(self._healthy)
        yield
        server = self.server
        assert server.process.poll() is None, "the web process ended"
        assert self.watch.wrong == []
        assert wait_until(lambda: not incoming(server)), incoming(server)
        assert metric(server, "helpa_queue_length") == 0
        # Workers that were killed are back, and what is sound is served as ever.
        assert wait_until(lambda: metric(server, "helpa_workers") == 2)
        assert timed(self._healthy) < HEALTHY_SECONDS + 5 * self.usual
        broken = [line for line in server.log if "step_failed" in line or "Traceback" in line]
        assert not broken, broken[:3]

    def _healthy(self) -> None:
        number = next(self._numbers)
        document = self.server.upload(png(300 + number, 200), f"healthy {number}.png")
        reply = self.server.get(f"/img/{document['id']}?w=100&fmt=webp")
        assert reply.status_code == 200, reply.text


def _wrong(outcome: Outcome) -> Iterator[str]:
    if outcome.accepted:
        return
    if outcome.status not in (400, 413, 415, 422):
        yield f"{outcome.case.name}: {outcome.answer}"
    found = _unsound(outcome.answer, outcome.status)
    if found:
        yield f"{outcome.case.name}: {found}"


def _unsound(problem: dict[str, Any], status: int) -> str:
    """Return what a problem document lacks of what RFC 9457 and this server promise."""
    for name in ("type", "title", "status", "detail"):
        if not problem.get(name):
            return f"the problem has no {name}: {problem}"
    if problem["status"] != status or not problem["type"].startswith("/docs/errors#"):
        return str(problem)
    text = str(problem)
    leaks = [each for each in ("Traceback", "incoming/", "originals/", ".py") if each in text]
    return f"the problem says {leaks}: {problem}" if leaks else ""


def _few(wrong: list[str]) -> str:
    return f"{len(wrong)} wrong answers, such as:\n" + "\n".join(wrong[:12])


def _batches(cases: Iterable[Case], files: int) -> Iterator[list[Case]]:
    batch: list[Case] = []
    size = 0
    for case in cases:
        if batch and (len(batch) >= min(files, FILES - 1) or size + len(case.data) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(case)
        size += len(case.data)
    if batch:
        yield batch


def path_of(outcome: Outcome, query: str = "") -> str:
    """Return where a taken picture is."""
    return f"/img/{quote(outcome.answer['id'])}" + (f"?{query}" if query else "")
