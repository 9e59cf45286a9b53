"""The guarded fetcher against a server and a name server that mean harm."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from fetching.attacker import OTHER_HOST, Attacker, Names, attacking, ok, redirect
from helpa.core.errors import (
    BadGateway,
    ContentTooLarge,
    InvalidValue,
    RequestError,
    Unavailable,
    Unprocessable,
)
from helpa.core.fetching import Fetched, Fetcher, NotModified, Resolver
from helpa.core.settings_fetch import Fetch

LIMIT = 100_000
BODY = b"as it is " * 1000


@pytest.fixture(scope="module")
def shared() -> Iterator[Attacker]:
    with attacking() as attacker:
        yield attacker


@pytest.fixture
def attacker(shared: Attacker) -> Attacker:
    shared.answers.clear()
    shared.requests.clear()
    return shared


def open_to(attacker: Attacker, **more: Any) -> Fetch:
    """Return settings under which loopback may be reached."""
    values = {"allow": ["127.0.0.0/8"], "ports": [80, 443, attacker.port], **more}
    return Fetch.model_validate(values)


def closed_to(attacker: Attacker, **more: Any) -> Fetch:
    """Return settings under which the public Internet alone may be reached."""
    return open_to(attacker, allow=[], **more)


async def _fetch(fetcher: Fetcher, url: str, into: Path, **given: Any) -> Fetched | NotModified:
    try:
        return await fetcher.fetch(url, into, **{"max_bytes": LIMIT, **given})
    finally:
        fetcher.close()


def fetch(
    settings: Fetch, url: str, into: Path, resolver: Resolver | None = None, **given: Any
) -> Fetched | NotModified:
    return asyncio.run(_fetch(Fetcher(settings, resolver), url, into, **given))


def refused(
    settings: Fetch,
    url: str,
    into: Path,
    kind: type[RequestError],
    resolver: Resolver | None = None,
    **given: Any,
) -> RequestError:
    """Insist that a fetch fails and leaves no file; return the error."""
    with pytest.raises(kind) as caught:
        fetch(settings, url, into, resolver, **given)
    assert type(caught.value) is kind
    assert not into.exists()
    return caught.value


# What works.


def test_a_file_arrives_whole_with_its_hash_and_headers(attacker: Attacker, tmp_path: Path) -> None:
    attacker.answers["/a.png"] = ok(BODY, 'ETag: "x"', "Content-Type: image/png")
    into = tmp_path / "a"
    got = fetch(open_to(attacker), attacker.url("/a.png?x=1&y=%20#part"), into)
    assert isinstance(got, Fetched)
    assert into.read_bytes() == BODY
    assert (got.bytes, got.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert got.headers["etag"] == '"x"'
    assert attacker.requests[0].startswith("GET /a.png?x=1&y=%20 HTTP/1.1\r\n")
    assert attacker.header("host") == f"127.0.0.1:{attacker.port}"
    assert attacker.header("accept-encoding") == "identity"
    assert attacker.header("cookie") is None


def test_chunks_and_a_body_until_the_end_of_the_connection_are_read(
    attacker: Attacker, tmp_path: Path
) -> None:
    attacker.answers["/chunks"] = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    attacker.answers["/end"] = b"HTTP/1.0 200 OK\r\n\r\nabcde"
    for number, path in enumerate(("/chunks", "/end")):
        into = tmp_path / str(number)
        fetch(open_to(attacker), attacker.url(path), into)
        assert into.read_bytes() == b"abcde"


def test_proxies_of_the_environment_are_not_used(
    attacker: Attacker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    attacker.answers["/a"] = ok(BODY)
    fetch(open_to(attacker), attacker.url("/a"), tmp_path / "a")


def test_a_conditional_request_may_be_answered_304_and_no_other(
    attacker: Attacker, tmp_path: Path
) -> None:
    attacker.answers["/a"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    conditions = {"If-None-Match": '"x"'}
    got = fetch(open_to(attacker), attacker.url("/a"), tmp_path / "a", conditions=conditions)
    assert isinstance(got, NotModified)
    assert attacker.header("if-none-match") == '"x"'
    refused(open_to(attacker), attacker.url("/a"), tmp_path / "a", Unprocessable)


def test_a_name_is_resolved_once_and_sent_as_host(attacker: Attacker, tmp_path: Path) -> None:
    attacker.answers["/a"] = ok(BODY)
    names = Names(pictures_test=[["127.0.0.1"], ["10.0.0.1"]])
    url = attacker.url("/a", host="Pictures.TEST.")
    fetch(open_to(attacker), url, tmp_path / "a", names)
    assert names.asked == ["pictures.test"]
    assert attacker.header("host") == f"pictures.test:{attacker.port}"


def test_a_host_beyond_ascii_is_resolved_as_idna(attacker: Attacker, tmp_path: Path) -> None:
    attacker.answers["/a"] = ok(BODY)
    names = Names(**{"xn--bcher-kva_test": [["127.0.0.1"]]})
    fetch(open_to(attacker), attacker.url("/a", host="bücher.test"), tmp_path / "a", names)
    assert names.asked == ["xn--bcher-kva.test"]


def test_the_next_address_is_tried_where_one_does_not_answer(
    attacker: Attacker, tmp_path: Path
) -> None:
    attacker.answers["/a"] = ok(BODY)
    names = Names(two_test=[["127.0.0.9", "127.0.0.1"]])
    fetch(open_to(attacker), attacker.url("/a", host="two.test"), tmp_path / "a", names)
    assert attacker.asked("/a") == 1


# Where it may not go.

PRIVATE = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fe80::5efe:127.0.0.1]",
    "[2a00:1450::5efe:127.0.0.1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
]

ODD = [
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0x7f.1",
    "127.1",
    "127.0.1",
    "127.0.0.01",
    "127.0.0.1.2",
    "1.256",
    "999.999.999.999",
    "１２７.0.0.1",
    "①②⑦.⓪.⓪.①",
    "127。0。0。0x1",
    "[fe80::1%25lo]",
    "[127.0.0.1]",
    "[v1.fe80]",
    "%31%32%37.0.0.1",
    "a..b",
    "a" * 64 + ".test",
    ".".join(["a" * 60] * 5),
]


@pytest.mark.parametrize("host", PRIVATE)
def test_no_private_address_is_reached_and_all_are_refused_alike(
    attacker: Attacker, tmp_path: Path, host: str
) -> None:
    error = refused(
        closed_to(attacker), attacker.url("/a", host=host), tmp_path / "a", Unprocessable
    )
    assert error.detail == f"Nothing that may be fetched from answers to {host.strip('[]')}." or (
        "::" in host  # shown in its shortest form
    )
    assert error.field == "url"
    assert attacker.requests == []


@pytest.mark.parametrize("host", ODD)
def test_odd_spellings_of_hosts_are_refused(attacker: Attacker, tmp_path: Path, host: str) -> None:
    kinds = (InvalidValue, Unprocessable)  # full-width digits become plain ones, and are checked
    with pytest.raises(kinds) as caught:
        fetch(closed_to(attacker), attacker.url("/a", host=host), tmp_path / "a")
    assert caught.value.field == "url"
    assert attacker.requests == []


@pytest.mark.parametrize("host", [*PRIVATE, *ODD])
@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_leads_to_no_private_address_in_whatever_spelling(
    attacker: Attacker, tmp_path: Path, host: str, status: int
) -> None:
    location = attacker.url("/secret", host=host)
    attacker.answers["/a"] = redirect(location, status)
    attacker.answers["/secret"] = ok(b"secret")
    # Of loopback, the one address that the first request needs is open, no other.
    settings = open_to(attacker, allow=[f"{OTHER_HOST}/32"])
    names = Names(public_test=[[OTHER_HOST]])
    refused(settings, attacker.url("/a", host="public.test"), tmp_path / "a", Unprocessable, names)
    assert (attacker.asked("/a"), attacker.asked("/secret")) == (1, 0)


def test_names_of_private_addresses_and_names_that_are_none_are_refused_alike(
    attacker: Attacker, tmp_path: Path
) -> None:
    names = Names(inside_test=[["10.0.0.1"]], mixed_test=[["8.8.8.8", "127.0.0.1"]],
                  scoped_test=[["fe80::1%1"]], empty_test=[[]])  # fmt: skip
    told = set()
    for host in ("inside.test", "mixed.test", "scoped.test", "empty.test", "no.test"):
        url = attacker.url("/a", host=host)
        error = refused(closed_to(attacker), url, tmp_path / "a", Unprocessable, names)
        told.add(error.detail.replace(host, "…"))
    assert len(told) == 1
    assert attacker.requests == []


def test_the_system_s_resolver_is_checked_too(attacker: Attacker, tmp_path: Path) -> None:
    url = attacker.url("/a", host="localhost")
    refused(closed_to(attacker), url, tmp_path / "a", Unprocessable)
    attacker.answers["/a"] = ok(BODY)
    allowed = open_to(attacker, allow=["127.0.0.0/8", "::1/128"])
    fetch(allowed, url, tmp_path / "a")


def test_a_name_server_that_rebinds_gains_nothing(attacker: Attacker, tmp_path: Path) -> None:
    peers: list[str] = []

    def tell(connection: socket.socket) -> None:
        peers.append(connection.getsockname()[0])
        connection.sendall(ok(BODY))

    attacker.answers["/a"] = tell
    # First it answers an address that may be reached; whoever asks again gets another.
    names = Names(evil_test=[[OTHER_HOST], ["127.0.0.1"]])
    settings = open_to(attacker, allow=[f"{OTHER_HOST}/32"])
    url = attacker.url("/a", host="evil.test")
    fetch(settings, url, tmp_path / "a", names)
    assert names.asked == ["evil.test"]
    assert peers == [OTHER_HOST]
    # The next request meets the second answer, which is checked as the first was.
    refused(settings, url, tmp_path / "b", Unprocessable, names)
    assert len(attacker.requests) == 1


def test_a_redirect_to_the_same_name_is_resolved_and_checked_again(
    attacker: Attacker, tmp_path: Path
) -> None:
    attacker.answers["/a"] = redirect("/secret")
    attacker.answers["/secret"] = ok(b"secret")
    names = Names(evil_test=[[OTHER_HOST], ["127.0.0.1"]])
    settings = open_to(attacker, allow=[f"{OTHER_HOST}/32"])
    url = attacker.url("/a", host="evil.test")
    refused(settings, url, tmp_path / "a", Unprocessable, names)
    assert names.asked == ["evil.test", "evil.test"]
    assert attacker.asked("/secret") == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "picture.png",
        "//host.test/a",
        "ftp://host.test/a",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "data:image/png;base64,AAAA",
        "http:///a",
        "http://host.test:22/a",
        "http://host.test:0/a",
        "http://host.test:99999/a",
        "http://host.test:x/a",
        "http://user@host.test/a",
        "http://user:hunter2@host.test/a",
        "http://host.test@127.0.0.1/a",
        "http://127.0.0.1\\@host.test/a",
        "http://host.test\\.evil.test/",
        "http://host.test/a b",
        "http://host.test/a\r\nX: y",
        "http://host.test/\0",
        "http://ho\tst.test/",
        "http://host.test/\udc80",
        "http://[::1/",
        "http://host.test/" + "a" * 3000,
        "http://-_!.test/",
    ],
)
def test_a_url_that_is_none_to_fetch_is_400_and_says_what_is_allowed(
    tmp_path: Path, url: str
) -> None:
    names = Names(host_test=[["8.8.8.8"]])
    error = refused(Fetch(), url, tmp_path / "a", InvalidValue, names)
    assert error.field == "url"
    assert error.allowed
    assert "hunter2" not in str(error.problem())
    assert names.asked == []


# Redirects.


def test_few_redirects_are_followed_and_a_loop_ends(attacker: Attacker, tmp_path: Path) -> None:
    for step in range(5):
        attacker.answers[f"/{step}"] = redirect(f"/{step + 1}", (301, 302, 303, 307, 308)[step])
    attacker.answers["/5"] = ok(BODY)
    got = fetch(open_to(attacker), attacker.url("/2"), tmp_path / "a")
    assert isinstance(got, Fetched)
    assert got.url == attacker.url("/5")
    error = refused(open_to(attacker), attacker.url("/1"), tmp_path / "b", Unprocessable)
    assert "fetch.redirects" in error.detail
    attacker.answers["/loop"] = redirect("/loop")
    attacker.requests.clear()
    refused(open_to(attacker), attacker.url("/loop"), tmp_path / "b", Unprocessable)
    assert len(attacker.requests) == 4
    refused(open_to(attacker, redirects=0), attacker.url("/2"), tmp_path / "b", Unprocessable)


def test_headers_of_ours_go_to_the_server_the_url_names_and_no_other(
    attacker: Attacker, tmp_path: Path
) -> None:
    attacker.answers["/a"] = redirect("/b")
    attacker.answers["/b"] = redirect(attacker.url("/c", host=OTHER_HOST))
    attacker.answers["/c"] = ok(BODY)
    fetch(
        open_to(attacker), attacker.url("/a"), tmp_path / "a",
        headers={"Authorization": "secret"}, conditions={"If-None-Match": '"x"'},
    )  # fmt: skip
    assert [attacker.header("authorization", n) for n in range(3)] == ["secret", "secret", None]
    assert attacker.header("if-none-match", 2) == '"x"'


@pytest.mark.parametrize("location", ["", "ftp://a.test/", "http://a.test:22/", "http://u:p@a.test/",
                                      "http://a b/", "//[", "javascript:alert(1)"])  # fmt: skip
def test_a_redirect_to_what_is_no_url_to_fetch_is_refused(
    attacker: Attacker, tmp_path: Path, location: str
) -> None:
    attacker.answers["/a"] = redirect(location)
    settings = open_to(attacker, redirects=1)
    refused(settings, attacker.url("/a"), tmp_path / "a", Unprocessable)


# Answers that mean harm.


def drip(connection: socket.socket) -> None:
    """Send a body of one byte now and then, for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    for _ in range(5000):
        connection.sendall(b"x")
        time.sleep(0.05)


