"""Projects out of tree: the example, and what ``helpa plugin new`` writes; built and run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from api.asking import problem
from helpa.testing import assert_similar, encode, picture, serve
from serving import environment, run_helpa

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "helpa-example-plugin"


def run(*args: str, cwd: Path, **variables: str) -> str:
    """Run a Python module, which must succeed; return what it writes."""
    done = subprocess.run(
        [sys.executable, "-m", *args],
        cwd=cwd,
        env=environment() | variables,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def installed(project: Path, folder: Path) -> Path:
    """Build a wheel of a project and return a folder it is installed in; nothing is downloaded."""
    offline = ("--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
    run("pip", "wheel", *offline, "--no-build-isolation", "-w", str(folder), ".", cwd=project)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    run("pip", "install", *offline, "--target", str(site), str(wheel), cwd=folder)
    return site


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A copy of the example's project, and where its wheel is installed."""
    folder = tmp_path_factory.mktemp("example")
    project = folder / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return project, installed(project, folder)


def test_every_part_of_the_example_works_in_a_real_server(
    example: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(example[1]))
    image = picture(120, 80)
    archive = tmp_path / "pictures.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("shoes/red.png", encode(image))
    table = {"name": "shop", "kind": "zip", "path": str(archive)}
    with serve("example", plugin={"example": {"strength": 50}}, sources=[table]) as server:
        document = server.upload(image)
        url = f"/img/{document['id']}"
        drawn = server.get(f"{url}?duo=000,000&fmt=png").content
        assert_similar(drawn, (np.asarray(image) * 0.5).round().astype(np.uint8))
        assert problem(server.get(f"{url}?duo=red"), 400)["field"] == "duo"
        with server.client() as client:
            tiles = client.get("/api/example/sheet").json()["tiles"]
            assert [tile["id"] for tile in tiles] == [document["id"]]
            assert client.get(tiles[0]["url"]).status_code == 200
        assert server.command("sheet", "--limit", "1").stdout == tiles[0]["url"] + "\n"
        assert_similar(server.get("/img/shop/shoes/red.png?fmt=png").content, image)
        problem(server.get("/img/shop/shoes/blue.png"), 404)
        listed = server.command("plugins").stdout
        assert "example: enabled (helpa-example-plugin 1.0.0)\n  operations: duo\n" in listed
        document = server.get("/api/openapi.json").json()
        assert "/api/example/sheet" in document["paths"]


def test_the_tests_of_the_example_pass(example: tuple[Path, Path]) -> None:
    project, site = example
    said = run("pytest", "-q", "-p", "no:cacheprovider", cwd=project, PYTHONPATH=str(site))
    assert " passed" in said


@pytest.mark.parametrize(
    "parts", ["operation", "route,command", "command", "operation,route,source,command"]
)
def test_a_new_project_is_typed_and_styled_and_its_files_are_those_asked_for(
    tmp_path: Path, parts: str
) -> None:
    done = run_helpa("plugin", "new", "my_glow", "--with", parts, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    project = tmp_path / "helpa-my_glow"
    modules = {path.stem for path in (project / "helpa_my_glow").glob("*.py")}
    assert modules == {"__init__", "plugin", *parts.split(",")}
    run("ruff", "check", "-q", ".", cwd=project)
    run("ruff", "format", "--check", "-q", ".", cwd=project)
    cache = ROOT / ".mypy_cache" / "projects"
    run("mypy", "--cache-dir", str(cache), cwd=project, MYPYPATH=f"{project}:{ROOT}")
    assert not [path for path in project.rglob("*") if "NAME" in path.name or "{{" in path.name]


def test_the_tests_of_a_new_project_pass(tmp_path: Path) -> None:
    done = run_helpa(
        "plugin", "new", "glow", "--with", "operation,route,source,command", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    project = tmp_path / "helpa-glow"
    site = installed(project, tmp_path / "built")
    said = run("pytest", "-q", "-p", "no:cacheprovider", cwd=project, PYTHONPATH=str(site))
    assert "13 passed" in said


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "helpa-glow").mkdir()
    (tmp_path / "helpa-glow" / "README.md").write_text("mine")
    done = run_helpa("plugin", "new", "glow", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "helpa-glow is there already" in done.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["helpa-glow", "README.md"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["Glow"], "NAME=Glow: expected lower case letters"),
        (["../glow"], "NAME=../glow: expected"),
        (["class"], "NAME=class: expected"),
        (["basics"], "a name no installed plugin has"),
        (["resize"], "no parameter of image URLs"),
        (["width"], "no parameter of image URLs"),
        (["serve", "--with", "command"], "no command of the core"),
        (["glow", "--with", "operation,moon"], "--with=moon: expected some of operation"),
    ],
)
def test_a_name_that_means_something_already_is_refused(
    tmp_path: Path, args: list[str], says: str
) -> None:
    done = run_helpa("plugin", "new", *args, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert not list(tmp_path.iterdir())
