"""Chromium with its virtual authenticator, on localhost."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from passkeys import people
from passkeys.visiting import add, opened, visiting
from serving import NO_TLS, Server, running_server
from web.visitors import local_url

pytestmark = pytest.mark.browser


def test_add_sign_out_sign_in_rename_remove_and_no_longer(
    browser: Browser, own_site: Server
) -> None:
    with visiting(browser, own_site, people.account(own_site)) as context:
        tab, device = opened(context)
        page = tab.page
        add(page, own_site, "Phone")
        expect(page.get_by_role("rowheader")).to_have_text("Phone")
        (held,) = device.passkeys()
        assert held["isResidentCredential"]
        assert held["rpId"] == "localhost"

        context.clear_cookies()
        page.goto(f"{own_site.url}/account/passkeys")
        expect(page.get_by_role("heading", level=1)).not_to_have_text("Passkeys")
        page.goto(f"{own_site.url}/signin/passkey?next=/account/passkeys")
        expect(page.get_by_role("button", name="Use a passkey")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/account/passkeys")
        expect(page.get_by_role("rowheader")).to_have_text("Phone")

        page.get_by_role("link", name="Phone").click()
        page.get_by_label("Name").fill("Old phone")
        page.get_by_role("button", name="Rename").click()
        expect(page.get_by_text("The passkey was renamed")).to_be_visible()
        page.get_by_role("link", name="Old phone").click()
        page.get_by_role("button", name="Remove").click()
        expect(page.get_by_text("You have no passkeys yet")).to_be_visible()

        context.clear_cookies()
        page.goto(f"{own_site.url}/signin/passkey")
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("lets nobody in here")
        expect(page.get_by_role("alert")).to_be_focused()
        page.goto(f"{own_site.url}/account/passkeys")
        expect(page.get_by_role("heading", level=1)).not_to_have_text("Passkeys")
        tab.refusals |= {401, 403}
        assert tab.unexpected() == []


def test_two_tabs_sign_in_at_once(browser: Browser, own_site: Server) -> None:
    with visiting(browser, own_site, people.account(own_site)) as context:
        first, device = opened(context)
        add(first.page, own_site, "Phone")
        (held,) = device.passkeys()
        context.clear_cookies()
        second, other = opened(context)
        other.take(held | {"signCount": held["signCount"] + 10})
        for tab in (first, second):
            tab.page.goto(f"{own_site.url}/signin/passkey?next=/account/passkeys")
        # The second asks for a challenge before the first has answered its own.
        asked = """fetch("/signin/passkey/options", {
            method: "POST", body: "{}", headers: {"Content-Type": "application/json"},
        }).then((reply) => reply.status)"""
        assert second.page.evaluate(asked) == 200
        for tab in (first, second):
            tab.page.get_by_role("button", name="Use a passkey").click()
            tab.page.wait_for_url("**/account/passkeys")
            expect(tab.page.get_by_role("rowheader")).to_have_text("Phone")
            assert tab.unexpected() == []


def test_a_device_that_recognises_nobody_adds_nothing_and_signs_nobody_in(
    browser: Browser, own_site: Server
) -> None:
    with visiting(browser, own_site, people.account(own_site)) as context:
        tab, device = opened(context, verified=False)
        page = tab.page
        page.goto(f"{own_site.url}/account/passkeys")
        page.get_by_label("Name").fill("Phone")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("Try again")
        assert device.passkeys() == []
        device.verify(verified=True)
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_text("The passkey was added").wait_for()
        device.verify(verified=False)
        context.clear_cookies()
        page.goto(f"{own_site.url}/signin/passkey")
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("Try again")
        assert tab.unexpected() == []


def test_a_device_makes_no_second_passkey_of_an_account(browser: Browser, own_site: Server) -> None:
    with visiting(browser, own_site, people.account(own_site)) as context:
        tab, device = opened(context)
        page = tab.page
        add(page, own_site, "Phone")
        page.get_by_label("Name").fill("The same phone")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("alert")).to_contain_text("has a passkey of your account already")
        assert len(device.passkeys()) == 1
        assert tab.unexpected() == []


def test_a_name_that_is_missing_is_said_where_it_is_asked_for(
    browser: Browser, own_site: Server
) -> None:
    with visiting(browser, own_site, people.account(own_site)) as context:
        tab, device = opened(context)
        tab.refusals = {400}
        tab.page.goto(f"{own_site.url}/account/passkeys")
        tab.page.get_by_role("button", name="Add a passkey").click()
        expect(tab.page.get_by_role("alert")).to_contain_text("Give the passkey a name")
        assert device.passkeys() == []
        assert tab.unexpected() == []


def test_at_another_address_of_the_server_the_page_says_which_one_works(
    browser: Browser, own_site: Server
) -> None:
    with visiting(browser, own_site) as context:
        tab, _ = opened(context)
        tab.page.goto(f"{local_url(own_site)}/signin/passkey")
        expect(tab.page.get_by_role("alert")).to_contain_text(own_site.url)
        expect(tab.page.get_by_role("button", name="Use a passkey")).to_be_disabled()


def test_the_page_to_sign_in_leads_to_passkeys_and_back_to_where_one_wanted_to_be(
    browser: Browser, own_site: Server
) -> None:
    with visiting(browser, own_site, people.account(own_site)) as context:
        tab, _ = opened(context)
        add(tab.page, own_site, "Phone")
        context.clear_cookies()
        tab.page.goto(f"{own_site.url}/signin?next=/account/passkeys")
        tab.page.get_by_role("link", name="Use a passkey").click()
        tab.page.get_by_role("button", name="Use a passkey").click()
        tab.page.wait_for_url("**/account/passkeys")
        expect(tab.page.get_by_role("rowheader")).to_have_text("Phone")
        assert tab.unexpected() == []


def test_a_server_without_a_host_name_says_what_to_do(tmp_path: Path) -> None:
    with running_server(tmp_path / "var") as server:
        owner = people.account(server, "admin")
        session = people.session(server, owner).text
        headers = {"Cookie": f"helpa_session={session}", "Origin": server.url}
        with httpx2.Client(base_url=server.url, headers=headers, verify=NO_TLS) as client:
            for path in ("/signin/passkey", "/account/passkeys"):
                page = people.text_of(client.get(path).text)
                assert "Passkeys need a host name" in page
                assert "HELPA_PUBLIC_URL=https://" in page
                assert "http://localhost:" in page
            refused = client.post("/signin/passkey/options", json={})
        assert "Use a passkey" not in server.get("/signin").text
        assert refused.status_code == 422
        assert "host name" in refused.json()["detail"]
