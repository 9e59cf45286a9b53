"""Access tokens: what they say, whom they let in, and what ends them."""

from __future__ import annotations

import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import text

from access_tokens.making import Community, parts
from api.asking import problem
from helpa.core import tokens
from helpa.core.actor import COMMAND_LINE
from serving import NO_TLS, Server, helpa, run_helpa, running_server, start_server, stop_server


def owner(community: Community, role: str = "member") -> tuple[str, str]:
    """Return an account and a token of it that may make access tokens."""
    account = community.add(role)
    scopes = ("images:read", "images:write", "tokens:write")
    return account, community.token(account, *scopes).text


def test_an_access_token_is_what_rfc_9068_says(community: Community) -> None:
    account = community.add("member")
    parent = community.token(account, "images:read", "tokens:write")
    reply = community.ask(parent.text)
    document = reply.json()
    assert (reply.status_code, document["token_type"], document["expires_in"]) == (
        201,
        "Bearer",
        600,
    )
    assert document["scope"] == "images:read"
    head, claims = parts(document["access_token"])
    assert (head["typ"], head["alg"]) == ("at+jwt", "ES256")
    assert claims["exp"] - claims["iat"] == 600
    assert abs(claims["iat"] - time.time()) < 120
    assert {name: claims[name] for name in ("iss", "aud", "sub", "client_id", "scope")} == {
        "iss": community.server.url,
        "aud": community.server.url,
        "sub": account,
        "client_id": parent.id,
        "scope": "images:read",
    }
    assert len(claims["jti"]) >= 20


def test_another_service_checks_one_with_the_published_keys_alone(community: Community) -> None:
    _, parent = owner(community)
    made = community.made(parent, audience="https://search.example.org", expires_in=60)
    reply = community.server.get("/.well-known/jwks.json")
    assert reply.headers["cache-control"] == "public, max-age=300"
    assert not any("d" in key for key in reply.json()["keys"])
    found = jwt.decode(made, KeySet.import_key_set(reply.json()), algorithms=["ES256"])
    assert found.claims["aud"] == "https://search.example.org"
    assert found.header["kid"] in {key["kid"] for key in reply.json()["keys"]}


def test_one_for_another_service_is_refused_here(community: Community) -> None:
    _, parent = owner(community)
    problem(community.list(community.made(parent, audience="https://search.example.org")), 401)


def test_it_allows_its_scopes_and_nothing_else_its_owner_may(community: Community) -> None:
    _, parent = owner(community)
    made = community.made(parent, scopes=["images:read"])
    assert community.list(made).status_code == 200
    with community.server.client(made) as client:
        refused = problem(client.patch("/api/images/" + "A" * 22, json={"title": "x"}), 403)
    assert refused["allowed"] == "images:write"


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({"scopes": ["images:delete"]}, 403, "scopes"),
        ({"scopes": ["admin"]}, 403, "scopes"),
        ({"scopes": ["no:such"]}, 400, "scopes"),
        ({"scopes": []}, 400, "scopes"),
        ({"expires_in": 3601}, 400, "expires_in"),
        ({"expires_in": 0}, 400, "expires_in"),
        ({"audience": "two words"}, 400, "audience"),
        ({"sub": "local"}, 400, "sub"),
    ],
)
def test_what_may_not_be_asked_for_is_refused_by_name(
    community: Community, asked: dict[str, Any], status: int, field: str
) -> None:
    _, parent = owner(community)
    assert problem(community.ask(parent, **asked), status)["field"] == field


def test_who_lacks_the_permission_makes_none(community: Community) -> None:
    account = community.add("guest")
    problem(community.ask(community.token(account, "images:read", "tokens:write").text), 403)
    with community.server.client(None) as client:
        problem(client.post("/api/access-tokens", json={"scopes": ["images:read"]}), 401)


