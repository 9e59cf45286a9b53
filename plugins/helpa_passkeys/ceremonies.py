"""What browsers are asked for, and whether their answers hold (WebAuthn)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from helpa_passkeys.challenges import LIFETIME_MS
from helpa_passkeys.party import Party
from helpa_passkeys.passkeys import Passkey

KEY_MOST = 1200
"""Bytes of a public key: RSA of 8192 bits. A larger one would take long to check."""

TRANSPORTS = ("ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb")

NOBODYS = bytes.fromhex(
    "a5010203262001215820"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "225820"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
"""The key of credentials that nobody has registered: checking takes as long with it (the base
point of P-256, FIPS 186-4 D.1.2.3, as a COSE key)."""


class Wrong(Exception):
    """An answer that does not hold; says why, for the server's log."""


class Credential(BaseModel):
    """A credential as browsers write it (PublicKeyCredential in WebAuthn)."""

    model_config = ConfigDict(extra="ignore")

    id: Annotated[str, Field(min_length=1, max_length=1364, pattern="^[A-Za-z0-9_-]+$")]
    rawId: Annotated[str, Field(max_length=1364)]  # noqa: N815  WebAuthn's name
    type: Annotated[str, Field(max_length=32)]
    response: dict[str, Any]


@dataclass(frozen=True)
class Added:
    """A credential that was made here.

    Args:
        credential: its id in base64url.
        public_key: of COSE.
        sign_count: how often it has signed.
        transports: how the authenticator is reached.
    """

    credential: str
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: tuple[str, ...]


def options_to_add(
    party: Party, challenge: bytes, handle: str, email: str, name: str, held: Sequence[Passkey]
) -> dict[str, Any]:
    """Return what a browser is asked for to make a passkey.

    Args:
        party: this server.
        challenge: to be signed.
        handle: of the account.
        email: what the browser shows of the account.
        name: of its owner.
        held: passkeys that the account has: their authenticators make no second one.
    """
    from webauthn import generate_registration_options
    from webauthn.helpers import base64url_to_bytes, options_to_json_dict
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        AuthenticatorTransport,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=party.id,
        rp_name="Helpa",
        user_id=base64url_to_bytes(handle),
        user_name=email,
        user_display_name=name,
        challenge=challenge,
        timeout=LIFETIME_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            # So that signing in needs no address.
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(
                id=base64url_to_bytes(each.credential),
                transports=[AuthenticatorTransport(way) for way in each.transports],
            )
            for each in held
        ],
    )
    return options_to_json_dict(options)


def options_to_sign_in(party: Party, challenge: bytes) -> dict[str, Any]:
    """Return what a browser is asked for to sign in: any passkey of this server."""
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=LIFETIME_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def challenge_of(credential: Credential) -> bytes:
    """Return the challenge that an answer says it signs.

    Raises:
        Wrong: it says none.
    """
    from webauthn.helpers import base64url_to_bytes, parse_client_data_json

    try:
        text = credential.response["clientDataJSON"]
        return parse_client_data_json(base64url_to_bytes(text)).challenge
    except Exception as error:  # noqa: BLE001  a parser of strangers' bytes
        raise _wrong(error) from None


def added(party: Party, credential: Credential, challenge: bytes) -> Added:
    """Return the passkey that a browser has made.

    Raises:
        Wrong: it was made for another server or challenge, or by nobody.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    try:
        found = verify_registration_response(
            credential=credential.model_dump(),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as error:  # noqa: BLE001  a parser of strangers' bytes
        raise _wrong(error) from None
    if len(found.credential_public_key) > KEY_MOST or len(found.credential_id) > 1023:
        raise Wrong("the key is too large")
    given = credential.response.get("transports")
    ways = given if isinstance(given, list) else []
    return Added(
        bytes_to_base64url(found.credential_id),
        found.credential_public_key,
        found.sign_count,
        tuple(way for way in TRANSPORTS if way in ways),
    )


def signed_in(party: Party, credential: Credential, challenge: bytes, key: bytes | None) -> int:
    """Return how often a passkey has signed, once its signature was found right.

    Args:
        party: this server.
        credential: the answer.
        challenge: what must be signed.
        key: of the passkey, or None where there is none of that id.

    Raises:
        Wrong: it is not, or was made for another server or challenge, or by nobody.
    """
    from webauthn import verify_authentication_response

    try:
        found = verify_authentication_response(
            credential=credential.model_dump(),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=key or NOBODYS,
            # Compared later, in the transaction that writes the new one.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception as error:  # noqa: BLE001  a parser of strangers' bytes
        raise _wrong(error) from None
    if key is None:
        raise Wrong("the credential is not known")
    return found.new_sign_count


def handle_in(credential: Credential) -> str | None:
    """Return the account that an authenticator says a passkey is for, or None."""
    handle = credential.response.get("userHandle")
    return handle.rstrip("=") if isinstance(handle, str) else None


def _wrong(error: Exception) -> Wrong:
    return Wrong(f"{type(error).__name__}: {error}"[:300])
