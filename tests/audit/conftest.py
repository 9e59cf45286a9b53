"""Databases of both kinds for the tests of the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from databases import KINDS, Place
from postgresql import Postgresql


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A new database at the current schema."""
    url = None
    if request.param == "postgresql":
        server: Postgresql = request.getfixturevalue("postgresql")
        url = server.new_database()
    folder = tmp_path / "var"
    folder.mkdir()
    made = Place(folder / "helpa.sqlite3", url)
    made.migrate()
    return made
