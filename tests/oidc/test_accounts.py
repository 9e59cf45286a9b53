"""Which account somebody gets, and with what role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text

from databases import KINDS
from helpa.core.accounts import Accounts
from helpa.core.actor import COMMAND_LINE
from helpa.core.audit.journal import Journal
from helpa_oidc import kept, tables
from oidc.people import add, person, running_community
from oidc.rogue import Rogue, running_rogue
from oidc.visiting import UNLIMITED, Visitor, of_rogue, path, refusals, trusting
from serving import Server, running_server

ROLES = {"chiefs": "admin", "desk": "agent"}


@pytest.fixture(scope="module")
def rogue() -> Iterator[Rogue]:
    """A provider that says what it is told to say of people."""
    with running_rogue() as running:
        yield running


@pytest.fixture(scope="module", params=KINDS)
def server(
    request: pytest.FixtureRequest, rogue: Rogue, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that trusts the provider under several names: with every setting of accounts."""
    settings = {
        "plugin": trusting(
            rogue=of_rogue(rogue),
            strict=of_rogue(rogue, client_id="strict", create_accounts=False),
            linking=of_rogue(rogue, client_id="linking", link_by_email=True),
            mapped=of_rogue(rogue, client_id="mapped", roles=ROLES, default_role="guest"),
            nested=of_rogue(rogue, client_id="nested", roles=ROLES, groups_claim="realm.roles"),
            trusting=of_rogue(rogue, client_id="trusting", trust_email=True),
        ),
    } | UNLIMITED
    if request.param == "postgresql":
        settings["database_url"] = request.getfixturevalue("postgresql").new_database()
    with running_community(tmp_path_factory.mktemp("oidc"), **settings) as running:
        yield running


def signed_in(server: Server, rogue: Rogue, provider: str, **claims: Any) -> Visitor:
    """Return somebody who signed in."""
    visitor = Visitor(server)
    aud = "helpa" if provider == "rogue" else provider
    reply = visitor.sign_in(rogue, provider, **{"aud": aud} | claims)
    assert path(reply) == "/", reply.text
    assert visitor.signed_in()
    return visitor


def kept_out(server: Server, rogue: Rogue, provider: str, reason: str, **claims: Any) -> None:
    """Insist that somebody is not let in, and told so."""
    visitor = Visitor(server)
    aud = "helpa" if provider == "rogue" else provider
    reply = visitor.sign_in(rogue, provider, **{"aud": aud} | claims)
    assert reply.status_code == 403
    assert visitor.session is None
    assert refusals(server)[-1] == {"method": f"oidc:{provider}", "why": reason}


def test_somebody_new_gets_an_account_and_the_same_one_every_time(
    server: Server, rogue: Rogue
) -> None:
    said = {"sub": "new-1", "email": "new-1@example.org", "name": "New  One"}
    visitor = signed_in(server, rogue, "rogue", **said)
    account = person(server, "new-1@example.org")
    assert (account["name"], account["role"]) == ("New One", "member")
    assert visitor.account == account["id"]
    # The subject decides, whatever the address and the name are by now.
    again = signed_in(server, rogue, "rogue", sub="new-1", email="other@example.org", name="X")
    assert again.account == account["id"]
    assert person(server, "new-1@example.org")["name"] == "New One"


def test_the_log_tells_what_happened(server: Server, rogue: Rogue) -> None:
    visitor = signed_in(server, rogue, "rogue", sub="logged", email="logged@example.org")
    account = visitor.account
    query = text("SELECT action, object, details, result FROM entries ORDER BY seq")
    rows = server.database.read(lambda c: c.execute(query).all())
    found = {
        row.action: (json.loads(row.details), row.result)
        for row in rows
        if row.object == f"account:{account}" or account in row.details
    }
    assert found["account.create"][1] == "ok"
    assert found["identity.link"] == ({"provider": "rogue"}, "ok")
    assert found["session.begin"] == ({"account": account, "method": "oidc:rogue"}, "ok")
    assert "logged" not in str(rows), "what is of a person is not in what stays for ever"


