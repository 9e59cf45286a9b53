"""One image: showing, changing, deleting, its revisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from api.asking import files_in, originals, problem, wait_until
from pictures import jpeg, png
from serving import Server


def test_a_change_is_answered_and_kept(server: Server) -> None:
    document = server.upload(png(101, 60), title="Old", alt="Old alt", tags="a,b")
    path = f"/api/images/{document['id']}"
    change = {"title": "New", "tags": ["c", "d"], "visibility": "private"}
    with server.client() as client:
        reply = client.patch(path, json=change)
        assert reply.status_code == 200
        expected = document | change
        changed = reply.json()
        assert {k: v for k, v in changed.items() if k != "links"} == {
            k: v for k, v in expected.items() if k != "links"
        }
        assert client.get(path).json() == changed


def test_an_empty_change_changes_nothing(server: Server) -> None:
    document = server.upload(png(102, 60), title="Stays", tags="x")
    with server.client() as client:
        reply = client.patch(f"/api/images/{document['id']}", json={})
    assert (reply.status_code, reply.json()) == (200, document)


def test_a_null_leaves_the_field_as_it_is(server: Server) -> None:
    document = server.upload(png(103, 60), title="Stays", tags="x")
    with server.client() as client:
        reply = client.patch(
            f"/api/images/{document['id']}",
            json={"title": None, "alt": None, "tags": None, "visibility": None},
        )
    assert (reply.status_code, reply.json()) == (200, document)


def test_a_field_can_be_emptied(server: Server) -> None:
    document = server.upload(png(104, 60), title="Goes", alt="Goes", tags="x")
    with server.client() as client:
        reply = client.patch(
            f"/api/images/{document['id']}", json={"title": "", "alt": "", "tags": []}
        )
    body = reply.json()
    assert (body["title"], body["alt"], body["tags"]) == ("", "", [])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"titel": "x"}, "titel"),
        ({"title": 3}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"tags": "a,b"}, "tags"),
        ({"tags": [1]}, "tags.0"),
        ({"tags": ["ok", ""]}, "tags.1"),
        ({"visibility": "secret"}, "visibility"),
        ({"visibility": True}, "visibility"),
        ({"id": "x"}, "id"),
        ([], "body"),
        ("text", "body"),
        (7, "body"),
    ],
)
def test_a_change_that_is_not_allowed_is_400_names_the_field_and_changes_nothing(
    server: Server, change: Any, named: str
) -> None:
    document = server.upload(png(105, 60), title="Stays")
    path = f"/api/images/{document['id']}"
    with server.client() as client:
        reply = client.patch(path, json=change)
        members = problem(reply, 400)
        assert members["field"] == named
        assert members["allowed"]
        assert client.get(path).json() == document


def test_every_mistake_of_a_change_is_listed(server: Server) -> None:
    document = server.upload(png(106, 60))
    with server.client() as client:
        reply = client.patch(
            f"/api/images/{document['id']}", json={"title": 3, "visibility": "x", "colour": 1}
        )
    listed = {each["field"] for each in problem(reply, 400)["errors"]}
    assert listed == {"title", "visibility", "colour"}


def test_a_misspelt_field_names_the_nearest(server: Server) -> None:
    document = server.upload(png(106, 60))
    with server.client() as client:
        reply = client.patch(f"/api/images/{document['id']}", json={"visiblity": "private"})
    assert "did you mean visibility" in problem(reply, 400)["detail"]


@pytest.mark.parametrize(
    "body", [b"", b"null", b"{", b"\xff\xfe", b'{"title": NaN', b"[" * 100_000]
)
def test_a_body_that_is_not_json_is_400(server: Server, body: bytes) -> None:
    document = server.upload(png(107, 60))
    with server.client() as client:
        reply = client.patch(
            f"/api/images/{document['id']}",
            content=body,
            headers={"Content-Type": "application/json"},
        )
    assert problem(reply, 400)["field"] == "body"


def test_a_change_in_another_media_type_is_415(server: Server) -> None:
    document = server.upload(png(108, 60))
    with server.client() as client:
        reply = client.patch(f"/api/images/{document['id']}", data={"title": "x"})
    assert problem(reply, 415)["allowed"] == "application/json"


def test_a_deleted_image_is_gone_everywhere(server: Server) -> None:
    before = {name: set(files_in(server.data_dir / name)) for name in ("levels", "cache")}
    stored = set(originals(server))
    document = server.upload(jpeg(1502, 1104))  # no other test's, with which it would share files
    url = f"/img/{document['id']}"
    assert wait_until(lambda: len(set(files_in(server.data_dir / "levels"))) > 0)
    for width in (50, 200, 600):
        assert server.get(f"{url}?w={width}").status_code == 200
    assert wait_until(lambda: len(set(files_in(server.data_dir / "cache")) - before["cache"]) >= 3)
    assert set(files_in(server.data_dir / "levels")) - before["levels"]
    with server.client() as client:
        reply = client.delete(f"/api/images/{document['id']}")
        assert (reply.status_code, reply.content) == (204, b"")
        problem(client.get(f"/api/images/{document['id']}"), 404)
        problem(client.delete(f"/api/images/{document['id']}"), 404)
        problem(client.patch(f"/api/images/{document['id']}", json={"title": "x"}), 404)
        problem(client.get(f"/api/images/{document['id']}/revisions"), 404)
        for width in (50, 200, 600, 300):
            problem(client.get(f"{url}?w={width}"), 404)
        problem(client.get(f"{url}?fmt=json"), 404)
    assert wait_until(lambda: not set(originals(server)) - stored)
    for name in ("levels", "cache"):
        left = wait_until(lambda n=name: not set(files_in(server.data_dir / n)) - before[n])  # type: ignore[misc]
        assert left, set(files_in(server.data_dir / name)) - before[name]


def test_an_upload_has_one_revision(server: Server) -> None:
    document = server.upload(png(109, 60))
    path = f"/api/images/{document['id']}"
    with server.client() as client:
        client.patch(path, json={"title": "New"})
        (revision,) = client.get(f"{path}/revisions").json()["revisions"]
        assert (revision["revision"], revision["reason"]) == (1, "upload")
        assert datetime.fromisoformat(revision["created_at"]).tzinfo is not None
        assert client.get(path).json()["revision"] == 1


@pytest.mark.parametrize("image", ["AAAAAAAAAAAAAAAAAAAAAA", "x", "..", "%00", "a" * 5000])
def test_an_image_that_is_not_there_is_404(server: Server, image: str) -> None:
    with server.client() as client:
        problem(client.get(f"/api/images/{image}/revisions"), 404)
        problem(client.patch(f"/api/images/{image}x", json={"title": "x"}), 404)
        problem(client.delete(f"/api/images/{image}x"), 404)


def test_a_job_that_is_not_there_is_404(server: Server) -> None:
    with server.client() as client:
        problem(client.get("/api/jobs/AAAAAAAAAAAAAAAAAAAAAA"), 404)
