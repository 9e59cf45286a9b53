"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postgresql import Postgresql, running_postgresql
from serving import Server, running_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that change no settings and harm nothing."""
    # Tests of access send more wrong tokens a minute than anybody who guesses may.
    with running_server(tmp_path_factory.mktemp("server"), rates__failures="0") as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """One PostgreSQL server; every test takes a database of its own."""
    with running_postgresql() as running:
        yield running


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A folder for a server of one's own."""
    return tmp_path / "var"
