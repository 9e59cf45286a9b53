"""Signed links: what is signed, and how it is checked; pure.

A signature reads ``<kid>.<grant>.<mac>``. The MAC is HMAC-SHA-256 (RFC 2104) in base64url without
padding, over five lines of UTF-8 joined by ``\\n``: ``helpa1``, the grant, the id of the picture,
its ``link_epoch`` and the query. In the query every parameter stands under its canonical name
with the value as the link gives it, a path's extension as ``fmt``, both percent-encoded with only
``A–Z a–z 0–9 - . _ ~`` left as they are (the unreserved characters of RFC 3986), sorted by name,
joined by ``&``, without ``sig``. A view grant signs ``exp`` alone. Defaults and presets are not
expanded, so links in old tickets live on.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self
from urllib.parse import quote

SCHEME = "helpa1"
KEY_ID = "[A-Za-z0-9_-]{1,16}"
"""Pattern of the name of a key."""

LINK_ID = re.compile(r"[A-Za-z0-9_-]{22}")
SECRET_BYTES = 32
"""Least length of a secret: that of the hash (RFC 2104 §3)."""


class Grant(enum.Enum):
    """What a signature allows."""

    EXACT = "e"
    """This URL and no other."""
    VIEW = "v"
    """Size, place, output and presets, as the viewer likes."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The value of ``sig``.

    Args:
        key: id of the key.
        grant: ``e``, ``v``, or the id of a link.
        mac: in base64url.
    """

    key: str
    grant: str
    mac: str

    expects: ClassVar[str] = "<key>.<grant>.<mac>, as a signer made it"
    pattern: ClassVar[str] = rf"^{KEY_ID}\.([ev]|[A-Za-z0-9_-]{{22}})\.[A-Za-z0-9_-]{{43}}$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the parts of a signature.

        Raises:
            ValueError: it has another form.
        """
        if not re.fullmatch(cls.pattern[1:-1], text, re.ASCII):
            raise ValueError(text)
        return cls(*text.split("."))

    @property
    def link(self) -> str | None:
        """Id of the link it belongs to, or None."""
        return self.grant if LINK_ID.fullmatch(self.grant) else None

    def __str__(self) -> str:
        return f"{self.key}.{self.grant}.{self.mac}"


@dataclass(frozen=True, slots=True)
class Key:
    """A key that links are signed with.

    Args:
        id: its name in signatures.
        secret: as text; its UTF-8 bytes are the key of the HMAC.
        retires_at: moment (seconds since 1970) after which what it signed is refused, or None.
    """

    id: str
    secret: str
    retires_at: float | None = None

    def __repr__(self) -> str:
        return f"Key({self.id!r})"


class Keyring:
    """The keys: the first signs, each is taken until it retires.

    Args:
        keys: at least one.
    """

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = {key.id: key for key in reversed(list(keys))}
        self.current = next(reversed(self._keys.values()))

    def key(self, key_id: str, now: float) -> Key | None:
        """Return a key that is not retired, or None."""
        key = self._keys.get(key_id)
        if key is None or (key.retires_at is not None and key.retires_at <= now):
            return None
        return key

    def secrets(self, purpose: str, now: float) -> tuple[bytes, ...]:
        """Return a key of 32 bytes for a purpose from each key not retired, the current first.

        HMAC-SHA-256 of the purpose: what one purpose leaks tells nothing of another, nor of links.
        """
        line = f"helpa secret\n{purpose}".encode()
        return tuple(
            hmac.new(key.secret.encode(), line, hashlib.sha256).digest()
            for key in reversed(self._keys.values())
            if self.key(key.id, now) is not None
        )

    def sign(self, grant: str, image: str, epoch: int, texts: Mapping[str, str]) -> Signature:
        """Return the signature of a link, by the current key.

        Args:
            grant: ``e``, ``v``, or the id of a link.
            image: id of the picture.
            epoch: its ``link_epoch``.
            texts: what is signed: value by canonical name.
        """
        key = self.current
        return Signature(key.id, grant, mac(key, grant, image, epoch, texts))


def canonical_query(texts: Mapping[str, str]) -> str:
    """Return a query as it is signed."""
    pairs = sorted((name, value) for name, value in texts.items() if name != "sig")
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def message(grant: str, image: str, epoch: int, texts: Mapping[str, str]) -> bytes:
    """Return the bytes that the MAC is over."""
    return "\n".join((SCHEME, grant, image, str(epoch), canonical_query(texts))).encode()


def mac(key: Key, grant: str, image: str, epoch: int, texts: Mapping[str, str]) -> str:
    """Return the MAC of a link, in base64url."""
    raw = hmac.new(key.secret.encode(), message(grant, image, epoch, texts), hashlib.sha256)
    return base64.urlsafe_b64encode(raw.digest()).decode().rstrip("=")


def matches(
    key: Key, signature: Signature, image: str, epoch: int, texts: Mapping[str, str]
) -> bool:
    """Whether a signature is right, in constant time."""
    wanted = mac(key, signature.grant, image, epoch, texts)
    return hmac.compare_digest(wanted, signature.mac)


def signed_texts(kind: Grant, texts: Mapping[str, str]) -> dict[str, str]:
    """Return those parameters of a link that its kind of grant signs."""
    if kind is Grant.EXACT:
        return {name: value for name, value in texts.items() if name != "sig"}
    return {name: value for name, value in texts.items() if name == "exp"}
