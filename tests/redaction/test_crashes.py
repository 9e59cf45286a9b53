"""A server killed between the steps of a redaction shows the old picture whole, or none of it."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import psutil
import pytest
from sqlalchemy import text

from api.asking import files_in, originals, wait_until
from pictures import encode, photograph
from redaction.remains import SECRET, let_go, make_due, remains, showing, shows_secret
from serving import Server, environment, running_server, start_server, stop_server

BOX = (200, 120, 360, 240)
REGION = {"x": 200, "y": 120, "w": 160, "h": 120}
SIZE = (1280, 960)
"""Of which there are two levels."""

SCOPES = ("images:read", "images:write", "originals:read", "redaction-policies:write")
Reached = Callable[[], object]


class Life:
    """A server that is killed and started again on one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = start_server(folder)

    def again(self) -> None:
        self.server = start_server(self.folder)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    made = Life(tmp_path_factory.mktemp("crashes") / "var")
    try:
        yield made
    finally:
        stop_server(made.server)


def upload(server: Server, seed: int) -> tuple[str, bytes]:
    image = photograph(*SIZE, seed=seed)
    image.paste(SECRET, BOX)
    data = encode(image, "PNG")
    return str(server.upload(data)["id"]), data


def redact(server: Server, image: str) -> httpx2.Response:
    with server.client() as client:
        return client.post(f"/api/images/{image}/redactions", json={"regions": [REGION]})


def revision(server: Server, image: str) -> int:
    said = text("SELECT revision FROM images WHERE id = :id")
    return int(server.database.read(lambda c: c.execute(said, {"id": image}).scalar_one()))


def running(server: Server, kind: str) -> int:
    said = text("SELECT count(*) FROM jobs WHERE kind = :kind AND state = 'running'")
    return int(server.database.read(lambda c: c.execute(said, {"kind": kind}).scalar_one()))


