"""Tabs of a real browser with a virtual authenticator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from passkeys import people
from serving import Server
from web.tabs import Tab


class Device:
    """The virtual authenticator of a tab.

    Args:
        devtools: of the page.
        verified: whether its user is recognised.
    """

    def __init__(self, devtools: CDPSession, *, verified: bool = True) -> None:
        self._devtools = devtools
        devtools.send("WebAuthn.enable")
        made = devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": verified,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        self._id = made["authenticatorId"]

    def passkeys(self) -> list[dict[str, Any]]:
        """Return what it holds."""
        answer = self._devtools.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        found: list[dict[str, Any]] = answer["credentials"]
        return found

    def take(self, credential: dict[str, Any]) -> None:
        """Hold a passkey of another device, as synchronised ones do."""
        given = {"authenticatorId": self._id, "credential": credential}
        self._devtools.send("WebAuthn.addCredential", given)

    def verify(self, *, verified: bool) -> None:
        """Recognise its user from now on, or do not."""
        given = {"authenticatorId": self._id, "isUserVerified": verified}
        self._devtools.send("WebAuthn.setUserVerified", given)


@contextmanager
def visiting(browser: Browser, server: Server, owner: str = "") -> Iterator[BrowserContext]:
    """A browser profile, signed in where an owner is named."""
    context = browser.new_context()
    context.set_default_timeout(15_000)
    if owner:
        text = people.session(server, owner).text
        context.add_cookies([{"name": "helpa_session", "value": text, "url": server.url}])
    yield context
    context.close()


def opened(context: BrowserContext, *, verified: bool = True) -> tuple[Tab, Device]:
    """Open a tab with a device of its own."""
    tab = Tab(context.new_page())
    tab.watch()
    return tab, Device(context.new_cdp_session(tab.page), verified=verified)


def add(page: Page, server: Server, name: str) -> None:
    """Add a passkey on the page of the account, by the keyboard."""
    page.goto(f"{server.url}/account/passkeys")
    page.get_by_label("Name").focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.get_by_text("The passkey was added").wait_for()
