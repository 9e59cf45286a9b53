"""Checkpoints: who writes them, when, and that many may."""

from __future__ import annotations

import asyncio
import json
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from audit.keeping import checkpoints, fill, found, public, sign, verified
from databases import Place
from helpa.core.audit import key
from helpa.core.audit.checkpoints import Checkpoint, Checkpoints, lines
from helpa.core.files import DataDir
from helpa.core.settings_audit import Audit
from serving import Server, environment, helpa, running_server

WRITER = """
import asyncio, sys
from pathlib import Path
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.checkpoints import Checkpoints
from helpa.core.audit.journal import Journal
from helpa.core.database import connect
from helpa.core.files import DataDir
from helpa.core.settings_audit import Audit

async def main():
    files = DataDir(Path(sys.argv[1]))
    database = connect.database(sys.argv[2] or None, files.database)
    await database.open()
    checkpoints = Checkpoints(Audit(), files)
    for _ in range(25):
        await database.write(
            lambda c: Journal().record(c, COMMAND_LINE, "image.change", "image:x")
        )
        await checkpoints.add(database)
    await database.close()

asyncio.run(main())
"""


def sizes(path: Path) -> list[int]:
    found = [line for _, line in lines(path)] if path.exists() else []
    assert all(isinstance(line, Checkpoint) for line in found)
    return [line.size for line in found if isinstance(line, Checkpoint)]


def last(path: Path) -> int:
    """Return the size that was signed last; 0 before the first line is in the file."""
    return max(sizes(path), default=0)


def size_of(place: Place) -> int:
    statement = "SELECT size FROM entry_tree"
    return int(place.read(lambda c: c.exec_driver_sql(statement).scalar_one()))


def wait_until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends, "it did not come to that"
        time.sleep(0.05)


def test_several_processes_write_one_whole_file(place: Place) -> None:
    folder = place.path.parent
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), place.url or ""], env=environment()
        )
        for _ in range(3)
    ]
    assert [process.wait(100) for process in processes] == [0, 0, 0]
    listed = sizes(checkpoints(place).path)
    assert listed == sorted(set(listed))
    assert listed[-1] == 75
    assert not found(verified(place))


def test_the_key_is_made_once_and_is_its_owner_s_alone(tmp_path: Path) -> None:
    first = key.public(key.load(tmp_path))
    assert key.public(key.load(tmp_path)) == first
    assert stat.S_IMODE((tmp_path / "audit.key").stat().st_mode) == 0o600


def test_nothing_is_signed_twice_nor_an_empty_log(place: Place) -> None:
    sign(place)
    assert not checkpoints(place).path.exists()
    fill(place, 2)
    sign(place)
    sign(place)
    assert sizes(checkpoints(place).path) == [2]


def test_an_openssl_of_anybody_can_check_a_signature(place: Place, tmp_path: Path) -> None:
    """By what docs/audit.md says alone."""
    fill(place, 3)
    sign(place)
    (line,) = checkpoints(place).path.read_text(encoding="utf-8").splitlines()
    said = json.loads(line)
    signed = f'{{"root":"{said["root"]}","size":3,"time":"{said["time"]}"}}'
    (tmp_path / "data").write_text(f"helpa audit checkpoint 1\n{signed}", encoding="utf-8")
    (tmp_path / "sig").write_bytes(key._decoded(said["signature"]))
    pem = tmp_path / "public.pem"
    private = place.path.parent / "audit.key"
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", pem], check=True)
    subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", pem, "-rawin",
         "-in", tmp_path / "data", "-sigfile", tmp_path / "sig"],
        check=True,
        capture_output=True,
    )  # fmt: skip


