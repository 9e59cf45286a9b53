"""Answers of a provider, or of somebody in its place, that must sign nobody in."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, RSAKey

from oidc.people import running_community
from oidc.rogue import CLIENT, SECRET, Rogue, flood, redirect, running_rogue, send, trickle
from oidc.visiting import UNLIMITED, Visitor, of_rogue, refusals, trusting
from serving import Server

Token = Callable[[Rogue, str], Any]


FRESH = tuple(f"fresh-{number}" for number in range(30))


@pytest.fixture(scope="module")
def running() -> Iterator[Rogue]:
    with running_rogue() as rogue:
        yield rogue


@pytest.fixture
def provider(running: Rogue) -> Iterator[Rogue]:
    """The provider, right until the test changes something."""
    with running.as_it_was():
        yield running


@pytest.fixture(scope="module")
def trusted(running: Rogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that trusts the rogue under many names, as many clients."""
    settings = trusting(
        rogue=of_rogue(running, timeout=1),
        other=of_rogue(running, client_id="other"),
        narrow=of_rogue(running, client_id="narrow", algorithms=["RS256"]),
        **{
            name: of_rogue(running, client_id=name, timeout=1, algorithms=["RS256", "ES256"])
            for name in FRESH
        },
    )
    folder = tmp_path_factory.mktemp("oidc")
    with running_community(folder, plugin=settings, **UNLIMITED) as server:
        yield server


@pytest.fixture(scope="module")
def unused() -> Iterator[str]:
    return iter(FRESH)


@pytest.fixture
def fresh(unused: Iterator[str]) -> str:
    """A name of the provider that the server has asked nothing about."""
    return next(unused)


@pytest.fixture
def visitor(trusted: Server) -> Visitor:
    return Visitor(trusted)


def attempt(
    visitor: Visitor, rogue: Rogue, token: Token, name: str = "rogue", **answer: str | None
) -> None:
    """Come back from the provider with a code for this ID token, and be refused."""
    sent = visitor.begin(name)
    code = rogue.grant(token(rogue, sent.query["nonce"]))
    right: dict[str, str | None] = {
        "code": code, "state": sent.query["state"], "iss": rogue.url,
    }  # fmt: skip
    reply = visitor.come_back(name, **(right | answer))
    assert reply.status_code == 403, reply.text
    assert visitor.session is None


def claiming(**claims: Any) -> Token:
    return lambda rogue, nonce: rogue.signed(rogue.claims(nonce, **claims))


def seconds(offset: int) -> int:
    return int(time.time()) + offset


STRANGER = RSAKey.generate_key(2048, {"kid": "one"})

