"""A backup is older than what was redacted and deleted after it; neither comes back with it."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from api.asking import originals, wait_until
from plugins.test_revising import EVERYTHING, installed, picture, pixels
from plugins.workshop import Workshop
from serving import running_server

DATABASE = "helpa.sqlite3"


def back_up(data_dir: Path, into: Path) -> None:
    """Copy a running server's data, the database by SQLite's own means."""
    shutil.copytree(data_dir, into, ignore=shutil.ignore_patterns(f"{DATABASE}*", "instances"))
    with sqlite3.connect(data_dir / DATABASE) as source, sqlite3.connect(into / DATABASE) as copy:
        source.backup(copy)
    source.close()
    copy.close()


@pytest.mark.parametrize(
    "what", ["database", "everything", "files of between", "everything without the original"]
)
def test_what_was_redacted_and_deleted_since_is_so_before_anything_is_served(
    workshop: Workshop, tmp_path: Path, what: str
) -> None:
    installed(workshop)
    data_dir, backup, ledger = tmp_path / "var", tmp_path / "backup", tmp_path / "ledger"
    settings = {"plugins": workshop.plugins, "originals__ledger": str(ledger)}
    with running_server(data_dir, **settings) as server:
        redacted, deleted, other = (server.upload(picture((40 * n, 9, 9)))["id"] for n in (1, 2, 3))
        back_up(data_dir, backup)
        with server.client() as client:
            client.post(f"/api/veil/{redacted}?crop=8").raise_for_status()
            if what == "files of between":
                # Copying them took so long that the upload was gone before its turn came.
                assert wait_until(lambda: len(originals(server)) == 3)
                shutil.rmtree(backup / "originals")
                shutil.copytree(data_dir / "originals", backup / "originals")
            client.post(f"/api/veil/{redacted}").raise_for_status()
            client.delete(f"/api/images/{deleted}").raise_for_status()
        lines = ledger / "ledger.jsonl"
        assert wait_until(lambda: '"sha256":""' in lines.read_text("utf-8"))
    # Each of several servers on one ledger writes what it hears of.
    lines.write_text(lines.read_text("utf-8") * 2, "utf-8")
    if what == "database":
        for path in data_dir.glob(f"{DATABASE}*"):
            path.unlink()
        shutil.copy(backup / DATABASE, data_dir)
    else:
        shutil.rmtree(data_dir)
        shutil.copytree(backup, data_dir)
    if what.endswith("original"):
        for path in (data_dir / "originals").glob("??/*"):
            path.write_bytes(b"")
    with running_server(data_dir, **settings) as server, server.client(None) as stranger:
        assert stranger.get(f"/img/{deleted}").status_code == 404
        answer = stranger.get(f"/img/{redacted}?fmt=png")
        if what.endswith("original"):
            # It cannot be drawn anew, so nobody is shown it.
            assert answer.status_code == 404
            return
        shown = pixels(answer)
        assert shown.size == (56, 48)
        assert {shown.getpixel((x, y)) for x in range(8, 24) for y in range(8, 24)} == {(1, 2, 3)}
        assert pixels(stranger.get(f"/img/{other}?fmt=png")).getpixel((12, 12)) == (120, 9, 9)
        with server.client(server.make_token(*EVERYTHING)) as client:
            listed = client.get(f"/api/images/{redacted}/revisions").json()["revisions"]
            assert [each["reason"] for each in listed] == ["upload", "redaction", "redaction"]
            assert listed[0]["original"] == "destroyed"
            original = client.get(f"/api/images/{redacted}/original?reason=test")
            assert original.status_code == 404


def test_the_ledger_is_taken_up_where_a_process_died_before_it_was_written(
    workshop: Workshop, tmp_path: Path
) -> None:
    installed(workshop)
    with running_server(tmp_path / "var", plugins=workshop.plugins) as server:
        image = server.upload(picture())["id"]
        with server.client() as client:
            client.post(f"/api/veil/{image}").raise_for_status()
    path = tmp_path / "var" / "ledger" / "ledger.jsonl"
    whole = path.read_text("utf-8")
    path.write_text(whole[: len(whole) // 2], "utf-8")
    with running_server(tmp_path / "var", plugins=workshop.plugins):
        pass
    torn, *lines = path.read_text("utf-8").splitlines()
    assert whole.startswith(torn)
    assert lines == whole.splitlines()
