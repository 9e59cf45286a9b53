"""One server that everything hostile is thrown at, and a watch on its processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hostile.attacking import SETTINGS, Attack
from serving import running_server


@pytest.fixture(scope="session")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    """An attack on one real server with short deadlines."""
    with running_server(tmp_path_factory.mktemp("hostile"), **SETTINGS) as server:
        attacking = Attack(server)
        yield attacking
        attacking.watch.stop()
        assert server.process.poll() is None, "the web process ended"
        assert attacking.watch.wrong == []
