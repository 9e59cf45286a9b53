"""Dialects: other ways to write image URLs, mapped to the same plans, keys and rights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pictures import png
from plugins.workshop import Workshop
from serving import Server, running_server

TOY = """
import time
from helpa import Dialect, ImageId, InvalidValue, SourcePath, SourceUrl, Translation, hookimpl

def translate(path, query):
    subject, _, size = path.decode().rpartition("/")
    what, _, rest = subject.partition("/")
    if what == "id":
        named = ImageId.parse(rest)
    elif what == "shelf":
        named = SourcePath("shelf", rest)
    elif what == "url":
        named = SourceUrl(rest)
    else:
        raise InvalidValue(f"{what} is neither id, shelf nor url.", field="path", given=what)
    return Translation(
        named,
        {"w": size, "fmt": "png"},
        signed=query in (b"right", b"late"),
        not_after=time.time() - 1 if query == b"late" else float("inf"),
        spelling={"w": "size"},
    )

@hookimpl
def register_dialects(services):
    return [Dialect("toy", "/toy/", translate)]
"""


@pytest.fixture
def toy(workshop: Workshop, tmp_path: Path) -> Iterator[Server]:
    workshop.install("toy", TOY)
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    (shelf / "red.png").write_bytes(png(40, 20))
    table = {"name": "shelf", "kind": "folder", "path": str(shelf)}
    workshop.enabled.append("sources")
    with running_server(
        workshop.folder / "var", plugins=workshop.plugins, sources=json.dumps([table])
    ) as server:
        yield server


def test_register_dialects_adds_a_way_to_write_the_same_rendition(toy: Server) -> None:
    image = toy.upload(png(60, 40))["id"]
    own = toy.get(f"/img/{image}?w=30&fmt=png")
    foreign = toy.get(f"/toy/id/{image}/30")
    assert foreign.status_code == 200, foreign.text
    assert foreign.headers["etag"] == own.headers["etag"]
    assert foreign.headers["cache-control"] == own.headers["cache-control"]
    assert foreign.content == own.content
    again = toy.get(f"/toy/id/{image}/30", **{"If-None-Match": own.headers["etag"]})
    assert again.status_code == 304
    assert toy.get("/toy/shelf/red.png/30").headers["content-type"] == "image/png"
    for path in ("shelf/none.png", "shelf/.red.png", "url/http://a.test/b"):
        assert toy.get(f"/toy/{path}/30").status_code == 404, path


def test_a_message_speaks_of_what_the_foreign_url_says(toy: Server) -> None:
    image = toy.upload(png(60, 40))["id"]
    problem = toy.get(f"/toy/id/{image}/0").json()
    assert (problem["status"], problem["field"], problem["given"]) == (400, "size", "0")
    assert problem["parameter"] == "w"
    assert toy.get("/toy/where/is/30").json()["given"] == "where"


def test_a_foreign_signature_grants_exactly_its_url_until_links_are_revoked(toy: Server) -> None:
    image = toy.upload(png(60, 40), visibility="signed")["id"]
    assert toy.get(f"/toy/id/{image}/30").status_code == 404
    reply = toy.get(f"/toy/id/{image}/30?right")
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "private, max-age=300"
    assert toy.get(f"/toy/id/{image}/30?late").status_code == 410
    with toy.client() as client:
        assert client.post(f"/api/images/{image}/links/revoke").status_code == 204
    assert toy.get(f"/toy/id/{image}/30?right").status_code == 403
    assert toy.get(f"/toy/id/{image}/30?late").status_code == 403


def test_a_foreign_signature_opens_no_private_picture(toy: Server) -> None:
    image = toy.upload(png(60, 40), visibility="private")["id"]
    assert toy.get(f"/toy/id/{image}/30?right").status_code == 404


def test_what_anybody_may_ask_for_is_shared_by_caches_though_it_is_signed(toy: Server) -> None:
    image = toy.upload(png(60, 40))["id"]
    reply = toy.get(f"/toy/id/{image}/30?right")
    assert reply.headers["cache-control"].startswith("public, ")


@pytest.mark.parametrize(
    ("prefix", "said"), [("/toy/", "registered by 'toy' already"), ("/img/x/", "is Helpa's own")]
)
def test_a_prefix_belongs_to_one_dialect(workshop: Workshop, prefix: str, said: str) -> None:
    workshop.install("toy", TOY)
    workshop.install("twin", TOY.replace('"/toy/"', f'"{prefix}"'))
    message = workshop.refused()
    assert "'twin' failed to register dialects" in message
    assert said in message
