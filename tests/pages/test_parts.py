"""How the parts of the kit look and whether everybody can use them, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from serving import Server
from web.tabs import Tab, new_context
from web.test_looks import CONTRAST
from web.visitors import Visitor

pytestmark = pytest.mark.browser

PATHS = ["/samples", "/samples?empty", "/samples/new", "/secrets"]


@pytest.fixture
def tab(browser: Browser, reader: Visitor) -> Iterator[Tab]:
    context = new_context(browser, reader)
    opened = Tab(context.new_page(), refusals={403, 422})
    opened.watch()
    yield opened
    opened.page.evaluate("1")
    context.close()
    assert opened.unexpected() == []


def test_a_script_of_the_plugin_imports_one_of_the_kit(tab: Tab, sampled: Server) -> None:
    tab.page.goto(f"{sampled.url}/samples")
    expect(tab.page.locator("#status")).to_have_text("The sample script runs")


def test_what_the_policy_forbids_does_not_run(tab: Tab, sampled: Server) -> None:
    page = tab.page
    page.goto(f"{sampled.url}/samples")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'injected'";
            document.body.append(script);
        }"""
    )
    assert page.title() == "Samples · Helpa"
    assert [error for error in tab.errors if "Content Security Policy" in error]
    tab.errors.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_scrolls_sideways_and_all_can_be_read(
    tab: Tab, sampled: Server, width: int, scheme: Any
) -> None:
    page = tab.page
    page.set_viewport_size({"width": width, "height": 740})
    page.emulate_media(color_scheme=scheme)
    for path in PATHS:
        page.goto(f"{sampled.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(CONTRAST) == [], path


def test_a_form_says_what_is_wrong_first(tab: Tab, sampled: Server) -> None:
    page = tab.page
    page.goto(f"{sampled.url}/samples/new")
    page.get_by_label("Address").fill("nope")
    page.get_by_role("button", name="Add").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert page.evaluate(CONTRAST) == []
    summary.get_by_role("link", name="Enter a name.").click()
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_label("Address")).to_have_accessible_description(
        "Enter an address like ada@example.com. An invitation is sent to it."
    )
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Address").fill("ada@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Samples")


def test_the_menu_works_without_scripts(browser: Browser, reader: Visitor, sampled: Server) -> None:
    context = new_context(
        browser, reader, java_script_enabled=False, viewport={"width": 390, "height": 740}
    )
    page = context.new_page()
    page.goto(f"{sampled.url}/samples")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link", name="Samples")).to_have_attribute("aria-current", "page")
    menu.get_by_role("link", name="Pictures").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Paste, drop or choose pictures")
    context.close()


def test_a_wide_table_scrolls_in_its_own_box_by_keyboard(tab: Tab, sampled: Server) -> None:
    page = tab.page
    page.set_viewport_size({"width": 390, "height": 740})
    page.goto(f"{sampled.url}/samples")
    box = page.get_by_role("region", name="People")
    box.focus()
    page.keyboard.press("ArrowRight")
    expect(box).not_to_have_js_property("scrollLeft", 0)
