"""Whose request it is, by address: the peer, or what the proxies we trust say of it.

Only proxies named in ``trusted_proxies`` are believed, and only in the one header that
``forwarded_header`` names. Reading whichever header is there would let a client choose: a proxy
that writes X-Forwarded-For hands a client's own Forwarded through untouched, and the reverse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNKNOWN = "unknown"
"""The address of a peer that has none, such as one at a Unix socket."""

HOPS = 32
"""Proxies a chain is followed through; a longer one is of somebody's making."""

SITE_BITS = 64
"""Bits of an IPv6 address that name a site; one customer chooses the others (RFC 6177)."""

FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via")
"""Headers that show a proxy stands between, so that the peer's address says nothing."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who sent a request, as far as addresses tell.

    Args:
        address: for logs.
        group: for limits: the address, or the /64 of an IPv6 one.
        here: whether it came from this machine, through no proxy.
    """

    address: str
    group: str
    here: bool


class Clients:
    """Finds the client of a request.

    Args:
        trusted: networks of the proxies that are believed.
        header: the header they write: ``x-forwarded-for`` or ``forwarded`` (RFC 7239).
    """

    def __init__(self, trusted: Iterable[Network] = (), header: str = "x-forwarded-for") -> None:
        self._trusted = tuple(trusted)
        self._header = header.encode("ascii")
        self._node = _forwarded_node if header == "forwarded" else _plain_node

    def of(self, scope: Mapping[str, Any]) -> Client:
        """Return the client of a request, by its ASGI scope."""
        peer_text = (scope.get("client") or (UNKNOWN, 0))[0]
        peer = parse(peer_text)
        if peer is None:
            return Client(peer_text, peer_text, here=False)
        trusted = self._trusts(peer)
        address = self._walk(peer, scope["headers"]) if trusted else peer
        straight = not any(name in FORWARDED for name, _ in scope["headers"])
        here = peer.is_loopback and not trusted and straight
        return Client(str(address), group(address), here)

    def hidden(self, scope: Mapping[str, Any]) -> bool:
        """Whether a peer that is not trusted names another client, as a proxy would."""
        if not any(name == self._header for name, _ in scope["headers"]):
            return False
        peer = parse((scope.get("client") or (UNKNOWN, 0))[0])
        return peer is not None and not self._trusts(peer)

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _walk(self, peer: Address, headers: Iterable[tuple[bytes, bytes]]) -> Address:
        """Return the right-most address that is no trusted proxy's.

        The right end is what the nearest proxy wrote. Where a hop cannot be read, nothing to the
        left of it can be believed, so the one before it is the last good one.
        """
        lines = [value for name, value in headers if name == self._header]
        hops = b",".join(lines).decode("latin-1").rsplit(",", HOPS)
        found = peer
        for hop in reversed(hops[-HOPS:]):
            address = parse(self._node(hop.strip()))
            if address is None:
                return found
            found = address
            if not self._trusts(address):
                return found
        return found


def parse(text: str) -> Address | None:
    """Return the address a text holds, with or without a port, or None.

    An IPv4 address in IPv6 clothes (``::ffff:192.0.2.1``) is that IPv4 address.
    """
    if text.startswith("["):
        text, bracket, port = text[1:].partition("]")
        if not bracket or not (port == "" or _is_port(port)):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not _is_port(f":{port}"):
            return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))  # a zone is no part of it
    return address


def group(address: Address) -> str:
    """Return what an address is counted under."""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), SITE_BITS), strict=False))
    return str(address)


def _is_port(text: str) -> bool:
    digits = text[1:]
    return text.startswith(":") and digits.isascii() and digits.isdigit() and len(digits) <= 5


def _plain_node(hop: str) -> str:
    return hop


def _forwarded_node(hop: str) -> str:
    """Return the value of ``for`` in an element of Forwarded, or nothing."""
    found = ""
    for pair in hop.split(";"):
        name, _, value = pair.strip().partition("=")
        if name.lower() != "for":
            continue
        if found:
            return ""
        quoted = len(value) >= 2 and value[0] == value[-1] == '"'
        found = value[1:-1] if quoted else value
    return found
