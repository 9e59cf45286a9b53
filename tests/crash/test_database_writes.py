"""Reading, changing and writing back from many tasks in several processes: none lost."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from databases import Place
from helpa.core.database import invalidations, migrate
from helpa.core.database.engine import Database
from helpa.core.database.sqlite import SqliteDatabase
from serving import environment

TASKS = 8
PROCESSES = 2
WRITES = 1000

WORKER = """
import asyncio, sys
from pathlib import Path
from sqlalchemy import text
from helpa.core.database import connect

def step(connection):
    value = connection.execute(text("SELECT value FROM counter")).scalar_one()
    connection.execute(text("UPDATE counter SET value = :v"), {"v": value + 1})

async def main():
    database = connect.database(sys.argv[4] or None, Path(sys.argv[1]))
    await database.open()
    async def work():
        for _ in range(int(sys.argv[3])):
            await database.write(step)
            await database.read(lambda c: c.execute(text("SELECT value FROM counter")).scalar_one())
    await asyncio.gather(*(work() for _ in range(int(sys.argv[2]))))
    await database.close()

asyncio.run(main())
"""


@pytest.fixture
def counter(place: Place) -> Place:
    """A migrated database with a counter in it."""

    def make(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE counter (value INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))

    place.write(make)
    return place


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of SQLite with a counter in it."""
    found = tmp_path / "helpa.sqlite3"
    migrate.upgrade(found)
    with sqlite3.connect(found) as connection:
        connection.execute("CREATE TABLE counter (value INTEGER NOT NULL)")
        connection.execute("INSERT INTO counter VALUES (0)")
    connection.close()
    return found


def counted(place: Place) -> int:
    return int(place.read(lambda c: c.execute(text("SELECT value FROM counter")).scalar_one()))


def value(path: Path) -> int:
    return counted(Place(path))


def test_read_modify_writes_of_8_tasks_in_2_processes_are_all_kept(counter: Place) -> None:
    each = WRITES // (TASKS * PROCESSES) + 1
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                WORKER,
                str(counter.path),
                str(TASKS),
                str(each),
                counter.url or "",
            ],
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    for process in started:
        _, errors = process.communicate(timeout=100)
        assert process.returncode == 0, errors
        assert "locked" not in errors
    assert counted(counter) == each * TASKS * PROCESSES >= WRITES


def test_a_write_that_fails_leaves_nothing_behind(counter: Place) -> None:
    async def go() -> None:
        async with counter.opened() as database:

            def work(connection: Connection) -> None:
                connection.execute(text("UPDATE counter SET value = 99"))
                raise RuntimeError("in the middle")

            with pytest.raises(RuntimeError):
                await database.write(work)
            await database.write(
                lambda c: c.execute(text("UPDATE counter SET value = value + 1")) and None
            )

    asyncio.run(go())
    assert counted(counter) == 1


def test_a_reader_cannot_write(counter: Place) -> None:
    async def go() -> None:
        async with counter.opened() as database:
            with pytest.raises(Exception) as caught:
                await database.read(
                    lambda c: c.execute(text("UPDATE counter SET value = 5")) and None
                )
            assert re.search("readonly|read-only", f"{caught.value} {caught.value.__cause__}")

    asyncio.run(go())
    assert counted(counter) == 0


def test_invalidations_are_seen_elsewhere_in_their_order_and_none_is_missed(place: Place) -> None:
    async def go() -> None:
        async with place.opened() as here, place.opened() as there:
            seen: list[int] = []
            writing = True

            async def look() -> None:
                while writing or seen[-1:] != [last]:
                    seen.extend(row["seq"] for row in here.changes(seen[-1] if seen else 0))
                    await asyncio.sleep(0.002)

            async def invalidate(database: Database) -> list[int]:
                work = partial(invalidations.invalidate, narrows=True)
                return [await database.write(work) for _ in range(20)]

            last = -1
            looking = asyncio.create_task(look())
            each = (invalidate(one) for one in (here, there) for _ in range(3))
            made = [seq for listed in await asyncio.gather(*each) for seq in listed]
            last, writing = max(made), False
            await asyncio.wait_for(looking, 10)
            assert seen == sorted(made)
            assert [row["seq"] for row in await there.catch_up(0)] == sorted(made)

    asyncio.run(go())


def test_a_reader_sees_one_moment_while_a_writer_goes_on(path: Path) -> None:
    async def go() -> tuple[int, int]:
        database = SqliteDatabase(path)
        between = threading.Event()
        written = threading.Event()

        def look(connection: Connection) -> tuple[int, int]:
            first = connection.execute(text("SELECT value FROM counter")).scalar_one()
            between.set()
            assert written.wait(60)
            return first, connection.execute(text("SELECT value FROM counter")).scalar_one()

        reading = asyncio.create_task(database.read(look))
        await asyncio.to_thread(between.wait, 10)
        await database.write(lambda c: c.execute(text("UPDATE counter SET value = 7")) and None)
        written.set()
        seen = await reading
        await database.close()
        return seen

    assert asyncio.run(go()) == (0, 0)
    assert value(path) == 7


def test_a_write_whose_caller_has_gone_is_committed_all_the_same(path: Path) -> None:
    async def go() -> None:
        database = SqliteDatabase(path)
        begun = threading.Event()
        go_on = threading.Event()

        def work(connection: Connection) -> None:
            begun.set()
            assert go_on.wait(60)
            connection.execute(text("UPDATE counter SET value = 3"))

        task = asyncio.create_task(database.write(work))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await database.close()

    asyncio.run(go())
    assert value(path) == 3


def test_the_version_changes_when_another_connection_commits(path: Path) -> None:
    database = SqliteDatabase(path)
    before = database.version()
    assert database.version() == before
    with sqlite3.connect(path) as other:
        other.execute("UPDATE counter SET value = 1")
    other.close()
    assert database.version() != before
    asyncio.run(database.close())


def test_upgrading_twice_and_from_two_processes_at_once_does_no_harm(tmp_path: Path) -> None:
    found = tmp_path / "new.sqlite3"
    code = (
        "import sys; from pathlib import Path; from helpa.core.database import migrate;"
        "migrate.upgrade(Path(sys.argv[1])); migrate.upgrade(Path(sys.argv[1]))"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(found)],
            env=environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert migrate.is_current(found)
