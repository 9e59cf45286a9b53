"""Pages of people, teams, sessions, tokens and the log, as people use them in a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.crowd import Crowd, gathered
from accounts.test_credentials import HOUR, age
from web.tabs import Tab, copied, new_context
from web.test_looks import CONTRAST
from web.visitors import Visitor, form_token

pytestmark = pytest.mark.browser

TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("body *")]
        .filter((each) => !each.parentElement.closest(".table"))
        .filter((each) => each.getBoundingClientRect().right > innerWidth)
        .map((each) => each.outerHTML.slice(0, 120))
        .concat([`something: ${document.documentElement.scrollWidth} px`])"""
"""What reaches over the edge of a page that scrolls sideways."""

PASSWORD = "eleven quiet harbours sing"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """A server of its own, whose lists these tests count."""
    with gathered(tmp_path_factory.mktemp("pages")) as running:
        yield running


@pytest.fixture
def admin(place: Crowd) -> Visitor:
    return place.session("local")


@pytest.fixture
def tab(browser: Browser, admin: Visitor) -> Iterator[Tab]:
    """A tab of the administrator's; errors on its console fail the test."""
    context = new_context(browser, admin)
    opened = Tab(context.new_page())
    opened.watch()
    yield opened
    opened.page.evaluate("1")
    context.close()
    assert opened.unexpected() == []


@pytest.fixture
def plain(browser: Browser, admin: Visitor) -> Iterator[Page]:
    """The same without script."""
    context = new_context(browser, admin, java_script_enabled=False)
    yield context.new_page()
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def test_somebody_is_invited_joins_is_promoted_and_disabled(
    tab: Tab, browser: Browser, place: Crowd
) -> None:
    page, url = tab.page, place.server.url
    page.goto(f"{url}/users")
    page.get_by_label("E-mail address", exact=True).fill("pat@example.org")
    page.get_by_label("Role", exact=True).select_option("helper")
    press(page, "Invite")
    expect(page.get_by_role("heading", level=1)).to_have_text("pat")
    link = page.get_by_label("You are invited to Helpa to pat@example.org").input_value()
    page.get_by_role("button", name="Copy the link for pat@example.org").click()
    assert copied(page, link)
    context = new_context(browser, None)
    theirs = context.new_page()
    theirs.goto(link)
    theirs.get_by_label("Your name").fill("Pat")
    theirs.get_by_label("Password").fill(PASSWORD)
    press(theirs, "Join")
    theirs.wait_for_url(f"{url}/")
    assert theirs.goto(f"{url}/users").status == 403  # type: ignore[union-attr]

    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pat")
    expect(page.get_by_role("cell", name="invitation")).to_have_count(2)  # session and history
    page.get_by_label("Role", exact=True).select_option("moderator")
    press(page, "Save")
    assert theirs.goto(f"{url}/users").status == 200  # type: ignore[union-attr]

    follow(page, "Disable …")
    expect(page.get_by_role("heading", level=1)).to_have_text("Disable the account of Pat?")
    follow(page, "No, go back")
    follow(page, "Disable …")
    press(page, "Disable the account")
    expect(page.get_by_text("disabled", exact=True)).to_be_visible()
    theirs.goto(f"{url}/account/sessions")
    expect(theirs.get_by_text("people who are signed in")).to_be_visible()
    press(page, "Enable")
    expect(page.get_by_text("active", exact=True)).to_be_visible()
    context.close()


