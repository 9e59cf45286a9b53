"""Which addresses may be reached: against Python's own tables, and by name."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa.core.fetching.addresses import hidden, may_reach

REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::127.0.0.1",
    "64:ff9b:1:ffff::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3ffe::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "2606:4700::1111%1",
    "fec0::1",
    "ff02::1",
    "2606:4700::5efe:7f00:1",
    "2606:4700::200:5efe:a00:1",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_public_is_refused(text: str) -> None:
    assert not may_reach(ip_address(text))


@pytest.mark.parametrize(
    "text",
    ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.32.0.0", "192.169.0.1",
     "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001::200e", "2001:4860:4860::8888"],
)  # fmt: skip
def test_what_is_public_may_be_reached(text: str) -> None:
    assert may_reach(ip_address(text))


def _odd(address: IPv4Address | IPv6Address) -> bool:
    return (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or not address.is_global
    )


@given(st.ip_addresses())
def test_nothing_is_reached_that_python_holds_to_be_special(
    address: IPv4Address | IPv6Address,
) -> None:
    assert not (may_reach(address) and _odd(address))


@given(st.ip_addresses(v=4))
def test_a_public_ipv4_address_is_refused_only_as_a_relay_or_an_assignment_of_the_ietf(
    address: IPv4Address | IPv6Address,
) -> None:
    assert isinstance(address, IPv4Address)
    if not may_reach(address) and not _odd(address):
        assert address in ip_network("192.88.99.0/24") or address in ip_network("192.0.0.0/24")


@given(st.ip_addresses(v=4), st.integers(0, 2**32 - 1))
def test_an_ipv4_address_inside_ipv6_is_found_and_never_reached_whatever_it_is(
    inner: IPv4Address | IPv6Address, other: int
) -> None:
    assert isinstance(inner, IPv4Address)
    value = int(inner)
    forms = {
        (0xFFFF << 32) | value: inner,
        (0xFFFF << 48) | value: inner,
        (0x64FF9B << 96) | value: inner,
        (0x2002 << 112) | (value << 80) | other: inner,
        (0x20010000 << 96) | (other << 64) | (value ^ 0xFFFF_FFFF): inner,
        (0x2A001450 << 96) | (0x5EFE << 32) | value: inner,
        (0x2A001450 << 96) | (0x02005EFE << 32) | value: inner,
    }
    for number, expected in forms.items():
        address = IPv6Address(number)
        assert hidden(address) == expected
        assert not may_reach(address)
        assert not may_reach(address, [ip_network("::/0")]) or may_reach(inner)


def test_an_allowed_network_is_reached_and_its_neighbours_are_not() -> None:
    allowed = [ip_network("10.1.0.0/16"), ip_network("fd00:1::/32")]
    assert may_reach(ip_address("10.1.2.3"), allowed)
    assert may_reach(ip_address("fd00:1::5"), allowed)
    for text in ("10.2.0.1", "10.0.255.255", "127.0.0.1", "fd00:2::1", "::ffff:10.1.2.3"):
        assert not may_reach(ip_address(text), allowed)


def test_an_allowed_ipv6_network_allows_no_ipv4_address_that_hides_in_it() -> None:
    nat64 = [ip_network("64:ff9b::/96")]
    assert may_reach(ip_address("64:ff9b::8.8.8.8"), nat64)
    assert not may_reach(ip_address("64:ff9b::10.0.0.1"), nat64)
    assert not may_reach(ip_address("::ffff:127.0.0.1"), [ip_network("::/0")])
