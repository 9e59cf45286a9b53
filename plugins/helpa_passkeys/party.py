"""This server as passkeys know it: by the host of its public address."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Party:
    """The party that passkeys are bound to (RP of WebAuthn).

    Args:
        id: the host; passkeys of another host are no use here, nor these there.
        origin: what browsers must say that a page came from.
        obstacle: why browsers would make no passkeys here; empty where they do.
    """

    id: str
    origin: str
    obstacle: str = ""

    @property
    def usable(self) -> bool:
        """Whether browsers make passkeys for it."""
        return not self.obstacle


def party_of(public_url: str) -> Party:
    """Return the party behind a public address."""
    parts = urlsplit(public_url)
    host = (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, PORTS.get(parts.scheme)) else f":{parts.port}"
    origin = f"{parts.scheme}://{shown}{port}"
    local = host == "localhost" or host.endswith(".localhost")
    if _is_address(host):
        obstacle = (
            "Passkeys need a host name, for that is what they are bound to, and the public address "
            f"of this server is {origin}. Set public_url to a name, as in "
            "HELPA_PUBLIC_URL=https://img.example.com, or to try passkeys on this machine, "
            f"http://localhost{port}, and open the pages there."
        )
    elif parts.scheme != "https" and not local:
        obstacle = (
            f"Passkeys need HTTPS, and the public address of this server is {origin}. Put a "
            "certificate in front of it, and set public_url to the https address."
        )
    else:
        obstacle = ""
    return Party(host, origin, obstacle)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
