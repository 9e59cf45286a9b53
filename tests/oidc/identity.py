"""Real identity providers: the npm package oidc-provider in a process of Node."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page

FOLDER = Path(__file__).parent / "provider"
CLIENT = "helpa"
SECRET = "a secret: of+Helpa %"
STOP_SECONDS = 10


@dataclass
class Providers:
    """Running providers.

    Args:
        control: where tests tell them things.
        issuers: their addresses by name.
    """

    control: str
    issuers: dict[str, str]

    def know(self, login: str, **claims: Any) -> None:
        """Tell all of them of somebody, or what is said of them from now on."""
        self._put("people", {login: claims})

    def admit(self, url: str) -> None:
        """Make a server a client of each."""
        for name in self.issuers:
            client = {
                "client_id": CLIENT,
                "client_secret": SECRET,
                "redirect_uris": [f"{url}/signin/oidc/{name}/callback"],
                "post_logout_redirect_uris": [f"{url}/signin"],
                "id_token_signed_response_alg": "ES256" if name == "blue" else "RS256",
                "token_endpoint_auth_method": (
                    "client_secret_post" if name == "blue" else "client_secret_basic"
                ),
            }
            self._put(f"clients/{name}", [client])

    def _put(self, path: str, body: Any) -> None:
        assert httpx2.put(f"{self.control}/{path}", json=body).status_code == 200


def log_in(page: Page, login: str) -> None:
    """Fill the form of a provider, and agree to what it asks next."""
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", "anything")
    page.click("button[type=submit]")
    agree(page)


def agree(page: Page) -> None:
    """Agree that a provider tells Helpa who one is."""
    page.locator("input[name=prompt][value=consent]").wait_for(state="attached")
    page.click("button[type=submit]")


def node() -> str:
    """Return the program, once the package is there; skips where there is none."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        _missing(f"there is no {'npm' if program else 'Node.js'} on PATH")
    else:
        # Tests run in several processes; the first installs, the others wait.
        with (FOLDER / "package-lock.json").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _installed():
                _install(npm)
    assert program is not None
    return program


def _install(npm: str) -> None:
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        _missing(f"npm ci failed in {FOLDER}:\n{done.stderr[-2000:]}")


def _installed() -> bool:
    def packages(path: Path) -> dict[str, Any]:
        if not path.exists():
            return {}
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["packages"]
        return {name: found[name].get("version") for name in found if name}

    wanted = packages(FOLDER / "package-lock.json")
    return packages(FOLDER / "node_modules/.package-lock.json") == wanted


def _missing(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(f"SIGN-IN WITH A REAL PROVIDER WAS NOT TRIED: {reason}")


@contextmanager
def running_providers() -> Iterator[Providers]:
    """Two providers: red says little in its ID token, blue signs with an elliptic curve."""
    settings = {
        "providers": {
            "red": {"client_authentication": ["client_secret_basic"]},
            "blue": {
                "algorithm": "ES256",
                "claims_in_userinfo": False,
                "client_authentication": ["client_secret_post"],
            },
        }
    }
    process = subprocess.Popen(
        [node(), "provider.js"],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(settings))
        process.stdin.close()
        said = json.loads(process.stdout.readline())
        yield Providers(said["control"], said["issuers"])
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
        process.stdout.close()