def test_an_access_token_makes_no_other(community: Community) -> None:
    _, parent = owner(community)
    made = community.made(parent, scopes=["images:read", "tokens:write"])
    problem(community.ask(made), 403)


def test_revoking_the_token_that_made_it_ends_it_at_once(community: Community) -> None:
    account = community.add("member")
    parent = community.token(account, "images:read", "tokens:write")
    made = community.made(parent.text)
    assert community.list(made).status_code == 200
    community.server.database.write(lambda c: tokens.revoke(c, parent.id))
    problem(community.list(made), 401)


def test_the_end_of_the_session_that_made_it_ends_it(community: Community) -> None:
    account = community.add("member")
    session = community.session(account)
    headers = {"Cookie": f"helpa_session={session.text}", "Origin": community.server.url}
    with httpx2.Client(base_url=community.server.url, headers=headers, verify=NO_TLS) as client:
        reply = client.post("/api/access-tokens", json={"scopes": ["images:read"]})
    made = reply.json()["access_token"]
    assert community.list(made).status_code == 200
    community.server.database.write(lambda c: tokens.revoke(c, session.id))
    problem(community.list(made), 401)


def test_a_page_of_another_site_makes_none_with_a_visitors_cookie(community: Community) -> None:
    session = community.session(community.add("member"))
    headers = {"Cookie": f"helpa_session={session.text}", "Origin": "https://evil.example"}
    with httpx2.Client(base_url=community.server.url, headers=headers, verify=NO_TLS) as client:
        problem(client.post("/api/access-tokens", json={"scopes": ["images:read"]}), 403)


def test_a_lower_role_narrows_it_and_a_disabled_account_ends_it(community: Community) -> None:
    account, parent = owner(community)
    made = community.made(parent, scopes=["images:read", "images:write"])
    write, accounts = community.server.database.write, community.accounts
    change = ("PATCH", "/api/images/" + "A" * 22)
    with community.server.client(made) as client:
        problem(client.request(*change, json={"title": "x"}), 404)
        write(lambda c: accounts.set_role(c, COMMAND_LINE, account, "guest"))
        problem(client.request(*change, json={"title": "x"}), 403)
        assert client.get("/api/images").status_code == 200
        write(lambda c: accounts.disable(c, COMMAND_LINE, account))
        problem(client.get("/api/images"), 401)


def test_it_lasts_no_longer_than_the_token_that_made_it(community: Community) -> None:
    parent = community.token(community.add("member"), "images:read", "tokens:write", expires_in=40)
    _, claims = parts(community.made(parent.text, expires_in=3600))
    assert claims["exp"] - claims["iat"] <= 40


def test_that_one_was_made_is_in_the_audit_log_without_the_token(community: Community) -> None:
    account, parent = owner(community)
    made = community.made(parent)
    found = community.server.database.read(
        lambda c: c.execute(
            text("SELECT object, details FROM entries WHERE action = 'access_token.create'")
        ).all()
    )
    mine = [row for row in found if json.loads(row.details)["account"] == account]
    assert [row.object for row in mine] == [f"access_token:{parts(made)[1]['jti']}"]
    assert not any(made[-40:] in row.details for row in found)


def test_what_it_uploads_belongs_to_its_account(community: Community) -> None:
    from pictures import png

    account, parent = owner(community)
    made = community.made(parent, scopes=["images:read", "images:write"])
    with community.server.client(made) as client:
        reply = client.post("/api/images", files={"file": ("a.png", png(20, 20))})
    assert reply.json()["owner"] == account


def test_the_file_of_keys_is_its_owners_alone(community: Community) -> None:
    assert stat.S_IMODE(community.key_file.stat().st_mode) == 0o600