FORGED: dict[str, tuple[str, Token]] = {
    "of another issuer": ("wrong_issuer", claiming(iss="https://login.example.com")),
    "of an issuer with a slash more": (
        "wrong_issuer",
        lambda rogue, nonce: rogue.signed(rogue.claims(nonce, iss=f"{rogue.url}/")),
    ),
    "for another client": ("wrong_audience", claiming(aud="other")),
    "for nobody": ("wrong_id_token", claiming(aud=None)),
    "for several without azp": ("wrong_audience", claiming(aud=[CLIENT, "other"])),
    "issued to another client": ("wrong_audience", claiming(aud=[CLIENT, "other"], azp="other")),
    "without a nonce": ("wrong_nonce", lambda rogue, nonce: rogue.signed(without_nonce(rogue))),
    "with another nonce": (
        "wrong_nonce",
        lambda rogue, nonce: rogue.signed(rogue.claims(nonce[::-1])),
    ),
    "expired": ("expired", lambda r, n: r.signed(r.claims(n, exp=seconds(-90)))),
    "without an end": ("wrong_id_token", claiming(exp=None)),
    "with an end that is no number": ("wrong_id_token", claiming(exp="9999999999")),
    "with an end that is NaN": ("wrong_id_token", claiming(exp=float("nan"))),
    "issued in the future": ("wrong_id_token", lambda r, n: r.signed(r.claims(n, iat=seconds(90)))),
    "not valid yet": ("wrong_id_token", lambda r, n: r.signed(r.claims(n, nbf=seconds(90)))),
    "without a subject": ("wrong_id_token", claiming(sub=None)),
    "with an endless subject": ("wrong_id_token", claiming(sub="a" * 256)),
    "not signed": ("wrong_algorithm", lambda r, n: r.forged(r.claims(n), None)),
    "signed with the client's id": (
        "wrong_algorithm",
        lambda r, n: r.forged(r.claims(n), CLIENT.encode()),
    ),
    "signed with the client's secret": (
        "wrong_algorithm",
        lambda r, n: r.forged(r.claims(n), SECRET.encode()),
    ),
    "signed with the public key as a secret": (
        "wrong_algorithm",
        lambda r, n: r.forged(r.claims(n), r.key.as_pem(private=False)),
    ),
    "signed with somebody's key": (
        "wrong_signature",
        lambda r, n: r.signed(r.claims(n), key=STRANGER),
    ),
    "signed with a key it brings along": (
        "wrong_signature",
        lambda r, n: r.signed(r.claims(n), {"jwk": STRANGER.as_dict(private=False)}, STRANGER),
    ),
    "signed with a key it says where to find": (
        "wrong_key",
        lambda r, n: r.signed(
            r.claims(n), {"kid": "mine", "jku": f"{r.url}/strangers-keys"}, STRANGER
        ),
    ),
    "of another algorithm than the key": (
        "wrong_key",
        lambda r, n: r.signed(r.claims(n), {"alg": "PS256"}, plain(r.key)),
    ),
    "with claims of another token": ("wrong_signature", lambda r, n: spliced(r, n)),
    "that has a critical header": (
        "wrong_signature",
        lambda r, n: r.signed(r.claims(n), {"crit": ["urn:odd"], "urn:odd": "x"}),
    ),
    "of another access token": ("wrong_id_token", claiming(at_hash="AAAAAAAAAAAAAAAAAAAAAA")),
    "that is no token": ("wrong_id_token", lambda r, n: "a.b.c"),
    "that is no text": ("wrong_id_token", lambda r, n: {"sub": "rosa"}),
    "that is endless": ("wrong_id_token", claiming(padding="a" * 70_000)),
}


def plain(key: RSAKey) -> RSAKey:
    """Return a key that does not say what it is for."""
    members = key.as_dict(private=True)
    return RSAKey.import_key({name: members[name] for name in members if name != "alg"})


def without_nonce(rogue: Rogue) -> dict[str, Any]:
    claims = rogue.claims("")
    del claims["nonce"]
    return claims


def spliced(rogue: Rogue, nonce: str) -> str:
    head, _, signature = rogue.signed(rogue.claims(nonce)).split(".")
    return f"{head}.{rogue.signed(rogue.claims(nonce, sub='eve')).split('.')[1]}.{signature}"


def test_the_same_without_a_forgery_signs_in(visitor: Visitor, provider: Rogue) -> None:
    assert visitor.sign_in(provider).status_code == 303
    assert visitor.signed_in()


@pytest.mark.parametrize(("reason", "token"), FORGED.values(), ids=FORGED.keys())
def test_a_forged_id_token_is_refused_for_its_reason(
    visitor: Visitor, provider: Rogue, reason: str, token: Token
) -> None:
    attempt(visitor, provider, token)
    assert refusals(visitor.server)[-1]["why"] == reason
    assert provider.asked.get("/strangers-keys") is None


def test_several_audiences_with_azp_are_right(visitor: Visitor, provider: Rogue) -> None:
    assert visitor.sign_in(provider, aud=["other", CLIENT], azp=CLIENT).status_code == 303


def test_clocks_may_differ_by_the_leeway(visitor: Visitor, provider: Rogue) -> None:
    assert visitor.sign_in(provider, exp=seconds(-30), iat=seconds(30)).status_code == 303


