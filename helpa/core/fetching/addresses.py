"""Which addresses may be reached: those of the public Internet, and what the settings allow.

What is refused follows IANA's registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890
and its updates). Of IPv6 only global unicast (2000::/3) is public at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # "this network"; Linux connects 0.0.0.0 to itself
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; some clouds put metadata there
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, with the metadata servers of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)

_GLOBAL_6 = IPv6Network("2000::/3")

_SPECIAL_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3ffe::/16",  # the former 6bone
        "3fff::/20",  # documentation
    )
)

_LAST_32 = tuple(
    IPv6Network(text)
    for text in (
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated (SIIT)
        "64:ff9b::/96",  # NAT64
    )
)
"""Prefixes whose last 32 bits are an IPv4 address."""

_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})


def parse(text: str) -> Address | None:
    """Return the address that a text is in its usual form, or None.

    Octal, hexadecimal, shortened and whole-number spellings of IPv4 are none.
    """
    try:
        return ip_address(text)
    except ValueError:
        return None


def may_reach(address: Address, allowed: Iterable[Network] = ()) -> bool:
    """Whether an address may be connected to.

    Args:
        address: as a resolver gave it.
        allowed: networks that may be reached although they are not public. An IPv6 address that
            hides an IPv4 one must stand in them, and the hidden one must be reachable too.
    """
    networks = tuple(allowed)
    if isinstance(address, IPv6Address):
        if address.scope_id:
            return False  # which link it means depends on this machine
        inner = hidden(address)
        if inner is not None:
            return _within(address, networks) and may_reach(inner, networks)
    return _within(address, networks) or _is_public(address)


def hidden(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that packets to an IPv6 address may end up at, or None."""
    value = int(address)
    if any(address in network for network in _LAST_32):
        return None if value == 0 else IPv4Address(value & 0xFFFF_FFFF)
    if address in _LOCAL_NAT64:
        # Where in it the IPv4 address stands is the network's own choice (RFC 8215).
        return IPv4Address(value & 0xFFFF_FFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if (value >> 32) & 0xFFFF_FFFF in _ISATAP:
        return IPv4Address(value & 0xFFFF_FFFF)
    return None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    return address in _GLOBAL_6 and not any(address in network for network in _SPECIAL_6)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)
