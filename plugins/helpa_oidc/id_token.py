"""The check of an ID token: OpenID Connect Core 1.0, 3.1.3.7."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import warnings
from typing import Any

from joserfc.errors import JoseError, SecurityWarning
from joserfc.jws import JWSRegistry, deserialize_compact
from joserfc.jwt import JWTClaimsRegistry

from helpa_oidc.failure import untrusted
from helpa_oidc.metadata import Directory, Metadata
from helpa_oidc.settings import ProviderSettings

MAX_BYTES = 64 * 1024
MAX_SUBJECT = 255
"""OpenID Connect Core 1.0, 2: a subject has up to 255 ASCII characters."""

Claims = dict[str, Any]


class _Registry(JWSRegistry):
    max_header_length = 16 * 1024  # some providers send their certificates along


async def check(
    text: str,
    *,
    settings: ProviderSettings,
    metadata: Metadata,
    directory: Directory,
    nonce: str,
    access_token: str | None,
) -> Claims:
    """Return the claims of an ID token that is right.

    Args:
        text: as the token endpoint gave it.
        settings: of the provider.
        metadata: of the provider.
        directory: has its keys.
        nonce: what this sign-in sent along.
        access_token: what came with it.

    Raises:
        Failure: it is not right.
    """
    if len(text) > MAX_BYTES:
        raise untrusted("wrong_id_token", f"the ID token has more than {MAX_BYTES} bytes")
    header = _header(text)
    algorithm = header.get("alg")
    if algorithm not in settings.algorithms or algorithm not in metadata.algorithms:
        raise untrusted(
            "wrong_algorithm", f"the ID token is signed with {str(algorithm)[:20]!r}, which is "
            "not allowed or not what the provider announces",
        )  # fmt: skip
    key = await directory.key(algorithm, header.get("kid"))
    registry = _Registry(algorithms=[algorithm], strict_check_header=False)
    try:
        with warnings.catch_warnings():
            # "EdDSA" is an old name of what is allowed; nothing is awaited in here.
            warnings.simplefilter("ignore", SecurityWarning)
            signed = deserialize_compact(text, key, [algorithm], registry)
        claims = json.loads(signed.payload or b"")
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise untrusted("wrong_signature", f"{type(error).__name__}: {error}") from None
    if not isinstance(claims, dict):
        raise untrusted("wrong_id_token", "the ID token holds no claims")
    _check_claims(claims, settings, nonce)
    _check_access_token(claims, algorithm, access_token)
    return claims


def _header(text: str) -> dict[str, Any]:
    first = text.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise untrusted("wrong_id_token", "the ID token has no header")
    return header


def _check_claims(claims: Claims, settings: ProviderSettings, nonce: str) -> None:
    # `now` is given: the time of one check is one time.
    registry = JWTClaimsRegistry(
        now=int(time.time()),
        leeway=settings.leeway,
        iss={"essential": True},
        sub={"essential": True},
        aud={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        claim = getattr(error, "claim", None) or "claims"
        reason = "expired" if error.error == "expired_token" else "wrong_id_token"
        raise untrusted(reason, f"{claim}: {error}") from None
    if claims["iss"] != settings.issuer:
        raise untrusted("wrong_issuer", f"the ID token is of {claims['iss'][:200]!r}")
    audience = [claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]
    if settings.client_id not in audience:
        raise untrusted("wrong_audience", "the ID token is for another client")
    authorized = claims.get("azp")
    if authorized is None and len(audience) > 1:
        raise untrusted("wrong_audience", "the ID token has several audiences and no azp")
    if authorized is not None and authorized != settings.client_id:
        raise untrusted("wrong_audience", "the ID token was issued to another client (azp)")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise untrusted("wrong_nonce", "the ID token is not of this sign-in")
    subject = claims["sub"]
    if not (0 < len(subject) <= MAX_SUBJECT and subject.isascii() and subject.isprintable()):
        raise untrusted("wrong_id_token", "the subject is not 1 to 255 ASCII characters")


def _check_access_token(claims: Claims, algorithm: str, access_token: str | None) -> None:
    """Check ``at_hash`` where there is one: OpenID Connect Core 1.0, 3.1.3.8."""
    given = claims.get("at_hash")
    if given is None or access_token is None:
        return
    bits = algorithm[-3:] if algorithm[-3:] in ("256", "384", "512") else "512"
    digest = hashlib.new(f"sha{bits}", access_token.encode()).digest()
    expected = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected):
        raise untrusted("wrong_id_token", "at_hash is not that of the access token")
