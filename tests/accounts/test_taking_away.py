"""What is taken from somebody is taken on every server at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection

from accounts.crowd import ACCOUNTS, UNLIMITED, Crowd, crowd_of
from databases import KINDS
from helpa.core.actor import COMMAND_LINE
from helpa.core.permissions import Permissions
from pictures import png
from postgresql import Postgresql
from serving import Server, running_server


@dataclass
class Pair:
    """Two servers on one database.

    Args:
        crowd: of the first.
        other: the second.
    """

    crowd: Crowd
    other: Server

    def statuses(self, credential: str, path: str) -> list[int]:
        """Return what both servers answer to a session (``s:…``) or a token."""
        found = []
        for server in (self.crowd.server, self.other):
            session = credential.removeprefix("s:") if credential.startswith("s:") else None
            with server.client(None if session else credential) as client:
                headers = {"Cookie": f"helpa_session={session}"} if session else {}
                found.append(client.get(path, headers=headers).status_code)
        return found


@pytest.fixture(scope="module", params=KINDS)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """Two servers on one database of each kind, and somebody of every role."""
    settings = dict(UNLIMITED)
    if request.param == "postgresql":
        database: Postgresql = request.getfixturevalue("postgresql")
        settings["database_url"] = database.new_database()
    folder: Path = tmp_path_factory.mktemp("pair")
    with running_server(folder, **settings) as one, running_server(folder, **settings) as other:
        yield Pair(crowd_of(one), other)


def test_a_token_revoked_on_one_server_is_refused_by_the_other(pair: Pair) -> None:
    crowd, account = pair.crowd, pair.crowd.accounts["member"]
    made = crowd.issue(account, ["images:read"])
    assert pair.statuses(made.text, "/api/images") == [200, 200]
    with crowd.session(account).client() as client:
        assert client.delete(f"/api/tokens/{made.id}").status_code == 204
    assert pair.statuses(made.text, "/api/images") == [401, 401]


def test_a_session_ended_on_one_server_is_none_on_the_other(pair: Pair) -> None:
    crowd, account = pair.crowd, pair.crowd.accounts["auditor"]
    lost = crowd.issue(account, kind="session")
    assert pair.statuses(f"s:{lost.text}", "/api/account") == [200, 200]
    with crowd.session(account).client() as client:
        assert client.delete("/api/account/sessions").status_code == 204
    assert pair.statuses(f"s:{lost.text}", "/api/account") == [401, 401]


def test_a_disabled_account_is_kept_out_everywhere_until_it_is_enabled(pair: Pair) -> None:
    crowd = pair.crowd
    account = crowd.add("agent", "shut-out")
    token = crowd.issue(account, ["admin"])
    session = crowd.issue(account, kind="session")
    path = f"/api/users/{account}"
    with crowd.admin() as client:
        assert client.patch(path, json={"state": "disabled"}).json()["state"] == "disabled"
        assert pair.statuses(token.text, "/api/account") == [401, 401]
        assert pair.statuses(f"s:{session.text}", "/api/account") == [401, 401]
        assert client.post(f"{path}/reset").status_code == 409
        assert client.patch(path, json={"state": "active"}).status_code == 200
    assert pair.statuses(token.text, "/api/account") == [200, 200]
    assert pair.statuses(f"s:{session.text}", "/api/account") == [401, 401]  # it has ended


@pytest.mark.parametrize("role", ["moderator", "agent", "member", "guest", "auditor"])
def test_tokens_and_sessions_may_no_more_than_the_role_once_it_is_lowered(
    pair: Pair, role: str
) -> None:
    crowd = pair.crowd
    account = crowd.add("admin", f"lowered-to-{role}")
    credentials = [
        crowd.issue(account, ["admin"]).text,
        crowd.issue(account, Permissions().declared).text,
        f"s:{crowd.issue(account, kind='session').text}",
    ]
    ways = {"/api/users": "users:read", "/api/audit": "audit:read", "/api/images": "images:read",
            "/api/tokens": "tokens:write"}  # fmt: skip
    with crowd.admin() as client:
        allowed = set()
        for way, permission in ways.items():
            if permission != "users:read":  # which the core does not have
                assert pair.statuses(credentials[1], way) == [200, 200]
            assert pair.statuses(credentials[0], way) == [200, 200]
        assert client.patch(f"/api/users/{account}", json={"role": role}).status_code == 200
        allowed = set(Permissions().of(role)) | (
            {"users:read"} if role in ("moderator", "auditor") else set()
        )
    for credential in (credentials[0], credentials[2]):
        for way, permission in ways.items():
            expected = 200 if permission in allowed else 403
            assert pair.statuses(credential, way) == [expected, expected], (way, role)


def test_a_picture_of_a_team_is_gone_everywhere_for_who_left_it(pair: Pair) -> None:
    crowd = pair.crowd
    owner, fellow = crowd.add("member", "owns"), crowd.add("member", "leaves")
    team = crowd.add_team("Together", owner, fellow)
    with crowd.by_token(owner, "admin") as client:
        fields = {"visibility": "private", "team": team}
        made = client.post("/api/images", files={"file": ("a.png", png(40, 30))}, data=fields)
        image = made.json()["id"]
    token = crowd.issue(fellow, ["admin"]).text
    paths = (f"/api/images/{image}", f"/img/{image}?w=20")
    for path in paths:
        assert pair.statuses(token, path) == [200, 200]
    with crowd.admin() as client:
        assert client.delete(f"/api/teams/{team}/members/{fellow}").status_code == 204
    for path in paths:
        assert pair.statuses(token, path) == [404, 404]
    with crowd.admin() as client:
        assert client.put(f"/api/teams/{team}/members/{fellow}").status_code == 204
        for path in paths:
            assert pair.statuses(token, path) == [200, 200]
        assert client.delete(f"/api/teams/{team}").status_code == 204
    for path in paths:
        assert pair.statuses(token, path) == [404, 404]


def test_paths_that_no_database_can_look_for_are_not_found(pair: Pair) -> None:
    with pair.crowd.admin() as client:
        for path in ("users/%00", "teams/%00", "users/%ed%a0%80", "teams/%00/members/local"):
            assert client.get(f"/api/{path}").status_code in (404, 405), path
            assert client.delete(f"/api/{path}").status_code in (404, 405), path
        assert client.get("/api/users/%00/profile").status_code == 404
        assert client.post("/api/users/%00/erase").status_code == 404
        made = client.post("/api/teams", json={"name": "a\0b"})
        assert (made.status_code, made.json()["field"]) == (400, "name")
        assert client.get("/api/users", params={"q": "a\0b"}).status_code == 400
    with pair.crowd.session("local").client() as client:
        for path in ("/users?q=%00", "/users?after=%00", "/audit?actor=%00&action=%ed",
                     "/account/passkeys/%00", "/audit/%00", "/audit/9999999999",
                     "/audit?before=99999999999", "/users/%00",
                     "/audit?from=9999-99-99", "/audit?to=0001-01-01T00:00-99:99"):  # fmt: skip
            assert client.get(path).status_code in (200, 404, 422), path


def test_two_administrators_who_demote_each_other_at_once_leave_one(pair: Pair) -> None:
    crowd = pair.crowd
    second = crowd.add("admin", "rival")
    calls = [(crowd.server, "local", second), (pair.other, second, "local")]
    clients = [crowd.by_token(by, "admin", server=server) for server, by, _ in calls]

    def demote(number: int) -> int:
        path = f"/api/users/{calls[number][2]}"
        return clients[number].patch(path, json={"role": "member"}).status_code

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(demote, (0, 1)))
    for client in clients:
        client.close()
    assert statuses.count(200) == 1, statuses
    roles = crowd.server.database.read(
        lambda c: {each: ACCOUNTS.get(c, each) for each in ("local", second)}
    )
    restore(crowd, second)
    assert sorted(each.role for each in roles.values()) == ["admin", "member"]


def restore(crowd: Crowd, second: str) -> None:
    """Make the first administrator the only one again."""

    def work(connection: Connection) -> None:
        ACCOUNTS.set_role(connection, COMMAND_LINE, "local", "admin")
        ACCOUNTS.set_role(connection, COMMAND_LINE, second, "member")

    crowd.server.database.write(work)


def test_a_private_picture_is_its_owners_and_the_moderators(pair: Pair) -> None:
    crowd = pair.crowd
    owner = crowd.add("member", "keeps-to-herself")
    with crowd.by_token(owner, "admin") as client:
        fields = {"visibility": "private"}
        made = client.post("/api/images", files={"file": ("a.png", png(41, 30))}, data=fields)
        image = made.json()["id"]
    for role, account in crowd.accounts.items():
        token = crowd.issue(account, ["admin"]).text
        session = crowd.issue(account, kind="session").text
        expected = 200 if role in ("moderator", "admin") else 404
        for path in (f"/api/images/{image}", f"/img/{image}?w=21"):
            for credential in (token, f"s:{session}"):
                assert pair.statuses(credential, path) == [expected, expected], (role, path)
