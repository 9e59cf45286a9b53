"""The Containerfile and the compose file, as far as they can be tried without a container."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import httpx2
import psutil
import pytest

from helpa.core.jobs import FINISH_SECONDS
from helpa.core.server import GRACE_SECONDS
from helpa.core.settings import Settings, variables
from serving import Server, environment, running_server

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy" / "Containerfile").read_text().replace("\\\n", " ")
COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text()


def instructions(name: str) -> list[str]:
    """Return what follows an instruction, for each time it stands there."""
    return [line[len(name) + 1 :] for line in TEXT.splitlines() if line.startswith(f"{name} ")]


def copied() -> list[str]:
    """Return the paths that the image is built of."""
    return [
        source
        for line in instructions("COPY")
        if not line.startswith("--from")
        for source in line.split()[:-1]
    ]


def image_settings() -> dict[str, str]:
    """Return the variables the image sets."""
    return dict(part.split("=", 1) for line in instructions("ENV") for part in line.split())


def test_what_the_image_is_built_of_is_there_and_nothing_else_is_sent() -> None:
    ignored = (ROOT / ".containerignore").read_text()
    assert (ROOT / ".dockerignore").read_text() == ignored
    let_in = [line[1:] for line in ignored.splitlines() if line.startswith("!")]
    assert "\n*\n" in ignored
    for source in copied():
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in let_in), source
    assert not [each for each in let_in if each not in copied()]


def test_dependencies_are_installed_by_hash_and_the_user_is_not_root() -> None:
    assert "--require-hashes" in TEXT
    assert "-r requirements/run.txt" in TEXT
    assert "--hash=sha256:" in (ROOT / "requirements" / "run.txt").read_text()
    (user,) = instructions("USER")
    assert user.split(":")[0].isdigit()
    assert int(user.split(":")[0]) > 0
    assert instructions("STOPSIGNAL") == ["SIGTERM"]


def test_every_setting_of_the_image_and_of_compose_exists() -> None:
    known = {name for name, *_ in variables()}
    used = {name for name in image_settings() if name.startswith("HELPA_")}
    used |= set(re.findall(r"^\s+(HELPA_\w+):", COMPOSE, re.MULTILINE))
    assert len(used) >= 4
    assert used <= known


def test_a_container_is_given_longer_to_stop_than_the_server_takes() -> None:
    takes = Settings.model_fields["drain_seconds"].default + GRACE_SECONDS + 2 * FINISH_SECONDS
    (helpa_block,) = re.findall(r"^  helpa:\n((?:    .*\n|\n)+)", COMPOSE, re.MULTILINE)
    (given,) = re.findall(r"stop_grace_period: (\d+)s", helpa_block)
    assert int(given) > takes


def test_services_have_a_read_only_root_and_no_right_they_do_not_need() -> None:
    listed = COMPOSE.partition("\nservices:\n")[2].partition("\nnetworks:\n")[0]
    parts = re.split(r"^  (\w+):\n", listed, flags=re.MULTILINE)[1:]
    services = dict(zip(parts[::2], parts[1::2], strict=True))
    assert list(services) == ["helpa", "nginx", "postgres"]
    for name, block in services.items():
        for line in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"):
            assert line in block, (name, line)


def test_the_health_check_tells_a_server_from_none(server: Server) -> None:
    command = json.loads(TEXT.partition("HEALTHCHECK")[2].partition("CMD")[2].splitlines()[0])
    assert command[0] == "python"
    port = server.url.rpartition(":")[2]
    for given, code in ((port, 0), ("1", 1)):
        done = subprocess.run(
            [sys.executable, *command[1:]],
            env=environment(port=given),
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode != 0) == bool(code), done.stderr


def test_an_allocator_that_is_preloaded_reaches_the_workers(tmp_path: Path) -> None:
    assert "LD_PRELOAD" in image_settings()
    # A library every glibc has, so that the test needs no allocator installed.
    os.environ["LD_PRELOAD"] = "libm.so.6"
    try:
        with running_server(tmp_path / "var") as server:
            (nursery,) = psutil.Process(server.process.pid).children()
            workers = nursery.children()
            assert workers
            for process in (nursery, *workers):
                assert process.environ()["LD_PRELOAD"] == "libm.so.6"
    finally:
        del os.environ["LD_PRELOAD"]


def test_what_is_copied_builds_a_wheel_that_serves(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    left_out = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in copied():
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=left_out)
        else:
            shutil.copy(ROOT / name, target)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=source,
        capture_output=True,
        timeout=100,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "site"
    with zipfile.ZipFile(wheel) as file:
        file.extractall(unpacked)
    os.environ["PYTHONPATH"] = str(unpacked)
    try:
        found = subprocess.run(
            [sys.executable, "-c", "import helpa, helpa_web; print(helpa.__file__)"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        if not found.stdout.startswith(str(unpacked)):
            pytest.fail(f"another helpa is in the way: {found.stdout}")
        with running_server(tmp_path / "var") as server:
            assert httpx2.get(f"{server.url}/readyz").status_code == 200
            assert "Helpa" in httpx2.get(server.url, follow_redirects=True).text
    finally:
        del os.environ["PYTHONPATH"]


def test_no_step_of_the_image_fetches_what_is_not_locked() -> None:
    for line in instructions("RUN"):
        for command in line.split("&&"):
            words = shlex.split(command)
            assert not {"curl", "wget", "git"} & set(words), command
            if "install" in words and words[0].endswith("pip"):
                assert "--require-hashes" in words or "--no-deps" in words, command


CAGE = """
mount --bind "$1" "$1"
mount -t tmpfs -o size=64m,noexec,nosuid,nodev tmpfs /var/tmp
mount -o remount,bind,ro /
if touch /probe 2>/dev/null; then echo "the root can be written"; exit 9; fi
cd "$1"
alone="setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --"
$alone "$2" -m helpa db upgrade --data-dir "$1/var" >/dev/null
$alone "$2" -m helpa doctor --json --data-dir "$1/var"
"""


def test_it_works_on_a_read_only_root_without_any_capability(tmp_path: Path) -> None:
    programs = [shutil.which(name) for name in ("unshare", "setpriv", "mount")]
    entering = ["unshare", "--mount", "--propagation", "private"]
    if None in programs or subprocess.run([*entering, "true"], check=False).returncode:
        pytest.skip("NO MOUNT NAMESPACE CAN BE MADE HERE: a read-only root was not tried")
    done = subprocess.run(
        [*entering, "sh", "-eu", "-c", CAGE, "cage", str(tmp_path), sys.executable],
        env=environment(port="1") | {"TMPDIR": "/var/tmp", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {each["name"]: each for each in json.loads(done.stdout)["findings"]}
    for name in ("workers", "database", "stores", "formats"):
        assert found[name]["state"] == "ok", found[name]
