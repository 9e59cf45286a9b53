"""An authenticator in software, which signs whatever a test wants, the truth included."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
"""Flags of the authenticator's data (WebAuthn, 6.1)."""

CREATE, GET = "webauthn.create", "webauthn.get"


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(given: str) -> bytes:
    return base64.urlsafe_b64decode(given + "==")


@dataclass
class Authenticator:
    """A device with one passkey.

    Args:
        origin: where its browser says that a page came from.
        counts: whether it counts how often it has signed.
    """

    origin: str
    counts: bool = True
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    handle: str = ""
    count: int = 0

    def create(
        self,
        options: dict[str, Any],
        *,
        flags: int = PRESENT | VERIFIED,
        origin: str = "",
        rp_id: str = "",
        kind: str = CREATE,
        challenge: str = "",
    ) -> dict[str, Any]:
        """Answer ``navigator.credentials.create``."""
        self.handle = options["user"]["id"]
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(self._cose())
        data = self._data(rp_id or options["rp"]["id"], flags | ATTESTED) + attested
        client = self._client(kind, challenge or options["challenge"], origin)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": text(client),
                "attestationObject": text(attestation),
                "transports": ["internal", "nonsense"],
            }
        )

    def get(
        self,
        options: dict[str, Any],
        *,
        flags: int = PRESENT | VERIFIED,
        origin: str = "",
        rp_id: str = "",
        kind: str = GET,
        challenge: str = "",
        key: ec.EllipticCurvePrivateKey | None = None,
        handle: str | None = None,
    ) -> dict[str, Any]:
        """Answer ``navigator.credentials.get``."""
        self.count += self.counts
        data = self._data(rp_id or options["rpId"], flags)
        client = self._client(kind, challenge or options["challenge"], origin)
        signed = data + hashlib.sha256(client).digest()
        signature = (key or self.key).sign(signed, ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": self.handle if handle is None else handle,
            }
        )

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = text(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def _data(self, rp_id: str, flags: int) -> bytes:
        counter = self.count.to_bytes(4, "big")
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + counter

    def _client(self, kind: str, challenge: str, origin: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": origin or self.origin}
        return json.dumps({**said, "crossOrigin": False}).encode()

    def _cose(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return {1: 2, 3: -7, -1: 1, -2: x, -3: y}
