"""Whose request it is, by address."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa.core.client import HOPS, Clients, group, parse

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def scope(peer: str | None, *headers: tuple[str, str]) -> dict[str, Any]:
    """Return what a server says of a request."""
    named = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return {"client": None if peer is None else (peer, 4711), "headers": named}


def seen(peer: str | None, *chain: str, header: str = "x-forwarded-for") -> str:
    """Return the address behind trusted proxies."""
    lines = [(header, line) for line in chain]
    return Clients(PROXIES, header).of(scope(peer, *lines)).address


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)
outside = addresses.filter(
    lambda text: not any((parse(text) or ip_address(0)) in each for each in PROXIES)
)
names = st.sampled_from(["x-forwarded-for", "forwarded", "x-real-ip", "via", "cf-connecting-ip"])
values = st.one_of(
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60),
    st.lists(addresses, max_size=4).map(", ".join),
    st.lists(addresses.map("for={}".format), max_size=4).map(", ".join),
)


@given(outside, st.lists(st.tuples(names, values), max_size=5), st.sampled_from(["x", "f"]))
def test_no_header_of_a_peer_that_is_not_trusted_changes_its_address(
    peer: str, headers: list[tuple[str, str]], which: str
) -> None:
    clients = Clients(PROXIES, {"x": "x-forwarded-for", "f": "forwarded"}[which])
    plain, dressed = clients.of(scope(peer)), clients.of(scope(peer, *headers))
    assert (dressed.address, dressed.group) == (plain.address, plain.group)
    assert dressed.address == str(parse(peer))


@given(outside, st.lists(st.tuples(names, values), max_size=3), values)
def test_nothing_a_client_writes_hides_the_address_that_its_proxy_saw(
    client: str, headers: list[tuple[str, str]], written: str
) -> None:
    # What the client sent stands to the left; the proxy appends the peer it saw.
    for header, shown in (("x-forwarded-for", client), ("forwarded", f'for="[{client}]"')):
        line = (header, f"{written}, {shown}")
        found = Clients(PROXIES, header).of(scope("10.0.0.1", *headers, line))
        assert found.address == str(parse(client))


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ((), "10.0.0.1"),
        (("",), "10.0.0.1"),
        (("203.0.113.7",), "203.0.113.7"),
        (("203.0.113.7, 10.2.2.2",), "203.0.113.7"),
        (("203.0.113.7", "10.2.2.2, 10.3.3.3"), "203.0.113.7"),
        (("198.51.100.1, 203.0.113.7",), "203.0.113.7"),
        (("10.9.9.9, 10.2.2.2",), "10.9.9.9"),
        (("203.0.113.7:1234",), "203.0.113.7"),
        (("[2001:db8::7]:1234",), "2001:db8::7"),
        (("2001:db8::7",), "2001:db8::7"),
        (("::ffff:203.0.113.7",), "203.0.113.7"),
        (("203.0.113.7, unknown",), "10.0.0.1"),
        (("203.0.113.7, unknown, 10.2.2.2",), "10.2.2.2"),
        (("203.0.113.7,, 10.2.2.2",), "10.2.2.2"),
        (("203.0.113.007",), "10.0.0.1"),
        (("203.0.113.7:x",), "10.0.0.1"),
        (("[2001:db8::7",), "10.0.0.1"),
        (("3405803783",), "10.0.0.1"),
    ],
)
def test_the_right_most_address_that_is_no_proxy_is_the_client_s(
    chain: tuple[str, ...], address: str
) -> None:
    assert seen("10.0.0.1", *chain) == address


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("for=203.0.113.7", "203.0.113.7"),
        ('For="203.0.113.7:80";proto=https;by=10.0.0.1', "203.0.113.7"),
        ('for="[2001:db8::7]:4711"', "2001:db8::7"),
        ("for=198.51.100.1, for=203.0.113.7;host=x, for=10.2.2.2", "203.0.113.7"),
        ("for=203.0.113.7, for=unknown", "10.0.0.1"),
        ("for=203.0.113.7, for=_hidden, for=10.2.2.2", "10.2.2.2"),
        ("for=203.0.113.7;for=198.51.100.1", "10.0.0.1"),
        ("proto=https", "10.0.0.1"),
        ('for="x, for=203.0.113.7', "203.0.113.7"),
        ("203.0.113.7", "10.0.0.1"),
    ],
)
def test_forwarded_is_read_as_rfc_7239_writes_it(chain: str, address: str) -> None:
    assert seen("10.0.0.1", chain, header="forwarded") == address


def test_only_the_header_that_is_set_is_read() -> None:
    both = (("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=203.0.113.8"))
    assert Clients(PROXIES).of(scope("10.0.0.1", *both)).address == "203.0.113.7"
    assert Clients(PROXIES, "forwarded").of(scope("10.0.0.1", *both)).address == "203.0.113.8"


def test_a_chain_is_followed_through_so_many_proxies_and_no_further() -> None:
    proxies = [f"10.1.0.{number}" for number in range(HOPS)]
    assert seen("10.0.0.1", ", ".join(["203.0.113.7", *proxies[1:]])) == "203.0.113.7"
    assert seen("10.0.0.1", ", ".join(["203.0.113.7", *proxies])) == "10.1.0.0"


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_ipv6_clients_of_one_site_are_counted_as_one(address: IPv6Address, low: int) -> None:
    first = parse(str(IPv6Address(int(address) >> 64 << 64)))
    neighbour = parse(str(IPv6Address((int(address) >> 64 << 64) + low)))
    assert first is not None
    assert neighbour is not None
    if isinstance(first, IPv6Address) and isinstance(neighbour, IPv6Address):
        assert group(first) == group(neighbour)
        assert group(first).endswith("/64")


def test_ipv4_clients_are_counted_alone() -> None:
    assert group(ip_address("192.0.2.1")) == "192.0.2.1"
    assert Clients().of(scope("::ffff:192.0.2.1")).group == "192.0.2.1"


def test_only_a_plain_request_from_this_machine_is_from_here() -> None:
    here = Clients()
    assert here.of(scope("127.0.0.1")).here
    assert here.of(scope("::1")).here
    assert not here.of(scope("192.0.2.1")).here
    assert not here.of(scope(None)).here
    for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via"):
        assert not here.of(scope("127.0.0.1", (name, "x"))).here
    proxied = Clients([ip_network("127.0.0.0/8")])
    assert not proxied.of(scope("127.0.0.1")).here
    assert not proxied.of(scope("127.0.0.1", ("x-forwarded-for", "127.0.0.1"))).here


def test_a_proxy_nobody_trusts_is_noticed() -> None:
    named = ("x-forwarded-for", "203.0.113.7")
    assert Clients(PROXIES).hidden(scope("192.0.2.1", named))
    assert not Clients(PROXIES).hidden(scope("10.0.0.1", named))
    assert not Clients(PROXIES).hidden(scope("192.0.2.1"))
