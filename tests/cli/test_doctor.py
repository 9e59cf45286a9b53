"""``helpa doctor``: what it finds, what it advises, and how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api.asking import files_in
from helpa.core.checks import Finding, Installation, clock, database, disk, examine, keys, stores
from helpa.core.checks.addresses import check as check_addresses
from helpa.core.cli import main
from helpa.core.settings import Cache, Limits, Settings, load_settings
from pictures import png
from serving import environment, run_helpa, running_server


class Round:
    """What the doctor found, by name."""

    def __init__(self, code: int, findings: list[dict[str, str]]) -> None:
        self.code = code
        self.findings = findings

    def of(self, name: str) -> list[dict[str, str]]:
        return [each for each in self.findings if each["name"] == name]

    def one(self, name: str) -> tuple[str, str, str]:
        (found,) = self.of(name)
        return found["state"], found["text"], found["advice"]


def doctor(data_dir: Path, **settings: str) -> Round:
    """Run it in this process and return what it found."""
    env: dict[str, str | None] = {k: None for k in os.environ if k.startswith("HELPA_")}
    # A port of nobody's: what else runs on this machine is none of the test's business.
    env |= {f"HELPA_{k.upper()}": v for k, v in {"port": "1", **settings}.items()}
    done = CliRunner().invoke(
        main, ["doctor", "--json", "--data-dir", str(data_dir)], env=env, catch_exceptions=False
    )
    document = json.loads(done.stdout)
    assert document["ok"] == (done.exit_code == 0)
    failed = any(each["state"] == "fail" for each in document["findings"])
    assert done.exit_code == int(failed)
    return Round(done.exit_code, document["findings"])


def only(noun: Any, data_dir: Path, **settings: Any) -> Round:
    """Run the check of one noun, which takes milliseconds where a round takes a second."""
    installation = Installation(load_settings(data_dir=data_dir, **settings), [])
    return Round(0, [each.document() for each in noun.check(installation)])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder nobody harms."""
    folder = tmp_path_factory.mktemp("made") / "var"
    assert run_helpa("db", "upgrade", data_dir=folder).returncode == 0
    return folder


@pytest.fixture
def own(data_dir: Path) -> Path:
    """A data folder of one's own."""
    args = ["db", "upgrade", "--data-dir", str(data_dir)]
    assert CliRunner().invoke(main, args, env={"HELPA_CONFIG": None}).exit_code == 0
    return data_dir


def test_all_is_well_with_a_running_server(tmp_path: Path) -> None:
    with running_server(tmp_path / "var") as server:
        server.upload(png())
        server.get("/readyz")
        port = server.url.rpartition(":")[2]
        done = run_helpa("doctor", data_dir=server.data_dir, port=port)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        lines = done.stdout.splitlines()
        for line in lines:
            assert re.match(r"(ok   |warn |fail ) \w+: \S", line), line
        found = {line[6:].split(":")[0]: line for line in lines if line.startswith("ok")}
        assert {"versions", "formats", "settings", "plugins", "database", "stores", "disk",
                "keys", "public_url", "workers", "server"} <= set(found)  # fmt: skip
        for name in ("Helpa", "Python", "SQLite", "libvips", "pyvips", "pillow"):
            assert re.search(rf"\b{name} \d", found["versions"])
        for name in ("jpeg", "png", "webp", "avif", "gif", "tiff", "svg"):
            assert re.search(rf"\b{name}\b", found["formats"])
        assert found["server"].endswith("is ready")
        assert str(server.data_dir) in found["database"]


