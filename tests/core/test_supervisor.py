"""The supervisor with real workers: whatever happens to one, jobs are answered, the pool lives."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpa.core.errors import RequestError, Unavailable, Unprocessable
from helpa.core.workers import wire
from helpa.core.workers.process import WorkerProcess
from helpa.core.workers.queue import Job
from helpa.core.workers.supervisor import JobFailed, Reply, Supervisor, WorkerError
from pictures import png

MB = 2**20
MEMORY = 1024 * MB
PATIENCE = 60.0
FUNCTIONS = [
    f"core.misbehaving:{name}"
    for name in ("report", "crash", "crash_once", "grow", "write", "fail")
]
SECRETS = {
    "HELPA_SIGNING_KEY": "SECRETONE",
    "AWS_SECRET_ACCESS_KEY": "SECRETTWO",
    "DATABASE_URL": "SECRETTHREE",
}


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "picture.png"
    path.write_bytes(png(90, 60))
    return path


@pytest.fixture(scope="module")
def secret_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secrets") / "key.pem"
    path.write_text("SECRETFOUR")
    return path


def make(**options: int) -> Supervisor:
    given = {
        "workers": 2,
        "queue": 64,
        "memory": MEMORY,
        "recycle_jobs": 10_000,
        "recycle_bytes": 400 * MB,
    }
    return Supervisor(**(given | options), preload=FUNCTIONS)


@pytest.fixture(scope="module")
def environment(secret_file: Path) -> Iterator[None]:
    """The web process has secrets in its environment and a file open that is inheritable."""
    with pytest.MonkeyPatch.context() as patch, secret_file.open() as file:
        os.set_inheritable(file.fileno(), True)
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
        yield


@pytest.fixture(scope="module")
def pool(environment: None) -> Iterator[Supervisor]:
    supervisor = make()
    supervisor.start()
    assert supervisor.load_failures == {}
    yield supervisor
    supervisor.stop()


@pytest.fixture
def own(environment: None) -> Iterator[Callable[..., Supervisor]]:
    started: list[Supervisor] = []

    def start(**options: int) -> Supervisor:
        supervisor = make(**options)
        supervisor.start()
        started.append(supervisor)
        return supervisor

    yield start
    for supervisor in started:
        supervisor.stop()


class Caller:
    """Sends jobs of one picture."""

    def __init__(self, supervisor: Supervisor, picture: Path) -> None:
        self.supervisor = supervisor
        self.picture = picture

    async def __call__(
        self, function: str = "report", group: str = "a", timeout: float = 30, **args: Any
    ) -> dict[str, Any]:
        reply = await self.supervisor.submit(
            {
                "job": "measure",
                "source": {"path": str(self.picture), "format": "png"},
                "scale": 1.0,
                "steps": [],
                "measure": f"core.misbehaving:{function}",
                "args": args,
            },
            group=group,
            timeout=timeout,
            patience=PATIENCE,
        )
        measured: dict[str, Any] = reply.head["measured"]
        return measured


@pytest.fixture
def call(pool: Supervisor, picture: Path) -> Caller:
    until(lambda: pool.alive == 2)
    return Caller(pool, picture)


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come to pass."""
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, "it never came to pass"
        time.sleep(0.01)


def until_replaced(supervisor: Supervisor, before: set[int]) -> None:
    """Wait until other workers have taken the places of all there were before."""
    until(lambda: supervisor.alive == 2 and not before & set(supervisor.pids))


def until_gone(pid: int) -> None:
    until(lambda: gone(pid))


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"


def test_jobs_are_answered_by_both_workers(call: Caller) -> None:
    async def main() -> list[dict[str, Any]]:
        return await asyncio.gather(*(call(group=f"g{n}", name=n, seconds=0.05) for n in range(12)))

    answers = asyncio.run(main())
    assert [answer["name"] for answer in answers] == list(range(12))
    assert {answer["width"] for answer in answers} == {90}
    assert {answer["pid"] for answer in answers} == set(call.supervisor.pids)


