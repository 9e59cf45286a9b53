"""``docs/writing-plugins.md``: what the page says is done as the page says it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from helpa.core.settings import Settings
from helpa.testing import App
from plugins.test_projects import run
from serving import environment, run_helpa

PAGE = Path(__file__).parents[2] / "docs" / "writing-plugins.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(kind, name, text) for kind, name, text in BLOCK.findall(PAGE.read_text("utf-8"))]
LOOSE = [text for kind, name, text in BLOCKS if kind == "python" and not name]

MIGRATIONS = "helpa_glow/migrations/"

COMMANDS = {"python3", "pip", "pytest", "cd", "helpa"}
"""What the page may say to type; the tests do the same without a network."""


def shell_lines() -> list[list[str]]:
    return [
        shlex.split(line) for kind, _, text in BLOCKS if kind == "sh" for line in text.splitlines()
    ]


@pytest.fixture(scope="module")
def glow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the page, with the page's files in it, on the path as if installed."""
    folder = tmp_path_factory.mktemp("page")
    assert ["helpa", "plugin", "new", "glow"] in shell_lines()
    done = run_helpa("plugin", "new", "glow", cwd=folder)
    assert done.returncode == 0, done.stderr
    project = folder / "helpa-glow"
    assert ["cd", project.name] in shell_lines()
    for kind, name, text in BLOCKS:
        if kind == "python" and name and not name.startswith("helpa_notes/"):
            path = project / name
            new = name.startswith(("tests/", MIGRATIONS))
            assert path.exists() or new, f"{name} is not in the template"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    (project / "tests" / "test_operation.py").unlink()  # the page has made it another operation
    info = folder / "helpa_glow-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: helpa-glow\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[helpa]\nglow = helpa_glow\n")
    return project


def path_of(project: Path) -> str:
    return f"{project}:{project.parent}"


def test_the_operation_of_the_page_passes_the_tests_of_the_page(glow: Path) -> None:
    said = run("pytest", "-q", "-p", "no:cacheprovider", cwd=glow, PYTHONPATH=path_of(glow))
    assert "3 passed" in said
    run("ruff", "check", "-q", "helpa_glow", cwd=glow)


def test_the_check_of_the_page_finds_nothing(glow: Path) -> None:
    assert ["helpa", "plugin", "check", "glow"] in shell_lines()
    said = run("helpa", "plugin", "check", "glow", cwd=glow, PYTHONPATH=path_of(glow))
    assert said == "glow: nothing to complain about.\n"


def test_every_command_of_the_page_is_one_there_is() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "helpa", "--help"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    words = [line for line in shell_lines() if line[0] == "helpa"]
    assert len(words) >= 2
    for word in {line[1] for line in words}:
        assert re.search(rf"^  {word} ", listed, re.MULTILINE), word
    typed = {line[0] for line in shell_lines()}
    assert {each for each in typed if not each.startswith("HELPA_PLUGINS=")} <= COMMANDS
    (enabled,) = (each.partition("=")[2] for each in typed if each.startswith("HELPA_PLUGINS="))
    assert json.loads(enabled) == [*Settings.model_fields["plugins"].default, "glow"]


