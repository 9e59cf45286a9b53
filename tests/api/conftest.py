"""The server that the tests of the API share: one on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from databases import KINDS
from postgresql import Postgresql
from serving import Server, running_server


@pytest.fixture(scope="session", params=KINDS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One server for all tests that change no settings and harm nothing."""
    # Tests of access send more wrong tokens a minute than anybody who guesses may.
    settings = {"rates__failures": "0"}
    if request.param == "postgresql":
        database: Postgresql = request.getfixturevalue("postgresql")
        settings["database_url"] = database.new_database()
    with running_server(tmp_path_factory.mktemp(request.param), **settings) as running:
        yield running
