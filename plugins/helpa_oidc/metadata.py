"""What a provider says of itself: discovery, and its public keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from helpa_oidc.address import secure
from helpa_oidc.failure import Failure, untrusted, unusable
from helpa_oidc.outgoing import Answer, Outgoing

LIFETIME = 3600.0
"""Seconds a document is used before it is fetched again."""

PAUSE = 60.0
"""Seconds between two fetches of keys because a token named an unknown one."""

RETRY = 5.0
"""Seconds after which a provider that failed is asked again."""

MIN_RSA_BITS = 2048
"""RFC 7518, 3.3."""

MAX_KEYS = 100

T = TypeVar("T")
Clock = Callable[[], float]

FAMILIES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
CURVES = {
    "ES256": {"P-256"}, "ES384": {"P-384"}, "ES512": {"P-521"},
    "Ed25519": {"Ed25519"}, "EdDSA": {"Ed25519", "Ed448"},
}  # fmt: skip


@dataclass(frozen=True)
class Metadata:
    """A discovery document, checked.

    Args:
        issuer: who it is of.
        authorization: where people are sent.
        token: where codes become tokens.
        keys: where public keys are.
        userinfo: where more is said of a person, or None.
        end_session: where people end their session with the provider, or None.
        names_itself: whether answers in the browser carry ``iss`` (RFC 9207).
        client_authentication: how clients may prove themselves.
        algorithms: how ID tokens are signed.
    """

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    names_itself: bool
    client_authentication: frozenset[str]
    algorithms: frozenset[str]

    @classmethod
    def read(cls, document: Answer, issuer: str) -> Metadata:
        """Check a discovery document.

        Args:
            document: as it came.
            issuer: as the settings write it.

        Raises:
            Failure: it is another issuer's, or lacks what is needed.
        """
        if document.get("issuer") != issuer:
            found = str(document.get("issuer"))[:200]
            raise untrusted("wrong_issuer", f"discovery of {issuer} is that of {found!r}")
        loopback = secure(issuer, loopback=True) and issuer.startswith("http:")

        def address(name: str) -> str | None:
            value = document.get(name)
            if value is None:
                return None
            if not isinstance(value, str) or not secure(value, loopback=loopback):
                raise unusable(f"discovery of {issuer}: {name} is no address that is safe to use")
            return value

        def needed(name: str) -> str:
            value = address(name)
            if value is None:
                raise unusable(f"discovery of {issuer} lacks {name}")
            return value

        def words(name: str, default: Collection[str]) -> frozenset[str]:
            value = document.get(name, list(default))
            if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                raise unusable(f"discovery of {issuer}: {name} is no list of words")
            return frozenset(value)

        return cls(
            issuer=issuer,
            authorization=needed("authorization_endpoint"),
            token=needed("token_endpoint"),
            keys=needed("jwks_uri"),
            userinfo=address("userinfo_endpoint"),
            end_session=address("end_session_endpoint"),
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
            client_authentication=words(
                "token_endpoint_auth_methods_supported", ["client_secret_basic"]
            ),
            algorithms=words("id_token_signing_alg_values_supported", ["RS256"]),
        )


class Directory:
    """Metadata and keys of one provider, kept for a while.

    Args:
        issuer: as the settings write it.
        outgoing: asks the provider.
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, issuer: str, outgoing: Outgoing, clock: Clock = time.monotonic) -> None:
        self._issuer = issuer
        self._outgoing = outgoing
        self._clock = clock
        self._lock = asyncio.Lock()
        self._metadata: tuple[Metadata, float] | None = None
        self._keys: tuple[list[Answer], float] | None = None
        self._failed: tuple[Failure, float] | None = None

    async def metadata(self) -> Metadata:
        """Return what the provider says of itself.

        Raises:
            Failure: it says nothing that can be used.
        """
        async with self._lock:
            if self._metadata is None or self._clock() - self._metadata[1] > LIFETIME:
                url = self._issuer.removesuffix("/") + "/.well-known/openid-configuration"
                read = partial(Metadata.read, issuer=self._issuer)
                self._metadata = (await self._fetch(url, read), self._clock())
            return self._metadata[0]

    async def key(self, algorithm: str, kid: object) -> Key:
        """Return the public key that checks a signature.

        Args:
            algorithm: of the signature, one that is allowed.
            kid: the key's name, or None where the token names none.

        Raises:
            Failure: there is no such key, or the keys cannot be fetched.
        """
        if kid is not None and not isinstance(kid, str):
            raise untrusted("wrong_key", "the ID token's kid is no text")
        metadata = await self.metadata()
        async with self._lock:
            age = self._clock() - self._keys[1] if self._keys is not None else LIFETIME + 1
            fitting = self._fitting(algorithm, kid)
            if age > LIFETIME or (not fitting and age > PAUSE):
                self._keys = (await self._fetch(metadata.keys, _listed), self._clock())
                fitting = self._fitting(algorithm, kid)
        if len(fitting) != 1:
            named = f"named {kid[:60]!r}" if kid else "without a name"
            raise untrusted("wrong_key", f"{len(fitting)} keys for {algorithm}, {named}")
        return _imported(fitting[0])

    def _fitting(self, algorithm: str, kid: str | None) -> list[Answer]:
        if self._keys is None:
            return []
        return [
            each
            for each in self._keys[0]
            if each.get("kty") == FAMILIES[algorithm[:2]]
            and each.get("use", "sig") == "sig"
            and each.get("alg", algorithm) == algorithm
            and (algorithm not in CURVES or each.get("crv") in CURVES[algorithm])
            and (kid is None or each.get("kid") == kid)
        ]

    async def _fetch(self, url: str, read: Callable[[Answer], T]) -> T:
        if self._failed is not None and self._clock() - self._failed[1] < RETRY:
            raise self._failed[0]
        try:
            found = read(await self._outgoing.get(url))
        except Failure as failure:
            self._failed = (failure, self._clock())
            raise
        self._failed = None
        return found


def _listed(document: Answer) -> list[Answer]:
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise unusable(f"the key set lists no keys, or more than {MAX_KEYS}")
    return [each for each in listed if isinstance(each, dict)]


def _imported(given: dict[str, Any]) -> Key:
    try:
        key = import_key(given)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise untrusted("wrong_key", f"the provider's key cannot be read: {error}") from None
    if not isinstance(key, RSAKey | ECKey | OKPKey) or key.is_private:
        raise untrusted("wrong_key", "the provider's key is no public key")
    if isinstance(key, RSAKey) and key.public_key.key_size < MIN_RSA_BITS:
        raise untrusted("wrong_key", f"the provider's RSA key has fewer than {MIN_RSA_BITS} bits")
    return key
