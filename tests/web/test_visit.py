"""A whole visit in a real browser: signing in, and all of it with the keyboard alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from playwright.sync_api import TimeoutError as NeverCame

from pictures import png
from serving import Server, running_server
from web.tabs import Tab, card, copied, file, link, new_context
from web.visitors import EMAIL, PASSWORD, setup_link

pytestmark = pytest.mark.browser

TRIES = 5


class TestSigningIn:
    """The link a starting server shows."""

    def test_the_link_leads_to_the_page(self, browser: Browser, tmp_path: Path) -> None:
        with running_server(tmp_path) as server:
            context = new_context(browser, None)
            tab = Tab(context.new_page(), refusals={403})
            tab.watch()
            page = tab.page
            page.goto(f"{server.url}/")
            expect(page.get_by_role("heading", name="How to set it up")).to_be_visible()
            page.goto(setup_link(server))
            assert "#" not in page.url
            page.get_by_label("E-mail address").fill(EMAIL)
            page.get_by_label("Your name").fill("Ann")
            page.get_by_label("Password").fill("too short")
            page.get_by_role("button", name="Make the administrator").click()
            tab.refusals.add(422)
            expect(page.get_by_role("alert")).to_contain_text("A password has 10")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Make the administrator").click()
            expect(page.get_by_role("heading", name="Paste, drop or choose")).to_be_visible()
            assert page.url == f"{server.url}/"
            expect(page.get_by_text("There are no pictures yet")).to_be_visible()
            assert not page.evaluate("document.cookie")

            page.get_by_role("button", name="Sign out").click()
            page.get_by_role("main").get_by_role("link", name="Sign in").click()
            page.get_by_label("E-mail address").fill(EMAIL)
            page.get_by_label("Password").fill(PASSWORD)
            page.keyboard.press("Enter")
            expect(page.get_by_role("heading", name="Paste, drop or choose")).to_be_visible()
            page.get_by_role("button", name="Sign out").click()
            expect(page.get_by_role("heading", name="For those who have")).to_be_visible()
            page.evaluate("1")
            context.close()
            assert tab.unexpected() == []

    def test_without_scripts_the_code_is_pasted(self, browser: Browser, tmp_path: Path) -> None:
        with running_server(tmp_path) as server:
            context = new_context(browser, None, java_script_enabled=False)
            page = context.new_page()
            page.goto(setup_link(server))
            page.get_by_label("Code of the link").fill(page.url.partition("#")[2])
            page.get_by_label("E-mail address").fill(EMAIL)
            page.get_by_label("Your name").fill("Ann")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Make the administrator").click()
            expect(page.get_by_role("button", name="Sign out")).to_be_visible()
            context.close()


def choose(page: Page, files: list[FilePayload]) -> None:
    """Open the focused chooser by keyboard and choose files.

    Chromium drops a chooser that is asked for while it still follows a link to a fragment, so a
    person would press the key again.
    """
    for _ in range(TRIES):
        try:
            with page.expect_file_chooser(timeout=3000) as chooser:
                page.keyboard.press("Space")
        except NeverCame:
            continue
        chooser.value.set_files(files)
        return
    raise AssertionError("the chooser never opened")


def test_with_the_keyboard_alone(tab: Tab, site: Server) -> None:
    page = tab.page
    keyboard = page.keyboard
    page.goto(f"{site.url}/")
    keyboard.press("Tab")
    focused = page.locator(":focus")
    expect(focused).to_have_text("Skip to the content")
    expect(focused).to_be_in_viewport()
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(focused).to_have_id("file")
    # The chooser is hidden; its label shows the focus in its place.
    outline = "label => getComputedStyle(label).outlineStyle"
    assert page.locator("label[for=file]").evaluate(outline) == "solid"
    choose(page, [file("typed.png", png(340, 200))])
    done = card(page, "typed.png")
    expect(done.locator("[data-copy]")).to_have_count(4)
    for _ in range(20):
        if focused.get_attribute("aria-label") == "Copy Page":
            break
        keyboard.press("Tab")
    keyboard.press("Enter")
    expect(focused).to_have_text("Copied")
    assert copied(page, link(done, "page"))
    keyboard.press("Shift+Tab")
    keyboard.press("Shift+Tab")
    expect(focused).to_have_text("typed.png")
    keyboard.press("Enter")
    expect(page.get_by_label("Title")).to_be_visible()
    page.get_by_label("Title").focus()
    keyboard.type("By keyboard")
    keyboard.press("Enter")
    expect(page.locator("#result")).to_have_text("Saved")
    page.locator("#delete").focus()
    keyboard.press("Enter")
    expect(focused).to_have_text("Keep it")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(page.locator("#notice")).to_have_text("The picture is deleted.")
