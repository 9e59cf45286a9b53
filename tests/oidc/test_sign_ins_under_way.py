"""Sign-ins that have begun: whose they are, how often they count, what they outlive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from databases import KINDS
from helpa_oidc import tables
from oidc.people import running_community
from oidc.rogue import Rogue, running_rogue
from oidc.visiting import UNLIMITED, Visitor, of_rogue, path, refusals, trusting
from serving import Server
from web.visitors import local_url

MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def rogue() -> Iterator[Rogue]:
    """A provider that says the truth all the time."""
    with running_rogue() as running:
        yield running


@pytest.fixture(scope="module", params=KINDS)
def settings(request: pytest.FixtureRequest, rogue: Rogue) -> dict[str, str]:
    """Settings of a server that trusts the provider, on each kind of database."""
    found = {"plugin": trusting(rogue=of_rogue(rogue))} | UNLIMITED
    if request.param == "postgresql":
        found["database_url"] = request.getfixturevalue("postgresql").new_database()
    return found


@pytest.fixture(scope="module")
def server(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_community(tmp_path_factory.mktemp("oidc"), **settings) as running:
        yield running


@pytest.fixture
def visitor(server: Server) -> Visitor:
    return Visitor(server)


def near(server: Server) -> Server:
    """Return a server at the address it listens at, not where the world reaches it."""
    return replace(server, url=local_url(server))


def answer(rogue: Rogue, query: dict[str, str]) -> dict[str, str]:
    """Return what the provider sends a browser back with."""
    code = rogue.grant(rogue.signed(rogue.claims(query["nonce"])))
    return {"code": code, "state": query["state"], "iss": rogue.url}


def refused(visitor: Visitor, **sent: str) -> None:
    reply = visitor.come_back(**sent)
    assert reply.status_code == 403
    assert visitor.session is None


def test_a_browser_is_sent_with_everything_that_binds_the_answer_to_it(
    visitor: Visitor, rogue: Rogue
) -> None:
    sent, again = visitor.begin(), visitor.begin()
    assert sent.url == f"{rogue.url}/authorize"
    fixed = {
        "tenant": "1",
        "response_type": "code",
        "client_id": "helpa",
        "redirect_uri": f"{visitor.server.url}/signin/oidc/rogue/callback",
        "scope": "openid profile email",
        "code_challenge_method": "S256",
    }
    assert {name: sent.query[name] for name in fixed} == fixed
    rest = {name: value for name, value in sent.query.items() if name not in fixed}
    assert set(rest) == {"state", "nonce", "code_challenge"}
    for name, value in rest.items():
        assert len(value) == 43
        assert again.query[name] != value
    assert len(set(rest.values())) == 3


def test_an_answer_counts_once(visitor: Visitor, server: Server, rogue: Rogue) -> None:
    query = visitor.begin().query
    first = answer(rogue, query)
    assert visitor.come_back(**first).status_code == 303
    visitor.cookies.delete("helpa_session")
    refused(visitor, **first)
    refused(visitor, **answer(rogue, query))
    assert [each["why"] for each in refusals(server)[-2:]] == ["wrong_state"] * 2


def test_an_answer_is_for_the_browser_that_asked(visitor: Visitor, rogue: Rogue) -> None:
    """Also: nobody takes a sign-in away from somebody else by sending its state."""
    victim, nobody = Visitor(visitor.server), Visitor(visitor.server)
    query = visitor.begin().query
    victim.begin()
    refused(victim, **answer(rogue, query))
    refused(nobody, **answer(rogue, query))
    assert visitor.come_back(**answer(rogue, query)).status_code == 303


@pytest.mark.parametrize("state", ["", "a" * 43, "a" * 5000, "ä" * 43])
def test_a_state_nobody_made_is_refused(visitor: Visitor, rogue: Rogue, state: str) -> None:
    query = visitor.begin().query
    refused(visitor, **(answer(rogue, query) | {"state": state}))


def test_parameters_that_come_twice_are_refused(visitor: Visitor, rogue: Rogue) -> None:
    sent = answer(rogue, visitor.begin().query)
    query = urlencode([*sent.items(), ("code", "another")])
    reply = visitor.get(f"/signin/oidc/rogue/callback?{query}")
    assert reply.status_code == 403
    assert visitor.session is None


def test_several_tabs_finish_in_any_order(visitor: Visitor, rogue: Rogue) -> None:
    queries = [visitor.begin(to=f"/?tab={number}").query for number in range(3)]
    for number in (1, 2, 0):
        assert path(visitor.come_back(**answer(rogue, queries[number]))) == f"/?tab={number}"
        assert visitor.signed_in()


def test_the_oldest_of_very_many_sign_ins_gives_way(visitor: Visitor, rogue: Rogue) -> None:
    queries = [visitor.begin().query for _ in range(22)]
    refused(visitor, **answer(rogue, queries[0]))
    assert visitor.come_back(**answer(rogue, queries[-1])).status_code == 303


def moved(server: Server, minutes: int) -> None:
    """Make sign-ins under way look as after a step of the clock, or after a while."""
    change = text(f"UPDATE oidc_pending SET created_at = created_at + {minutes * MINUTE_MS}")
    server.database.write(lambda connection: connection.execute(change).rowcount)


@pytest.mark.parametrize(("minutes", "holds"), [(-11, False), (-8, True), (8, True), (11, False)])
def test_ten_minutes_are_time_enough_whichever_way_the_clock_steps(
    visitor: Visitor, rogue: Rogue, minutes: int, holds: bool
) -> None:
    sent = answer(rogue, visitor.begin().query)
    moved(visitor.server, minutes)
    reply = visitor.come_back(**sent)
    assert (reply.status_code == 303) is holds
    assert visitor.signed_in() is holds


def test_what_has_run_out_is_forgotten(visitor: Visitor) -> None:
    visitor.begin()
    moved(visitor.server, -21)
    Visitor(visitor.server).begin()
    count = text("SELECT count(*) FROM oidc_pending")
    assert visitor.server.database.read(lambda c: c.execute(count).scalar_one()) == 1


def test_the_database_helps_nobody_to_finish_a_sign_in(visitor: Visitor, rogue: Rogue) -> None:
    query = visitor.begin().query
    rows = text("SELECT * FROM oidc_pending")
    held = visitor.server.database.read(lambda c: str(c.execute(rows).all()))
    (cookie,) = visitor.cookies.values()
    for secret in (query["state"], query["nonce"], query["code_challenge"], cookie):
        assert secret not in held
    assert query["state"] in str(query)


def test_a_restart_in_the_middle_disturbs_nobody(
    settings: dict[str, str], data_dir: Path, rogue: Rogue
) -> None:
    public = settings | {"public_url": "http://127.0.0.1:9"}
    with running_community(data_dir, **public) as first:
        visitor = Visitor(near(first))
        sent = answer(rogue, visitor.begin(to="/?kept=1").query)
        first.kill()
    with running_community(data_dir, **public) as second:
        visitor.server = near(second)
        assert path(visitor.come_back(**sent)) == "/?kept=1"
        assert visitor.signed_in()


def test_the_answer_may_come_to_another_server_of_the_same_database(
    settings: dict[str, str], data_dir: Path, rogue: Rogue
) -> None:
    public = settings | {"public_url": "http://127.0.0.1:9"}
    with running_community(data_dir, **public) as one, running_community(data_dir, **public) as two:
        one, two = near(one), near(two)
        visitor = Visitor(one)
        sent = answer(rogue, visitor.begin().query)
        visitor.server = two
        assert visitor.come_back(**sent).status_code == 303
        assert visitor.signed_in()
        visitor.server = one
        refused_once_more = visitor.come_back(**sent)
        assert refused_once_more.status_code == 303, "who is signed in already is led on"
        assert visitor.signed_in()


def test_head_of_the_answer_takes_nothing(visitor: Visitor, rogue: Rogue) -> None:
    sent = answer(rogue, visitor.begin().query)
    assert visitor.get("/signin/oidc/rogue/callback", "HEAD", params=sent).status_code == 405
    assert visitor.come_back(**sent).status_code == 303


def cookie(reply: Any, name: str) -> str:
    (found,) = [each for each in reply.headers.get_list("set-cookie") if each.startswith(name)]
    return str(found).lower()


def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor: Visitor) -> None:
    reply = visitor.get("/signin/oidc/rogue")
    text = cookie(reply, "helpa_oidc=")
    for word in ("httponly", "samesite=lax", "path=/", "max-age="):
        assert word in text
    assert "secure" not in text


def test_over_https_the_cookie_is_this_host_s_alone(
    settings: dict[str, str], data_dir: Path
) -> None:
    public = settings | {"public_url": "https://helpa.example"}
    with running_community(data_dir, **public) as running:
        server = near(running)
        reply = server.get("/signin/oidc/rogue")
        text = cookie(reply, "__Host-helpa_oidc=")
        assert "secure" in text
        assert "domain" not in text
        assert (
            "https%3A%2F%2Fhelpa.example%2Fsignin%2Foidc%2Frogue%2Fcallback"
            in (reply.headers["location"])
        )
        # A cookie that another host, or plain HTTP, could have set is not looked at.
        planted = {"cookie": f"helpa_oidc={'a' * 43}"}
        with server.client(None) as client:
            assert "a" * 43 not in str(client.get("/signin/oidc/rogue", headers=planted).headers)


LOCAL = ["/", "/i/abc?x=1&y=%2F", "/signin?next=//evil.example"]
ELSEWHERE = [
    "//evil.example", "https://evil.example", "/\\evil.example", "\\/evil.example", "evil.example",
    "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", "/ /evil", " //evil.example",
    "http:evil.example", "/\r\nSet-Cookie: a=b", "///evil.example", "/a" * 3000, "", "/ä",
]  # fmt: skip


@pytest.mark.parametrize("target", LOCAL)
def test_next_leads_to_a_page_of_this_server(visitor: Visitor, rogue: Rogue, target: str) -> None:
    assert path(visitor.sign_in(rogue, to=target)) == target


@pytest.mark.parametrize("target", ELSEWHERE)
def test_next_leads_nowhere_else(visitor: Visitor, rogue: Rogue, target: str) -> None:
    assert path(visitor.sign_in(rogue, to=target)) == "/"


def test_a_provider_there_is_not(server: Server) -> None:
    for each in (
        "/signin/oidc/nope",
        "/signin/oidc/nope/callback?state=a",
        "/signin/oidc/rogue/x",
        "/signin/oidc",
    ):
        assert server.get(each).status_code == 404


def test_the_migrations_make_the_tables_that_the_code_declares(server: Server) -> None:
    def differences(connection: Connection) -> list[Any]:
        def ours(name: str | None, kind: str, _: object) -> bool:
            return kind != "table" or str(name) in tables.metadata.tables

        opts = {"compare_type": True, "include_name": ours}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, tables.metadata))

    assert server.database.read(differences) == []
    assert len(tables.metadata.tables) == 3
