"""Servers with people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.crowd import Crowd, gathered
from web.conftest import browser

__all__ = ["browser"]


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """One server with an account of every role."""
    with gathered(tmp_path_factory.mktemp("crowd")) as running:
        yield running
