"""One server for the tests of annotations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.crowd import UNLIMITED
from plugins.workshop import Workshop
from serving import Server, running_server


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("annotation"), **UNLIMITED) as running:
        yield running


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A folder to install plugins in."""
    return Workshop(tmp_path / "site", monkeypatch)
