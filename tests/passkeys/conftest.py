"""A server that is reached as localhost, and a browser with a virtual authenticator."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from databases import KINDS
from passkeys.people import running_site
from postgresql import Postgresql
from serving import Server
from web.tabs import FLAGS


@pytest.fixture(scope="session", params=KINDS)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """One server on each kind of database."""
    settings = {}
    if request.param == "postgresql":
        database: Postgresql = request.getfixturevalue("postgresql")
        settings["database_url"] = database.new_database()
    with running_site(tmp_path_factory.mktemp(request.param), **settings) as running:
        yield running


@pytest.fixture(scope="session")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that a browser visits."""
    with running_site(tmp_path_factory.mktemp("passkeys")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window, which finds localhost, too."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        reason = f"there is no Chromium on PATH (looked for {', '.join(names)})"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    rules = next(flag for flag in FLAGS if flag.startswith("--host-resolver-rules="))
    flags = [flag for flag in FLAGS if flag != rules] + [f"{rules}, EXCLUDE localhost"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=flags)
        yield launched
        launched.close()
