"""What ``import helpa`` gives and costs, and what the wheel holds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import types
import zipfile
from pathlib import Path

import psutil
import pytest

import helpa
from api.asking import metric
from helpa.core.plugins import hookspecs
from pictures import animation, jpeg, png
from serving import Server, environment, running_server

ROOT = Path(__file__).parents[2]

CODECS = ("pyvips", "PIL", "pillow_heif", "_libvips")


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules a fresh interpreter has after some code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_import_helpa_loads_no_codec_no_cloud_and_no_server() -> None:
    loaded = loaded_by("import helpa")
    assert "pluggy" in loaded
    for name in (*CODECS, "boto3", "botocore", "redis", "sqlalchemy", "alembic", "uvicorn"):
        assert name not in loaded, name


def test_the_kit_of_pages_is_loaded_by_those_who_have_pages() -> None:
    assert "jinja2" not in loaded_by("import helpa")
    assert not {*CODECS, "sqlalchemy", "uvicorn"} & loaded_by("import helpa.pages")


def test_a_command_is_loaded_when_it_is_meant() -> None:
    assert not {"sqlalchemy", "uvicorn", "alembic"} & loaded_by("import helpa.core.cli")


def test_the_application_loads_no_codec() -> None:
    loaded = loaded_by("import helpa.core.app, helpa.core.cli.serve, helpa_basics, helpa_web")
    assert "sqlalchemy" in loaded
    for name in (*CODECS, "boto3", "botocore"):
        assert name not in loaded, name


def test_the_public_names_are_sorted_and_complete() -> None:
    constants_first = sorted(helpa.__all__, key=lambda name: (not name.isupper(), name))  # as ruff
    assert list(helpa.__all__) == constants_first
    assert len(helpa.__all__) == len(set(helpa.__all__))
    public = {
        name
        for name, value in vars(helpa).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert public == set(helpa.__all__)


def test_every_public_class_and_function_has_a_docstring() -> None:
    for name in helpa.__all__:
        value = getattr(helpa, name)
        if isinstance(value, (type, types.FunctionType)):
            assert (value.__doc__ or "").strip(), name


def test_every_hook_has_a_test_named_for_it() -> None:
    hooks = [name for name, value in vars(hookspecs).items() if hasattr(value, "helpa_spec")]
    assert len(hooks) >= 5
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "plugins").glob("test_*.py")
    )
    for hook in hooks:
        assert re.search(rf"^(?:async )?def test_{hook}_", text, re.MULTILINE), f"no test of {hook}"


def test_every_hook_says_when_it_is_called_and_what_it_returns() -> None:
    for name, value in vars(hookspecs).items():
        if hasattr(value, "helpa_spec"):
            for part in ("When:", "Returns:", "Since:"):
                assert part in (value.__doc__ or ""), f"{name} says no {part}"


def maps(process: psutil.Process) -> str:
    return Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="THERE IS NO /proc TO LOOK AT")
def test_libvips_is_never_loaded_in_the_web_process(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running_server(tmp_path_factory.mktemp("web")) as server:
        web = psutil.Process(server.process.pid)
        assert "libvips" not in maps(web).lower()
        assert any("libvips" in maps(child).lower() for child in web.children(recursive=True))
        _use(server)
        text = maps(web).lower()
        for name in ("libvips", "pyvips", "libheif", "pillow", "_imaging"):
            assert name not in text, name


def _use(server: Server) -> None:
    """Send a hundred requests of every kind."""
    ids = [server.upload(each)["id"] for each in (png(), jpeg(), animation("GIF"))]
    for number in range(33):
        for image in ids:
            reply = server.get(f"/img/{image}?w={20 + number}", Accept="image/webp")
            assert reply.status_code == 200
    with server.client() as client:
        client.get("/api/images")
        client.get("/api/openapi.json")
        client.post("/api/images", files={"file": b"no picture"})
    assert metric(server, "helpa_encode_seconds_count") >= 90


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names in a wheel built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(
        ROOT,
        source,
        ignore=shutil.ignore_patterns(
            ".git", ".venv", "node_modules", "__pycache__", ".*_cache", "var", "bench", "tests"
        ),
    )
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=source,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as file:
        listed = file.namelist()
        (points,) = [name for name in listed if name.endswith(".dist-info/entry_points.txt")]
        text = file.read(points).decode()
    assert "[console_scripts]\nhelpa = helpa.core.cli:main" in text
    for name in ("basics", "filters", "hashes", "imgix", "overlays", "sources", "web"):
        assert f"\n{name} = helpa_{name}\n" in text.partition("[helpa]")[2] + "\n"
    return listed


def test_every_top_level_name_in_the_wheel_starts_with_helpa(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {"helpa", "helpa_basics", "helpa_sources", "helpa_web"} <= tops
    assert all(top.startswith("helpa") for top in tops), tops


def test_the_wheel_holds_every_module_and_asset(wheel: list[str]) -> None:
    missing = []
    for source in (ROOT, ROOT / "plugins", ROOT / "web"):
        for package in source.glob("helpa*"):
            if not package.is_dir():
                continue
            for path in package.rglob("*"):
                name = path.relative_to(source).as_posix()
                if path.is_file() and "__pycache__" not in name and name not in wheel:
                    missing.append(name)
    assert not missing
    assert "helpa/py.typed" in wheel
    assert any(name.startswith("helpa_web/templates/") for name in wheel)
    assert any(name.startswith("helpa_web/static/") for name in wheel)
    assert "helpa/core/database/migrations/versions/0001_images.py" in wheel


def test_the_wheel_holds_no_tests_and_no_rubbish(wheel: list[str]) -> None:
    for name in wheel:
        assert not re.search(r"(^|/)(tests|node_modules|__pycache__|bench)/", name), name
        assert not name.endswith((".pyc", ".sqlite3")), name
