"""What holds for every kind of source, through HTTP."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.asking import (
    connect,
    head_of,
    incoming,
    originals,
    problem,
    read_head,
    status_of,
    wait_until,
)
from fetching.attacker import Attacker, attacking, ok
from pictures import jpeg, png
from serving import Server, running_server
from sources.shelves import FolderShelf, HttpShelf, Shelf

MAX_AGE = 1
UPLOAD_BYTES = 300_000


@pytest.fixture(scope="module")
def attacker() -> Iterator[Attacker]:
    with attacking() as running:
        yield running


@pytest.fixture(scope="module")
def shelves(attacker: Attacker, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shelf]:
    folder = FolderShelf(tmp_path_factory.mktemp("folders") / "pics")
    return {"folder": folder, "http": HttpShelf(attacker)}


@pytest.fixture(scope="module")
def served(
    shelves: dict[str, Shelf], attacker: Attacker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    tables = [
        {"name": shelf.name + suffix, "max_age": MAX_AGE, **shelf.table(), **more}
        for shelf in shelves.values()
        for suffix, more in (
            ("", {}),
            ("-private", {"visibility": "private"}),
            ("-strict", {"max_stale": 0}),
            ("-slow", {"max_age": 1000}),
        )
    ]
    with running_server(
        tmp_path_factory.mktemp("served"),
        sources=json.dumps(tables),
        fetch__allow='["127.0.0.0/8"]',
        fetch__ports=json.dumps([attacker.port]),
        limits__upload_bytes=str(UPLOAD_BYTES),
    ) as server:
        yield server


@pytest.fixture(params=["folder", "http"])
def shelf(request: pytest.FixtureRequest, shelves: dict[str, Shelf]) -> Shelf:
    return shelves[request.param]


def size(server: Server, path: str) -> tuple[int, int]:
    """Return the size of the picture that a path shows now."""
    reply = server.get(f"{path}?fmt=json")
    assert reply.status_code == 200, reply.text
    return reply.json()["width"], reply.json()["height"]


def test_a_picture_is_served_by_path_with_every_operation(served: Server, shelf: Shelf) -> None:
    shelf.put("a/b c/ü.png", png(200, 100))
    path = f"/img/{shelf.name}/a/b%20c/%C3%BC.png"
    plain = served.get(path)
    assert plain.status_code == 200, plain.text
    assert plain.headers["content-type"] == "image/png"
    small = served.get(f"{path}?w=50&fmt=webp&dl=1")
    assert small.headers["content-type"] == "image/webp"
    assert "filename*=UTF-8''%C3%BC.webp" in small.headers["content-disposition"]
    assert size(served, path) == (200, 100)
    assert problem(served.get(f"{path}?width=x"), 400)["field"] == "width"
    assert served.get(path, If_None_Match=plain.headers["etag"]).status_code == 304


def test_the_extension_of_a_file_is_no_format(served: Server, shelf: Shelf) -> None:
    shelf.put("really-a-png.jpg", png(30, 20))
    shelf.put("nothing", jpeg(30, 20))
    shelf.put("odd.xyz", png(30, 20))
    for name, kind in (("really-a-png.jpg", "png"), ("nothing", "jpeg"), ("odd.xyz", "png")):
        reply = served.get(f"/img/{shelf.name}/{name}")
        assert reply.headers["content-type"] == f"image/{kind}"


def test_many_who_ask_at_once_bring_a_picture_once(
    served: Server, shelf: Shelf, attacker: Attacker
) -> None:
    shelf.put("busy.png", png(311, 99))
    before = len(originals(served))
    path = f"/img/{shelf.name}-slow/busy.png"
    with ThreadPoolExecutor(16) as threads:
        replies = list(threads.map(lambda n: served.get(f"{path}?w={20 + n % 4}"), range(32)))
    assert {reply.status_code for reply in replies} == {200}
    assert len(originals(served)) == before + 1
    if shelf.name == "shop":
        assert attacker.asked("/shop/pictures/busy.png") == 1
    assert incoming(served) == []


def test_what_is_unchanged_is_checked_and_not_brought_again(
    served: Server, shelf: Shelf, attacker: Attacker
) -> None:
    shelf.put("same.png", png(60, 40))
    path = f"/img/{shelf.name}/same.png"
    first = served.get(path)
    before = originals(served)
    time.sleep(MAX_AGE + 0.1)
    second = served.get(path)
    assert second.headers["etag"] == first.headers["etag"]
    assert originals(served) == before
    if shelf.name == "shop":
        assert attacker.header("if-none-match") is not None
        assert attacker.header("authorization") == "Bearer of-the-shop"
    # Written anew with the bytes it had, it is the picture it was.
    shelf.put("same.png", png(60, 40))
    time.sleep(MAX_AGE + 0.1)
    assert served.get(path).headers["etag"] == first.headers["etag"]


def test_a_changed_picture_replaces_the_old_one_within_max_age(
    served: Server, shelf: Shelf
) -> None:
    shelf.put("new.png", png(70, 40))
    path = f"/img/{shelf.name}/new.png"
    for _ in range(3):  # the third comes from the table of ready answers
        first = served.get(path)
    assert first.headers["cache-control"] == f"public, max-age={MAX_AGE}"
    before = len(originals(served))
    shelf.put("new.png", png(44, 40))
    changed = began = time.monotonic()

    def is_new() -> bool:
        nonlocal began
        began = time.monotonic()
        return served.get(path).headers["etag"] != first.headers["etag"]

    assert wait_until(is_new)
    assert began - changed < MAX_AGE + 1
    assert size(served, path) == (44, 40)
    assert served.get(path, If_None_Match=first.headers["etag"]).status_code == 200
    assert wait_until(lambda: len(originals(served)) == before), "the old file is still there"


def test_a_picture_that_is_gone_at_the_source_is_gone_here(served: Server, shelf: Shelf) -> None:
    shelf.put("gone.png", png(73, 41))
    path = f"/img/{shelf.name}/gone.png"
    first = served.get(path)
    before = len(originals(served))
    shelf.remove("gone.png")
    assert wait_until(lambda: served.get(path).status_code == 404, MAX_AGE + 2)
    problem(served.get(path, If_None_Match=first.headers["etag"]), 404)
    problem(served.get(f"{path}?w=20"), 404)
    assert wait_until(lambda: len(originals(served)) == before - 1)


def test_while_a_source_fails_what_is_held_is_served_unless_told_otherwise(
    served: Server, shelf: Shelf
) -> None:
    shelf.put("held.png", png(77, 41))
    paths = [f"/img/{shelf.name}{suffix}/held.png" for suffix in ("", "-strict")]
    for path in paths:
        assert served.get(path).status_code == 200
    shelf.fail()
    try:
        time.sleep(MAX_AGE + 0.2)
        assert served.get(paths[0]).status_code == 200
        assert served.get(f"{paths[0]}?w=30").status_code == 200
        problem(served.get(paths[1]), 502)
        members = problem(served.get(f"/img/{shelf.name}/never-seen.png"),
                          502 if shelf.name == "files" else 404)  # fmt: skip
        assert "pics" not in json.dumps(members)
        assert "127.0.0.1" not in json.dumps(members)
    finally:
        shelf.mend()


def test_a_missing_file_is_not_asked_for_at_every_request(
    served: Server, shelves: dict[str, Shelf], attacker: Attacker
) -> None:
    for _ in range(5):
        problem(served.get("/img/shop-slow/no-such.png"), 404)
    assert attacker.asked("/shop/pictures/no-such.png") == 1


def test_what_is_no_picture_or_too_large_is_422(served: Server, shelf: Shelf) -> None:
    shelf.put("page.png", b"<!doctype html><html></html>")
    shelf.put("half.png", png(300, 200)[:500])
    shelf.put("large.png", b"\x89PNG" + b"x" * UPLOAD_BYTES)
    shelf.put("empty.png", b"")
    before = originals(served)
    for name in ("page.png", "half.png", "large.png", "empty.png"):
        problem(served.get(f"/img/{shelf.name}/{name}"), 422)
    assert originals(served) == before
    assert incoming(served) == []


def test_a_private_source_is_open_to_tokens_and_is_not_asked_for_strangers(
    served: Server, shelf: Shelf, attacker: Attacker
) -> None:
    shelf.put("secret.png", png(50, 41))
    path = f"/img/{shelf.name}-private/secret.png"
    before = originals(served)
    problem(served.get(path), 404)
    problem(served.get(f"/img/{shelf.name}-private/no-such.png"), 404)
    with served.client(served.make_token("metrics")) as client:
        problem(client.get(path), 404)
    assert originals(served) == before
    assert attacker.asked("/shop/pictures/secret.png") == 0 or shelf.name == "files"
    with served.client() as client:
        reply = client.get(path)
        assert reply.status_code == 200
        assert reply.headers["cache-control"] == "private, no-store"
    problem(served.get(path), 404)


HOSTILE = [
    "",
    "/",
    "..",
    "%2e%2e",
    "%2E%2E/outside.png",
    "../outside.png",
    "a/../outside.png",
    "a/..%2foutside.png",
    "..%2foutside.png",
    "..%5coutside.png",
    "..\\outside.png",
    "%2e%2e%2foutside.png",
    "%252e%252e%252foutside.png",
    "%c0%ae%c0%ae/outside.png",
    "..%c0%afoutside.png",
    "./in.png",
    "%2e/in.png",
    "a//in.png",
    "/in.png",
    "/127.0.0.1/in.png",
    "in.png/",
    "in.png%00.jpg",
    "in.png%0a",
    "%ff.png",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    ".hidden.png",
    "a/.git/x.png",
    "in.png%3f",
    "in.png%23",
    "http:%2f%2f127.0.0.1/in.png",
    "a" * 300 + ".png",
    "a/" * 600 + "in.png",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_path_leads_out_of_a_source(
    served: Server, shelf: Shelf, attacker: Attacker, hostile: str
) -> None:
    shelf.put("in.png", png(20, 20))
    if isinstance(shelf, FolderShelf):
        (shelf.folder.parent / "outside.png").write_bytes(png(20, 20))
    for path in ("/outside.png", "/shop/outside.png", "/in.png"):
        attacker.answers[path] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    attacker.requests.clear()
    # By hand, for a client would tidy the path up.
    request = head_of(served, [f"GET /img/{shelf.name}/{hostile} HTTP/1.1"], token=False)
    with connect(served) as connection:
        connection.sendall(request)
        reply = read_head(connection)
    assert status_of(reply) in (400, 404), reply
    assert all(head.startswith("GET /shop/pictures/") for head in attacker.requests)
    assert not any("/../" in head or "/.." in head.split(" ")[1] for head in attacker.requests)


def test_a_query_is_ours_and_is_not_handed_on(
    served: Server, shelves: dict[str, Shelf], attacker: Attacker
) -> None:
    shelves["http"].put("query.png", png(20, 20))
    assert served.get("/img/shop/query.png?w=10").status_code == 200
    assert attacker.requests[-1].startswith("GET /shop/pictures/query.png HTTP/1.1")


def test_a_slow_source_holds_nobody_up_for_long_and_its_answer_comes_later(
    served: Server, shelves: dict[str, Shelf], attacker: Attacker
) -> None:
    shelves["http"].put("slow.png", png(81, 40))
    path = "/img/shop/slow.png"
    assert size(served, path) == (81, 40)

    answering = threading.Event()

    def slowly(connection: socket.socket) -> None:
        answering.wait(60)
        connection.sendall(ok(png(33, 40)))

    attacker.answers["/shop/pictures/slow.png"] = slowly
    time.sleep(MAX_AGE + 0.1)
    began = time.monotonic()
    assert size(served, path) == (81, 40)
    assert time.monotonic() - began > 1, "it was given no time"
    answering.set()
    assert wait_until(lambda: size(served, path) == (33, 40), 10)


def test_two_servers_on_one_database_bring_a_picture_once_and_agree(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    shelf = FolderShelf(tmp_path_factory.mktemp("pair") / "pics")
    data_dir = tmp_path_factory.mktemp("pair-data")
    tables = json.dumps([{"name": "files", "max_age": 1, **shelf.table()}])
    names = [f"{number}.png" for number in range(6)]
    for number, name in enumerate(names):
        shelf.put(name, png(40 + number, 40))
    with (
        running_server(data_dir, sources=tables) as one,
        running_server(data_dir, sources=tables) as two,
        ThreadPoolExecutor(12) as threads,
    ):

        def all_of_them(status: int) -> list[list[str]]:
            asked = [(server, name) for name in names for server in (one, two)]
            replies = list(threads.map(lambda a: a[0].get(f"/img/files/{a[1]}"), asked))
            assert {reply.status_code for reply in replies} == {status}
            tags = [reply.headers.get("etag", "") for reply in replies]
            return [tags[0::2], tags[1::2]]

        first = all_of_them(200)
        assert first[0] == first[1]
        assert len(originals(one)) == len(names)
        for number, name in enumerate(names):
            shelf.put(name, png(80 + number, 40))
        time.sleep(1.1)
        second = all_of_them(200)
        assert not set(second[0] + second[1]) & set(first[0])
        assert wait_until(lambda: len(originals(one)) == len(names))
        third = all_of_them(200)
        assert third[0] == third[1]
        for name in names:
            shelf.remove(name)
        time.sleep(1.1)
        all_of_them(404)
        assert wait_until(lambda: originals(one) == [])


def test_a_source_there_is_not_is_404(served: Server) -> None:
    for name in ("none", "Files", "files_", "-files", "a" * 33):
        problem(served.get(f"/img/{name}/in.png"), 404)


def test_a_server_started_anew_serves_what_it_brought(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    shelf = FolderShelf(tmp_path_factory.mktemp("anew") / "pics")
    shelf.put("a.png", png(52, 41))
    data_dir: Path = tmp_path_factory.mktemp("anew-data")
    table = {"name": "files", **shelf.table()}
    with running_server(data_dir, sources=json.dumps([table])) as server:
        tag = server.get("/img/files/a.png").headers["etag"]
    with running_server(data_dir, sources=json.dumps([table])) as server:
        assert server.get("/img/files/a.png").headers["etag"] == tag
        assert len(originals(server)) == 1
    # What has become private is so at once, under its path and under its id.
    private = {**table, "visibility": "private"}
    with running_server(data_dir, sources=json.dumps([private])) as server:
        problem(server.get("/img/files/a.png"), 404)
        with server.client() as client:
            assert client.get("/img/files/a.png").status_code == 200
