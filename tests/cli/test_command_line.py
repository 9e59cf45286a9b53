"""The command line: tokens, settings, plugins, jobs, and what it says when something is wrong."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import tomllib
import traceback
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from api.asking import files_in, problem, wait_until
from helpa.core.cli import main
from helpa.core.settings import Settings
from pictures import jpeg, png
from serving import (
    Server,
    command_server,
    environment,
    helpa,
    run_helpa,
    running_server,
    stop_server,
)


@pytest.fixture
def migrated(data_dir: Path) -> Path:
    """A data folder without a server."""
    said("db", "upgrade", data_dir=data_dir)
    return data_dir


def here(
    *args: str, data_dir: Path | None = None, cwd: Path | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that only prints, in this process: a second quicker than in its own."""
    named = ["--data-dir", str(data_dir)] if data_dir is not None else []
    env: dict[str, str | None] = {k: None for k in os.environ if k.startswith("HELPA_")}
    env |= {f"HELPA_{name.upper()}": value for name, value in settings.items()}
    with contextlib.chdir(cwd or Path.cwd()):
        done = CliRunner().invoke(main, [*args, *named], env=env)
    trace = ""
    if done.exc_info is not None and not isinstance(done.exception, SystemExit | None):
        trace = "".join(traceback.format_exception(*done.exc_info))
    code = done.exit_code
    return subprocess.CompletedProcess([*args], code, done.stdout, done.stderr + trace)


