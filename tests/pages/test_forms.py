"""Forms of pages: where they come from, whose they are, how much they may hold."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from helpa.core import keyfile
from helpa.pages.forms import SessionTokens
from serving import Server, running_server
from web.visitors import Visitor, browser_headers, form_token, visitor

PATH = "/samples/new"
GOOD = {"name": "Ada", "email": "ada@example.com"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def token(reader: Visitor) -> str:
    return reader.form_token()


class TestToken:
    """A page that this session was shown has one, and nobody else."""

    def test_is_taken_and_taken_again(self, reader: Visitor, token: str) -> None:
        with reader.client() as client:
            for _ in range(2):
                reply = client.post(PATH, data=GOOD | {"_csrf": token})
                assert (reply.status_code, reply.headers["location"]) == (303, "/samples")

    def test_is_another_on_each_page(self, reader: Visitor) -> None:
        assert reader.form_token() != reader.form_token()

    def test_missing_or_changed_is_refused(self, reader: Visitor, token: str) -> None:
        other = "B" if token[30] == "A" else "A"
        with reader.client() as client:
            for wrong in (
                None, "", "A" * 64, "é", token[:-4], token[:30] + other + token[31:],
                f"{token}AAAA", f"{token}\n", token.swapcase(),
            ):  # fmt: skip
                sent = GOOD if wrong is None else GOOD | {"_csrf": wrong}
                reply = client.post(PATH, data=sent)
                assert reply.status_code in (400, 403), wrong
                assert reply.headers["content-type"].startswith("text/html")

    def test_of_another_server_is_refused(self, tmp_path: Path, reader: Visitor) -> None:
        with running_server(tmp_path) as server:
            theirs = visitor(server).form_token()
        with reader.client() as client:
            assert client.post(PATH, data=GOOD | {"_csrf": theirs}).status_code == 403

    def test_belongs_to_one_session(self) -> None:
        tokens = SessionTokens(lambda: [b"k" * 32])
        made = tokens.make("session-1")
        assert tokens.right("session-1", made)
        assert not tokens.right("session-2", made)

    def test_of_an_earlier_key_is_taken_until_it_retires(self) -> None:
        old, new = b"o" * 32, b"n" * 32
        made = SessionTokens(lambda: [old]).make("session")
        assert SessionTokens(lambda: [new, old]).right("session", made)
        assert not SessionTokens(lambda: [new]).right("session", made)

    def test_lives_through_a_restart_and_a_rotation(
        self, sample_path: None, tmp_path: Path
    ) -> None:
        plugins = '["basics", "accounts", "web", "sample"]'
        with running_server(tmp_path, plugins=plugins) as server:
            before = visitor(server)
            token = before.form_token()
        keyfile.rotate(tmp_path, retires_at=4e9)
        with running_server(tmp_path, plugins=plugins) as server:
            after = Visitor(server, before.session)
            with after.client() as client:
                assert client.post(PATH, data=GOOD | {"_csrf": token}).status_code == 303

    def test_is_not_asked_of_bearer_tokens(self, sampled: Server) -> None:
        with sampled.client() as client:
            reply = client.post(PATH, data=GOOD, headers=browser_headers(sampled))
        assert reply.status_code == 303

    def test_is_on_no_page_of_a_stranger(self, sampled: Server) -> None:
        assert "_csrf" not in sampled.get("/leave").text


class TestOrigin:
    """Where a form comes from, as the browser tells."""

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "null"},
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site", "Origin": "HERE"},
        ],
    )
    @pytest.mark.parametrize("who", ["nobody", "session", "bearer"])
    def test_another_or_none_is_refused(
        self, sampled: Server, reader: Visitor, token: str, headers: dict[str, str], who: str
    ) -> None:
        sent = {name: sampled.url if text == "HERE" else text for name, text in headers.items()}
        path = "/signin" if who == "nobody" else PATH
        if who == "session":
            sent["Cookie"] = reader.headers["Cookie"]
        with sampled.client("" if who == "bearer" else None) as client:
            reply = client.post(path, data=GOOD | {"_csrf": token, "code": "a"}, headers=sent)
        assert reply.status_code == 403
        assert "another site" in reply.text or "does not say which page" in reply.text

    @pytest.mark.parametrize(
        "headers",
        [{"Origin": "HERE"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}],
    )
    def test_ours_is_taken(
        self, sampled: Server, reader: Visitor, token: str, headers: dict[str, str]
    ) -> None:
        sent = {name: sampled.url if text == "HERE" else text for name, text in headers.items()}
        sent["Cookie"] = reader.headers["Cookie"]
        with sampled.client(None) as client:
            reply = client.post(PATH, data=GOOD | {"_csrf": token}, headers=sent)
        assert reply.status_code == 303


class TestBody:
    """What arrives in place of a form."""

    def test_mistakes_are_shown_beside_their_fields(self, reader: Visitor, token: str) -> None:
        with reader.client() as client:
            reply = client.post(PATH, data={"_csrf": token, "email": "<b>nope", "name": ""})
        assert reply.status_code == 422
        assert 'role="alert"' in reply.text
        assert 'aria-describedby="email-error email-hint"' in reply.text
        assert reply.text.count('aria-invalid="true"') == 2
        assert 'value="&lt;b&gt;nope"' in reply.text
        assert form_token(reply.text) != token

    def test_passwords_are_not_written_back(self, reader: Visitor, token: str) -> None:
        with reader.client() as client:
            reply = client.post(PATH, data={"_csrf": token, "password": "correct horse battery"})
        assert reply.status_code == 422
        assert "correct horse" not in reply.text

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"name=%00&email=a@b", 400),
            (b"name=a%0d%0aBcc:%20x&email=a@b", 400),
            (b"name=%ff&email=a@b", 400),
            (b"name=%ed%a0%80&email=a@b", 400),
            (b"name=a&name=b&email=a@b", 400),
            ("name=é&email=a@b".encode(), 400),
            (b"a=1&" * 300, 400),
            (b"name=" + b"a" * 6000, 413),
            (b"name=" + b"a" * 3_000_000, 413),
            (b"", 403),
            (b"=", 403),
        ],
    )
    def test_nonsense_is_answered_with_a_page(
        self, reader: Visitor, token: str, body: bytes, status: int
    ) -> None:
        whole = body + f"&_csrf={token}".encode() if status == 400 else body
        with reader.client() as client:
            reply = client.post(PATH, content=whole, headers=FORM)
            assert reply.status_code == status
            assert reply.headers["content-type"].startswith("text/html")
            assert client.get("/samples").status_code == 200

    @pytest.mark.parametrize("kind", ["", "text/plain", "application/json", "multipart/form-data"])
    def test_other_kinds_are_refused(self, reader: Visitor, token: str, kind: str) -> None:
        with reader.client() as client:
            body = f"_csrf={token}".encode()
            reply = client.post(PATH, content=body, headers={"Content-Type": kind})
        assert reply.status_code == 415

    def test_one_that_ends_early_harms_nobody(self, sampled: Server, reader: Visitor) -> None:
        parts = urlsplit(sampled.url)
        assert parts.hostname
        head = "".join(f"{name}: {text}\r\n" for name, text in {**reader.headers, **FORM}.items())
        with socket.create_connection((parts.hostname, parts.port or 80), timeout=10) as line:
            line.sendall(
                f"POST {PATH} HTTP/1.1\r\nHost: {parts.netloc}\r\n{head}"
                "Content-Length: 100\r\n\r\nname=a".encode()
            )
        assert sampled.get("/leave").status_code == 200
