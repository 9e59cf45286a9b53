"""Signs Helpa links; nothing but Python's own library. See ../signing.md.

As a program it reads a JSON array of links (the members of ``signed_url``) from standard input and
prints a URL for each.
"""

import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Mapping
from urllib.parse import quote


def encoded(params: Mapping[str, str]) -> str:
    """Return parameters sorted by name, all but unreserved characters percent-encoded."""
    return "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in sorted(params.items()))


def signed_url(
    base_url: str,
    key_id: str,
    secret: str,
    name: str,
    params: Mapping[str, str],
    grant: str = "e",
    epoch: int = 1,
) -> str:
    """Return a signed URL.

    Args:
        base_url: of the server.
        key_id: of the key.
        secret: of the key.
        name: id of the picture, or ``<source>/<path>``.
        params: by canonical name; ``exp`` among them where the link shall expire.
        grant: ``e`` for exactly this URL, ``v`` for sizes and formats as the viewer likes.
        epoch: of the picture's links.
    """
    signed = {n: v for n, v in params.items() if n == "exp"} if grant == "v" else params
    message = "\n".join(["helpa1", grant, name, str(epoch), encoded(signed)])
    digest = hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()
    mac = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    query = encoded(params) + ("&" if params else "")
    return f"{base_url}/img/{quote(name, safe='/')}?{query}sig={key_id}.{grant}.{mac}"


if __name__ == "__main__":
    for link in json.load(sys.stdin):
        print(signed_url(**link))
