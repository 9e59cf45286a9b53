"""Access tokens that nobody made: each is tried, and lets nobody in."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from access_tokens.making import Community, now, part, parts, signed
from api.asking import problem

Forgery = Callable[[Community, dict[str, Any], dict[str, Any]], str]


def true(community: Community) -> str:
    account = community.add("member")
    parent = community.token(account, "images:read", "images:write", "tokens:write")
    return community.made(parent.text)


def resigned(**changes: Any) -> Forgery:
    """Sign with the true key what is not so."""

    def forge(community: Community, head: dict[str, Any], claims: dict[str, Any]) -> str:
        _, key = community.key()
        said = {k: v for k, v in (claims | changes).items() if v is not None}
        return signed(key, head, said)

    return forge


def headed(**changes: Any) -> Forgery:
    """Sign with the true key under another head."""

    def forge(community: Community, head: dict[str, Any], claims: dict[str, Any]) -> str:
        _, key = community.key()
        return signed(key, {k: v for k, v in (head | changes).items() if v is not None}, claims)

    return forge


def unsigned(_: Community, head: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{part(head | {'alg': 'none'})}.{part(claims)}."


def unsigned_in_capitals(_: Community, head: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{part(head | {'alg': 'NONE'})}.{part(claims)}."


def by_the_public_key(community: Community, head: dict[str, Any], claims: dict[str, Any]) -> str:
    """HS256, whose secret is the public key: what confuses a server that lets tokens choose."""
    _, key = community.key()
    text = f"{part(head | {'alg': 'HS256'})}.{part(claims)}"
    # By hand: no library does this, for good reasons.
    code = hmac.digest(key.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(code).decode().rstrip('=')}"


def by_another_key(_: Community, head: dict[str, Any], claims: dict[str, Any]) -> str:
    return signed(ECKey.generate_key("P-256"), {k: head[k] for k in ("typ", "kid")}, claims)


def by_a_key_it_brings(_: Community, head: dict[str, Any], claims: dict[str, Any]) -> str:
    key = ECKey.generate_key("P-256")
    return signed(key, {"typ": head["typ"], "jwk": key.as_dict(private=False)}, claims)


def by_rsa(_: Community, head: dict[str, Any], claims: dict[str, Any]) -> str:
    key = RSAKey.generate_key(2048)
    return signed(key, {k: head[k] for k in ("typ", "kid")}, claims, "RS256")


def replaced_claims(community: Community, head: dict[str, Any], claims: dict[str, Any]) -> str:
    _, _, signature = true(community).split(".")
    return f"{part(head)}.{part(claims | {'scope': 'admin'})}.{signature}"


def tampered_signature(community: Community, _: dict[str, Any], __: dict[str, Any]) -> str:
    text = true(community)
    return text[:-10] + ("A" if text[-10] != "A" else "B") + text[-9:]


def without_signature(community: Community, _: dict[str, Any], __: dict[str, Any]) -> str:
    return true(community).rpartition(".")[0] + "."


def of_another_account(community: Community, head: dict[str, Any], claims: dict[str, Any]) -> str:
    _, key = community.key()
    return signed(key, head, claims | {"sub": "local"})


FORGERIES: dict[str, Forgery] = {
    "no algorithm": unsigned,
    "no algorithm in capitals": unsigned_in_capitals,
    "HS256 with the public key": by_the_public_key,
    "another key under the name of ours": by_another_key,
    "a key that it brings itself": by_a_key_it_brings,
    "another algorithm": by_rsa,
    "replaced claims": replaced_claims,
    "a tampered signature": tampered_signature,
    "no signature": without_signature,
    "another account": of_another_account,
    "an unknown key": headed(kid="unknown"),
    "no key": headed(kid=None),
    "a key that is no text": headed(kid=["x"]),
    "an ID token": headed(typ="JWT"),
    "no type": headed(typ=None),
    "a critical extension": headed(crit=["exp"]),
    "another issuer": resigned(iss="https://evil.example"),
    "no issuer": resigned(iss=None),
    "another audience": resigned(aud="https://evil.example"),
    "other audiences": resigned(aud=["https://evil.example", "https://b.example"]),
    "no audience": resigned(aud=None),
    "expired": resigned(iat=now() - 900, exp=now() - 300),
    "no expiry": resigned(exp=None),
    "an expiry that is no number": resigned(exp="never"),
    "an expiry that is no number at all": resigned(exp=float("nan")),
    "longer than any may be": resigned(exp=now() + 90_000),
    "not yet": resigned(nbf=now() + 3600),
    "no subject": resigned(sub=None),
    "a subject that is no text": resigned(sub={"id": "local"}),
    "no parent": resigned(client_id=None),
    "an unknown parent": resigned(client_id="A" * 22),
    "a parent that is no text": resigned(client_id=["x"]),
    "scopes that are no text": resigned(scope=["admin"]),
    "oversized": resigned(note="x" * 8000),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_is_401(community: Community, name: str) -> None:
    head, claims = parts(true(community))
    forged = FORGERIES[name](community, head, claims)
    detail = problem(community.list(forged), 401)["detail"]
    assert forged[-30:] not in detail
    # What it is about is told from what could be guessed at.
    assert ("expired" in detail) == (name == "expired")


def test_what_only_looks_forged_is_let_in(community: Community) -> None:
    head, claims = parts(true(community))
    _, key = community.key()
    again = signed(
        key, head, claims | {"nbf": now() + 5, "aud": [claims["aud"], "https://b.example"]}
    )
    assert community.list(again).status_code == 200


def test_a_clock_that_was_set_back_a_little_refuses_nothing(community: Community) -> None:
    head, claims = parts(true(community))
    _, key = community.key()
    ahead = signed(key, head, claims | {"iat": now() + 120, "exp": now() + 720})
    assert community.list(ahead).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "a.b.c",
        "..",
        "eyJ.eyJ.x",
        f"{part({'alg': 'ES256'})}.{part([1])}.AAAA",
        f"{part([])}.{part({})}.AAAA",
        "A" * 7000 + ".A.A",
        part({"alg": "ES256", "typ": "at+jwt"}) + "." + "[" * 3000 + ".AAAA",
        "\xff.\xff.\xff",
    ],
)
def test_what_is_no_token_at_all_is_401(community: Community, text: str) -> None:
    header = [(b"Authorization", b"Bearer " + text.encode("latin-1"))]
    with community.server.client(None) as client:
        problem(client.get("/api/images", headers=header), 401)


def test_one_that_is_wrong_is_401_even_where_a_cookie_is_right(community: Community) -> None:
    session = community.session(community.add("member"))
    headers = {
        "Cookie": f"helpa_session={session.text}",
        "Authorization": f"Bearer {part({})}.{part({})}.AAAA",
    }
    with community.server.client(None) as client:
        problem(client.get("/api/images", headers=headers), 401)
        headers["Authorization"] = "Bearer nonsense"
        problem(client.get("/api/images", headers=headers), 401)


def test_the_log_of_the_server_holds_no_token(community: Community) -> None:
    made = true(community)
    community.list(made)
    community.list(made[:-4] + "AAAA")
    assert made.split(".")[2][:30] not in json.dumps(community.server.log)