def said(*args: str, data_dir: Path | None = None, **settings: str) -> str:
    """Run a command that only prints, in this process, and return its standard output."""
    done = here(*args, data_dir=data_dir, cwd=None, **settings)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def failed(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert all(line.startswith("helpa: ") for line in done.stderr.splitlines()), done.stderr
    return done.stderr


def test_token_create_prints_the_token_alone(migrated: Path) -> None:
    done = here("token", "create", "--name", "laptop", data_dir=migrated)
    assert done.returncode == 0
    assert re.fullmatch(r"helpa_[A-Za-z0-9_-]{71}\n", done.stdout)
    assert done.stderr == ""


def test_tokens_are_listed_and_end_when_they_are_revoked(migrated: Path) -> None:
    said("token", "create", "--name", "kept", "--expires-in", "3600", data_dir=migrated)
    said("token", "create", "--name", "lost", "--scope", "images:read", data_dir=migrated)
    lines = {line.split()[1]: line for line in tokens_listed(migrated)}
    assert "images:delete" in lines["kept"]
    assert "expires never" not in lines["kept"]
    assert lines["lost"].endswith("expires never  images:read")
    lost = lines["lost"].split()[0]
    assert said("token", "revoke", lost, data_dir=migrated) == ""
    assert [line.split()[1] for line in tokens_listed(migrated)] == ["kept"]
    assert lost in failed(here("token", "revoke", lost, data_dir=migrated))
    assert "nobody" in failed(here("token", "revoke", "nobody", data_dir=migrated))


def tokens_listed(data_dir: Path) -> list[str]:
    return said("token", "list", data_dir=data_dir).splitlines()


@pytest.mark.parametrize("command", [["token", "create", "--name", "x"], ["jobs", "run", "--once"]])
@pytest.mark.parametrize("there", [True, False])
def test_a_command_that_needs_data_refuses_a_folder_that_has_none_and_names_it(
    tmp_path: Path, command: list[str], there: bool
) -> None:
    folder = tmp_path / "elsewhere"
    if there:
        folder.mkdir()
    message = failed(here(*command, data_dir=folder))
    assert str(folder) in message
    assert "--data-dir" in message
    assert "HELPA_DATA_DIR" in message
    assert folder.exists() == there
    assert not files_in(tmp_path)
    message = failed(here(*command, cwd=tmp_path))
    assert str(tmp_path / "var") in message
    assert not (tmp_path / "var").exists()


def test_the_data_folder_may_be_named_by_a_variable(migrated: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "helpa", "token", "create", "--name", "x"],
        env=environment(data_dir=str(migrated)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("helpa_")


def test_a_scope_there_is_not_is_refused_and_those_there_are_are_listed(migrated: Path) -> None:
    done = here("token", "create", "--name", "x", "--scope", "images:reed", data_dir=migrated)
    assert done.returncode == 2
    assert "images:reed" in done.stderr
    assert "images:read" in done.stderr


def scopes(server: Server, token: str) -> dict[str, int]:
    with server.client(token) as client:
        return {
            "read": client.get("/api/images").status_code,
            "write": client.post("/api/images", files={"file": png(9, 9)}).status_code,
            "metrics": client.get("/metrics", headers={"Via": "x"}).status_code,
        }


def test_a_token_has_the_default_scopes_or_exactly_those_asked_for(server: Server) -> None:
    assert scopes(server, server.make_token()) == {"read": 200, "write": 201, "metrics": 403}
    assert scopes(server, server.make_token("images:read")) == {
        "read": 200,
        "write": 403,
        "metrics": 403,
    }
    assert scopes(server, server.make_token("admin")) == {
        "read": 200,
        "write": 201,
        "metrics": 200,
    }


def test_a_token_made_while_the_server_runs_works_at_once_and_expires(server: Server) -> None:
    token = helpa(
        "token", "create", "--name", "brief", "--expires-in", "3", data_dir=server.data_dir
    ).strip()
    with server.client(token) as client:
        assert client.get("/api/images").status_code == 200
        assert wait_until(lambda: client.get("/api/images").status_code == 401, 10)
        assert "expired" in problem(client.get("/api/images"), 401)["detail"]


def test_a_revoked_token_is_refused_at_once(server: Server) -> None:
    token = server.make_token()
    with server.client(token) as client:
        assert client.get("/api/images").status_code == 200
        connection = sqlite3.connect(server.data_dir / "helpa.sqlite3", timeout=30)
        with connection:
            changed = connection.execute(
                "UPDATE tokens SET revoked_at = 1 WHERE id = ?", (token[6:28],)
            )
            assert changed.rowcount == 1
        connection.close()
        assert "revoked" in problem(client.get("/api/images"), 401)["detail"]


def test_a_token_s_text_stands_nowhere_in_the_data_folder(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        token = server.make_token()
        with server.client(token) as client:
            client.post("/api/images", files={"file": png()}, headers={"Idempotency-Key": "k"})
        secret = token[28:71]
        for text in (token, secret):
            for path in files_in(data_dir):
                assert text.encode() not in path.read_bytes(), path
        assert not any(secret in line for line in server.log)


def test_every_mistake_in_the_settings_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "helpa.toml").write_text(
        """
        port = 99999
        hots = "127.0.0.1"
        public_url = "ftp://example.org"

        [limits]
        queue = 0
        upload_byte = 5

        [workers]
        count = 1
        """
    )
    message = failed(
        here("plugins", cwd=tmp_path, visibility="secret", limits__frames="many", lmits="3")
    )
    expected = {
        "port": ("99999", "65535"),
        "hots": ("host",),
        "public_url": ("ftp://example.org", "http"),
        "limits.queue": ("0", "1"),
        "limits.upload_byte": ("upload_bytes",),
        "workers.count": ("1", "2"),
        "visibility": ("secret", "public", "private"),
        "limits.frames": ("many", "integer"),
        "HELPA_LMITS": ("HELPA_LIMITS",),
    }
    lines = message.splitlines()
    for name, parts in expected.items():
        (line,) = [each for each in lines if re.match(rf"helpa: {re.escape(name)}\b(?!\.)", each)]
        for part in parts:
            assert part in line, line
    assert len(lines) == len(expected)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"plugins": "basics"}, "plugins"),
        ({"presets": "{"}, "presets"),
        ({"presets": '{"thumb": "w=x"}'}, "thumb"),
        ({"limits": "5"}, "limits"),
        ({"limits__qeue": "5"}, "QUEUE"),
    ],
)
def test_a_variable_that_cannot_be_read_is_a_line_and_no_traceback(
    tmp_path: Path, settings: dict[str, str], named: str
) -> None:
    message = failed(
        run_helpa("serve", "--port", "0", data_dir=tmp_path / "var", cwd=tmp_path, **settings)
    )
    assert named.lower() in message.lower()


def test_a_settings_file_that_is_no_toml_or_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "helpa.toml").write_text("port = = 3")
    message = failed(here("plugins", cwd=tmp_path))
    assert "helpa.toml" in message
    assert "TOML" in message
    missing = tmp_path / "nothing.toml"
    assert str(missing) in failed(here("plugins", config=str(missing)))


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "helpa.toml").write_text(
        'api_token = "hunter2-1"\nsigning_key = "hunter2-2"\n[plugin.web]\nsecret = "hunter2-3"\n'
    )
    done = here("plugins", cwd=tmp_path, database_password="hunter2-4")
    assert done.returncode == 1
    assert "hunter2" not in done.stdout + done.stderr


