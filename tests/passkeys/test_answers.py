"""Answers of browsers: the true ones, and those that must let nobody in."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection
from sqlalchemy import text as sql

import helpa_passkeys.passkeys
from api.asking import problem
from helpa.core import tokens
from helpa.core.actor import COMMAND_LINE
from passkeys.authenticator import PRESENT, VERIFIED, Authenticator, raw, text
from passkeys.people import ACCOUNTS, Browser, account, entries, running_site, with_passkey
from postgresql import Postgresql
from serving import Server

UNKNOWN_KEY = ec.generate_private_key(ec.SECP256R1())


def test_a_passkey_signs_in_without_an_address(site: Server) -> None:
    owner, authenticator, passkey = with_passkey(site)
    somebody = Browser(site)
    options = somebody.options_to_sign_in()
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"
    assert not options.get("allowCredentials")
    answer = authenticator.get(options)
    reply = somebody.post("/signin/passkey", credential=answer, next="/account/passkeys")
    assert (reply.status_code, reply.json()) == (200, {"location": "/account/passkeys"})
    assert "HttpOnly" in reply.headers["set-cookie"]
    assert somebody.signed_in()
    (begun,) = entries(site, "session.begin", owner)
    assert begun["method"] == "passkey"
    (added,) = entries(site, "passkey.add", owner)
    assert added["object"] == f"passkey:{passkey}"


def test_the_session_that_a_browser_had_before_does_not_become_theirs(site: Server) -> None:
    _, authenticator, _ = with_passkey(site)
    somebody = Browser(site, account(site))
    before = somebody.client.cookies["helpa_session"]
    assert somebody.sign_in(authenticator).status_code == 200
    after = somebody.client.cookies.jar
    texts = {cookie.value for cookie in after if cookie.name == "helpa_session"}
    assert texts - {before}
    stale = Browser(site)
    stale.client.cookies.set("helpa_session", before)
    assert not stale.signed_in()


def test_what_is_asked_for_to_add_one_is_discoverable_and_verified(site: Server) -> None:
    owner = account(site)
    browser = Browser(site, owner)
    options = browser.options_to_add()
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert options["attestation"] == "none"
    assert owner not in json.dumps(options)
    authenticator = Authenticator(browser.origin)
    browser.post("/account/passkeys", credential=authenticator.create(options))
    again = browser.options_to_add()
    assert [each["id"] for each in again["excludeCredentials"]] == [text(authenticator.id)]
    assert again["user"]["id"] == options["user"]["id"]


def test_an_authenticator_that_does_not_count_signs_in_again_and_again(site: Server) -> None:
    _, authenticator, _ = with_passkey(site, counts=False)
    for _ in range(2):
        assert Browser(site).sign_in(authenticator).status_code == 200


def test_a_count_that_goes_back_is_refused_and_in_the_log(site: Server) -> None:
    owner, authenticator, _ = with_passkey(site)
    assert Browser(site).sign_in(authenticator).status_code == 200
    authenticator.count = 0
    somebody = Browser(site)
    problem(somebody.sign_in(authenticator), 403)
    assert not somebody.signed_in()
    (refused,) = entries(site, "signin.failed", owner)
    assert (refused["result"], refused["why"]) == ("refused", "count_back")


FORGED: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://evil.example"},
    "the same host at another port": {"origin": "http://localhost:1"},
    "another party": {"rp_id": "evil.example"},
    "nobody verified": {"flags": PRESENT},
    "nobody present": {"flags": VERIFIED},
    "another key": {"key": UNKNOWN_KEY},
    "an answer that adds": {"kind": "webauthn.create"},
    "a challenge of one's own": {"challenge": text(b"x" * 32)},
    "another account's handle": {"handle": text(b"x" * 32)},
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_answer_lets_nobody_in(site: Server, name: str) -> None:
    owner, authenticator, _ = with_passkey(site)
    somebody = Browser(site)
    problem(somebody.sign_in(authenticator, **FORGED[name]), 403)
    assert not somebody.signed_in()
    assert entries(site, "session.begin", owner) == []
    assert Browser(site).sign_in(authenticator).status_code == 200


def tampered(part: str) -> Callable[[dict[str, Any]], None]:
    def change(answer: dict[str, Any]) -> None:
        changed = bytearray(raw(answer["response"][part]))
        changed[-1] ^= 1
        answer["response"][part] = text(bytes(changed))

    return change


def replaced(part: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(answer: dict[str, Any]) -> None:
        answer["response"][part] = value

    return change


DAMAGE = {
    "the signature": tampered("signature"),
    "the count": tampered("authenticatorData"),
    "no signature": replaced("signature", ""),
    "a signature that is none": replaced("signature", 7),
    "data that are none": replaced("authenticatorData", text(b"x")),
    "data that are no base64": replaced("authenticatorData", "\u00e9"),
    "a handle that is none": replaced("userHandle", ["x"]),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_tampered_answer_lets_nobody_in(site: Server, name: str) -> None:
    _, authenticator, _ = with_passkey(site)
    somebody = Browser(site)
    answer = authenticator.get(somebody.options_to_sign_in())
    DAMAGE[name](answer)
    problem(somebody.post("/signin/passkey", credential=answer), 403)
    assert not somebody.signed_in()


def test_an_unknown_passkey_and_a_wrong_one_are_told_in_the_same_words(site: Server) -> None:
    _, authenticator, _ = with_passkey(site)
    wrong = problem(Browser(site).sign_in(authenticator, key=UNKNOWN_KEY), 403)
    stranger = Authenticator(authenticator.origin, handle=text(b"x" * 32))
    unknown = problem(Browser(site).sign_in(stranger), 403)
    assert wrong == unknown


def test_an_answer_that_was_sent_already_lets_nobody_in(site: Server) -> None:
    _, authenticator, _ = with_passkey(site)
    somebody = Browser(site)
    answer = authenticator.get(somebody.options_to_sign_in())
    assert somebody.post("/signin/passkey", credential=answer).status_code == 200
    somebody.client.cookies.delete("helpa_session")
    problem(somebody.post("/signin/passkey", credential=answer), 403)
    assert not somebody.signed_in()


def test_a_challenge_that_a_wrong_answer_has_used_up_takes_no_right_one(site: Server) -> None:
    _, authenticator, _ = with_passkey(site)
    somebody = Browser(site)
    options = somebody.options_to_sign_in()
    wrong = authenticator.get(options, key=UNKNOWN_KEY)
    problem(somebody.post("/signin/passkey", credential=wrong), 403)
    problem(somebody.post("/signin/passkey", credential=authenticator.get(options)), 403)


def test_the_challenge_of_another_browser_lets_nobody_in_and_stays_that_browsers(
    site: Server,
) -> None:
    _, authenticator, _ = with_passkey(site)
    victim, thief = Browser(site), Browser(site)
    thief.options_to_sign_in()
    answer = authenticator.get(victim.options_to_sign_in())
    problem(thief.post("/signin/passkey", credential=answer), 403)
    assert not thief.signed_in()
    assert victim.post("/signin/passkey", credential=answer).status_code == 200


def test_without_the_cookie_an_answer_lets_nobody_in(site: Server) -> None:
    _, authenticator, _ = with_passkey(site)
    somebody = Browser(site)
    answer = authenticator.get(somebody.options_to_sign_in())
    problem(Browser(site).post("/signin/passkey", credential=answer), 403)


def age(site: Server, minutes: float) -> None:
    """Have every challenge be older; as much younger where that is negative."""
    statement = sql("UPDATE passkeys_challenges SET created_at = created_at - :by")
    site.database.write(lambda c: c.execute(statement, {"by": int(minutes * 60_000)}).rowcount)


@pytest.mark.parametrize(
    ("minutes", "status"), [(4, 200), (5.1, 403), (-4, 200), (-5.1, 403), (100_000, 403)]
)
def test_a_challenge_holds_five_minutes_whichever_way_a_clock_is_set(
    site: Server, minutes: float, status: int
) -> None:
    _, authenticator, _ = with_passkey(site)
    somebody = Browser(site)
    answer = authenticator.get(somebody.options_to_sign_in())
    age(site, minutes)
    assert somebody.post("/signin/passkey", credential=answer).status_code == status
    assert somebody.signed_in() == (status == 200)


def test_one_browser_may_be_asked_in_many_tabs_and_the_oldest_give_way(site: Server) -> None:
    _, authenticator, _ = with_passkey(site)
    somebody = Browser(site)
    asked = [somebody.options_to_sign_in() for _ in range(23)]
    problem(somebody.post("/signin/passkey", credential=authenticator.get(asked[0])), 403)
    for options in (asked[5], asked[22]):
        answer = authenticator.get(options)
        assert somebody.post("/signin/passkey", credential=answer).status_code == 200


def test_the_passkey_of_a_disabled_account_lets_nobody_in(site: Server) -> None:
    owner, authenticator, _ = with_passkey(site)
    site.database.write(lambda c: ACCOUNTS.disable(c, COMMAND_LINE, owner))
    somebody = Browser(site)
    problem(somebody.sign_in(authenticator), 403)
    assert not somebody.signed_in()
    (refused,) = entries(site, "signin.failed", owner)
    assert refused["why"] == "disabled"


def test_a_passkey_that_was_removed_lets_nobody_in(site: Server) -> None:
    owner, authenticator, passkey = with_passkey(site)
    browser = Browser(site, owner)
    reply = browser.form(f"/account/passkeys/{passkey}/remove")
    assert reply.headers["location"] == "/account/passkeys?done=removed"
    problem(Browser(site).sign_in(authenticator), 403)
    assert [e["object"] for e in entries(site, "passkey.remove", owner)] == [f"passkey:{passkey}"]


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_where_to_go_on_to_is_a_path_of_this_server(site: Server, target: str) -> None:
    _, authenticator, _ = with_passkey(site)
    somebody = Browser(site)
    answer = authenticator.get(somebody.options_to_sign_in())
    reply = somebody.post("/signin/passkey", credential=answer, next=target)
    assert reply.json() == {"location": "/"}


def test_a_page_of_another_site_signs_nobody_in(site: Server) -> None:
    _, authenticator, _ = with_passkey(site)
    somebody = Browser(site)
    answer = authenticator.get(somebody.options_to_sign_in())
    somebody.client.headers["Origin"] = "https://evil.example"
    somebody.client.headers["Sec-Fetch-Site"] = "cross-site"
    problem(somebody.post("/signin/passkey", credential=answer), 403)
    assert not somebody.signed_in()


ADDED_WRONG: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://evil.example"},
    "another party": {"rp_id": "evil.example"},
    "nobody verified": {"flags": PRESENT},
    "an answer that signs in": {"kind": "webauthn.get"},
}


@pytest.mark.parametrize("name", ADDED_WRONG)
def test_a_forged_passkey_is_not_added(site: Server, name: str) -> None:
    browser = Browser(site, account(site))
    authenticator = Authenticator(browser.origin)
    made = authenticator.create(browser.options_to_add(), **ADDED_WRONG[name])
    problem(browser.post("/account/passkeys", credential=made), 400)
    problem(Browser(site).sign_in(authenticator), 403)


@pytest.mark.parametrize(
    "attestation", ["", "AAAA", text(b"\xa1" * 2000), text(b"\x9f" * 60_000), "\u00e9", None, 7]
)
def test_an_attestation_that_is_none_is_not_added(site: Server, attestation: Any) -> None:
    browser = Browser(site, account(site))
    made = Authenticator(browser.origin).create(browser.options_to_add())
    made["response"]["attestationObject"] = attestation
    problem(browser.post("/account/passkeys", credential=made), 400)


def test_the_challenge_of_another_account_or_of_signing_in_adds_nothing(site: Server) -> None:
    browser = Browser(site, account(site))
    other = Browser(site, account(site))
    authenticator = Authenticator(browser.origin)
    made = authenticator.create(other.options_to_add())
    # The same browser, where somebody else has signed in meanwhile.
    cookie = other.client.cookies["helpa_passkey"]
    browser.client.cookies.set("helpa_passkey", cookie)
    problem(browser.post("/account/passkeys", credential=made), 403)
    asked = browser.options_to_sign_in()["challenge"]
    made = authenticator.create(browser.options_to_add(), challenge=asked)
    problem(browser.post("/account/passkeys", credential=made), 403)


def test_the_same_passkey_is_added_once(site: Server) -> None:
    _, authenticator, _ = with_passkey(site)
    other = Browser(site, account(site))
    made = authenticator.create(other.options_to_add())
    problem(other.post("/account/passkeys", credential=made), 409)


def test_adding_needs_a_session_that_began_a_moment_ago(site: Server) -> None:
    owner, authenticator, _ = with_passkey(site)
    browser = Browser(site, owner)
    options = browser.options_to_add()
    statement = sql("UPDATE tokens SET created_at = created_at - 1200000 WHERE owner = :o")
    site.database.write(lambda c: c.execute(statement, {"o": owner}).rowcount)
    assert (
        "Sign in again"
        in problem(browser.post("/account/passkeys/options", name="x"), 403)["detail"]
    )
    made = Authenticator(browser.origin).create(options)
    problem(browser.post("/account/passkeys", credential=made), 403)
    assert "Sign in again to add a passkey" in browser.client.get("/account/passkeys").text
    assert browser.sign_in(authenticator).status_code == 200
    browser.options_to_add()


def test_a_token_has_no_passkeys(site: Server) -> None:
    owner = account(site)
    token = site.database.write(
        lambda c: tokens.create(c, "test", ("passkeys:write",), owner=owner)
    ).text
    with Browser(site).client as client:
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/account/passkeys", headers=headers).status_code == 403
        reply = client.post("/account/passkeys/options", json={"name": "x"}, headers=headers)
        problem(reply, 403)


def test_nobody_changes_a_passkey_of_somebody_else(site: Server) -> None:
    _, authenticator, passkey = with_passkey(site)
    other = Browser(site, account(site))
    assert other.client.get(f"/account/passkeys/{passkey}").status_code == 404
    assert other.form(f"/account/passkeys/{passkey}", name="Mine").status_code == 404
    assert other.form(f"/account/passkeys/{passkey}/remove").status_code == 404
    assert Browser(site).sign_in(authenticator).status_code == 200


def test_a_form_without_its_token_changes_nothing(site: Server) -> None:
    owner, authenticator, passkey = with_passkey(site)
    browser = Browser(site, owner)
    reply = browser.client.post(f"/account/passkeys/{passkey}/remove", data={"sure": "yes"})
    assert reply.status_code == 403
    assert Browser(site).sign_in(authenticator).status_code == 200


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "two\nlines\x07"])
def test_a_name_that_is_none_is_refused_before_the_browser_is_asked(
    site: Server, name: str
) -> None:
    owner, _, passkey = with_passkey(site)
    browser = Browser(site, owner)
    found = problem(browser.post("/account/passkeys/options", name=name), 400)
    assert found["field"] == "name"
    assert browser.form(f"/account/passkeys/{passkey}", name=name[:101]).status_code in (400, 422)


def test_an_account_has_so_many_passkeys_and_no_more(site: Server) -> None:
    browser = Browser(site, account(site))
    for _ in range(25):
        browser.add(Authenticator(browser.origin))
    problem(browser.post("/account/passkeys/options", name="One more"), 409)


def test_a_restart_between_question_and_answer_does_not_matter(
    tmp_path: Path, postgresql: Postgresql
) -> None:
    for kind, settings in (
        ("sqlite", {}),
        ("postgresql", {"database_url": postgresql.new_database()}),
    ):
        with running_site(tmp_path / kind, **settings) as first:
            owner, authenticator, _ = with_passkey(first)
            somebody, adding = Browser(first), Browser(first, owner)
            answer = authenticator.get(somebody.options_to_sign_in())
            another = Authenticator(adding.origin)
            made = another.create(adding.options_to_add())
            origin = somebody.origin
        with running_site(tmp_path / kind, origin, **settings) as second:
            for each in (somebody, adding):
                each.move(second)
            assert somebody.post("/signin/passkey", credential=answer).status_code == 200
            assert adding.post("/account/passkeys", credential=made).status_code == 201


def test_a_second_instance_takes_the_answer_once(tmp_path: Path, postgresql: Postgresql) -> None:
    settings = {"database_url": postgresql.new_database()}
    with running_site(tmp_path / "one", **settings) as one:
        owner, authenticator, _ = with_passkey(one)
        somebody = Browser(one)
        answer = authenticator.get(somebody.options_to_sign_in())
        with running_site(tmp_path / "two", somebody.origin, **settings) as two:
            somebody.move(two)
            assert somebody.post("/signin/passkey", credential=answer).status_code == 200
            somebody.move(one)
            assert somebody.signed_in()
            problem(somebody.post("/signin/passkey", credential=answer), 403)
        assert len(entries(one, "session.begin", owner)) == 1


def test_too_many_wrong_answers_have_to_wait(tmp_path: Path) -> None:
    limits = {"rates__signin_address": "3"}
    with running_site(tmp_path / "var", **limits) as server:
        stranger = Authenticator(Browser(server).origin, handle=text(b"x" * 32))
        statuses = [Browser(server).sign_in(stranger).status_code for _ in range(5)]
    assert statuses == [403, 403, 403, 429, 429]


def rows_of(connection: Connection, table: str, owner: str) -> Any:
    query = sql(f"SELECT count(*) FROM {table} WHERE account = :o")
    return connection.execute(query, {"o": owner}).scalar_one()


def test_what_is_kept_of_somebody_is_exported_and_erased_with_them(site: Server) -> None:
    owner, authenticator, _ = with_passkey(site)
    _, other, _ = with_passkey(site)
    Browser(site, owner).options_to_add("Tablet")
    (told,) = site.database.read(lambda c: helpa_passkeys.passkeys.export(c, owner))
    assert (told["name"], told["transports"]) == ("Phone", ["internal"])
    assert told["credential"] == text(authenticator.id)
    site.database.write(lambda c: helpa_passkeys.passkeys.erase(c, owner))
    for table in ("passkeys", "passkeys_challenges"):
        count = partial(rows_of, table=table, owner=owner)
        assert site.database.read(count) == 0
    problem(Browser(site).sign_in(authenticator), 403)
    assert Browser(site).sign_in(other).status_code == 200


@pytest.mark.parametrize("role", ["guest", "auditor", "moderator"])
def test_every_role_may_have_passkeys(site: Server, role: str) -> None:
    browser = Browser(site, account(site, role))
    authenticator = Authenticator(browser.origin)
    browser.add(authenticator)
    assert Browser(site).sign_in(authenticator).status_code == 200
