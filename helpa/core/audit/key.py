"""The key that checkpoints are signed with: Ed25519, made at the first start."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from helpa.core import keyfile
from helpa.core.errors import SettingsError, invalid

NAME = "audit.key"

CONTEXT = b"helpa audit checkpoint 1\n"
"""What is signed begins with this, so that no signature of another purpose is one of ours."""


def load(folder: Path) -> Ed25519PrivateKey:
    """Return the key of a data directory, making it where there is none; blocks.

    Raises:
        SettingsError: the file is not what this module writes.
    """
    path = folder / NAME
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        keyfile.create(path, made.decode())
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingsError(f"{path} cannot be read: {error!r}.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{path} holds no Ed25519 key.")
    return key


def public(key: Ed25519PrivateKey) -> str:
    """Return the public half as it is told: 43 characters of base64url."""
    raw = key.public_key().public_bytes_raw()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def sign(key: Ed25519PrivateKey, data: bytes) -> str:
    """Return a signature, in base64url."""
    return base64.urlsafe_b64encode(key.sign(CONTEXT + data)).decode().rstrip("=")


def is_signed(by: str, signature: str, data: bytes) -> bool:
    """Whether a signature is that of a public key over some bytes."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_decoded(by))
        key.verify(_decoded(signature), CONTEXT + data)
    except (InvalidSignature, ValueError):
        return False
    return True


def checked(text: str, field: str) -> str:
    """Return a public key as it is told.

    Raises:
        InvalidValue: it is none.
    """
    try:
        Ed25519PublicKey.from_public_bytes(_decoded(text))
    except ValueError:
        raise invalid(field, text, "a public key as `helpa audit key` prints it") from None
    return text.rstrip("=")


def _decoded(text: str) -> bytes:
    """Return bytes of base64url in its one spelling.

    Raises:
        ValueError: it is none.
    """
    plain = text.rstrip("=")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(str(error)) from None
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != plain:
        raise ValueError("it could be spelt in another way")
    return raw
