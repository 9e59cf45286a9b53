"""The page behind one's name, in a browser."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import h3
import pytest
from playwright.sync_api import Browser, Page, expect

import pictures
from profiles.people import Person, person
from web.tabs import Tab, new_context

pytestmark = pytest.mark.browser

ZURICH = {"latitude": 47.376888, "longitude": 8.541694}


@pytest.fixture
def ann(admin: Person, request: pytest.FixtureRequest) -> Person:
    name = re.sub(r"\W+", "-", request.node.name)[:60]
    return person(admin.server, "Ann Bee", email=f"{name}@example.org")


@pytest.fixture
def tab(browser: Browser, ann: Person) -> Iterator[Tab]:
    """A tab of Ann's; errors on its console fail the test."""
    where = {"geolocation": ZURICH, "accept_downloads": True}
    context = new_context(browser, ann.visitor, **where)
    opened = Tab(context.new_page())
    opened.watch()
    opened.page.goto(f"{ann.server.url}/account")
    yield opened
    opened.page.evaluate("1")
    context.close()
    assert opened.unexpected() == []


def shown(ann: Person) -> dict[str, object]:
    document: dict[str, object] = ann.call("GET", "/api/account/profile").json()
    return document


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()


def test_everything_of_a_profile_is_changed_on_one_page(tab: Tab, ann: Person) -> None:
    page = tab.page
    image = ann.upload(pictures.png(200, 200), title="Me at sea")
    ann.upload(pictures.png(210, 210), title="Not for others", visibility="private")
    page.reload()
    tabs = page.get_by_role("navigation", name="Your account").get_by_role("link")
    expect(tabs.first).to_have_text("Profile")
    expect(tabs.first).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("radio", name="Not for others")).to_have_count(0)
    page.get_by_label("Name").fill("Ann Marie")
    page.get_by_role("radio", name="Me at sea").check()
    page.get_by_label("Language").select_option("de-CH")
    page.get_by_label("Time zone").select_option("Europe/Zurich")
    page.get_by_label("From").fill("22:00")
    page.get_by_label("To", exact=True).fill("06:30")
    page.get_by_role("group", name="Tell me when I join or leave a team").get_by_label(
        "By mail"
    ).uncheck()
    save(page)
    expect(page.get_by_label("Name")).to_have_value("Ann Marie")
    expect(page.get_by_role("radio", name="Me at sea")).to_be_checked()
    expect(page.get_by_label("From")).to_have_value("22:00")
    expect(page.get_by_role("link", name="Your account: Ann Marie")).to_be_visible()
    kept = shown(ann)
    assert kept["picture"]["id"] == image["id"]  # type: ignore[index]
    assert (kept["language"], kept["time_zone"]) == ("de-CH", "Europe/Zurich")
    assert kept["quiet_hours"] == {"from": "22:00", "to": "06:30"}
    assert kept["notifications"] == {"security": ["mail"], "team": [], "picture": []}


def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_stays(
    tab: Tab, ann: Person
) -> None:
    page = tab.page
    tab.refusals = {422}
    page.get_by_label("Name").fill("")
    page.get_by_label("From").fill("22:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").get_by_text("Enter a name")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert").get_by_text("two different times")).to_be_visible()
    expect(page.get_by_label("From")).to_have_value("22:00")
    assert shown(ann)["name"] == "Ann Bee"


def test_a_place_is_the_area_around_where_the_browser_is(tab: Tab, ann: Person) -> None:
    page = tab.page
    page.context.grant_permissions(["geolocation"], origin=ann.server.url)
    cell = h3.latlng_to_cell(*ZURICH.values(), 8)
    page.get_by_role("button", name="Use my location").click()
    expect(page.locator("#place").get_by_text(cell)).to_be_visible()
    expect(page.locator("#place").get_by_text(h3.cell_to_parent(cell, 7))).to_be_visible()
    page.get_by_role("button", name="Remove the place").click()
    expect(page.get_by_text("No place is kept.")).to_be_visible()
    assert shown(ann)["place"] is None


def test_a_browser_that_may_not_tell_says_so(tab: Tab, ann: Person) -> None:
    page = tab.page
    page.context.clear_permissions()
    page.get_by_role("button", name="Use my location").click()
    expect(page.get_by_role("alert").get_by_text("may not tell your position")).to_be_visible()
    expect(page.get_by_role("button", name="Use my location")).to_be_enabled()
    assert shown(ann)["place"] is None


def test_everything_is_downloaded_by_a_button(tab: Tab, ann: Person) -> None:
    with tab.page.expect_download() as begun:
        tab.page.get_by_role("button", name="Download everything").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(begun.value.path()).read_bytes()))
    assert ann.email in archive.read("account.json").decode()


def test_erasing_asks_for_the_address_and_then_signs_out(tab: Tab, ann: Person) -> None:
    page = tab.page
    tab.refusals = {422}
    page.get_by_role("link", name="Erase my account …").click()
    page.get_by_label("Your e-mail address").fill("somebody@example.org")
    page.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_role("alert").get_by_text("Type the e-mail address")).to_be_visible()
    page.get_by_label("Your e-mail address").fill(ann.email)
    page.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_role("heading", name="Your account is erased")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert [each["name"] for each in page.context.cookies()] == []


def test_who_signed_in_long_ago_is_told_to_sign_in_again(tab: Tab, ann: Person) -> None:
    page = tab.page
    tab.refusals = {403}
    ann.age()
    page.goto(f"{ann.server.url}/account/erase")
    page.get_by_label("Your e-mail address").fill(ann.email)
    page.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_role("alert").get_by_text("Sign out and in again")).to_be_visible()
    assert shown(ann)["email"] == ann.email
