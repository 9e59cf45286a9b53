"""Mistakes in ``[[sources]]``, as whoever starts the server meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from serving import run_helpa

FOLDER = {"name": "pics", "kind": "folder", "path": "/srv/pics"}


def refused(tmp_path: Path, *tables: dict[str, Any], command: str = "serve") -> str:
    """Try to start with some tables, which must fail; return what is said."""
    done = run_helpa(command, "--port", "0", data_dir=tmp_path / "var", sources=json.dumps(tables))
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"kind": "folder"}, ["sources.0.name"]),
        ({**FOLDER, "name": "Pics"}, ["sources.0.name", "'Pics'"]),
        ({**FOLDER, "name": "a/b"}, ["sources.0.name"]),
        ({**FOLDER, "max_age": 0}, ["sources.0.max_age", "0"]),
        ({**FOLDER, "visibility": "hidden"}, ["sources.0.visibility", "'hidden'"]),
        ({**FOLDER, "kind": "foldr"}, ["sources.pics.kind", "folder, http", "Did you mean folder"]),
        ({**FOLDER, "pth": "x"}, ["sources.pics.pth", "Did you mean path"]),
        ({"name": "pics", "kind": "folder"}, ["sources.pics.path"]),
        ({"name": "w", "kind": "http", "base_url": "ftp://a/"}, ["sources.w.base_url", "http"]),
        ({"name": "w", "kind": "http", "base_url": "http://u:p@a/"}, ["sources.w.base_url"]),
        ({"name": "w", "kind": "http", "base_url": "http://a/?x"}, ["sources.w.base_url"]),
        (
            {"name": "w", "kind": "http", "base_url": "http://a/", "headers": {"X": "a\nb"}},
            ["sources.w.headers", "'X'"],
        ),
    ],
)
def test_a_mistake_names_the_source_and_the_member(
    tmp_path: Path, table: dict[str, Any], said: list[str]
) -> None:
    message = refused(tmp_path, table)
    for each in said:
        assert each in message, message


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    assert "each name once" in refused(tmp_path, FOLDER, FOLDER)


def test_a_secret_header_is_not_shown_where_its_table_is_refused(tmp_path: Path) -> None:
    table: dict[str, Any] = {"name": "w", "kind": "http", "base_url": "ftp://a/",
             "headers": {"Authorization": "hunter2", "X-Key": "hunter2\n"}}  # fmt: skip
    assert "hunter2" not in refused(tmp_path, table)
    del table["base_url"]
    assert "hunter2" not in refused(tmp_path, table)


def test_the_commented_settings_file_says_how_a_source_is_written(tmp_path: Path) -> None:
    assert "[[sources]]" in run_helpa("config", cwd=tmp_path).stdout
