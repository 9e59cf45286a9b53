"""Signing in and out, over HTTP."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pictures import png
from serving import Server, running_server
from web.visitors import (
    EMAIL,
    PASSWORD,
    Visitor,
    browser_headers,
    cookies,
    local_url,
    session_of,
    set_up,
    setup_link,
    sign_in,
    visitor,
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody has signed in to; the tests follow one another."""
    with running_server(tmp_path_factory.mktemp("own")) as running:
        yield running


def test_the_code_stands_in_the_fragment(own: Server) -> None:
    link = urlsplit(setup_link(own))
    assert link.path == "/setup"
    assert not link.query
    assert link.fragment.startswith("helpa_")


def test_looking_at_the_page_does_not_use_the_code(own: Server) -> None:
    assert own.get("/setup").status_code == 200
    assert own.get("/setup").status_code == 200


def test_a_form_of_another_site_signs_nobody_in(own: Server) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": own.url},
    ):
        for path in ("/setup", "/signin", "/invitation", "/reset", "/forgot", "/signout"):
            with own.client(None) as client:
                reply = client.post(path, data={"code": "x"}, headers=headers)
            assert reply.status_code == 403
            assert not cookies(reply)


def test_a_mistake_in_the_form_does_not_use_the_code_and_is_shown_beside_its_field(
    own: Server,
) -> None:
    for field, text, said in (
        ("password", "too short", "A password has 10 to 1024 characters"),
        ("password", "ann@example.org", "easy to guess"),
        ("password", "password1234", "easy to guess"),
        ("name", "", "Say what to call you"),
        ("email", "ann", "an e-mail address"),
        ("email", "ann@example.org, bob@example.org", "an e-mail address"),
    ):
        reply = set_up(own, **{field: text})
        assert reply.status_code == 422, (field, text)
        assert said in reply.text
        assert f'id="{field}-error"' in reply.text
        assert text not in reply.text or field != "password" or text == EMAIL
        assert not cookies(reply)


def test_the_set_up_link_makes_one_administrator_and_signs_them_in(own: Server) -> None:
    first = set_up(own)
    assert first.status_code == 303
    assert first.headers["location"] == "/"
    parts = [part.strip() for part in cookies(first)["helpa_session"].split(";")]
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=2592000"} <= set(parts)
    assert "Secure" not in parts
    second = set_up(own, email="eve@example.org")
    assert second.status_code == 410
    assert second.headers["content-type"].startswith("text/html")
    assert "no longer works" in second.text
    assert not cookies(second)


def test_a_password_signs_in_in_any_case_of_the_address(own: Server) -> None:
    reply = sign_in(own, email=" ANN@Example.ORG ", next="/account?tab=1")
    assert reply.status_code == 303
    assert reply.headers["location"] == "/account?tab=1"
    assert session_of(reply).startswith("helpa_")


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil"],
)
def test_signing_in_leads_to_no_other_site(own: Server, target: str) -> None:
    reply = sign_in(own, next=target)
    assert (reply.status_code, reply.headers["location"]) == (303, "/")


def test_an_unknown_address_and_a_wrong_password_are_answered_alike(own: Server) -> None:
    wrong = sign_in(own, password="not the password at all")
    unknown = sign_in(own, email="abc@example.org", password="not the password at all")
    assert wrong.status_code == unknown.status_code == 401
    plain = [re.sub(r'nonce="[^"]+"', "", reply.text) for reply in (wrong, unknown)]
    assert plain[0].replace(EMAIL, "…") == plain[1].replace("abc@example.org", "…")
    assert "The e-mail address or the password is wrong." in wrong.text


def session_ends(server: Server) -> int:
    """Return how many sessions have ended, as the audit log says."""
    statement = "SELECT count(*) FROM entries WHERE action = 'session.end'"
    return int(server.database.read(lambda c: c.exec_driver_sql(statement).scalar_one()))