def test_what_is_wrong_with_an_invitation_is_told_beside_the_field_and_nothing_is_lost(
    tab: Tab, place: Crowd
) -> None:
    tab.refusals |= {400, 409}
    page = tab.page
    page.goto(f"{place.server.url}/users")
    page.get_by_label("Name", exact=True).fill("Nobody")
    page.get_by_label("E-mail address", exact=True).fill("not an address")
    press(page, "Invite")
    field = page.get_by_label("E-mail address", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("not an address")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Nobody")
    expect(page.get_by_role("alert")).to_be_focused()
    field.fill("admin@example.org")
    press(page, "Invite")
    expect(page.get_by_role("alert")).to_contain_text("There is an account")


def test_the_last_administrator_is_told_why_nothing_was_changed(tab: Tab, place: Crowd) -> None:
    tab.refusals.add(409)
    page = tab.page
    page.goto(f"{place.server.url}/users/local")
    page.get_by_label("Role", exact=True).select_option("member")
    press(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("last administrator")
    follow(page, "Disable …")
    press(page, "Disable the account")
    expect(page.get_by_role("alert")).to_contain_text("last administrator")
    page.goto(f"{place.server.url}/users/local")
    expect(page.get_by_label("Role", exact=True)).to_have_value("admin")


def test_teams_without_script(plain: Page, place: Crowd) -> None:
    page, url = plain, place.server.url
    page.goto(f"{url}/teams")
    page.get_by_label("Name").fill("Night <b>shift</b>")
    press(page, "Make the team")
    expect(page.get_by_role("heading", level=1)).to_have_text("Night <b>shift</b>")
    expect(page.get_by_text("Nobody is in this team yet.")).to_be_visible()
    page.get_by_label("E-mail address").fill("nobody@example.org")
    press(page, "Add")
    expect(page.locator(".field-error")).to_have_text("Nobody here has this e-mail address.")
    page.get_by_label("E-mail address").fill("guest@example.org")
    press(page, "Add")
    expect(page.get_by_role("rowheader", name="guest")).to_be_visible()
    with place.session(place.accounts["guest"]).client() as client:
        assert "Night &lt;b&gt;shift" in client.get("/teams").text
    press(page, "Remove guest")
    expect(page.get_by_text("Nobody is in this team yet.")).to_be_visible()
    page.goto(f"{url}/users/{place.accounts['guest']}")
    page.get_by_label("Night <b>shift</b>").check()
    press(page, "Save the teams")
    page.goto(f"{url}/teams")
    follow(page, "Night <b>shift</b>")
    follow(page, "Delete …")
    press(page, "Delete the team")
    expect(page.get_by_role("heading", level=1)).to_have_text("Teams")
    expect(page.get_by_text("There are no teams yet.")).to_be_visible()


def test_a_token_is_made_by_keyboard_shown_once_saved_for_sharex_and_revoked(
    tab: Tab, place: Crowd, tmp_path: Path
) -> None:
    page, url = tab.page, place.server.url
    page.goto(f"{url}/account/tokens")
    expect(page.get_by_text("You have no tokens yet.")).to_be_visible()
    page.get_by_label("Name").focus()
    page.keyboard.type("ShareX at home")
    page.keyboard.press("Tab")
    expect(page.get_by_label("images:read")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("ShareX at home")
    token = page.get_by_role("textbox", name="Token").input_value()
    page.get_by_role("button", name="Copy the token").click()
    assert copied(page, token)
    assert token in page.get_by_label("Upload with curl").input_value()
    with page.expect_download() as waiting:
        follow(page, "Save helpa.sxcu")
    assert waiting.value.suggested_filename == "helpa.sxcu"
    saved = tmp_path / "helpa.sxcu"
    waiting.value.save_as(saved)
    uploader = json.loads(saved.read_text(encoding="utf-8"))
    assert uploader["Headers"] == {"Authorization": f"Bearer {token}"}
    follow(page, "I have copied it")
    assert token not in page.content()
    expect(page.get_by_role("cell", name="images:write", exact=True)).to_be_visible()
    with place.server.client(token) as client:
        assert client.get("/api/images").status_code == 403  # the box was unticked
    page.get_by_role("link", name=re.compile("^Revoke")).click()
    press(page, "Revoke the token")
    expect(page.get_by_text("You have no tokens yet.")).to_be_visible()
    with place.server.client(token) as client:
        assert client.get("/api/images").status_code == 401


def test_a_token_without_scopes_or_from_an_old_session_is_none(
    tab: Tab, place: Crowd, admin: Visitor
) -> None:
    tab.refusals |= {422, 403}
    page, url = tab.page, place.server.url
    page.goto(f"{url}/account/tokens")
    for name in ("images:read", "images:write"):
        page.get_by_label(name).uncheck()
    press(page, "Make the token")
    expect(page.locator("#name-error")).to_contain_text("Give the token a name")
    expect(page.locator("#scopes-error")).to_have_text("Tick what the token may do.")
    with admin.client() as client:
        session = client.get("/api/account").json()["credential"]["id"]
    age(place, session, HOUR)
    page.get_by_label("Name").fill("late")
    page.get_by_label("images:read").check()
    press(page, "Make the token")
    follow(page, "Sign in again")
    assert urlsplit(page.url).path == "/signin"
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.locator("[name=next]")).to_have_value("/account/tokens")
    with admin.client() as client:  # nothing has ended
        assert client.get("/account/tokens").status_code == 200


def test_one_sees_where_one_is_signed_in_and_ends_it(tab: Tab, place: Crowd) -> None:
    page, url = tab.page, place.server.url
    other = place.session("local")
    page.goto(f"{url}/account/sessions")
    expect(page.get_by_text("this one")).to_have_count(1)
    press(page, "End all others")
    expect(page.get_by_role("button", name="End all others")).to_have_count(0)
    with other.client() as client:
        assert client.get("/account/sessions").status_code == 401
    page.get_by_role("button", name=re.compile("^End the session")).click()
    page.wait_for_url(f"{url}/")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_the_log_is_searched_and_its_entries_are_read(tab: Tab, place: Crowd) -> None:
    tab.refusals.add(422)
    page, url = tab.page, place.server.url
    page.goto(f"{url}/audit")
    page.get_by_label("What", exact=True).fill("account.create")
    page.get_by_label("To which object", exact=True).fill(f"account:{place.accounts['auditor']}")
    press(page, "Search")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("account.create")
    expect(page.get_by_role("row", name="Details")).to_contain_text('"role": "auditor"')
    page.goto(f"{url}/audit?action=no.such")
    expect(page.get_by_text("No entry matches.")).to_be_visible()
    page.goto(f"{url}/audit?from=yesterday")
    expect(page.locator(".field-error")).to_contain_text("Write a time")
    for number in range(60):
        place.add("guest", f"many-{number}")
    page.goto(f"{url}/audit?action=account.create")
    expect(page.locator("tbody tr")).to_have_count(50)
    newest = page.locator("tbody th").first.inner_text()
    follow(page, "Older")
    expect(page.locator("tbody th").first).not_to_have_text(newest)
    follow(page, "Newer")
    expect(page.locator("tbody th").first).to_have_text(newest)
    (entry, *_) = place.entries(action="audit.read", actor="account:local")
    assert entry["details"] == {"action": "account.create", "entries": 50}


@pytest.fixture(scope="module")
def paths(place: Crowd) -> list[str]:
    """Every page, full."""
    name = "W" * 90
    someone = place.add("agent", "a.very.long.name.that.goes.on.and.on.and.on.for.ever")
    team = place.add_team(name, someone)
    token = place.issue("local", ["images:read", "images:write"]).id
    with place.admin() as client:
        client.post(f"/api/users/{someone}/reset")
    return [
        "/users", "/users?q=nobody-has-this", "/users/roles", f"/users/{someone}", "/users/local",
        f"/users/{someone}/disable", "/teams", f"/teams/{team}", f"/teams/{team}/delete",
        "/account/sessions", "/account/tokens", f"/account/tokens/{token}/revoke",
        "/audit", "/audit/1", "/audit?action=no.such",
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_and_are_legible(
    tab: Tab, place: Crowd, paths: list[str], width: int, scheme: Any
) -> None:
    page = tab.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    for path in paths:
        reply = page.goto(f"{place.server.url}{path}")
        assert reply is not None
        assert reply.status == 200, path
        assert page.evaluate(TOO_WIDE) == [], path
        assert page.evaluate(CONTRAST) == [], path
        assert page.locator("h1").count() == 1, path
        twice = page.evaluate(
            """() => [...document.querySelectorAll("[id]")].map((each) => each.id)
                .filter((id, place, all) => all.indexOf(id) !== place)"""
        )
        assert twice == [], path
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("input:not([type=hidden]), select")]
                .filter((each) => !each.labels.length).map((each) => each.outerHTML)"""
        )
        assert nameless == [], path


@pytest.mark.parametrize("role", ["guest", "member", "moderator", "auditor", "admin"])
def test_pages_offer_only_what_their_reader_may_do(place: Crowd, role: str) -> None:
    other = place.accounts["helper"]
    team = place.add_team(f"Of {role}", place.accounts[role])
    with place.session(place.accounts[role]).client() as client:
        pages = {
            path: client.get(path)
            for path in ("/users", f"/users/{other}", "/teams", f"/teams/{team}", "/audit")
        }
    sees = {path: reply.status_code == 200 for path, reply in pages.items()}
    assert sees["/users"] == sees[f"/users/{other}"] == (role in ("moderator", "auditor", "admin"))
    assert sees["/audit"] == (role in ("auditor", "admin"))
    assert sees["/teams"]
    assert sees[f"/teams/{team}"]
    changes = [
        form
        for path, reply in pages.items()
        for form in re.findall(r'<form[^>]* method="post" action="([^"]+)"', reply.text)
        if sees[path] and form != "/signout"
    ]
    assert bool(changes) == (role == "admin")
    history = pages[f"/users/{other}"].text.count("Sign-in history")
    assert history == (role in ("auditor", "admin"))


def test_letters_that_wait_are_shown_to_those_who_may_read_them(place: Crowd) -> None:
    with place.admin() as client:
        made = client.post("/api/users", json={"email": "w@example.org", "name": "W"}).json()
    with place.session("local").client() as client:
        for path in ("/users?q=w@example", f"/users/{made['id']}"):
            assert made["link"] in client.get(path).text
    for role in ("moderator", "auditor"):
        with place.session(place.accounts[role]).client() as client:
            for path in ("/users?q=w@example", f"/users/{made['id']}"):
                text = client.get(path).text
                assert "w@example.org" in text
                assert made["link"] not in text
                assert "/invitation#" not in text


def test_every_form_needs_the_token_of_the_session_it_is_sent_with(place: Crowd) -> None:
    mine, others = place.session("local"), place.session(place.accounts["member"])
    with others.client() as client:
        foreign = form_token(client.get("/teams").text)
    guest = place.accounts["guest"]
    forms = {"/users": {"email": "csrf@example.org"}, f"/users/{guest}": {"role": "admin"},
             f"/users/{guest}/disable": {"x": ""}, f"/users/{guest}/reset": {"x": ""},
             "/teams": {"name": "x"},
             "/account/tokens": {"name": "x", "scopes": "admin"},
             "/account/sessions/others/end": {"x": ""}}  # fmt: skip
    with mine.client() as client:
        for path, fields in forms.items():
            for token in ({}, {"_csrf": foreign}, {"_csrf": ""}):
                reply = client.post(path, data={**fields, **token})
                assert reply.status_code == 403, path
                assert "This form was made before you signed in" in reply.text
            own = {**fields, "_csrf": form_token(client.get("/teams").text)}
            headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            assert client.post(path, data=own, headers=headers).status_code == 403, path
    with place.admin() as client:
        assert client.get(f"/api/users/{guest}").json()["role"] == "guest"
        assert client.get("/api/users", params={"q": "csrf@"}).json()["users"] == []
