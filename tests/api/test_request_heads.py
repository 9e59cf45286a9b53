"""Heads of requests that a proxy and a server could read differently, and heads without end."""

from __future__ import annotations

import json
import re
import time

import pytest

from api.asking import connect, multipart, problem, read_all, read_head, status_of
from pictures import png
from serving import Server

HOST = b"Host: pictures.example\r\n"
POST = b"POST /api/images HTTP/1.1\r\n" + HOST
GET = b"GET /healthz HTTP/1.1\r\n" + HOST

AMBIGUOUS = {
    "length and chunks": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "one length twice": POST + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
    "a list of lengths": POST + b"Content-Length: 4, 5\r\n\r\nabcde",
    "a length with a sign": POST + b"Content-Length: +4\r\n\r\nabcd",
    "a length below zero": POST + b"Content-Length: -4\r\n\r\nabcd",
    "a length in hex": POST + b"Content-Length: 0x4\r\n\r\nabcd",
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a vertical tab": POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "a folded line": GET + b"X-A: b\r\n c\r\n\r\n",
    "a folded coding": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "line feeds alone": b"GET /healthz HTTP/1.1\nHost: x\n\n",
    "a line feed alone": GET + b"X-A: b\nX-B: c\r\n\r\n",
    "a carriage return alone": GET + b"X-A: b\rX-B: c\r\n\r\n",
    "NUL in a header": GET + b"X-A: b\0c\r\n\r\n",
    "NUL in the path": b"GET /heal\0thz HTTP/1.1\r\n" + HOST + b"\r\n",
    "a space in the path": b"GET /heal thz HTTP/1.1\r\n" + HOST + b"\r\n",
    "no Host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "one Host twice": b"GET /healthz HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
    "two Hosts for a picture": b"GET /img/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "an unknown version": b"GET /healthz HTTP/3.7\r\n" + HOST + b"\r\n",
    "a small method": b"get /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "a tunnel": b"CONNECT pictures.example:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300),
    "nonsense": bytes(range(128, 256)) * 8,
}


@pytest.mark.parametrize("what", AMBIGUOUS)
def test_an_ambiguous_request_is_400_and_ends_the_connection(server: Server, what: str) -> None:
    with connect(server) as connection:
        connection.sendall(AMBIGUOUS[what] + GET + b"\r\n")  # what would be smuggled
        received = read_all(connection, 5)
    assert status_of(received) == 400
    assert len(re.findall(rb"HTTP/1\.1 ", received)) == 1, received
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"nosniff" in head
    assert json.loads(body)["status"] == 400


def test_an_older_client_needs_no_host(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert status_of(read_all(connection, 5)) == 200


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X: " + b"a" * 300_000 + b"\r\n\r\n",
        GET + b"X: a\r\n" * 50_000 + b"\r\n",
        GET + b"a" * 300_000,
        b"GET /img/x HTTP/1.1\r\n" + HOST + b"Accept: " + b"a" * 300_000 + b"\r\n\r\n",
    ],
    ids=["a long header", "many headers", "a name without end", "of a picture"],
)
def test_a_head_over_64_kilobytes_is_refused(server: Server, head: bytes) -> None:
    with connect(server) as connection:
        connection.sendall(head)
        received = read_all(connection, 10)
    assert status_of(received) in (400, 431)
    assert b"application/problem+json" in received