def test_nobody_new_gets_an_account_unless_settings_say_so(server: Server, rogue: Rogue) -> None:
    said = {"sub": "strict-1", "email": "strict-1@example.org"}
    kept_out(server, rogue, "strict", "no_account", **said)
    assert person(server, "strict-1@example.org") is None


@pytest.mark.parametrize("verified", [False, None, "false", "yes", 1.5])
def test_no_account_is_made_with_an_address_nobody_verified(
    server: Server, rogue: Rogue, verified: object
) -> None:
    said = {"sub": "loose", "email": "loose@example.org", "email_verified": verified}
    kept_out(server, rogue, "rogue", "email_not_verified", **said)
    kept_out(server, rogue, "rogue", "email_not_verified", sub="loose", email=None)


def test_an_address_counts_as_verified_where_settings_say_so(server: Server, rogue: Rogue) -> None:
    said = {"sub": "entra", "email": "entra@example.org", "email_verified": None}
    signed_in(server, rogue, "trusting", **said)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "a@example.org\r\nBcc: b@example.org"},
        {"email": "a b@example.org"},
        {"email": ["a@example.org"]},
        {"email": "hans@example.org", "name": "\x1b[31mred"},
        {"email": "hans@example.org", "name": "x" * 5000},
    ],
    ids=repr,
)
def test_addresses_and_names_that_cannot_be_any_make_no_account(
    server: Server, rogue: Rogue, claims: dict[str, Any]
) -> None:
    visitor = Visitor(server)
    reply = visitor.sign_in(rogue, sub="odd", **claims)
    assert reply.status_code == 403
    assert visitor.session is None


def test_a_verified_address_links_where_settings_allow_it(server: Server, rogue: Rogue) -> None:
    account = add(server, "Linked@example.org", "Linked", "agent")
    said = {"sub": "linked", "email": "linked@EXAMPLE.org"}
    kept_out(server, rogue, "rogue", "email_taken", **said)
    kept_out(server, rogue, "linking", "email_taken", **said, email_verified=False)
    visitor = signed_in(server, rogue, "linking", **said)
    assert visitor.account == account
    assert person(server, "Linked@example.org")["role"] == "agent"
    # Now it is known, by every client of the provider.
    assert signed_in(server, rogue, "rogue", **said).account == account


def test_an_address_that_went_to_somebody_else_takes_no_account_along(
    server: Server, rogue: Rogue
) -> None:
    add(server, "desk@example.org", "The desk", "member")
    signed_in(server, rogue, "linking", sub="first", email="desk@example.org")
    kept_out(server, rogue, "linking", "email_taken", sub="second", email="desk@example.org")


def test_a_disabled_account_stays_out(server: Server, rogue: Rogue) -> None:
    said = {"sub": "off", "email": "off@example.org"}
    visitor = signed_in(server, rogue, "rogue", **said)
    disable = text("UPDATE accounts SET state = 'disabled' WHERE email = 'off@example.org'")
    server.database.write(lambda c: c.execute(disable).rowcount)
    kept_out(server, rogue, "rogue", "account_disabled", **said)
    kept_out(server, rogue, "linking", "account_disabled", **said)
    assert visitor.session is not None


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["desk", "chiefs"], "admin"),
        (["desk"], "agent"),
        ("desk", "agent"),
        (["Desk", "chief", "admin"], "guest"),
        ([], "guest"),
        (None, "guest"),
        ({"desk": True}, "guest"),
        ([{"name": "desk"}, 5], "guest"),
    ],
    ids=repr,
)
def test_groups_give_the_role_anew_at_each_sign_in(
    server: Server, rogue: Rogue, groups: object, role: str
) -> None:
    said = {"sub": "grouped", "email": "grouped@example.org"}
    signed_in(server, rogue, "mapped", **said, groups=["chiefs"])
    visitor = signed_in(server, rogue, "mapped", **said, groups=groups)
    assert person(server, "grouped@example.org")["role"] == role
    assert visitor.signed_in()


def test_groups_may_stand_deeper(server: Server, rogue: Rogue) -> None:
    said = {"sub": "deep", "email": "deep@example.org", "realm": {"roles": ["desk"]}}
    signed_in(server, rogue, "nested", **said)
    assert person(server, "deep@example.org")["role"] == "agent"