def test_signing_in_ends_the_session_that_the_browser_had(own: Server) -> None:
    before = Visitor(own, session_of(sign_in(own)))
    form = {"email": EMAIL, "password": PASSWORD}
    with before.client() as client:
        assert client.get("/api/images").status_code == 200
        ended = session_ends(own)
        after = session_of(client.post("/signin", data=form))
        assert client.get("/api/images").status_code == 401
    assert after != before.session
    assert session_ends(own) == ended + 1
    with Visitor(own, after).client() as client:
        assert client.get("/api/images").status_code == 200


def test_too_many_tries_at_one_account_are_429_and_others_go_on(own: Server) -> None:
    tries = [sign_in(own, email="victim@example.org", password="x").status_code for _ in range(12)]
    assert tries == [401] * 10 + [429] * 2
    assert sign_in(own, email="other@example.org", password="x").status_code == 401


def test_whoever_guesses_at_an_account_does_not_keep_its_holder_out(tmp_path: Path) -> None:
    settings = {"trusted_proxies": '["127.0.0.1"]', "rates__signin_total": "14"}
    with running_server(tmp_path, **settings) as server:
        set_up(server)

        def tried(address: str, password: str) -> int:
            headers = {**browser_headers(server), "X-Forwarded-For": address}
            with server.client(None) as client:
                form = {"email": EMAIL, "password": password}
                return client.post("/signin", data=form, headers=headers).status_code

        assert [tried("203.0.113.1", "x") for _ in range(11)] == [401] * 10 + [429]
        assert tried("203.0.113.2", PASSWORD) == 303
        # From many addresses it stops, too.
        many = [tried(f"203.0.113.{n}", "x") for n in range(3, 8)]
        assert many == [401] * 3 + [429] * 2


def test_another_spelling_of_an_address_gives_no_further_tries(own: Server) -> None:
    spelt = ["z\N{LATIN SMALL LETTER E WITH ACUTE}@example.org",
             "Ze\N{COMBINING ACUTE ACCENT}@example.org"]  # fmt: skip
    tries = [sign_in(own, email=spelt[n % 2], password="x").status_code for n in range(12)]
    assert tries == [401] * 10 + [429] * 2


