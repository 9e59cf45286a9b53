"""POST /api/images with a URL, against a real server."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from api.asking import incoming, originals, problem
from fetching.attacker import Attacker, attacking, ok, redirect
from pictures import png
from serving import Server, running_server


@pytest.fixture(scope="module")
def shared() -> Iterator[Attacker]:
    with attacking() as attacker:
        yield attacker


@pytest.fixture
def attacker(shared: Attacker) -> Attacker:
    shared.answers.clear()
    shared.requests.clear()
    return shared


@pytest.fixture(scope="module")
def importing(shared: Attacker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may fetch from loopback."""
    with running_server(
        tmp_path_factory.mktemp("importing"),
        fetch__allow='["127.0.0.0/8"]',
        fetch__ports=json.dumps([80, 443, shared.port]),
        fetch__idle_seconds="1",
        limits__upload_bytes="200000",
    ) as server:
        yield server


def send(server: Server, url: str, key: str = "", **said: Any) -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    with server.client() as client:
        return client.post("/api/images", json={"url": url, **said}, headers=headers)


def test_a_picture_is_imported_like_any_upload(importing: Server, attacker: Attacker) -> None:
    data = png(120, 80)
    attacker.answers["/x/shot%20one.png"] = ok(data, "Content-Type: image/png")
    reply = send(
        importing, attacker.url("/x/shot%20one.png?size=2"), title="Desk", alt="A desk",
        tags=["a, b", "c"], visibility="private",
    )  # fmt: skip
    assert reply.status_code == 201, reply.text
    document = reply.json()
    assert reply.headers["location"] == f"/api/images/{document['id']}"
    assert (document["width"], document["height"], document["format"]) == (120, 80, "png")
    assert (document["filename"], document["title"]) == ("shot one.png", "Desk")
    assert (document["alt"], document["tags"]) == ("A desk", ["a, b", "c"])
    assert document["visibility"] == "private"
    with importing.client() as client:
        assert client.get(f"/api/images/{document['id']}").json() == document
    digest = hashlib.sha256(data).hexdigest()
    assert digest in {
        hashlib.sha256(each.read_bytes()).hexdigest() for each in originals(importing)
    }
    assert incoming(importing) == []


@pytest.mark.parametrize(
    ("header", "said", "name"),
    [
        ('attachment; filename="a.png"', {}, "a.png"),
        ("inline; filename*=UTF-8''b%C3%BC%20x.png", {}, "bü x.png"),
        ('attachment; filename="../../etc/c.png"', {}, "c.png"),
        ("attachment; filename*=nonsense''%ff", {}, None),
        ("attachment", {}, "end.png"),
        ('attachment; filename="a.png"', {"filename": "own.png"}, "own.png"),
    ],
)
def test_the_file_name_is_what_was_said_or_sent_or_the_end_of_the_url(
    importing: Server, attacker: Attacker, header: str, said: dict[str, str], name: str | None
) -> None:
    attacker.answers["/end.png"] = ok(png(), f"Content-Disposition: {header}")
    reply = send(importing, attacker.url("/end.png"), **said)
    assert reply.status_code == 201, reply.text
    if name is not None:
        assert reply.json()["filename"] == name


def test_the_same_key_answers_the_same_and_fetches_nothing(
    importing: Server, attacker: Attacker
) -> None:
    attacker.answers["/a.png"] = ok(png())
    first = send(importing, attacker.url("/a.png"), "import-1", title="x")
    second = send(importing, attacker.url("/a.png"), "import-1", title="x")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert attacker.asked("/a.png") == 1
    for url, title in ((attacker.url("/a.png"), "y"), (attacker.url("/b.png"), "x")):
        assert problem(send(importing, url, "import-1", title=title), 422)["field"] == (
            "Idempotency-Key"
        )
    assert attacker.asked("/b.png") == 0


def test_a_second_request_with_the_key_meanwhile_is_409(
    importing: Server, attacker: Attacker
) -> None:
    begun, refused = threading.Event(), threading.Event()

    def slowly(connection: Any) -> None:
        begun.set()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % len(png()))
        while not refused.wait(0.2):  # it must not be idle
            connection.sendall(b"X-Wait: a moment\r\n")
        connection.sendall(b"\r\n" + png())

    attacker.answers["/slow.png"] = slowly
    replies: list[httpx2.Response] = []
    thread = threading.Thread(
        target=lambda: replies.append(send(importing, attacker.url("/slow.png"), "import-2"))
    )
    thread.start()
    assert begun.wait(60)
    problem(send(importing, attacker.url("/slow.png"), "import-2"), 409)
    refused.set()
    thread.join()
    assert replies[0].status_code == 201


