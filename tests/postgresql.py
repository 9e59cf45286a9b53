"""A PostgreSQL server of the tests' own, from the system's packages."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from ports import free_port

USER = "postgres"
START_SECONDS = 30


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL that is installed, or None."""
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    if folders:
        return folders[-1]
    found = shutil.which("initdb")
    return Path(found).parent if found else None


class Postgresql:
    """A running server; every database in it is a test's own.

    Args:
        port: on loopback.
        run: how its programs are called.
        bin: where they are.
        data: where its files are.
        pid: of its first process, whose children the others are.
    """

    def __init__(self, port: int, run: list[str], bin: Path, data: Path, pid: int) -> None:  # noqa: A002
        self.port = port
        self.pid = pid
        self._run = run
        self._data = data
        self._bin = bin

    def new_database(self) -> str:
        """Return the URL of a new, empty database."""
        name = f"helpa_{secrets.token_hex(6)}"
        self._psql(f'CREATE DATABASE "{name}"')
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def refuse(self, url: str) -> None:
        """Cut every connection to a database and take no new ones."""
        name = url.rpartition("/")[2]
        self._psql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        self._psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='{name}'")

    def accept(self, url: str) -> None:
        """Take connections to a database again."""
        name = url.rpartition("/")[2]
        self._psql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

    def demand_password(self, user: str, password: str) -> None:
        """Make a user who must bring a password."""
        self._psql(f"CREATE ROLE {user} LOGIN PASSWORD '{password}'")
        rules = self._data / "pg_hba.conf"
        rule = f"host all {user} 127.0.0.1/32 scram-sha-256\n"
        rules.write_text(rule + rules.read_text(encoding="utf-8"), encoding="utf-8")
        self._psql("SELECT pg_reload_conf()")

    def owned(self, url: str, user: str, password: str) -> str:
        """Return the URL by which a database belongs to a user who is no superuser."""
        self.demand_password(user, password)
        name = url.rpartition("/")[2]
        self._psql(f'ALTER DATABASE "{name}" OWNER TO {user}')
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop every process of it, so that nothing answers and nothing is refused."""
        first = psutil.Process(self.pid)
        everyone = [first, *first.children(recursive=True)]
        for each in everyone:
            each.suspend()
        try:
            yield
        finally:
            for each in everyone:
                with suppress(psutil.NoSuchProcess):
                    each.resume()

    def _psql(self, statement: str) -> None:
        command = [
            *self._run,
            str(self._bin / "psql"),
            "-qX",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
        ]
        subprocess.run(
            [*command, "-p", str(self.port), "-U", USER, "-d", "postgres", "-c", statement],
            check=True,
            capture_output=True,
            cwd="/",
        )


@contextmanager
def running_postgresql() -> Iterator[Postgresql]:
    """A server on a free port, with durable commits, that is removed at the end."""
    folder = programs()
    if folder is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed, and CI must not skip: see .ci/install")
        pytest.skip("PostgreSQL is not installed: the tests of it are SKIPPED (see .ci/install)")
    root = Path(tempfile.mkdtemp(prefix="helpa-postgresql-"))
    run: list[str] = []
    if os.getuid() == 0:
        # PostgreSQL refuses to run as root.
        account = pwd.getpwnam(USER)
        os.chown(root, account.pw_uid, account.pw_gid)
        run = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--init-groups"]
    data = root / "data"
    port = free_port()
    subprocess.run(
        [*run, str(folder / "initdb"), "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "-N"],
        check=True,
        capture_output=True,
        cwd="/",
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    server = subprocess.Popen(
        [*run, str(folder / "postgres"), "-D", data, *options.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    running = Postgresql(port, run, folder, data, server.pid)
    try:
        _wait(running)
        yield running
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(root, ignore_errors=True)


def _wait(server: Postgresql) -> None:
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            server._psql("SELECT 1")
            return
        except subprocess.CalledProcessError as error:
            if time.monotonic() > ends:
                raise AssertionError(error.stderr.decode()) from None
            time.sleep(0.1)