def drip_head(connection: socket.socket) -> None:
    """Send a head of one byte now and then, for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(5000):
        connection.sendall(b"x")
        time.sleep(0.05)


def silent(connection: socket.socket) -> None:
    """Say nothing, until nobody listens."""
    connection.recv(1)


def stops(connection: socket.socket) -> None:
    """Say half and then nothing."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    connection.recv(1)


def endless_headers(connection: socket.socket) -> None:
    """Send headers without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(10**6):
        connection.sendall(b"X-%d: %s\r\n" % (number, b"y" * 1000))


def endless_body(connection: socket.socket) -> None:
    """Send a body without end that says no length."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def endless_chunks(connection: socket.socket) -> None:
    """Send chunks without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def endless_extension(connection: socket.socket) -> None:
    """Send a chunk whose extension has no end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    while True:
        connection.sendall(b"x" * 65536)


def endless_continue(connection: socket.socket) -> None:
    """Send 103s without end."""
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")


def late_surplus(connection: socket.socket) -> None:
    """Send more than was said, a moment later."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde")
    time.sleep(0.03)
    connection.sendall(b"f")


@pytest.mark.parametrize("answer", [drip, drip_head, silent, stops])
def test_a_server_that_takes_its_time_is_left_at_the_limit(
    attacker: Attacker, tmp_path: Path, answer: Any
) -> None:
    attacker.answers["/a"] = answer
    settings = open_to(attacker, idle_seconds=0.3, seconds=0.8)
    began = time.monotonic()
    error = refused(settings, attacker.url("/a"), tmp_path / "a", BadGateway)
    assert time.monotonic() - began < 20, "every one of them would take 30 and more"
    assert "in time" in error.detail


@pytest.mark.parametrize("answer", [endless_body, endless_chunks])
def test_a_body_without_end_is_stopped_at_the_limit(
    attacker: Attacker, tmp_path: Path, answer: Any
) -> None:
    attacker.answers["/a"] = answer
    error = refused(open_to(attacker), attacker.url("/a"), tmp_path / "a", ContentTooLarge)
    assert error.allowed == f"up to {LIMIT} bytes"


def test_a_body_that_says_it_is_too_large_is_not_read(attacker: Attacker, tmp_path: Path) -> None:
    attacker.answers["/a"] = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"
    refused(open_to(attacker), attacker.url("/a"), tmp_path / "a", ContentTooLarge)


def test_a_file_of_exactly_the_limit_is_taken(attacker: Attacker, tmp_path: Path) -> None:
    attacker.answers["/a"] = ok(b"x" * LIMIT)
    fetch(open_to(attacker), attacker.url("/a"), tmp_path / "a")
    attacker.answers["/a"] = ok(b"x" * (LIMIT + 1))
    refused(open_to(attacker), attacker.url("/a"), tmp_path / "b", ContentTooLarge)


MALFORMED: dict[str, Any] = {
    "fewer bytes than said": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    "more bytes than said": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef",
    "more bytes than said, later": late_surplus,
    "bytes after the last chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK"
    ),
    "a chunk that breaks off": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc"),
    "no last chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "a length below zero": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "nothing": b"",
    "a switch of protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "headers without end": endless_headers,
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
    "an extension without end": endless_extension,
    "early hints without end": endless_continue,
    "a header of one line without end": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_an_answer_that_is_not_as_http_says_is_502(
    attacker: Attacker, tmp_path: Path, name: str
) -> None:
    attacker.answers["/a"] = MALFORMED[name]
    settings = open_to(attacker, seconds=5)
    error = refused(settings, attacker.url("/a"), tmp_path / "a", BadGateway)
    assert "as HTTP says" in error.detail


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "gzip, gzip", "GZIP", "x"])
def test_a_body_with_a_content_encoding_is_refused_unread(
    attacker: Attacker, tmp_path: Path, coding: str
) -> None:
    bomb = gzip.compress(b"\0" * 10**7)
    attacker.answers["/a"] = ok(bomb, f"Content-Encoding: {coding}")
    error = refused(open_to(attacker), attacker.url("/a"), tmp_path / "a", Unprocessable)
    assert "Content-Encoding" in error.detail


@pytest.mark.parametrize("status", [201, 204, 206, 300, 304, 400, 401, 403, 404, 410, 500, 503])
def test_any_other_status_is_422_and_told(attacker: Attacker, tmp_path: Path, status: int) -> None:
    attacker.answers["/a"] = f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()
    error = refused(open_to(attacker), attacker.url("/a"), tmp_path / "a", Unprocessable)
    assert error.problem()["upstream_status"] == status


def test_a_port_where_nobody_listens_is_502(attacker: Attacker, tmp_path: Path) -> None:
    settings = open_to(attacker, ports=[1])
    refused(settings, "http://127.0.0.1:1/", tmp_path / "a", BadGateway)


def test_the_loop_goes_on_while_a_name_is_looked_up_and_the_limit_holds(tmp_path: Path) -> None:
    class Slow:
        async def resolve(self, host: str, port: int) -> list[Any]:
            await asyncio.sleep(600)
            return [ip_address("8.8.8.8")]

    began = time.monotonic()
    refused(Fetch(seconds=0.3), "http://slow.test/", tmp_path / "a", BadGateway, Slow())
    assert time.monotonic() - began < 20


def test_more_fetches_than_may_wait_are_503(attacker: Attacker, tmp_path: Path) -> None:
    attacker.answers["/a"] = silent
    settings = open_to(attacker, concurrency=1, seconds=0.5, idle_seconds=0.2)

    async def many() -> list[Any]:
        fetcher = Fetcher(settings)
        calls = [_fetch(fetcher, attacker.url("/a"), tmp_path / str(n)) for n in range(8)]
        return await asyncio.gather(*calls, return_exceptions=True)

    kinds = [type(each) for each in asyncio.run(many())]
    assert kinds.count(Unavailable) == 3
    assert kinds.count(BadGateway) == 5


# TLS.


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Attacker, ssl.SSLContext]]:
    """A server with a certificate for pictures.test, and a context that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj",
         "/CN=pictures.test", "-addext", "subjectAltName=DNS:pictures.test"],
        cwd=folder, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    ours = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    with attacking(theirs) as attacker:
        attacker.answers["/a"] = ok(BODY)
        yield attacker, ours


