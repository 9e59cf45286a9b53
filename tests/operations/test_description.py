"""``fmt=json``: what a rendition is, of which colours, and what it was made of."""

from __future__ import annotations

import base64
import io
import sqlite3
from typing import Any

import numpy as np
import pytest
from PIL import Image

from api.asking import encodes, metric, problem
from api.signing import by_hand
from operations.seeing import chart, levels_of, rgb, show, upload
from pictures import animation, encode, photograph, screenshot
from serving import Server

MEMBERS = {
    "width", "height", "format", "frames", "kind", "dominant_color", "palette", "thumbhash",
    "source",
}  # fmt: skip
SOURCE = {
    "width", "height", "format", "bytes", "frames", "alpha", "kind", "embedded", "created_at",
}  # fmt: skip


@pytest.fixture(scope="module")
def shot(server: Server) -> dict[str, Any]:
    return upload(server, encode(screenshot(1400, 900), "PNG"), "shot.png")


def described(server: Server, image: str, query: str = "", **headers: str) -> dict[str, Any]:
    reply = server.get(f"/img/{image}?fmt=json&{query}", **headers)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/json"
    found: dict[str, Any] = reply.json()
    return found


def test_it_tells_the_answer_and_its_source(server: Server, shot: dict[str, Any]) -> None:
    found = described(server, shot["id"], "w=350", Accept="image/webp")
    assert set(found) == MEMBERS
    assert (found["width"], found["height"], found["frames"]) == (350, 225, 1)
    assert (found["format"], found["kind"]) == ("webp", "graphic")
    source = found["source"]
    assert set(source) == SOURCE
    for name in ("width", "height", "format", "bytes", "frames", "kind", "created_at"):
        assert source[name] == shot[name], name
    assert (source["alpha"], source["embedded"]) == (False, [])


def test_colours_and_hash_are_those_of_the_rendition(server: Server, shot: dict[str, Any]) -> None:
    for query in ("", "w=350", "rect=0,0,100p,9p", "rot=90&w=300", "pad=60&bg=00ff00&w=300"):
        found = described(server, shot["id"], query)
        png = f"/img/{shot['id']}?{query}&fmt="
        assert found["palette"] == server.get(f"{png}palette").json(), query
        assert found["thumbhash"] == server.get(f"{png}thumbhash").text, query
        assert found["dominant_color"] == found["palette"][0]["hex"]
    assert described(server, shot["id"], "rect=0,0,100p,9p")["dominant_color"] == "282c34"
    green = described(server, shot["id"], "pad=60&bg=00ff00&w=300")["palette"]
    assert "00ff00" in [each["hex"] for each in green]


def test_what_shines_through_is_told_as_the_format_shows_it(server: Server) -> None:
    image = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    image.paste((10, 90, 200, 255), (100, 0, 200, 100))
    data = encode(image, "PNG")
    made = server.upload(data, "half.png")["id"]
    (only,) = described(server, made)["palette"]
    assert only == {"hex": "0a5ac8", "share": 1.0}
    assert described(server, made)["source"]["alpha"] is True
    with_white = described(server, made, "bg=fff")["palette"]
    assert [each["share"] for each in with_white] == pytest.approx([0.5, 0.5], abs=0.02)


def test_the_whole_picture_is_told_as_in_its_document(server: Server, shot: dict[str, Any]) -> None:
    def channels(name: str) -> np.ndarray[Any, Any]:
        return np.array(list(bytes.fromhex(name)), int)

    found = described(server, shot["id"])
    assert np.abs(channels(found["dominant_color"]) - channels(shot["dominant_color"])).max() <= 6
    one, other = (base64.b64decode(each["thumbhash"]) for each in (found, shot))
    assert one[3:5] == other[3:5]  # whether it is upright or transparent, and how many waves
    assert len(one) == len(other)


def test_an_animation_is_told_with_its_frames_and_the_first_one_s_colours(server: Server) -> None:
    image = server.upload(animation("GIF", frames=4), "a.gif")["id"]
    found = described(server, image, Accept="image/webp")
    assert (found["format"], found["frames"], found["source"]["frames"]) == ("webp", 4, 4)
    first = show(server, image, "page=0&fmt=png").convert("RGB").getpixel((9, 9))
    assert bytes.fromhex(found["dominant_color"]) == bytes(first)  # type: ignore[arg-type]
    still = described(server, image, "anim=0")
    assert (still["format"], still["frames"]) == ("png", 1)
    assert still["palette"] == found["palette"]


def test_what_was_embedded_is_named_and_not_shown(server: Server) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRETMAKER"
    exif.get_ifd(0x8825)[1] = "N"
    data = io.BytesIO()
    photograph(200, 150).save(data, "JPEG", exif=exif, comment=b"SECRETCOMMENT")
    image = server.upload(data.getvalue(), "p.jpg")["id"]
    reply = server.get(f"/img/{image}?fmt=json")
    assert {"exif", "gps", "comment"} <= set(reply.json()["source"]["embedded"])
    assert reply.json()["source"]["bytes"] == len(data.getvalue())
    assert "SECRET" not in reply.text


def test_it_is_made_by_a_worker_once_and_kept_like_a_rendition(
    server: Server, shot: dict[str, Any]
) -> None:
    path = f"/img/{shot['id']}?w=123&fmt=json"
    before = encodes(server), metric(server, "helpa_requests_total", tier="memory")
    first = server.get(path)
    respelt = server.get(f"/img/{shot['id']}.json?width=123")
    assert respelt.content == first.content
    assert respelt.headers["etag"] == first.headers["etag"]
    assert server.get(path, If_None_Match=first.headers["etag"]).status_code == 304
    after = encodes(server), metric(server, "helpa_requests_total", tier="memory")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)
    assert metric(server, "helpa_encode_seconds_count", format="json") >= 1
    other = server.get(path, Accept="image/webp")
    assert other.headers["etag"] != first.headers["etag"]


def test_a_picture_that_can_no_longer_be_drawn_is_described_by_a_problem(server: Server) -> None:
    document = server.upload(encode(rgb(chart(301, 203)), "PNG"), "gone.png")
    levels_of(server, document["id"])
    with sqlite3.connect(server.data_dir / "helpa.sqlite3") as database:
        (blob,) = database.execute(
            "SELECT blob FROM images WHERE id = ?", (document["id"],)
        ).fetchone()
    for path in (server.data_dir / "originals").rglob(f"{blob}*"):
        path.write_bytes(path.read_bytes()[:400])
    for query in ("fmt=json&w=290", "fmt=thumbhash&w=290", "fmt=palette&w=290", "w=290&explain=1"):
        members = problem(server.get(f"/img/{document['id']}?{query}"), 422)
        assert "cannot be made" in members["detail"]


def test_a_signed_link_to_it_is_exact(server: Server) -> None:
    reply = server_upload(server)
    assert server.get(by_hand(server, reply, fmt="json", w=50)).status_code == 200
    problem(server.get(by_hand(server, reply, fmt="json", w=50).replace("w=50", "w=51")), 403)
    view = by_hand(server, reply, "v")
    assert problem(server.get(view.replace("?", "?fmt=json&")), 403)["given"] == "json"
    for fmt in ("thumbhash", "blurhash", "palette"):
        assert server.get(view.replace("?", f"?w=60&fmt={fmt}&")).status_code == 200


def server_upload(server: Server) -> str:
    """Upload a picture that needs a signature."""
    made: str = server.upload(encode(rgb(chart(90, 60)), "PNG"), "s.png", visibility="signed")["id"]
    return made
