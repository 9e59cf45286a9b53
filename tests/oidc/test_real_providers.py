"""Signing in with a real provider, whose forms Chromium fills in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from oidc.identity import CLIENT, SECRET, Providers, log_in
from oidc.people import person, running_community
from oidc.visiting import refusals, trusting
from serving import Server
from web.tabs import new_context

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(providers: Providers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that trusts both providers; blue may link accounts by address."""
    common = {"client_id": CLIENT, "client_secret": SECRET, "roles": {"support": "agent"}}
    settings = trusting(
        red={"issuer": providers.issuers["red"], "create_accounts": True, **common},
        blue={"issuer": providers.issuers["blue"], "link_by_email": True, **common},
    )
    folder = tmp_path_factory.mktemp("oidc")
    with running_community(folder, plugin=settings, rates__signin_address="0") as running:
        providers.admit(running.url)
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = new_context(browser, None)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def begin(page: Page, server: Server, provider: str, to: str = "/") -> None:
    page.goto(f"{server.url}/signin/oidc/{provider}?next={to}")


def test_groups_of_the_provider_become_a_role_here(
    page: Page, server: Server, providers: Providers
) -> None:
    providers.know("ada", name="Ada", email="ada@example.org", email_verified=True,
                   groups=["support"])  # fmt: skip
    begin(page, server, "red", "/?from=red")
    log_in(page, "ada")
    page.wait_for_url(f"{server.url}/?from=red")
    expect(page.locator(".who-name")).to_contain_text("Ada")
    assert person(server, "ada@example.org")["role"] == "agent"
    providers.know("ada", name="Ada", email="ada@example.org", email_verified=True, groups=[])
    begin(page, server, "red", "/?again")  # who is signed in at the provider is not asked again
    page.wait_for_url(f"{server.url}/?again")
    assert person(server, "ada@example.org")["role"] == "member"


def test_several_tabs_and_providers_at_once(
    context: BrowserContext, server: Server, providers: Providers
) -> None:
    providers.know("ben", name="Ben", email="ben@example.org", email_verified=True, groups=[])
    one, two, three = (context.new_page() for _ in range(3))
    begin(one, server, "red", "/?tab=1")
    begin(two, server, "blue", "/?tab=2")
    begin(three, server, "red", "/?tab=3")
    log_in(one, "ben")
    one.wait_for_url(f"{server.url}/?tab=1")
    log_in(two, "ben")  # blue signs in whom red made an account for, by their address
    two.wait_for_url(f"{server.url}/?tab=2")
    three.fill("input[name=login]", "ben")
    three.fill("input[name=password]", "anything")
    three.click("button[type=submit]")
    three.wait_for_url(f"{server.url}/?tab=3")
    for page in (one, two, three):
        page.goto(f"{server.url}/")
        expect(page.locator(".who-name")).to_contain_text("Ben")


def test_a_button_leads_to_the_provider_and_signing_out_ends_the_session_there(
    page: Page, server: Server, providers: Providers
) -> None:
    providers.know("kim", name="Kim", email="kim@example.org", email_verified=True, groups=[])
    page.goto(f"{server.url}/signin?next=/%3Fwanted")
    page.get_by_role("link", name="Sign in with Red").click()
    log_in(page, "kim")
    page.wait_for_url(f"{server.url}/?wanted")
    page.get_by_role("button", name="Sign out").click()
    # The provider asks, for somebody else may have led here.
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{server.url}/signin")
    page.get_by_role("link", name="Red").click()
    expect(page.locator("input[name=login]")).to_be_visible()  # it does not know Kim any more


def test_who_has_no_account_is_told_and_so_is_who_cancels(
    page: Page, server: Server, providers: Providers
) -> None:
    providers.know("eve", name="Eve", email="eve@example.org", email_verified=True, groups=[])
    begin(page, server, "blue")
    page.get_by_text("Cancel").click()
    expect(page.locator("h1")).to_have_text("Not signed in")
    expect(page.locator("main")).to_contain_text("cancelled")
    page.get_by_text("Try again with Blue").click()
    log_in(page, "eve")
    expect(page.locator("h1")).to_have_text("Not signed in")
    expect(page.locator("main")).to_contain_text("An administrator can invite you")
    assert person(server, "eve@example.org") is None
    assert [each["why"] for each in refusals(server)[-2:]] == ["denied", "no_account"]


def test_the_back_button_signs_nobody_in_twice(
    page: Page, server: Server, providers: Providers
) -> None:
    providers.know("tom", name="Tom", email="tom@example.org", email_verified=True, groups=[])
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    begin(page, server, "red")
    log_in(page, "tom")
    page.wait_for_url(f"{server.url}/")
    (answer,) = {each for each in addresses if "/callback?" in each}
    page.goto(answer)
    assert page.url == f"{server.url}/", "who is signed in goes on"
    page.context.clear_cookies()
    page.goto(answer)
    expect(page.locator("h1")).to_have_text("Not signed in")
    assert refusals(server)[-1]["why"] == "wrong_state"