def test_tls_is_verified_against_the_name_though_the_address_is_connected_to(
    secure: tuple[Attacker, ssl.SSLContext], tmp_path: Path
) -> None:
    attacker, context = secure
    names = Names(pictures_test=[["127.0.0.1"]], other_test=[["127.0.0.1"]])
    good = Fetcher(open_to(attacker), names, context)
    url = attacker.url("/a", host="pictures.test")
    assert isinstance(asyncio.run(_fetch(good, url, tmp_path / "a")), Fetched)
    for host in ("other.test", "127.0.0.1"):
        with pytest.raises(BadGateway, match="certificate"):
            asyncio.run(_fetch(good, attacker.url("/a", host=host), tmp_path / "b"))


def test_a_certificate_of_no_known_authority_is_refused(
    secure: tuple[Attacker, ssl.SSLContext], tmp_path: Path
) -> None:
    attacker, _ = secure
    names = Names(pictures_test=[["127.0.0.1"]])
    url = attacker.url("/a", host="pictures.test")
    error = refused(open_to(attacker), url, tmp_path / "a", BadGateway, names)
    assert "certificate" in error.detail


def test_a_redirect_from_https_to_http_is_refused(
    secure: tuple[Attacker, ssl.SSLContext], attacker: Attacker, tmp_path: Path
) -> None:
    safe, context = secure
    attacker.answers["/b"] = ok(BODY)
    safe.answers["/down"] = redirect(attacker.url("/b"))
    names = Names(pictures_test=[["127.0.0.1"]])
    settings = open_to(attacker, ports=[safe.port, attacker.port])
    fetcher = Fetcher(settings, names, context)
    with pytest.raises(Unprocessable, match="redirects"):
        asyncio.run(_fetch(fetcher, safe.url("/down", host="pictures.test"), tmp_path / "a"))
    assert attacker.requests == []