def test_a_new_key_signs_at_once_and_the_old_one_still_checks(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        community = Community(server)
        _, parent = owner(community)
        before = community.made(parent)
        said = helpa("jwt", "rotate", data_dir=data_dir)
        after = community.made(parent)
        kids = [parts(each)[0]["kid"] for each in (before, after)]
        assert kids[0] != kids[1]
        assert kids[1] in said
        assert published(server) == {*kids}
        assert [community.list(each).status_code for each in (before, after)] == [200, 200]
        listed = helpa("jwt", "keys", data_dir=data_dir).splitlines()
        assert listed[0].startswith(kids[1])
        assert listed[0].endswith("signs")
        assert listed[1].startswith(kids[0])
        assert "checks until" in listed[1]
        helpa("jwt", "rotate", "--forget", data_dir=data_dir)
        assert not published(server) & {*kids}
        for each in (before, after):
            problem(community.list(each), 401)
        assert stat.S_IMODE(community.key_file.stat().st_mode) == 0o600


def test_a_key_goes_when_its_last_token_has_expired(data_dir: Path) -> None:
    with running_server(data_dir) as server:
        community = Community(server)
        _, parent = owner(community)
        before = community.made(parent)
        helpa("jwt", "rotate", data_dir=data_dir)
        held = json.loads(community.key_file.read_text())
        assert 3600 <= held["keys"][1]["retires_at"] - time.time() <= 3660
        held["keys"][1]["retires_at"] = time.time() - 1
        aside = community.key_file.with_name("aside")
        aside.write_text(json.dumps(held))
        aside.replace(community.key_file)
        assert parts(before)[0]["kid"] not in published(server)
        problem(community.list(before), 401)


@pytest.mark.skipif(os.geteuid() != 0, reason="ONLY ROOT GIVES FILES AWAY")
def test_what_root_makes_on_the_command_line_is_the_servers(data_dir: Path) -> None:
    helpa("db", "upgrade", data_dir=data_dir)
    os.chown(data_dir, 65534, 65534)
    helpa("jwt", "rotate", data_dir=data_dir)
    made = data_dir / "plugins" / "jwt" / "keys.json"
    for each in (made, made.parent, made.parent.parent):
        assert each.stat().st_uid == 65534


def test_servers_that_start_together_agree_on_the_key(data_dir: Path) -> None:
    helpa("db", "upgrade", data_dir=data_dir)
    with ThreadPoolExecutor(2) as threads:
        servers = list(threads.map(lambda _: start_server(data_dir), range(2)))
    try:
        assert published(servers[0]) == published(servers[1])
        assert len(published(servers[0])) == 1
    finally:
        for each in servers:
            stop_server(each)


def test_one_holds_on_another_instance_and_after_a_restart(data_dir: Path) -> None:
    public = {"public_url": "http://helpa.test"}
    with running_server(data_dir, **public) as first:
        community = Community(first)
        _, parent = owner(community)
        reply = ask_at(first, parent)
    with running_server(data_dir, **public) as second:
        made = reply.json()["access_token"]
        with httpx2.Client(base_url=listening(second), verify=NO_TLS) as client:
            found = client.get("/api/images", headers={"Authorization": f"Bearer {made}"})
    assert found.status_code == 200


def ask_at(server: Server, token: str) -> httpx2.Response:
    with httpx2.Client(base_url=listening(server), verify=NO_TLS) as client:
        return client.post(
            "/api/access-tokens",
            json={"scopes": ["images:read"]},
            headers={"Authorization": f"Bearer {token}"},
        )


def listening(server: Server) -> str:
    from web.visitors import local_url

    return local_url(server)


def test_a_file_of_keys_that_is_broken_stops_the_start_and_says_where(data_dir: Path) -> None:
    with running_server(data_dir):
        pass
    (data_dir / "plugins" / "jwt" / "keys.json").write_text("{")
    done = run_helpa("serve", "--port", "0", data_dir=data_dir)
    assert done.returncode != 0
    assert "keys.json" in done.stderr
    assert "Traceback" not in done.stderr


def published(server: Server) -> set[str]:
    return {key["kid"] for key in server.get("/.well-known/jwks.json").json()["keys"]}
