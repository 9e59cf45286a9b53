"""Fixtures of the tests of plugins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.moving import Moved, moved
from plugins.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A folder to install plugins in."""
    return Workshop(tmp_path / "site", monkeypatch)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    """A server that speaks every dialect."""
    with moved(tmp_path_factory.mktemp("migrated")) as running:
        yield running
