"""A server with pages, a visitor who signed in, a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from serving import Server, running_server
from web.tabs import FLAGS, Tab, new_context
from web.visitors import Visitor, visitor

UPLOAD_BYTES = 1_000_000


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes small files only."""
    folder = tmp_path_factory.mktemp("web")
    with running_server(folder, limits__upload_bytes=str(UPLOAD_BYTES)) as running:
        yield running


@pytest.fixture(scope="session")
def somebody(site: Server) -> Visitor:
    """Somebody signed in to ``site``."""
    return visitor(site)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window.

    While it is there, an event loop runs in this thread: no other file could use asyncio.run.
    """
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        reason = f"there is no Chromium on PATH (looked for {', '.join(names)})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def tab(browser: Browser, somebody: Visitor) -> Iterator[Tab]:
    """A tab of somebody signed in; errors on its console fail the test."""
    context = new_context(browser, somebody)
    opened = Tab(context.new_page())
    opened.watch()
    yield opened
    opened.page.evaluate("1")  # what the console said before has arrived after this
    context.close()
    assert opened.unexpected() == []


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Tab]:
    """A tab of nobody in particular."""
    context = new_context(browser, None)
    opened = Tab(context.new_page())
    opened.watch()
    yield opened
    opened.page.evaluate("1")
    context.close()
    assert opened.unexpected() == []
