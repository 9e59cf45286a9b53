"""Idempotency-Key: one key stands for one request, done once."""

from __future__ import annotations

import threading
from typing import Any

import httpx2
import pytest

from api.asking import incoming, problem
from pictures import jpeg, png
from serving import Server


def count(server: Server, title: str) -> int:
    with server.client() as client:
        return len(client.get("/api/images", params={"q": title}).json()["images"])


def send(server: Server, data: bytes, key: str, **fields: str) -> httpx2.Response:
    with server.client() as client:
        return client.post(
            "/api/images",
            files={"file": ("a.png", data)},
            data=fields,
            headers={"Idempotency-Key": key},
        )


def test_the_same_request_with_one_key_answers_the_same_and_adds_one_image(
    server: Server,
) -> None:
    first = send(server, png(61, 41), "once-1", title="Only once 1")
    again = send(server, png(61, 41), "once-1", title="Only once 1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert count(server, "Only once 1") == 1
    assert not incoming(server)


@pytest.mark.parametrize("change", ["bytes", "title", "kind"])
def test_another_request_with_a_used_key_is_422_and_adds_nothing(
    server: Server, change: str
) -> None:
    key = f"other-{change}"
    first = send(server, png(62, 42), key, title=f"First {change}")
    assert first.status_code == 201
    if change == "bytes":
        second = send(server, png(62, 43), key, title=f"First {change}")
    elif change == "title":
        second = send(server, png(62, 42), key, title="Another title 4711")
    else:
        with server.client() as client:
            second = client.patch(
                f"/api/images/{first.json()['id']}",
                json={"title": "Patched"},
                headers={"Idempotency-Key": key},
            )
    members = problem(second, 422)
    assert members["field"] == "Idempotency-Key"
    assert count(server, f"First {change}") == 1
    assert count(server, "Another title 4711") == 0


def test_requests_with_one_key_at_once_add_one_image(server: Server) -> None:
    data = jpeg(900, 700)
    replies: list[httpx2.Response] = []
    barrier = threading.Barrier(6)

    def go() -> None:
        barrier.wait()
        replies.append(send(server, data, "race-1", title="Race 1"))

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = [reply for reply in replies if reply.status_code == 201]
    assert made
    assert len({reply.json()["id"] for reply in made}) == 1
    for reply in replies:
        if reply.status_code != 201:
            problem(reply, 409)
            assert int(reply.headers["retry-after"]) >= 1
    assert count(server, "Race 1") == 1
    assert send(server, data, "race-1", title="Race 1").json() == made[0].json()
    assert not incoming(server)


def test_a_refused_upload_does_not_use_its_key_up(server: Server) -> None:
    problem(send(server, b"no picture", "refused-1"), 415)
    assert send(server, png(63, 41), "refused-1").status_code == 201


def test_a_207_is_replayed_as_well(server: Server) -> None:
    files = [("file", ("a.png", png(64, 41))), ("file", ("b.txt", b"text"))]

    def go() -> httpx2.Response:
        with server.client() as client:
            return client.post("/api/images", files=files, headers={"Idempotency-Key": "two-1"})

    first, again = go(), go()
    assert (first.status_code, again.status_code) == (207, 207)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none_is_400_and_stores_nothing(server: Server, key: str) -> None:
    title = f"Bad key {len(key)}"
    reply = send(server, png(65, 41), key, title=title)
    assert problem(reply, 400)["field"] == "Idempotency-Key"
    assert count(server, title) == 0
    assert not incoming(server)


def test_a_change_with_one_key_is_made_once(server: Server) -> None:
    path = f"/api/images/{server.upload(png(66, 41))['id']}"
    headers = {"Idempotency-Key": "patch-1"}
    with server.client() as client:
        first = client.patch(path, json={"title": "A"}, headers=headers)
        client.patch(path, json={"title": "B"})
        again = client.patch(path, json={"title": "A"}, headers=headers)
        assert client.get(path).json()["title"] == "B"
        assert again.json() == first.json()
        assert again.headers["idempotency-replayed"] == "true"
        problem(client.patch(path, json={"title": "C"}, headers=headers), 422)


def test_changes_with_one_key_at_once_all_answer_the_same(server: Server) -> None:
    path = f"/api/images/{server.upload(png(67, 41))['id']}"
    replies: list[httpx2.Response] = []
    barrier = threading.Barrier(8)

    def go() -> None:
        with server.client() as client:
            client.get("/healthz")
            barrier.wait()
            replies.append(
                client.patch(path, json={"title": "A"}, headers={"Idempotency-Key": "patch-2"})
            )

    threads = [threading.Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {reply.status_code for reply in replies} <= {200, 409}
    bodies: list[dict[str, Any]] = [r.json() for r in replies if r.status_code == 200]
    assert bodies
    assert all(body == bodies[0] for body in bodies)


def test_a_deletion_with_one_key_answers_204_again(server: Server) -> None:
    path = f"/api/images/{server.upload(png(68, 41))['id']}"
    headers = {"Idempotency-Key": "delete-1"}
    with server.client() as client:
        assert client.delete(path, headers=headers).status_code == 204
        again = client.delete(path, headers=headers)
        assert again.status_code == 204
        assert again.headers["idempotency-replayed"] == "true"
        problem(client.delete(path), 404)


def test_a_replayed_document_does_not_show_more_to_a_token_with_fewer_rights(
    server: Server,
) -> None:
    full = server.make_token("images:write", "images:read", "originals:read")
    headers = {"Idempotency-Key": "rights-1"}
    files = {"file": ("a.png", png(69, 41))}
    with server.client(full) as client:
        first = client.post("/api/images", files=files, headers=headers)
    assert "sha256" in first.json()
    with server.client() as client:
        again = client.post("/api/images", files=files, headers=headers)
    assert again.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert "sha256" not in again.json()