def test_what_is_fetched_is_checked_as_an_upload_is(importing: Server, attacker: Attacker) -> None:
    attacker.answers["/page"] = ok(b"<!doctype html><html></html>", "Content-Type: image/png")
    attacker.answers["/half.png"] = ok(png(200, 200)[:300])
    attacker.answers["/large.png"] = ok(b"x" * 200_001)
    attacker.answers["/empty.png"] = ok(b"")
    for path, status in (("/page", 415), ("/half.png", 422), ("/large.png", 413),
                         ("/empty.png", 422)):  # fmt: skip
        problem(send(importing, attacker.url(path)), status)
    assert incoming(importing) == []


def test_failures_of_the_other_server_are_told_and_name_the_field(
    importing: Server, attacker: Attacker
) -> None:
    def silent(connection: Any) -> None:
        time.sleep(2)

    attacker.answers["/lies.png"] = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    attacker.answers["/bomb.png"] = ok(b"x", "Content-Encoding: gzip")
    attacker.answers["/silent.png"] = silent
    for path, status in (("/none.png", 422), ("/bomb.png", 422), ("/lies.png", 502),
                         ("/silent.png", 502)):  # fmt: skip
        assert problem(send(importing, attacker.url(path)), status)["field"] == "url"
    assert problem(send(importing, attacker.url("/none.png")), 422)["upstream_status"] == 404
    assert incoming(importing) == []


def test_redirects_are_followed_where_they_may_lead(importing: Server, attacker: Attacker) -> None:
    attacker.answers["/moved"] = redirect("/a.png", 301)
    attacker.answers["/a.png"] = ok(png())
    assert send(importing, attacker.url("/moved")).status_code == 201
    attacker.answers["/inside"] = redirect("http://169.254.169.254/latest/meta-data/")
    problem(send(importing, attacker.url("/inside")), 422)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": 5}, "url"),
        ({"url": ["http://a.test/"]}, "url"),
        ({"url": "http://a.test/", "tags": "a,b"}, "tags"),
        ({"url": "http://a.test/", "visibility": "hidden"}, "visibility"),
        ({"url": "http://a.test/", "name": "x"}, "name"),
        ({"url": "ftp://a.test/"}, "url"),
        ({"url": "http://u:p@a.test/"}, "url"),
        ({"url": "http://a.test:22/"}, "url"),
        ({"url": "http://0x7f.1/"}, "url"),
    ],
)
def test_mistakes_in_the_body_name_the_field(
    importing: Server, body: dict[str, Any], field: str
) -> None:
    with importing.client() as client:
        assert problem(client.post("/api/images", json=body), 400)["field"] == field


def test_without_a_word_of_the_settings_loopback_is_not_reached(
    server: Server, attacker: Attacker
) -> None:
    attacker.answers["/a.png"] = ok(png())
    before = originals(server)
    told = set()
    # Ports 80 and 443 are those that may be asked: whether anybody listens there is not told.
    for host in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254", "no-such-name.invalid"):
        members = problem(send(server, f"http://{host}/a.png"), 422)
        told.add(members["detail"].split(" answers to ")[0])
    assert told == {"Nothing that may be fetched from"}
    problem(send(server, attacker.url("/a.png")), 400)
    assert attacker.requests == []
    assert originals(server) == before


def test_an_import_needs_the_right_to_upload(importing: Server, attacker: Attacker) -> None:
    attacker.answers["/a.png"] = ok(png())
    with importing.client(None) as client:
        problem(client.post("/api/images", json={"url": attacker.url("/a.png")}), 401)
    with importing.client(importing.make_token("images:read")) as client:
        problem(client.post("/api/images", json={"url": attacker.url("/a.png")}), 403)
    assert attacker.requests == []


def test_imports_can_be_switched_off(
    attacker: Attacker, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running_server(tmp_path_factory.mktemp("off"), fetch__enabled="false") as server:
        members = problem(send(server, "http://pictures.test/a.png"), 403)
        assert "fetch.enabled" in members["detail"]
        assert server.upload(png())["format"] == "png"


def test_the_openapi_document_says_how_a_url_is_sent(server: Server) -> None:
    document = server.get("/api/openapi.json").json()
    post = document["paths"]["/api/images"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    model = document["components"]["schemas"][schema.rpartition("/")[2]]
    assert set(model["properties"]) == {
        "url", "title", "alt", "tags", "visibility", "team", "filename",
    }  # fmt: skip
    assert model["required"] == ["url"]
    assert "502" in post["responses"]
    assert "multipart/form-data" in post["requestBody"]["content"]