@pytest.mark.parametrize("issuer", ["https://login.example.com", "", None])
def test_an_answer_of_another_provider_is_refused_before_its_code_is_sent(
    visitor: Visitor, provider: Rogue, issuer: str | None
) -> None:
    """The mix-up attack: RFC 9207."""
    before = provider.asked.get("/token")
    attempt(visitor, provider, claiming(), iss=issuer)
    assert provider.asked.get("/token") == before
    assert refusals(visitor.server)[-1]["why"] == "wrong_issuer"


def test_an_answer_at_the_address_of_another_provider_is_refused(
    visitor: Visitor, provider: Rogue
) -> None:
    sent = visitor.begin("rogue")
    code = provider.grant(provider.signed(provider.claims(sent.query["nonce"], aud="other")))
    reply = visitor.come_back("other", code=code, state=sent.query["state"], iss=provider.url)
    assert reply.status_code == 403
    assert visitor.session is None


@pytest.mark.parametrize("error", ["access_denied", "server_error", "<script>alert(1)</script>"])
def test_errors_of_the_provider_are_told_and_end_the_sign_in(
    visitor: Visitor, provider: Rogue, error: str
) -> None:
    sent = visitor.begin()
    answer = {"state": sent.query["state"], "iss": provider.url}
    reply = visitor.come_back(error=error, error_description="<b>x</b>", **answer)
    assert reply.status_code == 403
    assert "<script>" not in reply.text
    assert "<b>" not in reply.text
    code = provider.grant(provider.signed(provider.claims(sent.query["nonce"])))
    assert visitor.come_back(code=code, **answer).status_code == 403
    assert visitor.session is None


def test_a_code_the_provider_does_not_know_is_refused(visitor: Visitor, provider: Rogue) -> None:
    for code in ("unknown", "", "a" * 5000, None):
        attempt(visitor, provider, claiming(), code=code)


@pytest.mark.parametrize("path", ["/token", "/userinfo"])
@pytest.mark.parametrize(
    "answer",
    [
        flood,
        trickle,
        redirect("/keys"),
        lambda request: send(request, b"<html>"),
        lambda request: send(request, b"[" * 100_000),
        lambda request: send(request, ["an", "array"]),
        lambda request: send(request, {"error": "server_error"}, 500),
    ],
    ids=["endless", "slow", "elsewhere", "no JSON", "deep", "an array", "a failure"],
)
def test_answers_that_cannot_be_used_end_the_sign_in_and_nothing_else(
    visitor: Visitor, provider: Rogue, path: str, answer: Any
) -> None:
    sent = visitor.begin()
    claims = provider.claims(sent.query["nonce"], email=None)
    code = provider.grant(provider.signed(claims))
    provider.instead[path] = answer
    reply = visitor.come_back(code=code, state=sent.query["state"], iss=provider.url)
    del provider.instead[path]
    assert reply.status_code == 502
    assert "identity provider" in reply.text
    assert visitor.session is None
    assert visitor.sign_in(provider).status_code == 303


def test_userinfo_of_somebody_else_is_refused(visitor: Visitor, provider: Rogue) -> None:
    provider.userinfo = {"sub": "eve", "email": "rosa@example.org", "email_verified": True}
    attempt(visitor, provider, claiming(email=None))
    assert refusals(visitor.server)[-1]["why"] == "wrong_userinfo"


def test_clients_are_told_apart(visitor: Visitor, provider: Rogue, fresh: str) -> None:
    assert visitor.sign_in(provider, fresh, aud=fresh).status_code == 303
    assert visitor.sign_in(provider, fresh).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://login.example.com"},
        {"issuer": None},
        {"token_endpoint": "http://login.example.com/token"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://user@login.example.com/"},
        {"end_session_endpoint": "//login.example.com"},
    ],
    ids=json.dumps,
)
def test_discovery_that_is_wrong_sends_nobody_anywhere(
    trusted: Server, provider: Rogue, fresh: str, wrong: dict[str, Any]
) -> None:
    provider.discovery |= wrong
    reply = trusted.get(f"/signin/oidc/{fresh}")
    assert reply.status_code in (403, 502)
    assert "location" not in reply.headers


