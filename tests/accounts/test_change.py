"""Changing a password, and rights that end while they are used."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from helpa.core import tokens
from helpa.core.accounts import Accounts
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from pictures import encode, photograph
from serving import Server, running_server
from web.visitors import PASSWORD, Visitor, form_token, session_of, set_up, sign_in, visitor

OTHER = "eleven quiet harbours sing"


def test_a_password_is_changed_by_who_knows_it_and_other_sessions_end(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        ann = visitor(server)
        elsewhere = Visitor(server, session_of(sign_in(server)))
        with ann.client() as client, elsewhere.client() as other:
            page = client.get("/account/password")
            assert page.status_code == 200
            form = {"_csrf": form_token(page.text), "current": PASSWORD, "password": OTHER}
            assert client.post("/account/password", data={**form, "_csrf": ""}).status_code == 403
            wrong = client.post("/account/password", data={**form, "current": "x"})
            assert wrong.status_code == 403
            assert "This is not your password." in wrong.text
            weak = client.post("/account/password", data={**form, "password": "password1234"})
            assert weak.status_code == 422
            assert other.get("/api/images").status_code == 200
            done = client.post("/account/password", data=form)
            assert "Your password is changed" in done.text
            assert client.get("/api/images").status_code == 200
            assert other.get("/api/images").status_code == 401
        assert sign_in(server).status_code == 401
        assert sign_in(server, password=OTHER).status_code == 303


def test_nobody_keeps_an_administrator_from_changing_their_password(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        ann = visitor(server)
        for _ in range(11):  # the id of the first account is no secret
            last = sign_in(server, email="local", password="x").status_code
        assert last == 429
        form = {"_csrf": ann.form_token(), "current": PASSWORD, "password": OTHER}
        with ann.client() as client:
            assert client.post("/account/password", data=form).status_code == 200


@pytest.mark.parametrize("end", ["revoke", "role"])
def test_a_right_that_ends_while_a_private_picture_is_made_shows_nothing(
    tmp_path: Path, end: str
) -> None:
    """The credential was good when the request came; its answer is asked for anew at the end."""
    large = encode(photograph(4000, 3000), "PNG", compress_level=1)
    with running_server(tmp_path, workers__count="2") as server:
        set_up(server)
        accounts = Accounts(Journal())
        second = server.database.write(
            lambda c: accounts.create(
                c, COMMAND_LINE, email="b@example.org", name="B", role="admin"
            )
        ).id
        token = server.database.write(lambda c: tokens.create(c, "x", owner=second))
        with server.client(token.text) as client:
            image = client.post(
                "/api/images", files={"file": ("a.png", large)}, data={"visibility": "private"}
            ).json()["id"]
        statuses: list[int] = []

        def ask() -> None:
            with server.client(token.text) as client:
                reply = client.get(f"/img/{image}?w=3990&fmt=avif")
                statuses.append(reply.status_code)

        asking = threading.Thread(target=ask)
        asking.start()
        assert busy(server)
        if end == "revoke":
            server.database.write(lambda c: tokens.revoke(c, token.id))
        else:
            server.database.write(lambda c: accounts.set_role(c, COMMAND_LINE, second, "auditor"))
        asking.join()
        assert statuses == [401 if end == "revoke" else 404]
        with Visitor(server, session_of(sign_in(server))).client() as admin:
            assert admin.get(f"/img/{image}?w=40").status_code == 200


def busy(server: Server) -> bool:
    """Wait until a worker draws."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        if "helpa_workers_busy 1.0" in server.get("/metrics").text:
            return True
        time.sleep(0.01)
    return False