def test_before_the_first_start_it_names_the_folder_and_makes_none(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "var"
    found = doctor(folder)
    assert found.code == 0
    state, text, advice = found.one("database")
    assert state == "warn"
    assert str(folder) in text
    assert "--data-dir" in advice
    assert "HELPA_DATA_DIR" in advice
    assert str(tmp_path) in found.one("disk")[1]
    assert found.one("workers")[0] == "ok"
    assert found.one("server") == ("ok", "none runs at http://127.0.0.1:1", "")
    assert not folder.parent.exists()


def test_every_mistake_in_the_settings_is_a_line_and_the_rest_is_still_looked_at(
    made: Path,
) -> None:
    found = doctor(made, limits__queue="0", visibility="secret")
    assert found.code == 1
    texts = [each["text"] for each in found.of("settings")]
    assert len(texts) == 2
    assert any("limits.queue = '0'" in text for text in texts)
    assert found.one("versions")[0] == "ok"
    assert found.of("database") == []


def test_the_settings_file_that_is_read_is_named(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"no file (looked for {tmp_path / 'helpa.toml'})" in doctor(made).one("settings")[1]
    (tmp_path / "helpa.toml").write_text('visibility = "private"\n')
    assert doctor(made).one("settings")[1].startswith(f"{tmp_path / 'helpa.toml'}, and ")


@pytest.mark.parametrize(("optional", "state"), [(False, "fail"), (True, "warn")])
def test_a_broken_plugin_is_named_with_its_phase(made: Path, optional: bool, state: str) -> None:
    wanted = ["basics", {"name": "nowhere", "optional": optional}, "web"]
    found = doctor(made, plugins=json.dumps(wanted))
    listed, broken = found.of("plugins")
    enabled, _, others = listed["text"].partition("; not enabled: ")
    assert enabled == "enabled: basics, web"
    assert "sources" in others.split(", ")
    assert broken["state"] == state
    assert broken["text"].startswith("nowhere fails to find: ")
    assert found.code == (state == "fail")


def test_every_broken_plugin_is_named_not_only_the_first(made: Path) -> None:
    found = doctor(
        made,
        plugins='["nowhere", "web", "basics", "web"]',
        plugin__basics__jpg_quality="900",
        plugin__nobody__x="1",
    )
    texts = " ".join(each["text"] for each in found.of("plugins")[1:])
    for part in ("nowhere fails to find", "twice", "jpg_quality", "nobody fails to read settings"):
        assert part in texts
    assert found.code == 1


def test_a_damaged_database_is_a_failure(own: Path) -> None:
    path = own / "helpa.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    found = doctor(own)
    assert found.code == 1
    state, text, advice = found.one("database")
    assert state == "fail"
    assert str(path) in text
    assert "backup" in advice


def test_a_schema_of_another_helpa_is_a_failure_with_the_way_out(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o700)
    with closing(sqlite3.connect(data_dir / "helpa.sqlite3")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE x (y)")
    state, _, advice = doctor(data_dir).one("database")
    assert state == "fail"
    assert "helpa db upgrade" in advice


def test_a_database_without_wal_and_one_that_is_locked_are_warned_of(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with closing(sqlite3.connect(own / "helpa.sqlite3", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        state, text, _ = only(database, own).one("database")
        assert (state, "held its lock" in text) == ("warn", True)
        connection.execute("ROLLBACK")
        assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    state, text, _ = only(database, own).one("database")
    assert (state, "not WAL" in text) == ("warn", True)


def test_looking_changes_no_file(own: Path) -> None:
    before = {path: path.read_bytes() for path in files_in(own)}
    doctor(own)
    after = {p: p.read_bytes() for p in files_in(own) if not p.name.endswith(("-shm", "-wal"))}
    assert after == {p: b for p, b in before.items() if p in after}
    assert set(after) <= set(before)


def test_a_cache_that_is_no_folder_is_a_failure_and_one_over_its_limit_is_warned_of(
    own: Path,
) -> None:
    (own / "cache" / "big").write_bytes(b"x" * 20_000)
    assert only(stores, own).one("stores")[:2] == ("ok", "20 KiB of 2.0 GiB of renditions on disk")
    assert only(stores, own, cache=Cache(disk_bytes=9000)).one("stores")[0] == "warn"
    (own / "cache" / "big").unlink()
    (own / "cache").rmdir()
    (own / "cache").write_text("")
    state, text, _ = only(stores, own).one("stores")
    assert state == "fail"
    assert str(own / "cache") in text


def test_too_little_room_is_a_failure_and_little_room_a_warning(made: Path) -> None:
    free = shutil.disk_usage(made).free
    assert only(disk, made, limits=Limits(free_bytes=free * 2)).one("disk")[0] == "fail"
    assert only(disk, made, limits=Limits(free_bytes=free // 4)).one("disk")[0] == "warn"


MOUNT_TABLE = r"""22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:40 / /srv/team\040files rw,relatime shared:9 - nfs4 nas:/x rw
31 30 254:2 / /srv/team\040files/local rw - xfs /dev/vdb rw
32 22 0:41 / /mnt/bucket rw - fuse.s3fs s3fs rw
"""


@pytest.mark.parametrize(
    ("folder", "kind", "remote"),
    [
        ("/var/lib/helpa", "ext4", False),
        ("/srv/team files/helpa", "nfs4", True),
        ("/srv/team files/local/helpa", "xfs", False),
        ("/srv/team filesystem", "ext4", False),
        ("/mnt/bucket", "fuse.s3fs", True),
    ],
)
def test_the_file_system_under_a_folder_is_told(folder: str, kind: str, remote: bool) -> None:
    assert disk.file_system(Path(folder), MOUNT_TABLE) == kind
    assert bool(disk.REMOTE.fullmatch(kind)) == remote


def test_a_data_folder_on_a_network_disk_is_warned_of(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(f"30 22 0:40 / {made.parent} rw - nfs4 nas:/x rw\n")
    monkeypatch.setattr(disk, "MOUNTS", table)
    _, warned = only(disk, made).of("disk")
    assert warned["state"] == "warn"
    assert "nfs4" in warned["text"]


def test_a_signing_key_others_may_read_is_a_failure(own: Path) -> None:
    key = own / "signing.key"
    key.write_text("x")
    key.chmod(0o644)
    state, text, advice = doctor(own).one("keys")
    assert (state, "0644" in text) == ("fail", True)
    assert f"chmod 600 {key}" in advice
    key.chmod(0o600)
    assert only(keys, own).one("keys")[0] == "ok"
    own.chmod(0o755)
    assert {each["state"] for each in only(keys, own).of("keys")} == {"ok", "warn"}


@pytest.mark.parametrize(
    ("settings", "state", "said"),
    [
        ({}, "ok", "unset"),
        ({"host": "0.0.0.0"}, "warn", "unset while host is 0.0.0.0"),
        ({"host": "0.0.0.0", "public_url": "https://a.example"}, "ok", "https://a.example"),
        ({"public_url": "http://a.example"}, "warn", "not https"),
        ({"public_url": "http://localhost:8000"}, "ok", "localhost"),
    ],
)
def test_links_that_lead_nowhere_or_are_not_encrypted_are_warned_of(
    settings: dict[str, Any], state: str, said: str
) -> None:
    installation = Installation(Settings(**settings), [])
    found = {each.name: each for each in check_addresses(installation)}
    assert found["public_url"].state == state
    assert said in found["public_url"].text


class WithProxies(Settings):
    """Settings that have the list, whether or not this Helpa has it yet."""

    trusted_proxies: tuple[Any, ...] = ()


@pytest.mark.parametrize(
    ("networks", "state"),
    [((), "warn"), (("10.0.0.0/8",), "ok"), (("10.0.0.0/8", "0.0.0.0/0"), "fail"),
     (("::/0",), "fail")],
)  # fmt: skip
def test_trusting_everybody_is_a_failure(networks: tuple[str, ...], state: str) -> None:
    settings = WithProxies(public_url="https://a.example", trusted_proxies=networks)
    found = {each.name: each for each in check_addresses(Installation(settings, []))}
    assert found["proxies"].state == state


def test_a_clock_behind_the_data_is_a_failure(tmp_path: Path) -> None:
    with running_server(tmp_path / "var") as server:
        server.upload(png(9, 9))
    with closing(sqlite3.connect(tmp_path / "var" / "helpa.sqlite3")) as connection:
        connection.execute("UPDATE images SET created_at = created_at + 3600000")
        connection.commit()
    state, text, advice = only(clock, tmp_path / "var").one("clock")
    assert state == "fail"
    assert re.search(r"stored 3[56]\d\d s from now", text)
    assert "NTP" in advice


def test_a_worker_has_the_memory_it_is_allowed_and_draws(made: Path) -> None:
    assert "one drew 1200×900 px" in doctor(made).one("workers")[1]


class Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>Some other program</h1>")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its base class' name
        pass


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a program that is no Helpa."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as other:
        thread = threading.Thread(target=other.serve_forever, daemon=True)
        thread.start()
        yield other.server_port
        other.shutdown()
        thread.join()


def test_something_else_on_the_port_is_warned_of(made: Path, stranger: int) -> None:
    state, text, _ = doctor(made, port=str(stranger)).one("server")
    assert state == "warn"
    assert f"http://127.0.0.1:{stranger}" in text


def test_a_public_url_that_does_not_lead_here_is_warned_of(tmp_path: Path, stranger: int) -> None:
    url = f"http://localhost:{stranger}"
    with running_server(tmp_path / "var", public_url=url) as server:
        from deploy.test_nginx import listening

        port = str(listening(server))
        own, public = doctor(tmp_path / "var", port=port, public_url=url).of("server")
    assert own["text"].endswith("is ready")
    assert public["state"] == "warn"
    assert url in public["text"]


def test_a_check_that_hangs_or_breaks_is_a_finding_and_delays_no_other() -> None:
    never, ended = threading.Event(), threading.Event()

    def hang(_: Installation) -> list[Finding]:
        never.wait(60)
        ended.set()
        return []

    def broken(_: Installation) -> list[Finding]:
        raise OSError("the disk is gone")

    def sound(_: Installation) -> list[Finding]:
        return [Finding("ok", "sound", "well")]

    checks = [("hang", hang), ("broken", broken), ("sound", sound)]
    found = examine(Installation(Settings(), []), 0.4, checks)
    assert not ended.is_set(), "it was waited for"
    assert [each.state for each in found] == ["fail", "fail", "ok"]
    assert "0.4 s" in found[0].text
    assert "the disk is gone" in found[1].text
    never.set()


def test_the_doctor_loads_no_codec_into_its_own_process(made: Path) -> None:
    code = (
        "import sys; from click.testing import CliRunner; from helpa.core.cli import main;"
        f"print(CliRunner().invoke(main, ['doctor', '--data-dir', {str(made)!r}]).exit_code);"
        "print([n for n in sys.modules if n.split('.')[0] in ('pyvips', 'PIL', 'pillow_heif')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(port="1"), capture_output=True, text=True,
        check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["0", "[]"]