def test_a_head_that_never_ends_is_cut_off_and_not_collected(server: Server) -> None:
    sent = 0
    began = time.monotonic()
    with connect(server) as connection:
        connection.sendall(GET)
        try:
            while sent < 50_000_000:
                sent += connection.send(b"X-A: " + b"a" * 4000 + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 20_000_000
    assert time.monotonic() - began < 10


def test_a_head_of_usual_length_with_long_cookies_is_answered(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(GET + b"Cookie: a=" + b"b" * 30_000 + b"\r\nConnection: close\r\n\r\n")
        assert status_of(read_head(connection)) == 200


@pytest.mark.parametrize(
    "host", ["[", "[x", "a@b/c?d#e", "a b", "é", "", "a" * 5000, "%00", "[::1"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_host_makes_the_server_stumble(server: Server, host: str, method: str) -> None:
    for path in ("/nothing", "/signin", "/api/images", "/"):
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nCookie: helpa_session=x\r\n"
        with connect(server) as connection:
            connection.sendall(head.encode() + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
            assert status_of(read_all(connection, 5)) < 500, path


PATHS = {
    "/img/%2e%2e/%2e%2e/etc/passwd": 404,
    "/img/../../etc/passwd": 404,
    "/img//x": 404,
    "//img/x": 404,
    "/%69mg/x": 404,
    "/img/%00": 404,
    "/static/../../helpa.sqlite3": 404,
    "/static/%2e%2e%2f%2e%2e%2fhelpa.sqlite3": 404,
    "/static/..%5c..%5chelpa.sqlite3": 404,
    "/static/%2fetc%2fpasswd/x": 404,
    "//evil.example/": 404,
    "/\\evil.example/": 404,
    "/%0d%0aSet-Cookie:%20x=1": 404,
    "/i/%2e%2e": 404,
    "/api/images/%2e%2e%2fopenapi.json": 404,
    "/api/images/..%2f..%2fhealthz": 404,
    "/api//images": 404,
    "/api/images/": 404,
    "/healthz/": 404,
    "/%c0%ae%c0%ae/": 404,
    "/%": 404,
    "/%zz": 404,
    "/docs/../metrics": 404,
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_taken_as_it_is_written(server: Server, path: str) -> None:
    with connect(server) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        received = read_all(connection, 5)
    assert status_of(received) == PATHS[path], received[:300]
    head = received.partition(b"\r\n\r\n")[0].lower()
    assert b"set-cookie" not in head
    assert b"\r\nlocation:" not in head


def test_a_picture_under_an_encoded_spelling_of_its_path_is_not_there(server: Server) -> None:
    document = server.upload(png(40, 30))
    path = f"/img/{document['id']}"
    assert server.get(path).status_code == 200
    for spelt in (f"/%69mg/{document['id']}", f"/img/%{ord(document['id'][0]):02x}{path[6:]}",
                  f"{path}/", f"{path}%00", f"{path};a", f"/./img/{document['id']}"):  # fmt: skip
        with connect(server) as connection:
            connection.sendall(
                f"GET {spelt} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            )
            assert status_of(read_all(connection, 5)) == 404, spelt


def test_options_for_everything_is_a_problem_document(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = read_all(connection, 5)
    assert status_of(received) == 404
    assert b"application/problem+json" in received


BODIES = {
    "half a surrogate pair": b'{"title": "\\ud800"}',
    "half a pair as a name": b'{"\\udfff": 1}',
    "half a pair in a tag": b'{"tags": ["a\\ud83d"]}',
    "not a number": b'{"title": NaN}',
    "an enormous number": b'{"title": 1e999}',
    "a number of 5,000 digits": b'{"title": ' + b"9" * 5000 + b"}",
    "not UTF-8": b'{"title": "\xff"}',
    "a list": b"[]",
    "null": b"null",
    "nothing": b"",
    "a mark of byte order": b'\xef\xbb\xbf{"titel": 1}',
    "UTF-16": '{"titel": 1}'.encode("utf-16"),
    "100,000 names": b"{" + b",".join(b'"a%d": 1' % n for n in range(60_000)) + b"}",
    **{
        f"{n} lists deep": b'{"title": ' + b"[" * n + b"]" * n + b"}"
        for n in (400, 900, 940, 960, 980, 1000, 99_000)
    },
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_no_json_should_be_is_400(server: Server, what: str) -> None:
    document = server.upload(png(41, 30))
    with server.client() as client:
        reply = client.patch(
            f"/api/images/{document['id']}",
            content=BODIES[what],
            headers={"Content-Type": "application/json"},
        )
    problem(reply, 400)
    assert len(reply.content) < 10_000


@pytest.mark.parametrize(
    "boundary", ["x" * 257, "x" * 60_000, '""', '"', "é", "a b", '"a\\"b"', ";", ","]
)
def test_no_boundary_makes_the_server_stumble(server: Server, boundary: str) -> None:
    body = multipart([('name="file"; filename="a.png"', png(42, 30))])
    with server.client() as client:
        kind = b"multipart/form-data; boundary=" + boundary.encode()
        reply = client.post("/api/images", content=body, headers={b"Content-Type": kind})
    problem(reply, 400)
