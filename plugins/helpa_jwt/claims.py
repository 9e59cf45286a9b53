"""What an access token says (RFC 9068), and whether that is true."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helpa_jwt.keyfile import ALGORITHM, SigningKey

MAX_SECONDS = 3600
"""How long a token may hold: nobody but this server can end it for others."""

LEEWAY = 30
"""Seconds that two clocks may be apart."""

MAX_LENGTH = 4096
"""Characters of a token that is looked at; ours have some 700."""

TYPES = ("at+jwt", "application/at+jwt")


class Wrong(Exception):
    """A token that does not hold here; says why, for its sender."""


@dataclass(frozen=True)
class Claims:
    """What a token says.

    Args:
        account: id of whom it acts for (``sub``).
        parent: id of the token or session that it was made by (``client_id``).
        scopes: what it allows.
    """

    account: str
    parent: str
    scopes: frozenset[str]


def sign(
    key: SigningKey,
    *,
    issuer: str,
    audience: str,
    claims: Claims,
    expires_in: int,
) -> tuple[str, str]:
    """Return a token and its id (``jti``).

    Args:
        key: what signs.
        issuer: this server's public address.
        audience: whom it is for.
        claims: what else it says.
        expires_in: seconds it holds.
    """
    from joserfc import jwt

    now, token_id = int(time.time()), secrets.token_urlsafe(16)
    text = jwt.encode(
        {"alg": ALGORITHM, "typ": TYPES[0], "kid": key.kid},
        {
            "iss": issuer,
            "sub": claims.account,
            "aud": audience,
            "client_id": claims.parent,
            "scope": " ".join(sorted(claims.scopes)),
            "iat": now,
            "exp": now + expires_in,
            "jti": token_id,
        },
        key.pair,
        algorithms=[ALGORITHM],
    )
    return text, token_id


def verify(text: str, keys: Sequence[SigningKey], *, issuer: str) -> Claims:
    """Return what a token says, once all of it was checked.

    Args:
        text: what was sent.
        keys: those whose signatures hold.
        issuer: this server's public address, which must be its audience, too.

    Raises:
        Wrong: it does not hold here.
    """
    from joserfc import jwt
    from joserfc.errors import ExpiredTokenError, JoseError
    from joserfc.jwk import KeySet

    if len(text) > MAX_LENGTH:
        raise Wrong("The access token is too long.")
    try:
        # The algorithm and the key are ours to choose, whatever the head of a token says.
        token = jwt.decode(text, KeySet([key.pair for key in keys]), algorithms=[ALGORITHM])
        header, claims = token.header, token.claims
        _registry(issuer).validate(claims)
    except ExpiredTokenError:
        raise Wrong("The access token has expired.") from None
    except (JoseError, ValueError, TypeError, RecursionError):
        raise Wrong("The access token does not hold here.") from None
    kind = header.get("typ")
    # A token of another kind that we might sign one day, or one without a kid, is none.
    if not isinstance(kind, str) or kind.lower() not in TYPES or "kid" not in header:
        raise Wrong("The access token does not hold here.")
    if claims["exp"] > time.time() + MAX_SECONDS + LEEWAY:
        # No clock that was set back makes one last longer than any may.
        raise Wrong("The access token was made by a clock that is far ahead of this server's.")
    texts = [claims[name] for name in ("sub", "client_id", "scope")]
    if not all(isinstance(each, str) for each in texts):
        raise Wrong("The access token does not hold here.")
    account, parent, scope = texts
    return Claims(account, parent, frozenset(scope.split()))


def _registry(issuer: str) -> Any:
    from joserfc.jwt import JWTClaimsRegistry

    class Registry(JWTClaimsRegistry):
        def validate_iat(self, value: object) -> None:
            # Times of the future are bounded by exp: a clock that was set back by a minute must
            # not refuse what was made a moment ago.
            self.check_value("iat", value)

    return Registry(
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": issuer},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
        sub={"essential": True},
        client_id={"essential": True},
        scope={"essential": True, "allow_blank": True},
    )