@pytest.mark.parametrize("text", LOOSE, ids=[str(n) for n in range(len(LOOSE))])
def test_a_block_of_the_page_runs_and_registers(tmp_path: Path, text: str) -> None:
    """A block is loaded as the whole of a plugin, which the server's own loader must take."""
    package = tmp_path / "helpa_block"
    package.mkdir()
    (package / "__init__.py").write_text(text, encoding="utf-8")
    for _, name, revision in BLOCKS:
        if name.startswith(MIGRATIONS):
            path = package / name.removeprefix("helpa_glow/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(revision, encoding="utf-8")
    info = tmp_path / "helpa_block-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: helpa-block\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[helpa]\nblock = helpa_block\n")
    code = (
        "import sqlite3, time\n"
        "from helpa.testing import app, picture\n"
        "with app('block') as server:\n"
        "    assert server.get('/readyz').status_code == 200\n"
        "    staff = server.get('/api/images', X_Staff='ada').status_code\n"
        "    with server.client() as client:\n"
        "        newest = client.get('/api/glow/newest').json()['detail']\n"
        "    if hasattr(server.helpa.plugins.plugins[-1].module, 'register_dialects'):\n"
        "        image = server.upload(picture(64, 40, 'photograph'))['id']\n"
        "        ours = server.get(f'/img/{image}?w=32&q=60').headers['etag']\n"
        "        assert server.get(f'/old/32/{image}?q=60').headers['etag'] == ours\n"
        "        refused = server.get(f'/old/32/{image}?qualty=60').json()\n"
        "        assert refused['nearest'] == 'quality', refused\n"
        "        refused = server.get(f'/old/0/{image}').json()\n"
        "        assert (refused['field'], refused['given']) == ('width', '0'), refused\n"
        "        print('dialect')\n"
        "    block = server.helpa.plugins.plugins[-1]\n"
        "    if hasattr(block.module, 'on_event'):\n"
        "        connection = sqlite3.connect(server.data_dir / 'helpa.sqlite3')\n"
        "        for kind in ('team.create', 'image.delete'):\n"
        "            row = (kind, 'image:3', 'nobody', '{}', 0)\n"
        "            fields = 'kind, object, actor, payload, created_at'\n"
        "            add = f'INSERT INTO events ({fields}) VALUES (?, ?, ?, ?, ?)'\n"
        "            connection.execute(add, row)\n"
        "        connection.commit()\n"
        "        connection.close()\n"
        "        diary = block.settings.diary\n"
        "        while not (diary.exists() and diary.read_text().endswith('\\n')):\n"
        "            time.sleep(0.05)\n"
        "        assert diary.read_text().endswith(' image.delete image:3 by nobody\\n')\n"
        "        assert 'team' not in diary.read_text()\n"
        "        print('diary')\n"
        "    if block.migrations is not None:\n"
        "        connection = sqlite3.connect(server.data_dir / 'helpa.sqlite3')\n"
        "        connection.execute('SELECT image FROM glow_likes')\n"
        "        connection.close()\n"
        "        print('table')\n"
        "    print(staff, newest, block.settings, [c.name for c in block.commands])\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=environment() | {"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert ("\ndialect\n" in done.stdout) == ("register_dialects" in text)
    assert ("\ntable\n" in f"\n{done.stdout}") == ("register_migrations" in text)
    assert ("\ndiary\n" in f"\n{done.stdout}") == ("on_event" in text)
    said = done.stdout.splitlines()[-1]  # after the log
    assert said.startswith("200 " if "authenticate" in text else "401 ")
    assert ("There is no picture yet." in said) == ("register_routes" in text)
    assert ("limit=100" in said) == ("class GlowSettings" in text)
    assert ("['newest']" in said) == ("register_commands" in text)
    root = PAGE.parents[1]
    cache = str(root / ".mypy_cache" / "projects")
    typed = ("mypy", "--strict", "--cache-dir", cache, "helpa_block")
    run(*typed, cwd=tmp_path, MYPYPATH=f"{tmp_path}:{root}")


def test_the_pages_of_the_page_are_served(
    tmp_path: Path, helpa_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _, name, text in BLOCKS:
        if name.startswith("helpa_notes/"):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    info = tmp_path / "helpa_notes-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: helpa-notes\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[helpa]\nnotes = helpa_notes\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    server = helpa_app("notes")
    ours = {"Sec-Fetch-Site": "same-origin"}
    with server.client() as client:
        assert "There are no notes yet." in client.get("/notes").text
        refused = client.post("/notes", data={"note": " "}, headers=ours)
        assert (refused.status_code, refused.text.count("Write something first.")) == (422, 2)
        added = client.post("/notes", data={"note": "<i>Hello</i>"}, headers=ours)
        assert (added.status_code, added.headers["location"]) == (303, "/notes")
        assert "<p>&lt;i&gt;Hello&lt;/i&gt;</p>" in client.get("/notes").text
    assert server.get("/notes").status_code == 401
    cache = str(PAGE.parents[1] / ".mypy_cache" / "projects")
    typed = ("mypy", "--strict", "--cache-dir", cache, "helpa_notes")
    run(*typed, cwd=tmp_path, MYPYPATH=f"{tmp_path}:{PAGE.parents[1]}")


def test_the_settings_of_the_page_are_read() -> None:
    texts = [text for kind, _, text in BLOCKS if kind == "toml"]
    assert texts
    for text in texts:
        assert tomllib.loads(text)["plugins"][-1] == "glow"


def test_every_hook_has_its_place_on_the_page() -> None:
    from helpa.core.plugins.manager import HOOKS

    text = PAGE.read_text("utf-8")
    for hook in HOOKS:
        assert hook in text, hook