def test_a_job_past_its_deadline_is_killed_and_the_next_one_works(call: Caller) -> None:
    before = set(call.supervisor.pids)
    killed = call.supervisor.restarts["deadline"]

    async def main() -> dict[str, Any]:
        with pytest.raises(JobFailed, match=r"0.3 s") as caught:
            await call(seconds=600, timeout=0.3, group="endless")
        assert caught.value.status == 422
        assert caught.value.retry_after
        return await call()

    assert asyncio.run(main())["width"] == 90
    assert call.supervisor.restarts["deadline"] == killed + 1
    until(lambda: call.supervisor.alive == 2)
    assert len(before & set(call.supervisor.pids)) == 1
    (dead,) = before - set(call.supervisor.pids)
    until(lambda: gone(dead))


def test_killed_idle_workers_are_replaced(call: Caller) -> None:
    for _ in range(3):
        before = set(call.supervisor.pids)
        for pid in before:
            os.kill(pid, signal.SIGKILL)

        async def main() -> list[dict[str, Any]]:
            return await asyncio.gather(*(call(name=n) for n in range(6)))

        assert [answer["name"] for answer in asyncio.run(main())] == list(range(6))
        until_replaced(call.supervisor, before)


def test_jobs_of_killed_busy_workers_are_done_again(call: Caller, tmp_path: Path) -> None:
    async def main() -> list[dict[str, Any]]:
        begun = [tmp_path / f"begun{n}" for n in range(2)]
        jobs = [
            asyncio.create_task(
                call(
                    group=f"g{n}",
                    name=n,
                    seconds=0.4,
                    note=str(begun[n % 2]) if n < 2 else str(tmp_path),
                )
            )
            for n in range(6)
        ]
        while not all(note.exists() for note in begun):
            await asyncio.sleep(0.01)
        for pid in call.supervisor.pids:
            os.kill(pid, signal.SIGKILL)
        return await asyncio.gather(*jobs)

    died = call.supervisor.restarts["died"]
    assert [answer["name"] for answer in asyncio.run(main())] == list(range(6))
    assert call.supervisor.restarts["died"] >= died + 2
    until(lambda: call.supervisor.alive == 2)


def test_a_killed_nursery_comes_back_with_all_its_workers(call: Caller, tmp_path: Path) -> None:
    nursery = call.supervisor._nursery
    for busy in (False, True):
        old = nursery.pid
        assert old is not None
        before = set(call.supervisor.pids)

        async def main(busy: bool = busy, old: int = old) -> list[dict[str, Any]]:
            notes = [tmp_path / f"begun{n}" for n in range(2)]
            jobs = []
            if busy:
                jobs = [
                    asyncio.create_task(call(group=f"g{n}", seconds=0.3, note=str(notes[n])))
                    for n in range(2)
                ]
                while not all(note.exists() for note in notes):
                    await asyncio.sleep(0.01)
            os.kill(old, signal.SIGKILL)
            jobs += [asyncio.create_task(call(group=f"h{n}")) for n in range(4)]
            return await asyncio.gather(*jobs)

        answers = asyncio.run(main())
        assert len(answers) == (6 if busy else 4)
        until_replaced(call.supervisor, before)
        assert nursery.pid not in (None, old)
        for pid in before:
            until_gone(pid)


def test_a_worker_that_crashes_once_costs_nothing_but_time(call: Caller, tmp_path: Path) -> None:
    assert asyncio.run(call("crash_once", note=str(tmp_path / "crashed")))["pid"]


def test_a_job_that_crashes_twice_is_refused_and_the_pool_lives(call: Caller) -> None:
    async def main() -> dict[str, Any]:
        with pytest.raises(JobFailed, match="twice"):
            await call("crash", group="crashing")
        return await call()

    assert asyncio.run(main())["width"] == 90
    until(lambda: call.supervisor.alive == 2)


def test_a_job_over_its_memory_answers_an_error_and_the_pool_lives(call: Caller) -> None:
    before = set(call.supervisor.pids)

    async def main() -> dict[str, Any]:
        with pytest.raises(JobFailed) as caught:
            await call("grow", group="growing", bytes=2 * MEMORY)
        assert caught.value.field == "limits.memory"
        assert (await call("grow", group="growing", bytes=50 * MB))["bytes"] == 50 * MB
        return await call()

    assert asyncio.run(main())["width"] == 90
    assert set(call.supervisor.pids) == before


def test_a_broken_step_is_our_error_and_says_nothing_of_it(call: Caller) -> None:
    with pytest.raises(WorkerError) as caught:
        asyncio.run(call("fail"))
    assert caught.value.status == 500
    assert "LookupError" not in caught.value.detail


