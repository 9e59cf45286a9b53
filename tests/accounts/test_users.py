"""People by the API: inviting, changing, disabling, teams, and what is told of whom."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx2
import pytest

from accounts.crowd import ACCOUNTS, UNKNOWN, Crowd, gathered
from api.asking import problem, wait_until
from helpa.core.actor import COMMAND_LINE
from helpa.core.permissions import ROLES
from pictures import png
from web.visitors import browser_headers, session_of

PASSWORD = "eleven quiet harbours sing"


def test_an_invited_person_joins_by_the_link_and_is_on_record(crowd: Crowd) -> None:
    team = crowd.add_team("Invited ones")
    asked = {"email": "Nia@Example.org", "name": "Nia", "role": "agent", "teams": [team]}
    with crowd.admin() as client:
        made = client.post("/api/users", json=asked)
        assert made.status_code == 201, made.text
        document = made.json()
        link = document.pop("link")
        assert document["invited"] is True
        assert (document["email"], document["role"]) == ("Nia@Example.org", "agent")
        assert [each["id"] for each in document["teams"]] == [team]
        path = made.headers["location"]
        assert client.get(path).json() == document
        again = problem(client.post("/api/users", json={**asked, "email": "nia@example.ORG"}), 409)
        assert again["field"] == "email"
    with crowd.server.client(None) as client:
        joined = client.post(
            "/invitation",
            data={"code": urlsplit(link).fragment, "name": "Nia", "password": PASSWORD},
            headers=browser_headers(crowd.server),
        )
        assert joined.status_code == 303, joined.text
        who = client.get("/api/account", headers={"Cookie": f"helpa_session={session_of(joined)}"})
    assert (who.json()["id"], who.json()["role"]) == (document["id"], "agent")
    with crowd.admin() as client:
        assert client.get(path).json()["invited"] is False
        assert problem(client.post(f"{path}/invitation"), 409)["field"] == "account"
    target = f"account:{document['id']}"
    actions = [entry["action"] for entry in crowd.entries(object=target)]
    for action in ("account.create", "team.join", "account.invite", "account.read"):
        assert action in actions


def test_another_invitation_ends_the_first(crowd: Crowd) -> None:
    with crowd.admin() as client:
        made = client.post("/api/users", json={"email": "o@example.org", "name": "O"}).json()
        other = client.post(f"/api/users/{made['id']}/invitation")
    assert other.status_code == 201
    statuses = []
    for link in (made["link"], other.json()["link"]):
        with crowd.server.client(None) as client:
            form = {"code": urlsplit(link).fragment, "name": "O", "password": PASSWORD}
            reply = client.post("/invitation", data=form, headers=browser_headers(crowd.server))
            statuses.append(reply.status_code)
    assert statuses == [410, 303]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "local"), ("email", "x@example.org"), ("password", "x"), ("permissions", ["admin"]),
        ("scopes", "admin"), ("created_at", 0), ("teams", []), ("owner", "local"),
    ],
)  # fmt: skip
def test_a_member_of_the_body_that_may_not_be_set_is_refused_by_name(
    crowd: Crowd, field: str, value: object
) -> None:
    account = crowd.accounts["member"]
    with crowd.admin() as client:
        before = client.get(f"/api/users/{account}").json()
        members = problem(client.patch(f"/api/users/{account}", json={field: value}), 400)
        assert members["field"] == field
        assert "role" in members["allowed"]
        assert client.get(f"/api/users/{account}").json() == before


@pytest.mark.parametrize("field", ["id", "state", "password", "invited", "permissions"])
def test_an_invitation_sets_nothing_but_what_it_names(crowd: Crowd, field: str) -> None:
    body = {"email": f"mass-{field}@example.org", "name": "M", field: "active"}
    with crowd.admin() as client:
        assert problem(client.post("/api/users", json=body), 400)["field"] == field
        found = client.get("/api/users", params={"q": f"mass-{field}"}).json()
    assert found["users"] == []


def test_nobody_gives_themselves_another_role_by_other_routes(crowd: Crowd) -> None:
    member = crowd.add("member", "climber")
    for body in ({"role": "admin"}, {"name": "c", "role": "admin"}):
        with crowd.by_token(member, "admin") as client:
            assert client.patch(f"/api/users/{member}", json=body).status_code == 403
            made = client.post("/api/tokens", json={"name": "x", "scopes": ["images:read"], **body})
            assert problem(made, 400)["field"] == "role"
            assert client.get("/api/account").json()["role"] == "member"


@pytest.mark.parametrize("role", ["sultan", "", "Admin", 1, None, ["admin"]])
def test_a_role_there_is_not_is_refused(crowd: Crowd, role: object) -> None:
    with crowd.admin() as client:
        made = client.post("/api/users", json={"email": "r@example.org", "name": "R", "role": role})
        assert problem(made, 400)["field"] == "role"
        account = crowd.accounts["helper"]
        if role is not None:
            changed = client.patch(f"/api/users/{account}", json={"role": role})
            assert problem(changed, 400)["field"] == "role"


def test_an_id_of_nobody_and_one_that_cannot_be_any_answer_alike(crowd: Crowd) -> None:
    replies = []
    with crowd.admin() as client:
        for account in (UNKNOWN, "x", "%00", "%ff", "a" * 500):
            reply = client.get(f"/api/users/{account}")
            members = problem(reply, 404)
            replies.append((members["detail"], dict(reply.headers).keys()))
    assert all(each == replies[0] for each in replies)


def test_an_erased_account_is_as_if_it_never_was(crowd: Crowd) -> None:
    account = crowd.add("member", "leaves-for-good")
    team = crowd.add_team("Left", account)
    crowd.server.database.write(lambda c: ACCOUNTS.erase(c, COMMAND_LINE, account))
    with crowd.admin() as client:
        never = problem(client.get(f"/api/users/{UNKNOWN}"), 404)
        assert problem(client.get(f"/api/users/{account}"), 404) == never
        for body in ({"role": "admin"}, {"state": "active"}, {"name": "back"}):
            assert client.patch(f"/api/users/{account}", json=body).status_code == 404
        assert client.post(f"/api/users/{account}/reset").status_code == 404
        assert client.get(f"/api/teams/{team}").json()["members"] == []
        assert client.put(f"/api/teams/{team}/members/{account}").status_code == 404
        assert client.get("/api/users", params={"q": "leaves"}).json()["users"] == []


def test_with_a_mail_server_no_link_is_shown_until_the_letter_could_not_be_sent(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    nobody_listens = {
        "plugin__accounts__smtp_host": "127.0.0.1",
        "plugin__accounts__smtp_port": "9",
        "plugin__accounts__smtp_security": "none",
    }
    with gathered(tmp_path_factory.mktemp("mail"), **nobody_listens) as crowd:
        with crowd.admin() as client:
            made = client.post("/api/users", json={"email": "m@example.org", "name": "M"}).json()
            assert made["link"] is None
            again = client.post(f"/api/users/{made['id']}/invitation")
            assert (again.status_code, again.json()) == (201, {"link": None})
        with crowd.session("local").client() as client:
            path = f"/users/{made['id']}"
            assert wait_until(lambda: "/invitation#" in client.get(path).text)
            assert "SMTPConnectError" in client.get(path).text


def test_the_last_administrator_cannot_be_removed_by_any_way(crowd: Crowd) -> None:
    path = "/api/users/local"
    with crowd.admin() as client:
        for body in ({"role": "member"}, {"state": "disabled"}, {"name": "x", "role": "guest"}):
            members = problem(client.patch(path, json=body), 409)
            assert "last administrator" in members["detail"]
        assert client.get(path).json()["name"] == "admin"  # the name of a refused change
        second = crowd.add("admin", "second")
        assert client.patch(f"/api/users/{second}", json={"role": "member"}).status_code == 200
        assert client.patch(path, json={"state": "disabled"}).status_code == 409


def test_a_token_for_users_makes_no_administrator_and_takes_no_administrators_account(
    crowd: Crowd,
) -> None:
    second = crowd.add("admin", "guarded")
    with crowd.by_token("local", "users:read", "users:write") as client:
        made = client.post(
            "/api/users", json={"email": "a@example.org", "name": "A", "role": "admin"}
        )
        assert problem(made, 403)["allowed"] == "admin"
        member = crowd.accounts["member"]
        assert client.patch(f"/api/users/{member}", json={"role": "admin"}).status_code == 403
        for call in (
            client.patch(f"/api/users/{second}", json={"role": "member"}),
            client.patch(f"/api/users/{second}", json={"state": "disabled"}),
            client.post(f"/api/users/{second}/reset"),
            client.post(f"/api/users/{second}/invitation"),
            client.delete(f"/api/users/{second}/sessions"),
            client.post(f"/api/users/{second}/erase"),
        ):
            assert problem(call, 403)["allowed"] == "admin"
        for role in set(ROLES) - {"admin"}:
            changed = client.patch(f"/api/users/{member}", json={"role": role})
            assert changed.json()["role"] == role
        client.patch(f"/api/users/{member}", json={"role": "member"})
        with_team = {"email": "t@example.org", "name": "T", "teams": [UNKNOWN]}
        assert problem(client.post("/api/users", json=with_team), 403)["allowed"] == "teams:write"
    with crowd.admin() as client:
        client.patch(f"/api/users/{second}", json={"role": "member"})


def test_moderators_who_may_change_accounts_give_no_more_than_they_have(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    granted = '{"users:write": ["moderator"]}'
    with (
        gathered(tmp_path_factory.mktemp("granted"), permissions=granted) as crowd,
        crowd.by_token(crowd.accounts["moderator"], "admin") as client,
    ):
        statuses = {
            role: client.post(
                "/api/users", json={"email": f"by-{role}@example.org", "name": role, "role": role}
            ).status_code
            for role in ROLES
        }
        assert client.post("/api/users/local/reset").status_code == 403
        auditor = crowd.accounts["auditor"]
        assert client.post(f"/api/users/{auditor}/erase").status_code == 403
        gone = crowd.accounts["guest"]
        assert client.post(f"/api/users/{gone}/erase").status_code == 204
    # An auditor reads the log, which a moderator does not; a mediator may no more than an agent.
    refused = {"admin", "auditor"}
    assert statuses == {role: 403 if role in refused else 201 for role in ROLES}


def test_the_list_pages_searches_and_is_on_record(crowd: Crowd) -> None:
    for number in range(3):
        crowd.add("guest", f"paging-{number}")
    seen, cursor = [], None
    with crowd.admin() as client:
        while True:
            params = {"limit": "2", "q": "PAGING-"} | ({"cursor": cursor} if cursor else {})
            part = client.get("/api/users", params=params).json()
            seen += [each["email"] for each in part["users"]]
            cursor = part["next_cursor"]
            if cursor is None:
                break
        assert seen == [f"paging-{number}@example.org" for number in range(3)]
        wrong = client.get("/api/users", params={"cursor": UNKNOWN})
        assert problem(wrong, 400)["field"] == "cursor"
        assert problem(client.get("/api/users", params={"role": "admin"}), 400)["field"] == "role"
        for text in ("%", "_", "'", '"; --'):
            assert client.get("/api/users", params={"q": f"paging{text}"}).json()["users"] == []
    found = crowd.entries(action="account.list")[0]
    assert found["details"] == {"accounts": []}
    assert "paging" not in str(crowd.entries(action="account.list"))


def test_everybody_learns_who_they_are_and_what_they_may(crowd: Crowd) -> None:
    for role, account in crowd.accounts.items():
        with crowd.session(account).client() as client:
            document = client.get("/api/account").json()
        assert (document["id"], document["role"]) == (account, role)
        assert document["credential"]["kind"] == "session"
        assert ("users:write" in document["permissions"]) == (role == "admin")
        assert "profile:write" in document["permissions"]
    with crowd.by_token(crowd.accounts["member"], "profile:write", "users:write") as client:
        assert client.get("/api/account").json()["permissions"] == ["profile:write"]


class TestTeams:
    """Who sees which, and the pictures that belong to one."""

    def test_members_see_their_own_and_who_reads_users_sees_all(self, crowd: Crowd) -> None:
        inside = crowd.add("member", "insider")
        team = crowd.add_team("Inner circle", inside)
        crowd.add_team("Other circle")
        with crowd.by_token(inside, "admin") as client:
            assert [each["id"] for each in client.get("/api/teams").json()["teams"]] == [team]
            document = client.get(f"/api/teams/{team}").json()
        assert [each["name"] for each in document["members"]] == ["insider"]
        assert "@" not in str(document)
        assert crowd.entries(action="team.read", object=f"team:{team}") == []
        auditor = crowd.accounts["auditor"]
        with crowd.by_token(auditor, "admin") as client:
            assert client.get(f"/api/teams/{team}").status_code == 200
        (entry,) = crowd.entries(action="team.read", object=f"team:{team}")
        assert entry["on_behalf"] == f"account:{auditor}"
        assert entry["details"] == {"accounts": [inside]}
        with crowd.by_token(crowd.accounts["moderator"], "admin") as client:
            names = [each["name"] for each in client.get("/api/teams").json()["teams"]]
            assert {"Inner circle", "Other circle"} <= set(names)

    def test_another_team_answers_as_one_that_never_was(self, crowd: Crowd) -> None:
        team = crowd.add_team("Unknown to others")
        with crowd.by_token(crowd.accounts["member"], "admin") as client:
            there, never = (client.get(f"/api/teams/{each}") for each in (team, UNKNOWN))
        assert (there.status_code, never.status_code) == (404, 404)
        assert there.json() == never.json()
        assert set(there.headers) == set(never.headers)

    def test_are_made_and_removed_by_those_who_may(self, crowd: Crowd) -> None:
        member = crowd.accounts["member"]
        with crowd.admin() as client:
            made = client.post("/api/teams", json={"name": "Brief"})
            team = made.json()["id"]
            assert made.headers["location"] == f"/api/teams/{team}"
            twice = client.post("/api/teams", json={"name": "BRIEF"})
            assert problem(twice, 409)["field"] == "name"
            for _ in range(2):  # a member already is no mistake
                assert client.put(f"/api/teams/{team}/members/{member}").status_code == 204
            for path in (f"{UNKNOWN}/members/{member}", f"{team}/members/{UNKNOWN}"):
                assert client.put(f"/api/teams/{path}").status_code == 404
                assert client.delete(f"/api/teams/{path}").status_code == 404
            assert client.delete(f"/api/teams/{team}/members/{member}").status_code == 204
            assert client.delete(f"/api/teams/{team}/members/{member}").status_code == 404
            assert client.delete(f"/api/teams/{team}").status_code == 204
            assert client.delete(f"/api/teams/{team}").status_code == 404

    def test_pictures_are_the_members_until_they_leave(self, crowd: Crowd) -> None:
        owner, fellow, other = (crowd.add("member", n) for n in ("owner", "fellow", "other"))
        team = crowd.add_team("Shared", owner, fellow)
        with crowd.by_token(owner, "admin") as client:
            fields = {"visibility": "private", "team": team}
            made = client.post("/api/images", files={"file": ("a.png", png(40, 30))}, data=fields)
            assert made.status_code == 201, made.text
            path = f"/api/images/{made.json()['id']}"
        with crowd.by_token(fellow, "admin") as client, crowd.by_token(other, "admin") as stranger:
            assert client.get(path).status_code == 200
            assert client.patch(path, json={"title": "ours"}).json()["title"] == "ours"
            for reply in (stranger.get(path), stranger.patch(path, json={"title": "mine"})):
                assert reply.status_code == 404
            listed = client.get("/api/images", params={"team": team}).json()["images"]
            assert len(listed) == 1
            with crowd.admin() as admin:
                assert admin.delete(f"/api/teams/{team}/members/{fellow}").status_code == 204
            assert client.get(path).status_code == 404
            assert client.patch(path, json={"title": "still"}).status_code == 404
            assert client.get(path.replace("/api/images", "/img")).status_code == 404
            never = client.get(f"/api/images/{UNKNOWN}")
            gone: httpx2.Response = client.get(path)
            assert (gone.json(), set(gone.headers)) == (never.json(), set(never.headers))
