"""imgproxy's signatures: HMAC-SHA-256 in URL-safe base64, over the salt and the path after it."""

from __future__ import annotations

import base64
import hmac
import re

from helpa import Forbidden, invalid
from helpa_imgproxy.settings import ImgproxySettings

UNSIGNED = (b"unsafe", b"insecure", b"_")
"""What imgproxy's documents put in the place of a signature where there is none."""

_PLAIN_URL = re.compile(rb"([^\s:/]+):/{1,2}(?=[^/])")


def signature(key: bytes, salt: bytes, path: bytes, size: int = 32) -> str:
    """Return the signature of a path.

    Args:
        key: decoded.
        salt: decoded.
        path: what follows the signature, from its slash on.
        size: in bytes.
    """
    mac = hmac.digest(key, salt + path, "sha256")[:size]
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def mended(path: bytes) -> bytes:
    """Return a path as it was before proxies touched it, as imgproxy mends it.

    They encode the colons of options, and make one slash of the two in a plain URL.
    """
    options, plain, url = path.partition(b"/plain/")
    options = re.sub(rb"%3[Aa]", b":", options)
    if plain and (found := _PLAIN_URL.match(url)):
        slashes = b":///" if found.group(1) == b"local" else b"://"
        url = found.group(1) + slashes + url[found.end() :]
    return options + plain + url


def verified(settings: ImgproxySettings, raw_path: bytes) -> tuple[bytes, bool]:
    """Return what follows the signature, from its slash on, and whether it is signed.

    Raises:
        InvalidValue: nothing follows the signature.
        Forbidden: the signature is wrong, or unsigned URLs are off.
    """
    first, slash, rest = raw_path.partition(b"/")
    path = mended(slash + rest)
    if len(path) < 2:
        raise invalid("path", raw_path.decode("latin-1"), "<signature>/<options>/<source>")
    for pair in settings.keys:
        key, salt = (bytes.fromhex(each.get_secret_value()) for each in (pair.key, pair.salt))
        right = signature(key, salt, path, settings.signature_size).encode()
        if hmac.compare_digest(right, first.rstrip(b"=")):
            return path, True
    if settings.unsafe and (first in UNSIGNED or not settings.keys):
        return path, False
    raise Forbidden(
        "The signature is not right for this URL.",
        field="signature",
        given=first.decode("latin-1")[:60],
        allowed="the URL exactly as it was signed, with a key of the plugin imgproxy",
    )