def test_groups_that_are_only_referred_to_are_no_groups(server: Server, rogue: Rogue) -> None:
    said = {"sub": "many", "email": "many@example.org", "_claim_names": {"groups": "src1"}}
    kept_out(server, rogue, "mapped", "too_many_groups", **said)


@pytest.mark.parametrize("claim", ["role", "roles", "scope", "scopes", "is_admin", "account"])
def test_other_claims_give_no_role(server: Server, rogue: Rogue, claim: str) -> None:
    said = {"sub": f"mass-{claim}", "email": f"mass-{claim}@example.org", claim: "admin"}
    signed_in(server, rogue, "rogue", **said)
    assert person(server, f"mass-{claim}@example.org")["role"] == "member"


def test_the_last_administrator_stays_one_whatever_the_groups_say(
    rogue: Rogue, tmp_path: Path
) -> None:
    settings = trusting(rogue=of_rogue(rogue, roles=ROLES))
    with running_server(tmp_path, plugin=settings, **UNLIMITED) as server:
        # On a server with nobody, groups that make an administrator make the first.
        kept_out(server, rogue, "rogue", "no_account", groups=["desk"])
        signed_in(server, rogue, "rogue", groups=["chiefs"])
        signed_in(server, rogue, "rogue", groups=[])
        assert person(server, "rosa@example.org")["role"] == "admin"
        said = {"sub": "second", "email": "second@example.org"}
        signed_in(server, rogue, "rogue", **said, groups=["chiefs"])
        signed_in(server, rogue, "rogue", groups=[])
        assert person(server, "rosa@example.org")["role"] == "member"


def test_a_session_that_was_there_before_ends(server: Server, rogue: Rogue) -> None:
    """Nobody is left in a session that somebody else began, or knows."""
    visitor = signed_in(server, rogue, "rogue", sub="rotate", email="rotate@example.org")
    before = visitor.session
    assert path(visitor.sign_in(rogue, sub="rotate", email="rotate@example.org")) == "/"
    assert visitor.session not in (None, before)
    stale = Visitor(server)
    stale.cookies.set("helpa_session", str(before))
    assert not stale.signed_in()
    fixed = Visitor(server)
    fixed.cookies.set("helpa_session", "helpa_" + "a" * 43, domain="127.0.0.1")
    fixed.sign_in(rogue, sub="rotate", email="rotate@example.org")
    assert fixed.session != "helpa_" + "a" * 43


def test_links_are_exported_and_erased_with_the_account(server: Server, rogue: Rogue) -> None:
    said = {"sub": "gone", "email": "gone@example.org"}
    account = signed_in(server, rogue, "rogue", **said).account
    (link,) = server.database.read(lambda c: kept.links(c, account))
    assert (link["issuer"], link["subject"]) == (rogue.url, "gone")

    def erase(connection: Connection) -> None:
        kept.forget(connection, account)
        Accounts(Journal()).erase(connection, COMMAND_LINE, account)

    server.database.write(erase)

    def left(connection: Connection) -> int:
        return sum(
            connection.execute(select(func.count()).where(table.c.account == account)).scalar_one()
            for table in (tables.identities, tables.sessions)
        )

    assert server.database.read(left) == 0
    assert signed_in(server, rogue, "rogue", **said).account != account


def test_two_tabs_of_somebody_new_make_one_account(server: Server, rogue: Rogue) -> None:
    def once(_: int) -> int:
        visitor = Visitor(server)
        return visitor.sign_in(rogue, sub="twins", email="twins@example.org").status_code

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(once, range(4))) == [303] * 4
    count = text("SELECT count(*) FROM accounts WHERE email = 'twins@example.org'")
    assert server.database.read(lambda c: c.execute(count).scalar_one()) == 1


def test_who_is_refused_too_often_waits(rogue: Rogue, tmp_path: Path) -> None:
    settings = trusting(rogue=of_rogue(rogue))
    with running_server(tmp_path, plugin=settings, rates__failures="3") as server:
        visitor = Visitor(server)
        statuses = [visitor.come_back(code="a", state="b").status_code for _ in range(5)]
        assert statuses[0] == 403
        assert statuses[-1] == 429
