"""Every change has its entry and its event, in the transaction of the change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from api.asking import problem
from helpa.core.database.schema import entries, events
from helpa.core.identity import LOCAL
from pictures import png
from postgresql import Postgresql
from serving import Server, running_server


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def journaled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server on either database."""
    settings = {}
    if request.param == "postgresql":
        running: Postgresql = request.getfixturevalue("postgresql")
        settings["database_url"] = running.new_database()
    with running_server(tmp_path_factory.mktemp("journal"), **settings) as server:
        yield server


def told(server: Server) -> list[dict[str, Any]]:
    """Return every entry, oldest first."""
    rows = server.database.read(lambda c: c.execute(select(entries).order_by(entries.c.seq)).all())
    return [dict(row._mapping) for row in rows]


def since(server: Server, before: int) -> list[tuple[str, str]]:
    """Return (action, object) of the entries since there were so many."""
    return [(each["action"], each["object"]) for each in told(server)[before:]]


def test_what_is_done_to_a_picture_is_told_entry_by_entry(journaled: Server) -> None:
    before = len(told(journaled))
    image = journaled.upload(png(60, 40), visibility="private")
    path, target = f"/api/images/{image['id']}", f"image:{image['id']}"
    with journaled.client() as client:
        client.patch(path, json={"visibility": "signed", "title": "A secret title"})
        link = client.post(f"{path}/links", json={"params": {"w": 20}}).json()["id"]
        client.delete(f"{path}/links/{link}")
        client.post(f"{path}/links/revoke")
        client.delete(path, headers={"X-Request-Id": "the-last-one", "User-Agent": "tester/1"})
    assert since(journaled, before)[-6:] == [
        ("image.upload", target),
        ("image.change", target),
        ("link.create", target),
        ("link.revoke", target),
        ("link.revoke-all", target),
        ("image.delete", target),
    ]
    last = told(journaled)[-1]
    assert last["actor"].startswith("token:")
    assert last["on_behalf"] == f"account:{LOCAL}"
    assert (last["result"], last["request"]) == ("ok", "the-last-one")
    assert json.loads(last["personal"]) == {"address": "127.0.0.0/24", "device": "tester/1"}
    change = next(each for each in reversed(told(journaled)) if each["action"] == "image.change")
    assert json.loads(change["details"])["visibility"] == {"from": "private", "to": "signed"}
    assert not any("A secret title" in str(each) for each in told(journaled))


def test_plugins_are_told_of_the_same_changes(journaled: Server) -> None:
    image = journaled.upload(png(61, 40))
    with journaled.client() as client:
        client.delete(f"/api/images/{image['id']}")
    rows = journaled.database.read(
        lambda c: c.execute(select(events).order_by(events.c.seq.desc()).limit(2)).all()
    )
    assert [row.kind for row in rows] == ["image.delete", "image.upload"]
    assert {row.object for row in rows} == {f"image:{image['id']}"}


def test_what_is_refused_changes_nothing_and_is_no_entry(journaled: Server) -> None:
    image = journaled.upload(png(62, 40))
    before = len(told(journaled))
    with journaled.client(journaled.make_token("images:read")) as client:
        assert client.delete(f"/api/images/{image['id']}").status_code == 403
        assert client.patch(f"/api/images/{image['id']}", json={"title": "x"}).status_code == 403
    with journaled.client() as client:
        assert client.patch(f"/api/images/{image['id']}", json={"titel": "x"}).status_code == 400
        assert client.post("/api/images", content=b"nothing").status_code == 415
    assert len(told(journaled)) == before


class TestOriginals:
    """``GET /api/images/{id}/original``."""

    def test_is_handed_out_for_a_reason_that_was_logged_first(self, journaled: Server) -> None:
        data = png(63, 40)
        image = journaled.upload(data, "näme.png")
        path = f"/api/images/{image['id']}/original"
        with journaled.client(journaled.make_token("originals:read")) as client:
            reply = client.get(path, params={"reason": "the customer asked for it"})
        assert reply.status_code == 200
        assert reply.content == data
        assert reply.headers["content-disposition"] == "attachment; filename*=UTF-8''n%C3%A4me.png"
        assert reply.headers["cache-control"] == "private, no-store"
        assert reply.headers["content-type"] == "application/octet-stream"
        last = told(journaled)[-1]
        assert (last["action"], last["object"]) == ("image.original", f"image:{image['id']}")
        assert json.loads(last["personal"])["personal"] == {"reason": "the customer asked for it"}

    @pytest.mark.parametrize(
        "query", ["", "?reason=", "?reason=x", "?why=because", "?reason=%00aa"]
    )
    def test_needs_a_reason(self, journaled: Server, query: str) -> None:
        image = journaled.upload(png(64, 40))
        before = len(told(journaled))
        with journaled.client(journaled.make_token("originals:read")) as client:
            members = problem(client.get(f"/api/images/{image['id']}/original{query}"), 400)
        assert members["field"] in ("reason", "why")
        assert len(told(journaled)) == before

    def test_needs_the_permission_even_for_a_public_picture(self, journaled: Server) -> None:
        image = journaled.upload(png(65, 40))
        path = f"/api/images/{image['id']}/original?reason=because"
        with journaled.client() as client:
            assert problem(client.get(path), 403)["allowed"] == "originals:read"
        assert journaled.get(path).status_code == 401

    def test_of_a_picture_that_is_gone_is_404(self, journaled: Server) -> None:
        image = journaled.upload(png(66, 40))
        with journaled.client() as client:
            client.delete(f"/api/images/{image['id']}")
        with journaled.client(journaled.make_token("originals:read")) as client:
            path = f"/api/images/{image['id']}/original?reason=because"
            assert client.get(path).status_code == 404
