"""``rect``: a part of the upright picture."""

from __future__ import annotations

import pytest

from operations.seeing import chart, difference, resized, rgb, show, upload
from pictures import encode, png
from serving import Server

SIZE = (700, 440)


@pytest.mark.parametrize(
    ("rect", "box"),
    [
        ("0,0,100,80", (0, 0, 100, 80)),
        ("123,45,321,210", (123, 45, 444, 255)),
        ("50p,50p,50p,50p", (350, 220, 700, 440)),
        ("10%25,10%25,25%25,50%25", (70, 44, 245, 264)),
        ("600,400,100,40", (600, 400, 700, 440)),
        ("0,0,1,1", (0, 0, 1, 1)),
        ("699,439,1,1", (699, 439, 700, 440)),
        ("0,0,700,440", (0, 0, 700, 440)),
    ],
)
def test_a_rectangle_is_cut_out(server: Server, rect: str, box: tuple[int, int, int, int]) -> None:
    image = rgb(chart(*SIZE))
    document = server.upload(encode(image, "PNG"))
    shown = show(server, document["id"], f"rect={rect}&fmt=png")
    assert difference(shown, image.crop(box)) == 0
    assert difference(show(server, document["id"], f"rect={rect}&w=50&fmt=png"),
                      resized(image.crop(box), *_within(box, 50))) <= 2.0  # fmt: skip


def _within(box: tuple[int, int, int, int], w: int) -> tuple[int, int]:
    width, height = box[2] - box[0], box[3] - box[1]
    return (width, height) if width <= w else (w, max(1, round(height * w / width)))


def test_the_parts_of_another_spelling_mean_the_same(server: Server) -> None:
    document = server.upload(png())
    whole = server.get(f"/img/{document['id']}?rect=10,20,300,200")
    parts = server.get(f"/img/{document['id']}?cx=10&cy=20&cw=300&ch=200")
    assert whole.content == parts.content
    assert whole.headers["etag"] == parts.headers["etag"]


def test_a_cut_through_a_level_shows_the_same_place(server: Server) -> None:
    image = rgb(chart(1400, 875))
    document = upload(server, encode(image, "PNG"))
    for box, widths in [((301, 203, 901, 603), (600, 200, 80)), ((7, 5, 1307, 805), (1000, 300))]:
        x, y, right, bottom = box
        part = image.crop(box)
        for w in widths:
            query = f"rect={x},{y},{right - x},{bottom - y}&w={w}&fmt=png"
            shown = show(server, document["id"], query)
            assert difference(shown, resized(part, *shown.size)) <= 2.0, (box, w)


def test_a_rectangle_that_leaves_the_picture_is_refused(server: Server) -> None:
    document = server.upload(png())
    for rect in ("600,0,100,10", "0,300,10,101", "640,0,1,1", "60p,0,41p,10"):
        reply = server.get(f"/img/{document['id']}?rect={rect}")
        assert reply.status_code == 400
        assert reply.json()["field"] == "rect"
        assert "640×400" in reply.json()["allowed"]
