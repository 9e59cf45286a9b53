"""One's own tokens and sessions by the API."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from accounts.crowd import UNKNOWN, Crowd
from api.asking import problem
from helpa.core.database.schema import tokens as table
from helpa.core.permissions import Permissions
from pictures import png

HOUR = 3_600_000


def age(crowd: Crowd, token_id: str, milliseconds: int) -> None:
    """Make a session or token older."""

    def work(connection: Connection) -> None:
        created = table.c.created_at - milliseconds
        connection.execute(update(table).where(table.c.id == token_id).values(created_at=created))

    crowd.server.database.write(work)


class TestMaking:
    """A token of one's own."""

    def test_is_shown_once_and_uploads_as_its_curl_line_says(
        self, crowd: Crowd, tmp_path: Path
    ) -> None:
        (tmp_path / "picture.png").write_bytes(png(31, 21))
        member = crowd.add("member", "maker")
        with crowd.session(member).client() as client:
            asked = {"name": "at home", "scopes": ["images:read", "images:write"]}
            made = client.post("/api/tokens", json=asked)
            assert made.status_code == 201, made.text
            document = made.json()
            (listed,) = client.get("/api/tokens").json()["tokens"]
            assert document["token"] not in client.get("/api/tokens").text
        assert listed == {name: document[name] for name in listed}
        done = subprocess.run(
            [*shlex.split(document["curl"]), "-s"],
            cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        assert '"width":31' in done.stdout.replace(" ", "")
        sharex = document["sharex"]
        assert sharex["RequestURL"] == f"{crowd.server.url}/api/images"
        with crowd.server.client(None) as client:
            reply = client.request(
                sharex["RequestMethod"],
                sharex["RequestURL"],
                headers=sharex["Headers"],
                files={sharex["FileFormName"]: ("a.png", png(32, 21))},
            )
        # {json:url}, {json:links.thumb}: where ShareX finds them.
        assert reply.json()["url"].startswith(crowd.server.url)
        assert reply.json()["links"]["thumb"]
        (entry, *_) = crowd.entries(action="token.create", actor=f"account:{member}")
        assert entry["object"] == f"token:{document['id']}"
        assert document["token"] not in str(entry)

    def test_allows_no_more_than_its_maker(self, crowd: Crowd) -> None:
        allowed = Permissions().of("member")
        with crowd.session(crowd.add("member", "asks-for-more")).client() as client:
            for scope in ("admin", "users:read", "originals:read", "no:such"):
                asked = {"name": "x", "scopes": ["images:read", scope]}
                members = problem(client.post("/api/tokens", json=asked), 400)
                assert (members["field"], members["given"]) == ("scopes", scope)
                named = members["allowed"].removeprefix("some of ").split(", ")
                assert allowed <= set(named)
                assert scope not in named
            assert client.get("/api/tokens").json()["tokens"] == []
        with crowd.by_token(crowd.accounts["agent"], "tokens:write", "images:read") as client:
            asked = {"name": "x", "scopes": ["images:write"]}
            assert problem(client.post("/api/tokens", json=asked), 400)["given"] == "images:write"
            asked = {"name": "x", "scopes": ["images:read"]}
            assert client.post("/api/tokens", json=asked).status_code == 201

    def test_needs_a_fresh_session(self, crowd: Crowd) -> None:
        visitor = crowd.session(crowd.accounts["helper"])
        asked = {"name": "x", "scopes": ["images:read"]}
        with visitor.client() as client:
            session = client.get("/api/account").json()["credential"]["id"]
            assert client.post("/api/tokens", json=asked).status_code == 201
            age(crowd, session, HOUR)
            members = problem(client.post("/api/tokens", json=asked), 403)
            assert "Sign in again" in members["detail"]
            age(crowd, session, -5 * HOUR)  # the clock was set back
            assert client.post("/api/tokens", json=asked).status_code == 403
            age(crowd, session, 4 * HOUR)
            assert client.get("/api/tokens").status_code == 200

    def test_ends_with_the_token_that_makes_it(self, crowd: Crowd) -> None:
        scopes = ["tokens:write", "images:read"]
        made = crowd.issue(crowd.accounts["member"], scopes, expires_in=600)
        with crowd.server.client(made.text) as client:
            later = {"name": "x", "scopes": ["images:read"], "expires_in": 3600}
            assert problem(client.post("/api/tokens", json=later), 400)["field"] == "expires_in"
            child = client.post("/api/tokens", json={"name": "x", "scopes": ["images:read"]})
            listed = {each["id"]: each for each in client.get("/api/tokens").json()["tokens"]}
        parent = listed[made.id]
        assert child.json()["expires_at"] is not None
        assert child.json()["expires_at"] <= parent["expires_at"]

    def test_is_none_of_an_access_token(self, crowd: Crowd) -> None:
        with crowd.by_token(crowd.accounts["member"], "tokens:write", "images:read") as client:
            asked = {"scopes": ["tokens:write", "images:read"]}
            access = client.post("/api/access-tokens", json=asked)
            assert access.status_code == 201, access.text
        with crowd.server.client(access.json()["access_token"]) as client:
            made = client.post("/api/tokens", json={"name": "x", "scopes": ["images:read"]})
            assert "no access token" in problem(made, 403)["detail"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"name": "", "scopes": ["images:read"]}, "name"),
            ({"name": "a\nb", "scopes": ["images:read"]}, "name"),
            ({"name": "x", "scopes": []}, "scopes"),
            ({"name": "x", "scopes": ["images:read"], "expires_in": 1}, "expires_in"),
            ({"name": "x", "scopes": ["images:read"], "owner": "local"}, "owner"),
            ({"name": "x", "scopes": ["images:read"], "kind": "session"}, "kind"),
        ],
    )
    def test_names_what_is_wrong(self, crowd: Crowd, body: dict[str, object], field: str) -> None:
        with crowd.session(crowd.accounts["member"]).client() as client:
            assert problem(client.post("/api/tokens", json=body), 400)["field"] == field


