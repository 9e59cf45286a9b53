"""Pages by the kit, over HTTP: headers, navigation, errors."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from helpa import Route
from helpa.pages import local_path
from pages.elements import Elements
from serving import Server
from web.visitors import Visitor


def policy(headers: dict[str, str]) -> dict[str, str]:
    parts = headers["content-security-policy"].split(";")
    return dict(part.strip().split(" ", 1) for part in parts)


class TestHeaders:
    """Of every page, whatever it answers."""

    @pytest.mark.parametrize("path", ["/samples", "/samples/new", "/secrets", "/leave", "/broken"])
    @pytest.mark.parametrize("signed_in", [True, False])
    def test_are_strict(self, sampled: Server, reader: Visitor, path: str, signed_in: bool) -> None:
        with reader.client() if signed_in else sampled.client(None) as client:
            reply = client.get(path)
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        said = policy(dict(reply.headers))
        assert said["default-src"] == said["base-uri"] == said["frame-ancestors"] == "'none'"
        assert said["img-src"] == "'self' blob: data:"
        assert said["style-src"] == said["connect-src"] == "'self'"
        assert "unsafe" not in reply.headers["content-security-policy"]
        assert reply.headers.get_list("x-content-type-options") == ["nosniff"]
        assert reply.headers["referrer-policy"] == "same-origin"
        assert reply.headers["cross-origin-opener-policy"] == "same-origin"
        assert reply.headers["cache-control"] == "private, no-store"
        assert reply.headers["x-robots-tag"] == "noindex"

    def test_have_another_nonce_each_time_and_the_page_holds_it(self, sampled: Server) -> None:
        seen = set()
        for _ in range(3):
            reply = sampled.get("/leave")
            own, source = policy(dict(reply.headers))["script-src"].split()
            assert own == "'self'"
            (inline,) = [
                attributes["nonce"]
                for tag, attributes in Elements(reply.text).found
                if tag == "script" and "src" not in attributes
            ]
            assert source == f"'nonce-{inline}'"
            assert len(str(inline)) >= 22
            seen.add(inline)
        assert len(seen) == 3

    def test_let_one_page_send_its_form_to_another_site(
        self, sampled: Server, reader: Visitor
    ) -> None:
        wider = policy(dict(sampled.get("/leave").headers))
        assert wider["form-action"] == "'self' https://id.example.com"
        with reader.client() as client:
            assert policy(dict(client.get("/samples").headers))["form-action"] == "'self'"

    @pytest.mark.parametrize(
        "origin",
        [
            "https://a.example; script-src *",
            "*",
            "https://a.example/path",
            "javascript:",
            "'unsafe-inline'",
        ],
    )
    def test_take_nothing_but_origins(self, sampled: Server, origin: str) -> None:
        with sampled.client(None) as client:
            reply = client.get("/leave", params={"to": origin})
        assert reply.status_code == 500
        assert origin not in reply.headers["content-security-policy"]


class TestMenu:
    """Pages with a label, for those who may open them."""

    def test_holds_what_the_viewer_may_open(self, sampled: Server, reader: Visitor) -> None:
        def entries(page: str) -> list[str | None]:
            return [path for path, _ in Elements(page).menu]

        with reader.client() as client:
            assert entries(client.get("/samples").text) == ["/", "/teams", "/samples"]
        with sampled.client(sampled.make_token("admin")) as client:
            shown = ["/", "/users", "/teams", "/audit", "/samples", "/secrets"]
            assert entries(client.get("/samples").text) == shown
        assert entries(sampled.get("/leave").text) == ["/"]

    def test_marks_the_page_and_the_section_it_is_in(self, reader: Visitor) -> None:
        with reader.client() as client:
            assert ("/samples", "page") in Elements(client.get("/samples").text).menu
            assert ("/samples", "true") in Elements(client.get("/samples/new").text).menu
            assert ("/", None) in Elements(client.get("/samples").text).menu

    @pytest.mark.parametrize(
        ("method", "path", "page"),
        [("POST", "/a", True), ("GET", "/a/{id}", True), ("GET", "/a", False)],
    )
    def test_is_for_pages_of_a_plain_path(self, method: str, path: str, page: bool) -> None:
        async def handle(_: Request) -> Response:
            raise NotImplementedError

        with pytest.raises(ValueError, match="menu"):
            Route(method, path, handle, "public", page=page, menu="A")

    def test_says_who_is_signed_in(self, sampled: Server, reader: Visitor) -> None:
        with reader.client() as client:
            text = client.get("/samples").text
        assert "Sign out" in text
        assert "Signed in as" in text
        assert 'href="/signin"' not in text
        assert 'href="/signin"' in sampled.get("/leave").text


class TestErrors:
    """Are pages, those of access too."""

    def test_strangers_are_asked_to_sign_in_and_come_back(self, sampled: Server) -> None:
        reply = sampled.get("/samples?empty=1")
        assert reply.status_code == 401
        assert "people who are signed in" in reply.text
        assert 'href="/signin?next=/samples%3Fempty%3D1"' in reply.text
        assert reply.headers["www-authenticate"].startswith("Bearer")

    def test_who_may_not_is_told_the_permission(self, reader: Visitor) -> None:
        with reader.client() as client:
            reply = client.get("/secrets")
        assert reply.status_code == 403
        assert "permission admin" in reply.text

    def test_mistakes_of_ours_tell_nothing_of_themselves(self, sampled: Server) -> None:
        reply = sampled.get("/broken")
        assert reply.status_code == 500
        assert "Something went wrong on our side" in reply.text
        assert "a secret of the log" not in reply.text

    def test_a_wrong_token_is_refused_as_such(self, sampled: Server) -> None:
        with sampled.client("helpa_" + "A" * 71) as client:
            reply = client.get("/samples")
        assert reply.status_code == 401
        assert "people who are signed in" not in reply.text


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
        "javascript:alert(1)", "/\t/evil.example", "/a\r\nSet-Cookie: a=b", " /a", "/a\x00", "/é",
    ],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_not_followed(text: str) -> None:
    assert local_path(text, "/samples") == "/samples"


@pytest.mark.parametrize("text", ["/", "/samples", "/i/a?b=c&d=%2F", "/samples#top"])
def test_a_path_of_this_server_is_followed(text: str) -> None:
    assert local_path(text) == text