HOLD = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
other.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def written_to_by_another(server: Server) -> Iterator[None]:
    """Let another process hold the database's lock for writing.

    In this one it would be lost whenever a test reads the file, as POSIX has it.
    """
    command = [sys.executable, "-c", HOLD, str(server.data_dir / "helpa.sqlite3")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            other.kill()


@contextmanager
def before_the_transaction(server: Server, image: str) -> Iterator[Reached]:
    """Stop where the new file is on the disk and the database knows nothing of it."""
    with written_to_by_another(server):
        known = set(originals(server))
        yield lambda: set(originals(server)) - known
        assert revision(server, image) == 1


@contextmanager
def before_the_ledger(server: Server, image: str) -> Iterator[Reached]:
    """Stop where the database is committed and nothing says so beside it."""
    path = server.data_dir / "ledger" / "ledger.jsonl"
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield lambda: revision(server, image) == 2
        assert image not in path.read_text("utf-8")


@contextmanager
def an_instance_that_lags(server: Server) -> Iterator[None]:
    """Let an instance elsewhere have heard of nothing: no call returns, no job erases anything."""
    late = text("INSERT INTO instances (id, applied_seq, lease_until) VALUES ('far', 0, :until)")
    until = {"until": int((time.time() + 3600) * 1000)}
    server.database.write(lambda c: c.execute(late, until))
    try:
        yield
    finally:
        gone = text("DELETE FROM instances WHERE id = 'far'")
        server.database.write(lambda c: c.execute(gone))


@contextmanager
def before_the_answer(server: Server, image: str) -> Iterator[Reached]:
    """Stop where everything is on record, and nobody was told and nothing is erased yet."""
    with an_instance_that_lags(server):
        yield lambda: revision(server, image) == 2 and running(server, "erase")
        assert showing(server)


@contextmanager
def while_levels_are_drawn(server: Server, image: str) -> Iterator[Reached]:
    workers = psutil.Process(server.process.pid).children(recursive=True)

    def reached() -> bool:
        if revision(server, image) != 2:
            return False
        for each in workers:
            each.suspend()  # else the level may be drawn before anybody looks
        return bool(running(server, "levels"))

    yield reached


STEPS = [before_the_transaction, before_the_ledger, before_the_answer, while_levels_are_drawn]


@pytest.mark.parametrize("step", STEPS)
def test_a_server_killed_between_two_steps_leaves_the_old_or_the_new(
    life: Life, step: Callable[[Server, str], object]
) -> None:
    image, data = upload(life.server, 1 + STEPS.index(step))  # type: ignore[arg-type]
    views = [f"/img/{image}?fmt=png", f"/img/{image}?fmt=png&w=600", f"/img/{image}?w=300"]
    for view in views:
        assert shows_secret(life.server.get(view).content)
    settled = text("SELECT count(*) FROM jobs WHERE kind = 'levels' AND state <> 'done'")
    assert wait_until(
        lambda: life.server.database.read(lambda c: c.execute(settled).scalar_one()) == 0
    )
    with ThreadPoolExecutor(1) as pool, step(life.server, image) as reached:  # type: ignore[attr-defined]
        asked = pool.submit(redact, life.server, image)
        assert wait_until(reached, 20, every=0.001)
        life.server.kill()
        assert asked.exception() is not None or step is while_levels_are_drawn
    life.again()
    hidden = revision(life.server, image) == 2
    assert hidden == (step is not before_the_transaction)
    for view in views:
        assert shows_secret(life.server.get(view).content) != hidden, view
    if not hidden:
        assert redact(life.server, image).status_code == 201
    # What the killed server had begun is gone on with at once, and not when its lease runs out.
    assert wait_until(lambda: not left(life.server, data), 30), remains(life.server, data)
    with life.server.client(life.server.make_token(*SCOPES)) as client:
        assert client.get(f"/api/images/{image}/original?reason=test").status_code == 404
        assert client.get(f"/api/images/{image}/manifest").json()["manifest"]["covered"]
    ledger = (life.folder / "ledger" / "ledger.jsonl").read_text("utf-8")
    assert image in ledger


def left(server: Server, data: bytes) -> list[Path]:
    make_due(server, "scrub")
    return remains(server, data)


def test_a_job_that_two_killed_servers_had_begun_waits_for_its_lease(life: Life) -> None:
    image, data = upload(life.server, 10)
    with an_instance_that_lags(life.server):
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(redact, life.server, image)
            assert wait_until(lambda: running(life.server, "erase"), 20)
            life.server.kill()
            assert asked.exception() is not None
        life.again()
        assert wait_until(lambda: attempts(life.server, "erase") == 2, 20)
        life.server.kill()
        life.again()
        # It may be what kills them: a server that starts again must live.
        assert not wait_until(lambda: attempts(life.server, "erase") != 2, 3)
    let_go(life.server)
    assert wait_until(lambda: not left(life.server, data), 30), remains(life.server, data)


def attempts(server: Server, kind: str) -> int:
    said = text("SELECT attempts FROM jobs WHERE kind = :kind AND state = 'running'")
    return int(server.database.read(lambda c: c.execute(said, {"kind": kind}).scalar() or 0))


def test_a_server_told_to_stop_in_the_middle_of_a_commit_loses_no_file(life: Life) -> None:
    image, _ = upload(life.server, 20)
    process = life.server.process
    with ThreadPoolExecutor(1) as pool:
        with written_to_by_another(life.server):
            known = set(originals(life.server))
            asked = pool.submit(redact, life.server, image)
            assert wait_until(lambda: set(originals(life.server)) - known)
            time.sleep(0.5)  # it waits for the lock now
            for _ in range(2):  # Ctrl-C, and again: it waits for nobody then
                process.send_signal(signal.SIGINT)
                time.sleep(1)
        process.wait(60)
        answered = asked.exception() is None and asked.result().status_code == 201
    life.again()
    hidden = revision(life.server, image) == 2
    assert hidden or not answered
    for query in ("fmt=png", "fmt=png&w=1200", "w=300"):
        answer = life.server.get(f"/img/{image}?{query}")
        assert (answer.status_code, shows_secret(answer.content)) == (200, not hidden)


def test_what_was_sealed_for_a_redaction_that_never_was_is_swept(life: Life) -> None:
    policy = {"action": "none", "original": {"mode": "seal", "days": 1}}
    with life.server.client(life.server.make_token(*SCOPES)) as client:
        client.put("/api/redaction-policies/default", json=policy).raise_for_status()
    try:
        image, data = upload(life.server, 30)
        sealed = life.folder / "sealed"
        kept = set(files_in(sealed)) | set(originals(life.server))
        with ThreadPoolExecutor(1) as pool, written_to_by_another(life.server):
            asked = pool.submit(redact, life.server, image)
            assert wait_until(lambda: set(files_in(sealed)) - kept, every=0.001)
            time.sleep(0.2)
            life.server.kill()
            assert asked.exception() is not None
        life.again()
        assert revision(life.server, image) == 1
        made = (set(files_in(sealed)) | set(originals(life.server))) - kept
        assert len(made) == 2
        for path in made:
            os.utime(path, (0, 0))  # an hour ago it might have been an upload's under way
        make_due(life.server, "sweep")
        assert wait_until(lambda: not any(path.exists() for path in made))
        assert shows_secret(life.server.get(f"/img/{image}?fmt=png").content)
        assert redact(life.server, image).status_code == 201
        assert wait_until(lambda: not left(life.server, data), 30), remains(life.server, data)
        with life.server.client(life.server.make_token(*SCOPES)) as client:
            answer = client.get(f"/api/images/{image}/original?reason=test")
            assert answer.content == data
    finally:
        with life.server.client(life.server.make_token(*SCOPES)) as client:
            client.delete("/api/redaction-policies/default").raise_for_status()


def unread(pipe: int) -> int:
    """Return how many bytes wait in a pipe."""
    (count,) = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))
    return int(count)


@contextmanager
def doing_jobs(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing but jobs."""
    command = [sys.executable, "-m", "helpa", "jobs", "run", "--data-dir", str(folder)]
    process = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_level_of_old_pixels_that_a_killed_process_left_is_erased(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with running_server(folder, jobs__embedded="false") as server:
        image, _ = upload(server, 40)
        (first,) = files_in(folder / "levels")
        pixels = first.read_bytes()
        first.unlink()
        os.mkfifo(first)
        # Opened for both, so that neither end waits for the other.
        pipe = os.open(first, os.O_RDWR)
        try:
            with doing_jobs(folder) as jobs:
                written = os.write(pipe, pixels[:1000])
                assert wait_until(lambda: unread(pipe) == 0, 40)
                assert running(server, "levels")
                assert redact(server, image).status_code == 201
                assert wait_until(lambda: not showing(server), 40), showing(server)
                with written_to_by_another(server):
                    while written < len(pixels):
                        written += os.write(pipe, pixels[written:])
                    assert wait_until(lambda: unread(pipe) == 0, 20)
                    os.close(pipe)  # the other end reads up to the end of the file
                    assert wait_until(lambda: showing(server), 20)
                    jobs.kill()
                    jobs.wait()
        finally:
            with suppress(OSError):
                os.close(pipe)
        assert showing(server)
        with doing_jobs(folder):
            assert wait_until(lambda: not showing(server), 40), showing(server)