class TestEnding:
    """Tokens and sessions of one's own, and of others."""

    def test_a_token_is_refused_at_once(self, crowd: Crowd) -> None:
        made = crowd.issue(crowd.accounts["member"], ["images:read"])
        with crowd.server.client(made.text) as by_it:
            assert by_it.get("/api/images").status_code == 200
            with crowd.session(crowd.accounts["member"]).client() as client:
                assert client.delete(f"/api/tokens/{made.id}").status_code == 204
                assert client.delete(f"/api/tokens/{made.id}").status_code == 404
            assert by_it.get("/api/images").status_code == 401
        (entry, *_) = crowd.entries(action="token.revoke", object=f"token:{made.id}")
        assert entry["actor"] == f"account:{crowd.accounts['member']}"

    @pytest.mark.parametrize(("kind", "path"), [("api", "/api/tokens"),
                                                ("session", "/api/account/sessions")])  # fmt: skip
    def test_anothers_answers_as_one_that_never_was(
        self, crowd: Crowd, kind: str, path: str
    ) -> None:
        others = crowd.issue(crowd.accounts["agent"], ["images:read"], kind=kind)
        own_other_kind = crowd.issue(
            "local", ["images:read"], kind="session" if kind == "api" else "api"
        )
        with crowd.admin() as client:
            replies = [
                client.delete(f"{path}/{each}")
                for each in (UNKNOWN, others.id, own_other_kind.id, "x", "%00")
            ]
        bodies = [problem(each, 404) for each in replies]
        assert all(each == bodies[0] for each in bodies)
        assert all(set(each.headers) == set(replies[0].headers) for each in replies)
        held = crowd.server.database.read(
            lambda c: c.execute(table.select().where(table.c.id == others.id)).one()
        )
        assert held.revoked_at is None

    def test_a_session_is_listed_and_ends_alone_or_with_all_others(self, crowd: Crowd) -> None:
        account = crowd.add("guest", "at-many-screens")
        here, there, elsewhere = (crowd.session(account) for _ in range(3))
        with here.client() as client:
            listed = client.get("/api/account/sessions").json()["sessions"]
            assert [each["current"] for each in listed] == [True, False, False]
            assert client.delete(f"/api/account/sessions/{listed[1]['id']}").status_code == 204
            statuses = []
            for each in (there, elsewhere):
                with each.client() as other:
                    statuses.append(other.get("/api/account").status_code)
            assert statuses == [401, 200]
            assert client.delete("/api/account/sessions").status_code == 204
            with elsewhere.client() as other:
                assert other.get("/api/account").status_code == 401
            assert len(client.get("/api/account/sessions").json()["sessions"]) == 1
        ended = crowd.entries(action="session.end", actor=f"account:{account}")
        assert len(ended) == 2
