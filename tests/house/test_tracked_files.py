"""What must stand in no file of the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(?:work|root|Users|mnt/\w|home/(?!helpa\b)\w+)/\w")
REGISTRIES = re.compile(
    r"index-url[ =]\W*http|https?://[^\s\"')]+/(?:simple|artifactory|nexus|repository)/|\"resolved\":",
    re.IGNORECASE,
)
SECRETS = re.compile(
    r"helpa_[A-Za-z0-9_-]{71}(?![\w-])|-----BEGIN [A-Z ]*PRIVATE KEY-----|AKIA[A-Z0-9]{16}"
)


def files() -> list[Path]:
    """Return the files that are, or are about to be, in the repository."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("THIS IS NO CLONE: tracked files were not checked")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def hits(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in files():
        if path == Path(__file__).resolve():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    return found


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        (MACHINE_PATHS, 'open("/Users/ada/helpa/x")'),
        (MACHINE_PATHS, "see /home/ada/helpa"),
        (REGISTRIES, '"resolved": "https://example.org/x.tgz"'),
        (REGISTRIES, "--index-url https://mirror.example/simple/"),
        (REGISTRIES, "https://mirror.example/repository/x"),
        (SECRETS, "helpa_" + "A" * 71),
    ],
)
def test_the_patterns_find_what_they_look_for(pattern: re.Pattern[str], example: str) -> None:
    assert pattern.search(example)


def test_no_file_names_a_path_of_one_machine() -> None:
    assert hits(MACHINE_PATHS) == []


def test_no_file_names_a_package_registry() -> None:
    assert hits(REGISTRIES) == []


def test_no_file_holds_a_token_or_a_private_key() -> None:
    assert hits(SECRETS) == []


def test_no_file_is_large_or_made_by_running() -> None:
    for path in files():
        name = path.relative_to(ROOT).as_posix()
        assert path.stat().st_size < 2_000_000, name
        assert not name.endswith((".pyc", ".sqlite3", ".sqlite3-wal", ".log")), name
        assert not name.startswith(("var/", ".venv/", "web/node_modules/")), name