@pytest.mark.parametrize(
    "answer", [flood, trickle, redirect("/elsewhere")], ids=["endless", "slow", "elsewhere"]
)
def test_a_provider_that_just_failed_is_not_asked_again_at_once(
    trusted: Server, provider: Rogue, fresh: str, answer: Any
) -> None:
    path = "/.well-known/openid-configuration"
    provider.asked = {}
    provider.instead[path] = answer
    for _ in range(3):
        assert trusted.get(f"/signin/oidc/{fresh}").status_code == 502
    assert provider.asked == {path: 1}


def test_an_unknown_key_is_looked_for_once_a_minute(
    visitor: Visitor, provider: Rogue, fresh: str
) -> None:
    provider.asked = {}
    assert visitor.sign_in(provider, fresh, aud=fresh).status_code == 303
    for _ in range(3):
        token: Token = lambda r, n: r.signed(r.claims(n, aud=fresh), {"kid": "two"})  # noqa: E731
        attempt(Visitor(visitor.server), provider, token, fresh)
        assert refusals(visitor.server)[-1]["why"] == "wrong_key"
    assert provider.asked["/keys"] == 1


@pytest.mark.parametrize("kind", ["small", "private", "secret", "two", "broken"])
def test_a_key_that_proves_nothing_is_not_taken(
    visitor: Visitor, provider: Rogue, fresh: str, kind: str
) -> None:
    public = provider.key.as_dict(private=False)
    if kind == "small":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            provider.key = RSAKey.generate_key(1024, {"kid": "one"})
        provider.keys = [provider.key.as_dict(private=False)]
    elif kind == "private":
        provider.keys = [provider.key.as_dict(private=True)]
    elif kind == "secret":
        provider.keys = [{"kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "RS256"}]
    elif kind == "two":
        provider.keys = [public, public]
    else:
        provider.keys = [{"kty": "RSA", "kid": "one"}, 5, None]
    attempt(visitor, provider, claiming(aud=fresh), fresh)
    assert refusals(visitor.server)[-1]["why"] == "wrong_key"


def test_other_algorithms_work_where_settings_and_provider_allow_them(
    visitor: Visitor, provider: Rogue, fresh: str
) -> None:
    curve = ECKey.generate_key("P-256", {"kid": "curve"})
    provider.keys = [*provider.keys, curve.as_dict(private=False)]
    header = {"alg": "ES256", "kid": "curve"}
    token: Token = lambda r, n: r.signed(r.claims(n, aud=fresh), header, curve)  # noqa: E731
    provider.discovery["id_token_signing_alg_values_supported"] = ["RS256", "ES256"]
    sent = visitor.begin(fresh)
    code = provider.grant(token(provider, sent.query["nonce"]))
    reply = visitor.come_back(fresh, code=code, state=sent.query["state"], iss=provider.url)
    assert reply.status_code == 303
    token = lambda r, n: r.signed(r.claims(n, aud="narrow"), header, curve)  # noqa: E731
    attempt(Visitor(visitor.server), provider, token, "narrow")
    assert refusals(visitor.server)[-1]["why"] == "wrong_algorithm"


@pytest.mark.parametrize("way", ["basic", "post"])
def test_the_secret_is_shown_as_the_provider_takes_it(
    visitor: Visitor, provider: Rogue, fresh: str, way: str
) -> None:
    provider.discovery["token_endpoint_auth_methods_supported"] = [f"client_secret_{way}", "x"]
    assert visitor.sign_in(provider, fresh, aud=fresh).status_code == 303
    assert provider.proofs[-1] == (way, fresh, SECRET)


def test_a_provider_that_takes_no_secret_gets_none(
    visitor: Visitor, provider: Rogue, fresh: str
) -> None:
    provider.discovery["token_endpoint_auth_methods_supported"] = ["private_key_jwt"]
    before = len(provider.proofs)
    assert visitor.sign_in(provider, fresh, aud=fresh).status_code == 502
    assert len(provider.proofs) == before
