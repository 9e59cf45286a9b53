"""A server with an administrator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from profiles.people import Person, person
from serving import Server, running_server
from web.conftest import browser

__all__ = ["browser"]


@pytest.fixture(scope="session")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """The administrator of a server that all tests of profiles share."""
    with running_server(tmp_path_factory.mktemp("profiles")) as running:
        yield person(running, "Root", "admin")


@pytest.fixture(scope="session")
def home(admin: Person) -> Server:
    """That server."""
    return admin.server
