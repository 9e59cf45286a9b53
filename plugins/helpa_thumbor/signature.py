"""thumbor's signatures: HMAC-SHA-1 in URL-safe base64, over the path that follows."""

from __future__ import annotations

import base64
import hmac
import re
from urllib.parse import unquote_to_bytes

from helpa import Forbidden, invalid
from helpa_thumbor.settings import ThumborSettings

UNSAFE = b"unsafe"

_OCTET = re.compile(rb"%[0-9A-Fa-f]{2}")
_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_PLAIN = frozenset(_UNRESERVED + b"!$&'()*+,;=:@|") | frozenset(range(0x80, 0x100))
"""Octets that stand for themselves in a path (RFC 3986 §3.3), with ``|`` and those of UTF-8.

What separates is not among them: ``%``, ``/``, ``?`` and ``#``, so that no two paths become one.
"""


def signature(key: bytes, path: bytes) -> str:
    """Return the signature of a path: what follows the signature and its slash."""
    return base64.urlsafe_b64encode(hmac.digest(key, path, "sha1")).decode()


def plainly(path: bytes) -> bytes:
    """Return a path with only that encoded which has to be: browsers and proxies encode more."""

    def octet(found: re.Match[bytes]) -> bytes:
        decoded = unquote_to_bytes(found.group())
        return decoded if decoded[0] in _PLAIN else found.group().upper()

    return _OCTET.sub(octet, path)


def verified(settings: ThumborSettings, raw_path: bytes) -> tuple[bytes, bool]:
    """Return the path that is to be understood, and whether it is signed.

    What was signed is what is understood: where a signature is right of the plainly written path
    alone, that is returned.

    Raises:
        InvalidValue: nothing follows the signature.
        Forbidden: the signature is wrong, or ``unsafe`` is off.
    """
    first, _, path = raw_path.partition(b"/")
    if not path:
        raise invalid("path", raw_path.decode("latin-1"), "<signature or unsafe>/…/<picture>")
    if first == UNSAFE:
        if not settings.unsafe:
            raise Forbidden(
                "Unsigned links are off: the setting unsafe of the plugin thumbor says so.",
                field="signature",
                given="unsafe",
                allowed="a signature",
            )
        return path, False
    given = unquote_to_bytes(first).rstrip(b"=")
    for text in dict.fromkeys((path, plainly(path))):
        for key in settings.keys:
            right = signature(key.get_secret_value().encode(), text).rstrip("=").encode()
            if hmac.compare_digest(right, given):
                return text, True
    raise Forbidden(
        "The signature is not right for this URL.",
        field="signature",
        given=first.decode("latin-1")[:60],
        allowed="the URL exactly as it was signed, with a key of the plugin thumbor",
    )
