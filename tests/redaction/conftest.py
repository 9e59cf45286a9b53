"""A server for each file, for those that need no settings of their own, and its owner's client."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from redaction.pairs import SCOPES
from serving import Server, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("redaction") / "var") as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[httpx2.Client]:
    with server.client(server.make_token(*SCOPES)) as made:
        yield made
