"""Uploading: what a client sends and the documents it gets."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from api.asking import files_in, incoming, multipart, originals, problem, wait_until
from pictures import animation, jpeg, opened, png
from serving import Server

MEMBERS = {
    "id", "url", "page_url", "filename", "width", "height", "format", "bytes", "created_at",
    "visibility", "revision", "layer", "held", "frames", "kind", "thumbhash", "dominant_color",
    "title",
    "alt", "tags", "removed_metadata", "links", "owner", "team",
}  # fmt: skip

LINKS = {"thumb", "small", "medium", "large", "download", "srcset", "markdown", "html"}


def test_an_upload_answers_201_with_the_whole_image_document(server: Server) -> None:
    data = jpeg(1000, 700)
    with server.client() as client:
        reply = client.post("/api/images", files={"file": ("Büro übersicht.jpg", data)})
    assert reply.status_code == 201
    document = reply.json()
    assert document.keys() == MEMBERS
    assert reply.headers["location"] == f"/api/images/{document['id']}"
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", document["id"])
    assert document["url"] == f"{server.url}/img/{document['id']}"
    assert document["page_url"] == f"{server.url}/i/{document['id']}"
    assert document["filename"] == "Büro übersicht.jpg"
    assert (document["width"], document["height"]) == (1000, 700)
    assert document["format"] == "jpg"
    assert document["bytes"] == len(data)
    assert document["visibility"] == "public"
    assert (document["revision"], document["layer"], document["frames"]) == (1, 0, 1)
    assert document["kind"] == "photograph"
    assert re.fullmatch(r"[0-9a-f]{6}", document["dominant_color"])
    assert document["thumbhash"]
    assert (document["title"], document["alt"], document["tags"]) == ("", "", [])
    created = datetime.fromisoformat(document["created_at"])
    assert abs((datetime.now(UTC) - created).total_seconds()) < 60
    with server.client() as client:
        assert client.get(f"/api/images/{document['id']}").json() == document


def test_every_ready_made_link_of_a_document_answers_a_picture(server: Server) -> None:
    links = server.upload(jpeg(1700, 900))["links"]
    assert links.keys() == LINKS
    widths = {"thumb": 200, "small": 400, "medium": 800, "large": 1600, "download": 1700}
    for name, width in widths.items():
        reply = server.get(links[name].removeprefix(server.url))
        assert reply.status_code == 200, name
        assert opened(reply.content).width == width
    listed = re.findall(r"(\S+) (\d+)w", links["srcset"])
    assert [int(width) for _, width in listed] == [400, 800, 1200, 1600]
    for url, width in listed:
        assert opened(server.get(url.removeprefix(server.url)).content).width == int(width)
    assert links["markdown"] == f"![]({links['medium']})"
    assert links["html"].startswith("<img ")


def test_a_title_cannot_break_out_of_the_markdown_and_html_snippets(server: Server) -> None:
    links = server.upload(png(), alt='"><script>alert(1)</script>](x) [')["links"]
    assert "<script>" not in links["html"]
    assert re.fullmatch(r"!\[(?:[^\[\]\\]|\\.)*\]\(\S+\)", links["markdown"])


def test_several_files_answer_207_with_documents_and_problems_in_order(server: Server) -> None:
    files = [
        ("file", ("a.png", png(100, 50))),
        ("file", ("b.pdf", b"%PDF-1.7 and so on")),
        ("file", ("c.gif", animation("GIF"))),
        ("file", ("d.png", b"")),
    ]
    with server.client() as client:
        reply = client.post("/api/images", files=files, data={"title": "All of them"})
    assert reply.status_code == 207
    first, second, third, fourth = reply.json()["images"]
    assert first.keys() == third.keys() == MEMBERS
    assert (first["width"], first["height"], first["title"]) == (100, 50, "All of them")
    assert (second["status"], second["given"]) == (415, "PDF")
    assert (third["format"], third["frames"]) == ("gif", 5)
    assert fourth["status"] == 422
    assert "location" not in reply.headers
    assert server.get(f"/img/{first['id']}?w=10").status_code == 200
    assert not incoming(server)


@pytest.mark.parametrize(
    "media",
    [
        "image/png",
        "image/jpeg",
        "application/octet-stream",
        "application/x-www-form-urlencoded",  # what `curl --data-binary` says
        "text/plain",
        "x/y",
        None,
    ],
)
def test_a_raw_body_is_a_picture_whatever_its_media_type_says(
    server: Server, media: str | None
) -> None:
    headers = {} if media is None else {"Content-Type": media}
    with server.client() as client:
        reply = client.post(
            "/api/images?filename=desk%2Fshot%20%C3%A9.jpg&title=Desk",
            content=png(90, 60),
            headers=headers,
        )
    assert reply.status_code == 201, reply.text
    document = reply.json()
    assert (document["format"], document["width"], document["height"]) == ("png", 90, 60)
    assert document["filename"] == "shot é.jpg"
    assert document["title"] == "Desk"


def test_json_without_a_url_is_400_and_names_what_is_missing(server: Server) -> None:
    with server.client() as client:
        reply = client.post("/api/images", json={"file": "x"})
    members = problem(reply, 400)
    assert {each["field"] for each in members["errors"]} == {"url", "file"}


def test_what_a_file_is_comes_from_its_bytes_and_not_its_name_or_type(server: Server) -> None:
    with server.client() as client:
        reply = client.post(
            "/api/images", files={"file": ("letter.pdf", png(60, 40), "application/pdf")}
        )
    assert reply.status_code == 201
    assert reply.json()["format"] == "png"
    with server.client() as client:
        reply = client.post(
            "/api/images", files={"file": ("shot.png", b"%PDF-1.4\n%...", "image/png")}
        )
    assert problem(reply, 415)["given"] == "PDF"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\me\\shot.png", "shot.png"),
        ("a\x07b\u202ec.png", "abc.png"),
        ("x" * 300 + ".png", "x" * 255),
    ],
)
def test_a_file_name_keeps_no_folders_and_no_control_characters(
    server: Server, given: str, kept: str
) -> None:
    body = multipart([(f'name="file"; filename="{given}"', png(20, 20))])
    if "\\" in given:
        body = body.replace(given.encode(), given.replace("\\", "\\\\").encode())
    headers = {"Content-Type": "multipart/form-data; boundary=frontier"}
    with server.client() as client:
        reply = client.post("/api/images", content=body, headers=headers)
    assert reply.status_code == 201, reply.text
    assert reply.json()["filename"] == kept


def test_what_is_said_beside_the_file_is_in_the_document(server: Server) -> None:
    said = {"title": " Login ", "alt": "The login page", "tags": "login, bug ,login,,ui"}
    document = server.upload(png(), visibility="private", **said)
    assert document["title"] == "Login"
    assert document["alt"] == "The login page"
    assert document["tags"] == ["login", "bug", "ui"]
    assert document["visibility"] == "private"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"visibility": "secret"}, "visibility"),
        ({"titel": "x"}, "titel"),
        ({"title": "x" * 301}, "title"),
        ({"alt": "x" * 2001}, "alt"),
        ({"tags": "x" * 65}, "tags"),
        ({"tags": ",".join(f"t{n}" for n in range(51))}, "tags"),
    ],
)
def test_a_form_field_that_is_not_allowed_is_400_and_is_named(
    server: Server, fields: dict[str, str], named: str
) -> None:
    before = len(originals(server))
    with server.client() as client:
        reply = client.post("/api/images", files={"file": ("a.png", png())}, data=fields)
    members = problem(reply, 400)
    assert members["field"].split(".")[0] == named
    assert members["allowed"]
    assert not incoming(server)
    assert len(originals(server)) == before


def test_an_unknown_form_field_names_the_nearest_that_there_is(server: Server) -> None:
    with server.client() as client:
        reply = client.post(
            "/api/images", files={"file": ("a.png", png())}, data={"visibilty": "private"}
        )
    assert "visibility" in problem(reply, 400)["detail"]


def test_a_raw_body_with_an_unknown_query_parameter_is_400(server: Server) -> None:
    with server.client() as client:
        reply = client.post("/api/images?visiblity=private", content=png())
    assert problem(reply, 400)["field"] == "visiblity"
    assert not incoming(server)


def multipart_problem(server: Server, body: bytes, status: int) -> dict[str, Any]:
    headers = {"Content-Type": "multipart/form-data; boundary=frontier"}
    with server.client() as client:
        reply = client.post("/api/images", content=body, headers=headers)
    members = problem(reply, status)
    assert not incoming(server)
    return members


def test_a_malformed_multipart_body_is_400(server: Server) -> None:
    multipart_problem(server, b"this is no multipart body at all", 400)
    whole = multipart([('name="file"; filename="a.png"', png())])
    multipart_problem(server, whole[:-20], 400)
    multipart_problem(server, b"", 400)
    multipart_problem(server, b"--frontier--\r\n", 400)


def test_a_multipart_body_without_a_boundary_is_400(server: Server) -> None:
    with server.client() as client:
        reply = client.post(
            "/api/images", content=b"x", headers={"Content-Type": "multipart/form-data"}
        )
    assert problem(reply, 400)["field"] == "Content-Type"


def test_a_form_without_a_file_is_400_and_names_the_field(server: Server) -> None:
    members = multipart_problem(server, multipart([('name="title"', b"No file")]), 400)
    assert members["field"] == "file"


def test_a_file_in_another_field_is_400_and_names_the_right_one(server: Server) -> None:
    body = multipart([('name="image"; filename="a.png"', png())])
    members = multipart_problem(server, body, 400)
    assert (members["field"], members["allowed"]) == ("image", "file")


def test_a_form_field_twice_too_long_or_not_utf8_is_400(server: Server) -> None:
    file = ('name="file"; filename="a.png"', png())
    twice = multipart([file, ('name="title"', b"a"), ('name="title"', b"b")])
    assert multipart_problem(server, twice, 400)["field"] == "title"
    long = multipart([file, ('name="alt"', b"a" * 10_000)])
    assert multipart_problem(server, long, 400)["field"] == "alt"
    latin = multipart([file, ('name="title"', b"\xe9t\xe9")])
    assert multipart_problem(server, latin, 400)["field"] == "title"
    many = multipart([file, *[(f'name="f{n}"', b"x") for n in range(200)]])
    multipart_problem(server, many, 400)


def test_a_part_with_an_endless_header_is_400(server: Server) -> None:
    body = multipart([('name="file"; filename="' + "x" * 100_000 + '"', png())])
    multipart_problem(server, body, 400)


def test_more_files_than_the_limit_are_413_and_none_is_kept(server: Server) -> None:
    before = len(originals(server))
    files = [('name="file"; filename="a.png"', png(20, 20))] * 21
    members = multipart_problem(server, multipart(files), 413)
    assert members["field"] == "limits.upload_files"
    assert len(originals(server)) == before


def test_equal_bytes_share_a_file_and_deleting_one_keeps_the_other(server: Server) -> None:
    data = jpeg(333, 222)
    before = set(originals(server))
    first, second = server.upload(data, "one.jpg"), server.upload(data, "two.jpg")
    assert first["id"] != second["id"]
    added = set(originals(server)) - before
    assert len(added) == 1
    assert added.pop().read_bytes() == data
    with server.client() as client:
        assert client.delete(f"/api/images/{first['id']}").status_code == 204
    assert server.get(f"/img/{first['id']}?w=50").status_code == 404
    assert server.get(f"/img/{second['id']}?w=50").status_code == 200
    assert len(set(originals(server)) - before) == 1
    with server.client() as client:
        assert client.delete(f"/api/images/{second['id']}").status_code == 204
    assert wait_until(lambda: not set(originals(server)) - before)


def test_equal_files_of_one_form_share_a_file_too(server: Server) -> None:
    data = jpeg(334, 222)
    before = set(originals(server))
    files = [("file", ("a.jpg", data)), ("file", ("b.jpg", data))]
    with server.client() as client:
        documents = client.post("/api/images", files=files).json()["images"]
    assert documents[0]["id"] != documents[1]["id"]
    assert len(set(originals(server)) - before) == 1
    for document in documents:
        assert server.get(f"/img/{document['id']}?w=40").status_code == 200


def test_the_hash_of_an_upload_is_shown_only_with_the_right_to_the_original(
    server: Server,
) -> None:
    data = png(41, 31)
    document = server.upload(data)
    path = f"/api/images/{document['id']}"
    assert "sha256" not in server.get(path).json()
    with server.client(server.make_token("images:read", "originals:read")) as client:
        assert client.get(path).json()["sha256"] == hashlib.sha256(data).hexdigest()


def test_the_stored_original_is_the_upload_byte_for_byte_and_for_its_owner_alone(
    server: Server,
) -> None:
    data = jpeg(335, 200) + b"trailing bytes"
    before = set(originals(server))
    server.upload(data)
    (added,) = set(originals(server)) - before
    assert added.read_bytes() == data
    for path in [server.data_dir, *server.data_dir.iterdir()]:
        if path.is_dir():
            assert path.stat().st_mode & 0o077 == 0, path
    assert files_in(server.data_dir)
