"""Tabs of a real browser, watched while a test drives them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, expect

from api.asking import wait_until
from web.visitors import Visitor

PATIENCE = 60_000
"""Milliseconds until what does not come on a page is missed, on a busy machine too."""

expect.set_options(timeout=PATIENCE)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"

FAILED_LOAD = re.compile(r"Failed to load resource: .* status of (\d+)")


@dataclass
class Tab:
    """A page in the browser, watched.

    Args:
        page: what a test drives.
        refusals: statuses that the test provokes; every other error on the console fails it.
        errors: what the console said.
    """

    page: Page
    refusals: set[int] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Begin to listen."""
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console",
            lambda said: (
                self.errors.append(said.text) if said.type in ("error", "warning") else None
            ),
        )

    def unexpected(self) -> list[str]:
        """Return the errors nobody provoked."""
        return [
            error
            for error in self.errors
            if not ((found := FAILED_LOAD.search(error)) and int(found.group(1)) in self.refusals)
        ]


def new_context(browser: Browser, session: Visitor | None, **options: Any) -> BrowserContext:
    """Return a browser profile, signed in or not."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    if session is not None:
        context.add_cookies(
            [{"name": "helpa_session", "value": session.session, "url": session.server.url}]
        )
        context.grant_permissions(["clipboard-read", "clipboard-write"])
    return context


def file(name: str, data: bytes, kind: str = "image/png") -> FilePayload:
    """Return a file as playwright gives it to a chooser."""
    return {"name": name, "mimeType": kind, "buffer": data}


def choose(page: Page, *files: FilePayload) -> None:
    page.set_input_files("#file", list(files))


def card(page: Page, name: str, state: str = "done") -> Locator:
    """Return the card of an upload, once it has come so far."""
    found = page.locator(f".card[data-state={state}]", has_text=name)
    expect(found).to_have_count(1)
    return found


def link(card: Locator, name: str) -> str:
    return card.locator(f"[data-link={name}]").input_value()


def copied(page: Page, text: str) -> bool:
    """Wait until the clipboard holds a text, for a page writes it after the click; whether it did.

    Args:
        page: that is in front.
        text: all that it should hold.
    """
    return wait_until(lambda: page.evaluate("navigator.clipboard.readText()") == text)


def loaded(page: Page, selector: str) -> bool:
    """Whether a picture has been drawn."""
    image = page.locator(selector)
    expect(image).to_be_visible()
    expect(image).to_have_js_property("complete", True)
    return int(image.evaluate("image => image.naturalWidth")) > 0
