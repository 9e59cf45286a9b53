"""Which addresses of a provider may be used."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def secure(url: str, *, loopback: bool) -> bool:
    """Whether a URL is https, or http to this machine where that is allowed.

    Args:
        url: absolute, without user and fragment.
        loopback: whether http to this machine is allowed.
    """
    if not (url.isascii() and url.isprintable()) or any(c in url for c in ' \\"<>#'):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # ValueError where it is none
    except ValueError:
        return False
    if not host or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and loopback and is_loopback(host))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def on_loopback(url: str) -> bool:
    """Whether a URL is one of this machine."""
    return is_loopback(urlsplit(url).hostname or "")
