"""Databases of both kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from databases import KINDS, Place
from postgresql import Postgresql


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A migrated database of each kind."""
    url = None
    if request.param == "postgresql":
        server: Postgresql = request.getfixturevalue("postgresql")
        url = server.new_database()
    found = Place(tmp_path / "helpa.sqlite3", url)
    found.migrate()
    return found