def test_variables_win_over_the_file_and_arguments_over_both(tmp_path: Path) -> None:
    (tmp_path / "helpa.toml").write_text('visibility = "private"\n[limits]\nupload_files = 2\n')
    code = "from helpa.core.settings import load_settings as l; s = l(host='10.1.1.1');"
    code += "print(s.host, s.visibility, s.limits.upload_files, s.limits.queue)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(limits__upload_files="7", host="10.2.2.2"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["10.1.1.1", "private", "7", "256"]


def test_config_prints_valid_toml_that_loads_when_uncommented(tmp_path: Path) -> None:
    text = said("config")
    assert all(
        not value for value in tomllib.loads(text).values() if not isinstance(value, dict)
    ), "a setting is not commented out"
    lines = []
    for line in text.splitlines():
        setting = re.fullmatch(r"# (\w+ = .*)", line)
        if setting is not None and "(unset)" in line:
            continue
        lines.append(setting[1] if setting is not None else line)
    plain = "\n".join(lines)
    values = tomllib.loads(plain)
    for name, field in Settings.model_fields.items():
        if name in ("plugin", "presets", "public_url", "database_url"):
            continue
        assert name in values, f"{name} is not in the file"
        if not isinstance(values[name], dict):
            default = field.get_default()
            found = values[name]
            assert str(found) == str(default) or tuple(found) == tuple(default), name
    (tmp_path / "helpa.toml").write_text(plain)
    assert here("plugins", cwd=tmp_path).returncode == 0
    (tmp_path / "helpa.toml").write_text(text)
    assert here("plugins", cwd=tmp_path).returncode == 0


def test_every_setting_has_a_description() -> None:
    text = said("config")
    lines = text.splitlines()
    settings = [n for n, line in enumerate(lines) if re.match(r"# \w+ = ", line)]
    assert len(settings) > 40
    for number in settings:
        if "thumb = " in lines[number]:
            continue
        assert re.match(r"# \w.*[.\]]$", lines[number - 1]), lines[number]


def test_plugins_lists_what_is_enabled_and_what_it_brings() -> None:
    text = said("plugins")
    assert re.search(r"^basics: enabled \(helpa [\d.]+\)$", text, re.MULTILINE)
    assert re.search(r"^  operations: .*\bresize\b", text, re.MULTILINE)
    assert re.search(r"^  formats: .*\bwebp\b", text, re.MULTILINE)
    assert re.search(r"^web: enabled", text, re.MULTILINE)
    assert "web: installed, not enabled" in said("plugins", plugins='["basics"]')


@pytest.mark.parametrize("command", [["plugins"], ["config"]])
def test_every_command_takes_the_data_folder(tmp_path: Path, command: list[str]) -> None:
    assert here(*command, data_dir=tmp_path).returncode == 0