def test_a_restart_shows_another_link_and_keeps_sessions(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        before = setup_link(server)
    with running_server(tmp_path) as server:
        assert urlsplit(setup_link(server)).fragment != urlsplit(before).fragment
        assert set_up(server, code=urlsplit(before).fragment).status_code == 410
        session = visitor(server).session
    with running_server(tmp_path) as server:
        assert not any("/setup" in text for text in server.announced.values())
        with Visitor(server, session).client() as client:
            assert "Sign out" in client.get("/").text
        with closing(sqlite3.connect(server.data_dir / "helpa.sqlite3")) as connection, connection:
            connection.execute("UPDATE tokens SET expires_at = 1 WHERE kind = 'session'")
        with Visitor(server, session).client() as client:
            assert client.get("/api/images").status_code == 401


def test_an_expired_link_does_not_set_up(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        with closing(sqlite3.connect(server.data_dir / "helpa.sqlite3")) as connection, connection:
            connection.execute("UPDATE tokens SET expires_at = 1 WHERE kind = 'setup'")
        reply = set_up(server)
    assert reply.status_code == 410
    assert "has run out" in reply.text


@pytest.mark.parametrize("path", ["/signin", "/setup", "/invitation", "/reset"])
@pytest.mark.parametrize("body", [b"", b"code=", b"code=%ff", b"\xff", b"&" * 99, b"x" * 70000])
def test_nonsense_does_not_sign_in(site: Server, path: str, body: bytes) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    with site.client(None) as client:
        reply = client.post(path, content=body, headers={**kind, **browser_headers(site)})
    assert reply.status_code in (400, 401, 413, 422)
    assert reply.headers["content-type"].startswith("text/html")
    assert not cookies(reply)


def test_a_session_may_what_its_role_may(somebody: Visitor) -> None:
    with somebody.client() as client:
        made = client.post("/api/images", files={"file": ("a.png", png(60, 40))})
        assert made.status_code == 201
        assert made.json()["owner"] == "local"
        changed = client.patch(made.headers["location"], json={"title": "A title"})
        assert changed.json()["title"] == "A title"
        assert client.delete(made.headers["location"]).status_code == 204


def test_a_session_is_no_bearer_token(somebody: Visitor) -> None:
    with somebody.server.client(somebody.session) as client:
        assert client.get("/api/images").status_code == 401


def test_an_api_token_is_no_session(site: Server) -> None:
    with Visitor(site, site.token).client() as client:
        assert client.get("/api/images").status_code == 401


def test_another_site_cannot_use_the_cookie(somebody: Visitor) -> None:
    evil = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    with somebody.client() as client:
        for path in ("/api/images", "/signout"):
            reply = client.post(path, files={"file": ("a.png", png(60, 40))}, headers=evil)
            assert reply.status_code == 403
        assert "Sign out" in client.get("/").text


def test_signing_out_ends_the_session(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        leaving = visitor(server)
        with leaving.client() as client:
            assert client.get("/api/images").status_code == 200
            form = {"_csrf": leaving.form_token()}
            assert client.post("/signout", data={}).status_code in (403, 415)
            reply = client.post("/signout", data=form)
            assert reply.status_code == 303
            assert "Max-Age=0" in cookies(reply)["helpa_session"]
            assert client.get("/api/images").status_code == 401
            assert "For those who have an account" in client.get("/").text
            # The form may be sent again, from a page that is still open.
            assert client.post("/signout", data=form).status_code == 303


class TestASessionThatHasEnded:
    """Its cookie counts as none: no page locks its owner out, nothing private opens."""

    @pytest.fixture(params=["forgotten", "garbled", "empty"])
    def stale(self, request: pytest.FixtureRequest, site: Server, somebody: Visitor) -> Visitor:
        last = "B" if somebody.session[40] == "A" else "A"
        texts = {
            "forgotten": "helpa_" + "A" * 71,
            "garbled": somebody.session[:40] + last + somebody.session[41:],
            "empty": "",
        }
        return Visitor(site, texts[request.param])

    def test_the_first_page_says_so(self, stale: Visitor) -> None:
        with stale.client() as client:
            reply = client.get("/")
        assert reply.status_code == 200
        assert "Your session has ended" in reply.text
        assert "For those who have an account" in reply.text
        assert "Max-Age=0" in cookies(reply)["helpa_session"]

    def test_public_pictures_are_seen(self, stale: Visitor) -> None:
        document = stale.server.upload(png(60, 40))
        with stale.client() as client:
            assert client.get(f"/i/{document['id']}").status_code == 200
            assert client.get(f"/img/{document['id']}").status_code == 200

    def test_private_pictures_are_not(self, stale: Visitor) -> None:
        document = stale.server.upload(png(61, 40), visibility="private")
        with stale.client() as client:
            assert client.get(f"/i/{document['id']}").status_code == 404
            assert client.get(f"/img/{document['id']}").status_code == 404

    def test_nothing_can_be_changed(self, stale: Visitor) -> None:
        with stale.client() as client:
            assert client.get("/api/images").status_code == 401
            upload = client.post("/api/images", files={"file": ("a.png", png(60, 40))})
            assert upload.status_code == 401


def test_https_hardens_the_cookie(tmp_path: Path) -> None:
    with running_server(tmp_path, public_url="https://helpa.example/pictures") as public:
        server = replace(public, url=local_url(public))
        assert setup_link(server).startswith("https://helpa.example/pictures/setup#")
        reply = set_up(server)
        assert reply.status_code == 303
        assert reply.headers["location"] == "/pictures/"
        (name,) = cookies(reply)
        assert name == "__Host-helpa_session"
        parts = [part.strip() for part in cookies(reply)[name].split(";")]
        assert "Secure" in parts
        assert "Path=/" in parts
        assert not any(part.startswith("Domain") for part in parts)
        cookie = parts[0]
        with server.client(None) as client:
            page = client.get("/", headers={"Cookie": cookie}).text
            unprefixed = cookie.removeprefix("__Host-")
            assert "Sign out" not in client.get("/", headers={"Cookie": unprefixed}).text
    assert "Sign out" in page
    assert 'action="/pictures/signout"' in page
