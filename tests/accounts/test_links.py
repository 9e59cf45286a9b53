"""Invitations and new passwords: by mail, or shown where there is no mail server."""

from __future__ import annotations

import email
import email.policy
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from aiosmtpd.controller import Controller

from api.asking import wait_until
from databases import KINDS
from serving import Server, helpa, run_helpa, running_server
from web.visitors import (
    EMAIL,
    PASSWORD,
    Visitor,
    browser_headers,
    session_of,
    set_up,
    sign_in,
    visitor,
)

OTHER = "eleven quiet harbours sing"


@dataclass
class Box:
    """A mail server's handler that keeps what it is sent.

    Args:
        refusals: how many letters it refuses first.
        letters: what it took.
        unknown: addresses that it refuses.
    """

    refusals: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    unknown: tuple[str, ...] = ()

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.unknown:
            return f"550 no such mailbox: {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refusals:
            self.refusals -= 1
            return "451 come back later"
        made = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(made, EmailMessage)
        self.letters.append(made)
        return "250 taken"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def mail(box: Box) -> Iterator[dict[str, str]]:
    """Settings of a server that sends by ``box``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield {
            "plugin__accounts__smtp_host": "127.0.0.1",
            "plugin__accounts__smtp_port": str(port),
            "plugin__accounts__smtp_security": "none",
            "plugin__accounts__mail_from": "helpa@example.org",
        }
    finally:
        controller.stop()


def post(server: Server, path: str, **form: str) -> httpx2.Response:
    with server.client(None) as client:
        return client.post(path, data=form, headers=browser_headers(server))


def link_in(letter: EmailMessage) -> str:
    (link,) = re.findall(r"http\S+#helpa_\S+", letter.get_content())
    return str(link)


def test_a_link_to_reset_a_password_comes_by_mail_and_ends_every_session(
    tmp_path: Path, box: Box, mail: dict[str, str]
) -> None:
    with running_server(tmp_path, **mail) as server:
        before = visitor(server)
        token = helpa("token", "create", "--name", "kept", data_dir=tmp_path).strip()
        answers = [post(server, "/forgot", email=who) for who in (EMAIL, "bob@example.org")]
        assert {reply.status_code for reply in answers} == {200}
        plain = [re.sub(r'nonce="[^"]+"', "", reply.text) for reply in answers]
        assert plain[0].replace(EMAIL, "…") == plain[1].replace("bob@example.org", "…")
        assert wait_until(lambda: len(box.letters) == 1)
        letter = box.letters[0]
        assert (letter["to"], letter["from"]) == (EMAIL, "helpa@example.org")
        link = urlsplit(link_in(letter))
        assert link.path == "/reset"
        assert post(server, "/reset", code=link.fragment, password="x").status_code == 422
        done = post(server, "/reset", code=link.fragment, password=OTHER)
        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert post(server, "/reset", code=link.fragment, password=OTHER).status_code == 410
        with before.client() as client:
            assert client.get("/api/images").status_code == 401
        with Visitor(server, session_of(done)).client() as client:
            assert client.get("/api/images").status_code == 200
        with server.client(token) as client:
            assert client.get("/api/images").status_code == 200
        assert sign_in(server).status_code == 401
        assert sign_in(server, password=OTHER).status_code == 303
        time.sleep(0.5)
        assert len(box.letters) == 1, "an address without an account is sent nothing"


def test_a_mail_server_that_refuses_gets_the_letter_again_and_a_kill_loses_none(
    tmp_path: Path, box: Box, mail: dict[str, str]
) -> None:
    box.refusals = 1
    with running_server(tmp_path, **mail) as server:
        set_up(server)
        post(server, "/forgot", email=EMAIL)
        assert wait_until(lambda: box.refusals == 0)
        assert wait_until(lambda: any("letter.not_sent" in line for line in server.log))
        server.kill()
    place = server.database
    place.write(lambda c: c.exec_driver_sql("UPDATE letters SET due_at = 0"))
    with running_server(tmp_path, **mail):
        assert wait_until(lambda: len(box.letters) == 1)
        assert wait_until(
            lambda: place.read(lambda c: c.exec_driver_sql("SELECT id FROM letters").all()) == []
        )


def test_an_address_that_is_refused_is_not_in_the_log(
    tmp_path: Path, box: Box, mail: dict[str, str]
) -> None:
    box.unknown = ("gone@example.net",)
    with running_server(tmp_path, **mail) as server:
        ann = visitor(server)
        asked = {"email": "gone@example.net", "name": "Gone"}
        with ann.client() as client:
            made = client.post("/api/users", json=asked).json()
            assert wait_until(lambda: any("letter.not_sent" in line for line in server.log))
            assert "no such mailbox" in client.get(f"/users/{made['id']}").text
        assert any("no such mailbox" in line for line in server.log)
        assert not any("gone@example.net" in line for line in server.log)


def test_without_a_mail_server_letters_are_files_that_only_their_owner_reads(
    tmp_path: Path,
) -> None:
    with running_server(tmp_path) as server:
        set_up(server)
        post(server, "/forgot", email=EMAIL)
        folder = tmp_path / "plugins" / "accounts" / "letters"
        assert wait_until(lambda: any(b"#helpa_" in p.read_bytes() for p in folder.glob("*.eml")))
        (path,) = folder.iterdir()
        assert path.stat().st_mode & 0o777 == 0o600
        letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        code = urlsplit(link_in(letter)).fragment
        assert post(server, "/reset", code=code, password=OTHER).status_code == 303
        assert not any(code in line for line in server.log)


def test_an_invited_user_joins_once(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        set_up(server)
        link = urlsplit(
            helpa("user", "create", "bob@example.org", "--role", "agent", data_dir=tmp_path).strip()
        )
        assert link.path == "/invitation"
        assert "invited" in helpa("user", "list", data_dir=tmp_path)
        joined = post(
            server, "/invitation", code=link.fragment, name="Bob", password=OTHER,
            role="admin", email=EMAIL, account="local",
        )  # fmt: skip
        assert joined.status_code == 303
        with Visitor(server, session_of(joined)).client() as client:
            assert client.get("/api/images?owner=*").status_code == 403  # an agent, no more
        again = post(server, "/invitation", code=link.fragment, name="Eve", password=PASSWORD)
        assert again.status_code == 410
        assert sign_in(server, email="bob@example.org", password=OTHER).status_code == 303
        listed = helpa("user", "list", data_dir=tmp_path)
        assert re.search(r"bob@example\.org  agent  active  Bob", listed)


def test_asking_for_a_reset_takes_no_invitation_and_is_answered_with_one_letter(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "plugins" / "accounts" / "letters"

    def waiting() -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = server.database.read(
            lambda c: [
                (row.subject, row.body)
                for row in c.exec_driver_sql("SELECT subject, body FROM letters ORDER BY subject")
            ]
        )
        return found

    with running_server(tmp_path) as server:
        set_up(server)
        helpa("user", "create", "bob@example.org", data_dir=tmp_path)
        assert wait_until(lambda: folder.exists() and len(list(folder.iterdir())) == 1)
        post(server, "/forgot", email="bob@example.org")
        assert wait_until(lambda: len(waiting()) == 2)
        first = waiting()
        assert [subject for subject, _ in first] == [
            "Choose a new password for Helpa",
            "You are invited to Helpa",
        ]
        for _ in range(3):
            post(server, "/forgot", email="BOB@example.org")
        time.sleep(1)  # the answers do not wait for what they cause
        assert waiting() == first
        codes = [urlsplit(re.findall(r"http\S+#helpa_\S+", body)[0]).fragment for _, body in first]
        done = post(server, "/reset", code=codes[0], password=OTHER)
        assert done.status_code == 303
        # Whoever has the invitation, in an old mailbox perhaps, does not come in by it now.
        late = post(server, "/invitation", code=codes[1], name="Eve", password=PASSWORD)
        assert late.status_code == 410
        assert waiting() == []
        assert "invited" not in helpa("user", "list", data_dir=tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_that_fails_shows_no_address_and_no_link_in_the_log(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    settings = {}
    if kind == "postgresql":
        settings["database_url"] = request.getfixturevalue("postgresql").new_database()
    with running_server(tmp_path, **settings) as server:
        ann = visitor(server)
        server.database.write(
            lambda c: c.exec_driver_sql("ALTER TABLE letters RENAME error TO mistake").close()
        )
        with ann.client() as client:
            asked = {"email": "secret@example.net", "name": "Nobody Elses"}
            assert client.post("/api/users", json=asked).status_code == 500

        def failed() -> list[str]:
            return [line for line in server.log if "request.failed" in line]

        assert wait_until(lambda: len(failed()) == 1)
        assert "letters" in failed()[0]
        for text in ("secret@", "/invitation#helpa_"):
            assert text not in "\n".join(server.log)


def test_a_code_of_one_kind_is_none_of_another(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        set_up(server)
        made = helpa("user", "create", "bob@example.org", data_dir=tmp_path).strip()
        code = urlsplit(made).fragment
        for path in ("/setup", "/reset"):
            form = {"name": "Eve", "email": "eve@example.org", "password": OTHER}
            assert post(server, path, code=code, **form).status_code == 410
        with server.client(code) as client:
            assert client.get("/api/images").status_code == 401
        with Visitor(server, code).client() as client:
            assert client.get("/api/images").status_code == 401


def test_who_is_disabled_is_out_at_once_and_comes_back(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        set_up(server)
        code = urlsplit(helpa("user", "create", "bob@example.org", data_dir=tmp_path)).fragment
        joined = post(server, "/invitation", code=code.strip(), name="Bob", password=OTHER)
        bob = Visitor(server, session_of(joined))
        token = helpa(
            "token", "create", "--name", "x", "--user", "bob@example.org", data_dir=tmp_path
        ).strip()
        helpa("user", "disable", "bob@example.org", data_dir=tmp_path)
        with bob.client() as client, server.client(token) as program:
            assert client.get("/api/images").status_code == 401
            assert program.get("/api/images").status_code == 401
            reply = sign_in(server, email="bob@example.org", password=OTHER)
            assert reply.status_code == 403
            assert "This account is disabled" in reply.text
            wrong = sign_in(server, email="bob@example.org", password="wrong")
            assert wrong.status_code == 401
            assert "disabled" not in wrong.text
            helpa("user", "enable", "bob@example.org", data_dir=tmp_path)
            assert program.get("/api/images").status_code == 200
            assert client.get("/api/images").status_code == 401  # that session has ended


@pytest.mark.parametrize("command", [["disable", EMAIL], ["role", EMAIL, "member"]])
def test_the_last_administrator_stays(tmp_path: Path, command: list[str]) -> None:
    with running_server(tmp_path) as server:
        set_up(server)
        done = run_helpa("user", *command, data_dir=tmp_path)
        assert done.returncode == 1
        assert "last administrator" in done.stderr
        assert sign_in(server).status_code == 303