def test_a_server_signs_soon_after_entries_and_when_it_stops(data_dir: Path) -> None:
    path = data_dir / "audit" / "checkpoints.jsonl"
    with running_server(data_dir) as server:
        assert (data_dir / "audit.key").exists()
        fill(server.database, 3)
        wait_until(lambda: last(path) >= 3)
        before = sizes(path)[-1]
        fill(server.database, 2)
        wait_until(lambda: sizes(path)[-1] >= before + 2)
        fill(server.database, 1)
    total = server.database.read(
        lambda c: c.exec_driver_sql("SELECT size FROM entry_tree").scalar()
    )
    assert sizes(path)[-1] == total
    assert "The log is whole" in helpa("audit", "verify", data_dir=data_dir)


def test_two_servers_on_one_database_write_one_file(tmp_path: Path) -> None:
    data_dir = tmp_path / "var"
    path = data_dir / "audit" / "checkpoints.jsonl"
    with running_server(data_dir) as one, running_server(data_dir) as _other:
        for _ in range(5):
            fill(one.database, 2)
            want = size_of(one.database)
            wait_until(lambda w=want: last(path) >= w)  # type: ignore[misc]
        report = verified(one.database)
    assert not found(report)
    assert sizes(path) == sorted(set(sizes(path)))


def test_a_folder_of_the_settings_is_used(data_dir: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    with running_server(data_dir, audit__checkpoints=str(elsewhere)) as server:
        fill(server.database, 3)
        wait_until(lambda: (elsewhere / "checkpoints.jsonl").exists())
    assert not (data_dir / "audit").exists()
    said = helpa("audit", "verify", data_dir=data_dir, audit__checkpoints=str(elsewhere))
    assert "The log is whole" in said


def test_a_log_is_verified_by_a_key_and_checkpoints_kept_elsewhere(place: Place) -> None:
    fill(place, 3)
    sign(place)
    kept, folder = public(place), place.path.parent
    settings = {"database_url": place.url} if place.url else {}
    (folder / "originals").mkdir()
    copy = folder.parent / "kept"
    copy.mkdir()
    checkpoints(place).path.rename(copy / "checkpoints.jsonl")
    (folder / "audit.key").unlink()
    said = helpa(
        "audit", "verify", "--key", kept, "--checkpoints", str(copy), data_dir=folder, **settings
    )
    assert "3 entries" in said
    assert not (folder / "audit.key").exists()


def test_a_server_says_at_its_start_that_signed_entries_are_gone(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        fill(server.database, 3)

    def cut(connection: object) -> None:
        run = connection.exec_driver_sql  # type: ignore[attr-defined]
        for name in ("entries_no_delete", "entry_tree_grows"):
            run(f"DROP TRIGGER {name}")
        run("DELETE FROM entries")
        run("UPDATE entry_tree SET size = 0, peaks = ''")

    server.database.write(cut)
    with running_server(data_dir) as again:
        wait_until(lambda: any("audit.entries_missing" in line for line in again.log))


def test_a_log_is_verified_while_it_grows(place: Place) -> None:
    """A checkpoint that is read was written after entries that are not read yet."""
    fill(place, 5)
    sign(place)

    async def run() -> list[list[str]]:
        from audit.keeping import BOB, JOURNAL
        from helpa.core.audit import verification

        files = DataDir(place.path.parent)
        made = Checkpoints(Audit(), files)
        reports: list[list[str]] = []
        async with place.opened() as database, place.opened() as other:

            async def grow() -> None:
                for _ in range(40):
                    await other.write(lambda c: JOURNAL.record(c, BOB, "image.change", "image:x"))
                    await made.add(other)

            growing = asyncio.create_task(grow())
            while not growing.done():
                report = await verification.verify(database, made.path, {public(place)})
                reports.append(found(report))
            await growing
        return reports

    reports = asyncio.run(run())
    assert reports
    assert not any(reports)


def test_commands_that_add_entries_sign_them(server: Server) -> None:
    before = sizes(server.data_dir / "audit" / "checkpoints.jsonl")
    helpa("audit", "export", data_dir=server.data_dir)
    listed = sizes(server.data_dir / "audit" / "checkpoints.jsonl")
    assert len(listed) > len(before)
    assert "The log is whole" in helpa("audit", "verify", data_dir=server.data_dir)
