"""A plugin that listens, and databases of both kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from databases import KINDS, Place
from events.listening import Ear
from plugins.workshop import Workshop


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str | None:
    """The address of a new database of PostgreSQL, or None for SQLite."""
    if request.param == "sqlite":
        return None
    found: str = request.getfixturevalue("postgresql").new_database()
    return found


@pytest.fixture
def place(url: str | None, tmp_path: Path) -> Place:
    """A migrated database of each kind."""
    found = Place(tmp_path / "helpa.sqlite3", url)
    found.migrate()
    return found


@pytest.fixture
def ear(url: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ear:
    """A plugin that listens, for servers on a database of each kind."""
    return Ear(Workshop(tmp_path / "site", monkeypatch), url)