def test_what_a_worker_refuses_is_told_by_its_kind(pool: Supervisor, tmp_path: Path) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(png()[:1000])
    limits = {"input_pixels": 10**6, "animation_pixels": 10**6, "frames": 9}
    head = {"job": "inspect", "path": str(path), "format": "png", "limits": limits}
    with pytest.raises(Unprocessable, match="damaged") as caught:
        asyncio.run(pool.submit(head, group="x", timeout=30))
    assert str(tmp_path) not in caught.value.detail
    path.write_bytes(png())
    with pytest.raises(RequestError) as refused:
        asyncio.run(
            pool.submit(head | {"limits": limits | {"input_pixels": 9}}, group="x", timeout=30)
        )
    assert (refused.value.status, refused.value.field) == (413, "limits.input_pixels")


# What a worker may see and do


def status_of(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{name}:")).split(":", 1)[1].strip()


def test_no_secret_is_in_the_environment_of_workers(call: Caller) -> None:
    nursery = call.supervisor._nursery.pid
    assert nursery is not None
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == "SECRETTWO"
    for pid in (*call.supervisor.pids, nursery):
        raw = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"VIPS_CONCURRENCY=1" in raw
        assert b"SECRET" not in raw
        assert b"HELPA_" not in raw
        assert b"AWS_" not in raw
        assert b"SECRET" not in Path(f"/proc/{pid}/cmdline").read_bytes()


def descriptors(pid: int) -> dict[int, str]:
    found = {}
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found[int(link.name)] = str(link.readlink())
        except FileNotFoundError:
            continue
    return found


def test_workers_inherit_no_descriptor(call: Caller, secret_file: Path) -> None:
    ours = descriptors(os.getpid())
    assert str(secret_file) in ours.values()
    nursery = call.supervisor._nursery.pid
    assert nursery is not None
    sockets: list[str] = []
    for pid in (*call.supervisor.pids, nursery):
        theirs = descriptors(pid)
        beyond = {number: name for number, name in theirs.items() if number > 2}
        assert theirs[0] == "/dev/null"
        linked = [name for name in beyond.values() if name.startswith("socket:")]
        assert len(linked) == 1, theirs
        sockets += linked
        rest = {name for name in beyond.values() if not name.startswith("socket:")}
        assert not rest & set(ours.values()), rest
    assert len(set(sockets)) == 3  # each has a socket of its own


def test_workers_are_confined(call: Caller) -> None:
    for pid in call.supervisor.pids:
        assert status_of(pid, "NoNewPrivs") == "1"
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        found = {line[:26].strip(): line[26:].split()[:2] for line in limits}
        assert found["Max address space"] == [str(MEMORY)] * 2
        assert found["Max file size"] == ["0", "0"]
        assert found["Max core file size"] == ["0", "0"]


def test_workers_cannot_write_files(call: Caller, tmp_path: Path) -> None:
    path = tmp_path / "written"
    assert asyncio.run(call("write", path=str(path)))["error"] is not None
    assert not path.exists() or path.read_bytes() == b""


# Recycling, fullness, leaving


def test_workers_are_replaced_after_so_many_jobs(
    own: Callable[..., Supervisor], picture: Path
) -> None:
    supervisor = own(recycle_jobs=3)
    call = Caller(supervisor, picture)

    async def main() -> list[int]:
        return [(await call(name=n))["pid"] for n in range(14)]

    pids = asyncio.run(main())
    assert max(pids.count(pid) for pid in pids) <= 3
    assert len(set(pids)) >= 5
    until(lambda: supervisor.restarts["recycled"] >= 4)
    assert supervisor.restarts["died"] == 0
    until(lambda: supervisor.alive == 2)
    for pid in set(pids) - set(supervisor.pids):
        until_gone(pid)


def test_workers_that_have_grown_are_replaced(
    own: Callable[..., Supervisor], picture: Path
) -> None:
    supervisor = own(recycle_bytes=1)
    call = Caller(supervisor, picture)

    async def main() -> list[int]:
        return [(await call())["pid"] for _ in range(4)]

    assert len(set(asyncio.run(main()))) == 4


def test_a_full_queue_refuses_and_says_when_to_come_back(
    own: Callable[..., Supervisor], picture: Path
) -> None:
    supervisor = own(queue=2)
    call = Caller(supervisor, picture)

    async def main() -> None:
        running = [asyncio.create_task(call(group=f"r{n}", seconds=0.6)) for n in range(2)]
        while len(supervisor.queue) or len(supervisor.queue._running) < 2:
            await asyncio.sleep(0.01)
        waiting = [asyncio.create_task(call(group=f"w{n}")) for n in range(2)]
        while len(supervisor.queue) < 2:
            await asyncio.sleep(0)
        with pytest.raises(Unavailable) as caught:
            await call(group="late")
        assert caught.value.status == 503
        assert caught.value.retry_after
        await asyncio.gather(*running, *waiting)
        assert (await call(group="later"))["width"] == 90

    asyncio.run(main())


def test_a_job_whose_caller_left_is_not_begun(
    own: Callable[..., Supervisor], picture: Path, tmp_path: Path
) -> None:
    supervisor = own()
    call = Caller(supervisor, picture)

    async def main() -> None:
        running = [asyncio.create_task(call(group=f"r{n}", seconds=0.4)) for n in range(2)]
        while len(supervisor.queue._running) < 2:
            await asyncio.sleep(0.01)
        left = asyncio.create_task(call(group="left", note=str(tmp_path / "begun")))
        while len(supervisor.queue) < 1:
            await asyncio.sleep(0)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        await asyncio.gather(*running)
        await asyncio.gather(*(call(group=f"after{n}") for n in range(4)))

    asyncio.run(main())
    assert not (tmp_path / "begun").exists()
    assert len(supervisor.queue) == 0


def test_one_who_waits_too_long_is_told(own: Callable[..., Supervisor], picture: Path) -> None:
    supervisor = own()
    call = Caller(supervisor, picture)

    async def main() -> None:
        running = [asyncio.create_task(call(group=f"r{n}", seconds=0.5)) for n in range(2)]
        while len(supervisor.queue._running) < 2:
            await asyncio.sleep(0.01)
        with pytest.raises(Unavailable, match="in time"):
            await supervisor.submit({"job": "measure"}, group="x", timeout=30, patience=0.05)
        await asyncio.gather(*running)

    asyncio.run(main())


def test_stopping_refuses_what_waits_and_leaves_no_process(
    own: Callable[..., Supervisor], picture: Path
) -> None:
    supervisor = own()
    call = Caller(supervisor, picture)
    until(lambda: supervisor.alive == 2)
    pids = [*supervisor.pids, supervisor._nursery.pid]

    async def main() -> list[Any]:
        jobs = [asyncio.create_task(call(group=f"g{n}", seconds=20)) for n in range(5)]
        while len(supervisor.queue._running) < 2:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(supervisor.stop)
        return await asyncio.wait_for(asyncio.gather(*jobs, return_exceptions=True), PATIENCE)

    ends = asyncio.run(main())
    assert all(isinstance(end, RequestError) for end in ends), ends
    for pid in pids:
        assert pid is not None
        until_gone(pid)
    with pytest.raises(Unavailable):
        asyncio.run(call())


# A worker that a hostile picture has taken over


@pytest.mark.parametrize(
    "raw",
    [
        b'{"error":{}}',
        b'{"error":"text"}',
        b'{"error":{"code":"memory"}}',
        b'{"error":{"code":["x"],"detail":1}}',
        b'{"error":null,"rss":"much"}',
        b'{"error":null,"rss":[1]}',
        b"[" * 100_000,
        b"null",
        b"junk",
    ],
    ids=["no code", "text", "no detail", "list", "rss text", "rss list", "deep", "null", "junk"],
)
def test_nonsense_from_a_worker_fails_its_job_and_nothing_else(raw: bytes) -> None:
    supervisor = make()
    ends: list[Any] = []
    ours, theirs = socket.socketpair()

    def talk() -> None:
        wire.receive(theirs)
        theirs.sendall(wire._LENGTHS.pack(len(raw), 0) + raw)

    impostor = threading.Thread(target=talk)
    impostor.start()
    try:
        process = WorkerProcess(2**30, None, ours)  # a pid that is nobody's
        job = Job({}, "a", 10, ends.append)
        job.attempts = 1  # its last try
        supervisor.queue.put(job)
        assert supervisor.queue.take() is job
        assert supervisor.perform(process, job) is False
    finally:
        impostor.join()
        ours.close()
        theirs.close()
    assert len(ends) == 1
    assert isinstance(ends[0], (RequestError, Reply))
    assert not supervisor.queue._running
