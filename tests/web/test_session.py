"""Signing in and out, over HTTP."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pictures import png
from serving import Server, helpa, running_server
from web.visitors import (
    Visitor,
    browser_headers,
    cookies,
    local_url,
    sign_in,
    sign_in_link,
    visitor,
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody has signed in to; the tests follow one another."""
    with running_server(tmp_path_factory.mktemp("own")) as running:
        yield running


def test_the_code_stands_in_the_fragment(own: Server) -> None:
    link = urlsplit(sign_in_link(own))
    assert link.path == "/signin"
    assert not link.query
    assert link.fragment.startswith("helpa_")


def test_looking_at_the_page_does_not_use_the_code(own: Server) -> None:
    assert own.get("/signin").status_code == 200
    assert own.get("/signin").status_code == 200


def test_a_form_of_another_site_signs_nobody_in(own: Server) -> None:
    code = urlsplit(sign_in_link(own)).fragment
    for headers in (
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": own.url},
    ):
        with own.client(None) as client:
            reply = client.post("/signin", data={"code": code}, headers=headers)
        assert reply.status_code == 403
        assert not cookies(reply)


def test_a_code_signs_in_once(own: Server) -> None:
    first = sign_in(own)
    assert first.status_code == 303
    assert first.headers["location"] == "/"
    parts = [part.strip() for part in cookies(first)["helpa_session"].split(";")]
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=2592000"} <= set(parts)
    assert "Secure" not in parts
    second = sign_in(own)
    assert second.status_code == 403
    assert second.headers["content-type"].startswith("text/html")
    assert "no longer works" in second.text
    assert "helpa signin" in second.text
    assert not cookies(second)


def test_the_command_line_prints_a_new_link(own: Server) -> None:
    link = urlsplit(helpa("signin", data_dir=own.data_dir, public_url=own.url).strip())
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{own.url}/signin"
    for status in (303, 403):  # it works once
        with own.client(None) as client:
            reply = client.post(
                "/signin", data={"code": link.fragment}, headers=browser_headers(own)
            )
        assert reply.status_code == status


def test_a_restart_shows_another_link_and_keeps_sessions(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        before = sign_in_link(server)
        session = visitor(server).session
    with running_server(tmp_path) as server:
        assert urlsplit(sign_in_link(server)).fragment != urlsplit(before).fragment
        with Visitor(server, session).client() as client:
            assert "Sign out" in client.get("/").text
            # An old link, opened again by somebody signed in, leads to the page.
            code = urlsplit(before).fragment
            assert client.post("/signin", data={"code": code}).status_code == 303


def test_an_expired_code_does_not_sign_in(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        with closing(sqlite3.connect(server.data_dir / "helpa.sqlite3")) as connection, connection:
            connection.execute("UPDATE tokens SET expires_at = 1 WHERE kind = 'signin'")
        reply = sign_in(server)
    assert reply.status_code == 403
    assert "has run out" in reply.text


@pytest.mark.parametrize("body", [b"", b"code=", b"code=%ff", b"\xff", b"&" * 99, b"x" * 5000])
def test_nonsense_does_not_sign_in(site: Server, body: bytes) -> None:
    with site.client(None) as client:
        reply = client.post(
            "/signin", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
        )
    assert reply.status_code in (400, 403)
    assert reply.headers["content-type"].startswith("text/html")


def test_a_session_has_the_default_scopes_and_no_more(somebody: Visitor) -> None:
    with somebody.client() as client:
        made = client.post("/api/images", files={"file": ("a.png", png(60, 40))})
        assert made.status_code == 201
        assert "sha256" not in made.json()
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
            assert "How to sign in" in client.get("/").text
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
        assert "How to sign in" in reply.text
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
        assert sign_in_link(server).startswith("https://helpa.example/pictures/signin#")
        reply = sign_in(server)
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
