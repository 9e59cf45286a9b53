"""Providers, real and rogue, and a browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oidc.identity import Providers, running_providers
from web.conftest import browser

__all__ = ["browser"]


@pytest.fixture(scope="module")
def providers() -> Iterator[Providers]:
    """Two real providers."""
    with running_providers() as running:
        yield running
