"""A server that makes access tokens, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from access_tokens.making import Community
from databases import KINDS
from postgresql import Postgresql
from serving import running_server


@pytest.fixture(scope="session", params=KINDS)
def community(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Community]:
    """A server with an administrator, for tests that leave its keys alone."""
    # The tests send more wrong tokens a minute than anybody who guesses may.
    settings = {"rates__failures": "0"}
    if request.param == "postgresql":
        database: Postgresql = request.getfixturevalue("postgresql")
        settings["database_url"] = database.new_database()
    with running_server(tmp_path_factory.mktemp(request.param), **settings) as running:
        yield Community(running)
