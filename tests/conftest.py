"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from postgresql import Postgresql, running_postgresql
from serving import Server, running_server

LONGEST_FIRST = (
    "crash",
    "redaction",
    "plugins",
    "cli",
    "hostile",
    "deploy",
    "sources",
    "web",
    "api",
)
"""Folders whose tests take long, so that no process of pytest-xdist begins one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that take long first."""
    here = Path(__file__).parent
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(
        key=lambda item: (
            places.get(item.path.relative_to(here).parts[0], len(places))
            if item.path.is_relative_to(here)
            else len(places)
        )
    )


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
