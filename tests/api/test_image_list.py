"""Listing images: pages by cursor, text, tags."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.asking import problem
from pictures import png
from serving import Server, running_server

SHARED = png(24, 24)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[str]]]:
    """A server with forty images, oldest first; several share a millisecond."""
    with running_server(tmp_path_factory.mktemp("library")) as server:
        ids = []
        with server.client() as client:
            for number in range(10):
                files = [("file", (f"{number}-{n}.png", SHARED)) for n in range(4)]
                reply = client.post("/api/images", files=files)
                ids += [document["id"] for document in reply.json()["images"]]
        yield server, ids


def pages(server: Server, limit: int, **asked: str) -> list[list[str]]:
    listed: list[list[str]] = []
    cursor = None
    with server.client() as client:
        while True:
            params = {"limit": str(limit), **asked} | ({"cursor": cursor} if cursor else {})
            reply = client.get("/api/images", params=params)
            assert reply.status_code == 200, reply.text
            body = reply.json()
            listed.append([document["id"] for document in body["images"]])
            cursor = body["next_cursor"]
            if cursor is None:
                return listed


@given(limit=st.integers(1, 45))
@settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_pages_of_any_size_hold_every_image_once_newest_first(
    library: tuple[Server, list[str]], limit: int
) -> None:
    server, ids = library
    listed = pages(server, limit)
    assert all(len(page) == limit for page in listed[:-1])
    assert 0 < len(listed[-1]) <= limit
    flat = [each for page in listed for each in page]
    assert sorted(flat) == sorted(ids)
    order = {each: number // 4 for number, each in enumerate(ids)}
    groups = [order[each] for each in flat]
    assert groups == sorted(groups, reverse=True)


def test_paging_loses_and_repeats_nothing_while_images_are_added(server: Server) -> None:
    with server.client() as client:
        known = [
            document["id"]
            for _ in range(6)
            for document in client.post(
                "/api/images",
                files=[("file", ("steady.png", SHARED)), ("file", ("steady.png", SHARED))],
                data={"tags": "steady"},
            ).json()["images"]
        ]
    stop = threading.Event()

    def add() -> None:
        with server.client() as client:
            while not stop.is_set():
                client.post(
                    "/api/images", files={"file": ("new.png", SHARED)}, data={"tags": "steady"}
                )

    adding = threading.Thread(target=add)
    adding.start()
    try:
        for limit in (1, 2, 3, 5):
            flat = [each for page in pages(server, limit, tag="steady") for each in page]
            assert len(flat) == len(set(flat))
            assert set(known) <= set(flat)
    finally:
        stop.set()
        adding.join()


def test_text_is_looked_for_in_title_alt_text_and_file_name(server: Server) -> None:
    by_title = server.upload(SHARED, "a.png", title="Zebra crossing")["id"]
    by_alt = server.upload(SHARED, "b.png", alt="A ZEBRA stands there")["id"]
    by_name = server.upload(SHARED, "my-zebra.png")["id"]
    server.upload(SHARED, "c.png", title="Horse")
    flat = [each for page in pages(server, 2, q="zebra") for each in page]
    assert flat == [by_name, by_alt, by_title]


@pytest.mark.parametrize("text", ["%", "_", "100%", "\\", "'; DROP TABLE images; --"])
def test_text_is_taken_as_it_stands(server: Server, text: str) -> None:
    found = server.upload(SHARED, "d.png", title=f"before {text} after")["id"]
    server.upload(SHARED, "e.png", title="nothing of the kind 100x")
    listed = [each for page in pages(server, 50, q=f"before {text}") for each in page]
    assert listed == [found]


def test_a_tag_is_found_whole_and_not_as_a_part(server: Server) -> None:
    whole = server.upload(SHARED, "f.png", tags="blue,sky")["id"]
    server.upload(SHARED, "g.png", tags="blueish")
    server.upload(SHARED, "h.png", title="blue")
    assert pages(server, 10, tag="blue") == [[whole]]
    umlaut = server.upload(SHARED, "i.png", tags='grün "fett"')["id"]
    assert pages(server, 10, tag='grün "fett"') == [[umlaut]]


def test_a_tag_and_text_together_must_both_hold(server: Server) -> None:
    both = server.upload(SHARED, "j.png", title="Teapot", tags="kitchenware")["id"]
    server.upload(SHARED, "k.png", title="Cup", tags="kitchenware")
    server.upload(SHARED, "l.png", title="Teapot")
    assert pages(server, 10, tag="kitchenware", q="teapot") == [[both]]


def test_a_deleted_image_leaves_the_list(server: Server) -> None:
    gone = server.upload(SHARED, "m.png", tags="leaving")["id"]
    with server.client() as client:
        client.delete(f"/api/images/{gone}")
    assert pages(server, 10, tag="leaving") == [[]]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwLmFi", "cursor"),
        ("size=3", "size"),
        ("limit=3&limit=4", "limit"),
    ],
)
def test_a_question_that_is_not_allowed_is_400_and_named(
    server: Server, query: str, named: str
) -> None:
    with server.client() as client:
        reply = client.get(f"/api/images?{query}")
    assert problem(reply, 400)["field"] == named


def test_an_empty_answer_is_an_empty_page(server: Server) -> None:
    with server.client() as client:
        reply = client.get("/api/images", params={"q": "nothing is called like this"})
    assert reply.json() == {"images": [], "next_cursor": None}
