"""Commands with PostgreSQL: they work on it, and say in a line why not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from helpa.core.files import DataDir
from pictures import png
from postgresql import Postgresql
from serving import environment, helpa, run_helpa, running_server

PASSWORD = "hunter2-and-more"


def lines(errors: str) -> list[str]:
    """Return what is said on standard error, which holds neither a traceback nor the password."""
    assert "Traceback" not in errors
    assert PASSWORD not in errors
    return errors.splitlines()


@pytest.fixture(scope="module")
def away(postgresql: Postgresql) -> str:
    """The address of a server that is not there."""
    return f"postgresql://postgres:{PASSWORD}@127.0.0.1:1/helpa"


@pytest.fixture(scope="module")
def locked(postgresql: Postgresql) -> str:
    """The address of a user with another password."""
    url = urlsplit(postgresql.new_database())
    postgresql.demand_password("locked_out", "another")
    return f"postgresql://locked_out:{PASSWORD}@127.0.0.1:{url.port}{url.path}"


def test_every_command_works_on_it(postgresql: Postgresql, data_dir: Path) -> None:
    url = postgresql.new_database()
    doctor = run_helpa("doctor", data_dir=data_dir, database_url=url, port="1")
    assert "PostgreSQL has not the schema of this Helpa" in doctor.stdout
    assert "up to date" in helpa("db", "upgrade", data_dir=data_dir, database_url=url)
    with running_server(data_dir, database_url=url, jobs__embedded="false") as server:
        token = helpa("token", "create", "--name", "cli", data_dir=data_dir, database_url=url)
        server._token = token.strip()
        image = server.upload(png(900, 700))["id"]
        done = helpa("jobs", "run", "--once", data_dir=data_dir, database_url=url)
        assert int(done.split()[0]) >= 1
        link = helpa("sign", image, "w=50", data_dir=data_dir, database_url=url)
        path = urlsplit(link.strip())
        assert server.get(f"{path.path}?{path.query}").status_code == 200
        found = run_helpa("doctor", "--json", data_dir=data_dir, database_url=url, port="1")
        findings = json.loads(found.stdout)["findings"]
    (database,) = (each for each in findings if each["name"] == "database")
    assert database["state"] == "ok", database
    assert re.match(r"PostgreSQL \d+.*: current, writable", database["text"])
    for name in ("stores", "clock"):
        assert {each["state"] for each in findings if each["name"] == name} <= {"ok", "warn"}
    assert not (data_dir / "helpa.sqlite3").exists()


@pytest.mark.parametrize("command", ["serve", "token create --name x", "jobs run", "db upgrade"])
@pytest.mark.parametrize("where", ["away", "locked"])
def test_a_server_that_lets_nobody_in_is_one_plain_line(
    request: pytest.FixtureRequest, data_dir: Path, where: str, command: str
) -> None:
    url: str = request.getfixturevalue(where)
    DataDir(data_dir).create()
    done = subprocess.run(
        [sys.executable, "-m", "helpa", *command.split(), "--data-dir", str(data_dir)],
        env=environment(database_url=url, port="0"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    (line,) = lines(done.stderr)
    assert (done.returncode, done.stdout) == (1, "")
    assert line.startswith("helpa: "), line
    assert "database" in line


@pytest.mark.parametrize("where", ["away", "locked"])
def test_the_doctor_says_why_it_cannot_be_used(
    request: pytest.FixtureRequest, data_dir: Path, where: str
) -> None:
    url: str = request.getfixturevalue(where)
    done = run_helpa("doctor", data_dir=data_dir, database_url=url, port="1")
    lines(done.stderr + done.stdout)
    why = "password authentication failed" if where == "locked" else "onnect"
    assert re.search(rf"^fail +database: .*{why}", done.stdout, re.MULTILINE), done.stdout


def test_a_password_is_in_no_output_of_any_command(data_dir: Path, away: str) -> None:
    done = run_helpa("config", database_url=away)
    assert done.returncode == 0, done.stderr
    lines(done.stdout + done.stderr)
    wrong = away.replace("postgresql", "mysql")
    done = run_helpa("token", "create", "--name", "x", data_dir=data_dir, database_url=wrong)
    assert done.returncode == 1
    assert "database_url" in "".join(lines(done.stderr))