def test_a_port_that_is_taken_is_one_line_and_exit_code_1(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = failed(run_helpa("serve", "--port", str(port), data_dir=data_dir))
    assert len(message.splitlines()) == 1
    assert f"127.0.0.1:{port}" in message
    assert "--port" in message
    assert not data_dir.exists()


def test_an_address_that_is_none_of_ours_is_one_line(data_dir: Path) -> None:
    for host in ("203.0.113.9", "no such host"):
        message = failed(run_helpa("serve", "--port", "0", "--host", host, data_dir=data_dir))
        assert len(message.splitlines()) == 1
        assert host in message


def test_db_upgrade_makes_a_database_and_may_be_run_again(data_dir: Path) -> None:
    for _ in range(2):
        text = said("db", "upgrade", data_dir=data_dir)
        assert str(data_dir) in text
    connection = sqlite3.connect(data_dir / "helpa.sqlite3")
    try:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    finally:
        connection.close()
    assert {"images", "blobs", "revisions", "tokens", "jobs", "idempotency"} <= names
    assert data_dir.stat().st_mode & 0o077 == 0


def test_the_migrations_make_the_schema_that_the_code_declares(data_dir: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import create_engine

    from helpa.core.database.schema import metadata

    said("db", "upgrade", data_dir=data_dir, plugins='["basics"]')  # one without tables
    engine = create_engine(f"sqlite:///{data_dir / 'helpa.sqlite3'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_jobs_run_once_does_what_is_due_and_ends(data_dir: Path) -> None:
    with running_server(data_dir, jobs__embedded="false") as server:
        document = server.upload(jpeg(1500, 1200))
        time.sleep(1.5)
        levels = files_in(data_dir / "levels")
        text = helpa("jobs", "run", "--once", data_dir=data_dir)
        assert re.fullmatch(r"[1-9]\d* jobs? done\n([1-9]\d* events delivered\n)?", text)
        assert len(files_in(data_dir / "levels")) > len(levels)
        again = helpa("jobs", "run", "--once", data_dir=data_dir)
        assert again.splitlines() == ["0 jobs done", "0 events delivered"]
        assert server.get(f"/img/{document['id']}?w=200").status_code == 200
        with server.client() as client:
            client.delete(f"/api/images/{document['id']}")
        helpa("jobs", "run", "--once", data_dir=data_dir)
        assert not files_in(data_dir / "originals")
        assert not files_in(data_dir / "levels")
        assert not files_in(data_dir / "cache")


def test_jobs_run_works_until_told_to_stop(data_dir: Path) -> None:
    with running_server(data_dir, jobs__embedded="false") as server:
        process = subprocess.Popen(
            [sys.executable, "-m", "helpa", "jobs", "run", "--data-dir", str(data_dir)],
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            server.upload(jpeg(1400, 1200))
            assert wait_until(lambda: len(files_in(data_dir / "levels")) > 1, 20)
            children = psutil.Process(process.pid).children(recursive=True)
            assert children
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=120)
            assert process.returncode == 0, output
            assert "Traceback" not in output
            assert not psutil.wait_procs(children, timeout=30)[1]
        finally:
            process.kill()
            process.communicate()


def test_serve_says_what_can_be_done_now(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        command = server.announced["Make a token, and upload a picture with it"]
        assert "token create --name laptop" in command
        assert str(data_dir) in command


def test_started_again_the_server_has_all_data(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        document = server.upload(png(), title="Kept")
        token = server.token
    began = time.monotonic()
    with running_server(data_dir) as server:
        assert time.monotonic() - began < 30
        with server.client(token) as client:
            (kept,) = client.get("/api/images").json()["images"]
        assert (kept["id"], kept["title"]) == (document["id"], "Kept")


def test_a_database_of_an_old_schema_is_brought_up_by_serve(data_dir: Path) -> None:
    data_dir.mkdir()
    sqlite3.connect(data_dir / "helpa.sqlite3").close()
    with running_server(data_dir) as server:
        assert server.get("/readyz").status_code == 200


def test_a_database_of_a_newer_schema_is_refused_with_a_line(migrated: Path) -> None:
    connection = sqlite3.connect(migrated / "helpa.sqlite3")
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffff_future'")
    connection.close()
    done = run_helpa("serve", "--port", "0", data_dir=migrated)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Helpa is at" not in done.stdout


def test_workers_are_given_no_secrets_and_no_files_of_the_server(data_dir: Path) -> None:
    os.environ["AWS_SECRET_ACCESS_KEY"] = "hunter2"
    try:
        server = command_server(data_dir)
    finally:
        del os.environ["AWS_SECRET_ACCESS_KEY"]
    try:
        web = psutil.Process(server.process.pid)
        assert "AWS_SECRET_ACCESS_KEY" in web.environ()
        (nursery,) = web.children()
        workers = nursery.children()
        assert workers
        for process in (nursery, *workers):
            assert "hunter2" not in json.dumps(process.environ())
            names = [each.path for each in process.open_files()]
            assert not [name for name in names if str(data_dir) in name]
            assert not process.net_connections("inet")
        for worker in workers:
            status = Path(f"/proc/{worker.pid}/status").read_text()
            assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
            assert worker.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
            assert 0 < worker.rlimit(psutil.RLIMIT_AS)[0] < 2**32
    finally:
        stop_server(server)


def test_help_and_version_are_there() -> None:
    assert "serve" in helpa("--help")
    assert re.search(r"helpa, version \d+\.\d+", helpa("--version"))
    for command in ("serve", "token", "jobs", "plugins", "config", "db", "doctor"):
        shown = CliRunner().invoke(main, [command, "--help"])
        assert (shown.exit_code, shown.output[:5]) == (0, "Usage")


def test_what_commands_change_is_told_in_the_audit_log(migrated: Path) -> None:
    said("token", "create", "--name", "x", data_dir=migrated)
    token = tokens_listed(migrated)[0].split()[0]
    said("token", "revoke", token, data_dir=migrated)
    said("keys", "rotate", data_dir=migrated)
    told = [json.loads(line) for line in said("audit", "export", data_dir=migrated).splitlines()]
    actions = [(each["actor"], each["action"], each["object"].partition(":")[0]) for each in told]
    assert actions[:3] == [
        ("command-line", "token.create", "token"),
        ("command-line", "token.revoke", "token"),
        ("command-line", "key.rotate", "key"),
    ]
    assert "The log is whole" in said("audit", "verify", data_dir=migrated)
