"""pytest fixtures for authors of plugins.

pytest loads this in every run wherever Helpa is installed, so nothing of Helpa is imported until a
test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from helpa.testing import App, Server


@pytest.fixture(scope="module")
def helpa_app() -> Iterator[Callable[..., App]]:
    """Return a function that runs a server in this process until the module's tests have ended.

    Its arguments are those of :func:`helpa.testing.app`.
    """
    from helpa.testing import app

    with ExitStack() as stack:
        yield lambda *plugins, **settings: stack.enter_context(app(*plugins, **settings))


@pytest.fixture(scope="module")
def helpa_serve() -> Iterator[Callable[..., Server]]:
    """Return a function that runs a real server until the module's tests have ended.

    Its arguments are those of :func:`helpa.testing.serve`.
    """
    from helpa.testing import serve

    def start(*plugins: str, **settings: Any) -> Server:
        return stack.enter_context(serve(*plugins, **settings))

    with ExitStack() as stack:
        yield start
