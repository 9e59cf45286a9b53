"""Bombs, loops, polyglots, other languages, wrong names."""

from __future__ import annotations

import random
import re
import time

import pytest
from PIL import Image

from api.asking import problem
from hostile.attacking import DEADLINE, RENDITIONS, SCRIPTS, Attack
from hostile.cases import Case
from hostile.formats import whole
from hostile.lies import FOREIGN, bombs, declared, frames, polyglots
from pictures import encode, opened, photograph, png

pytestmark = pytest.mark.hostile


def test_enormous_and_empty_sizes_are_refused_from_the_head(attack: Attack) -> None:
    with attack.unharmed():
        outcomes = attack.upload(declared())
        attack.draw(outcomes, 1)
    # What is taken says a second, smaller size for its pixels, and that is the one that counts.
    for taken in (o for o in outcomes if o.accepted):
        assert taken.case.name.split()[1] in ("WebP", "AVIF", "HEIC", "GIF"), taken.case.name
        assert 0 < taken.answer["width"] * taken.answer["height"] < 5000, taken.case.name
    named = [o for o in outcomes if o.status == 413]
    assert len(named) >= 15
    assert all("limits.input_pixels" in str(o.answer) for o in named)


def test_thousands_of_frames_are_refused_or_pages_within_the_limit(attack: Attack) -> None:
    with attack.unharmed():
        outcomes = attack.upload(frames())
        attack.draw(outcomes)
    by_name = {o.case.name: o for o in outcomes}
    for name in ("a GIF of 1,001 frames", "a GIF of 100,000 frames", "1,100 frames of WEBP",
                 "1,100 frames of TIFF", "a GIF of 900 frames of 2000×2000"):  # fmt: skip
        assert by_name[name].status == 413, by_name[name].answer
        assert "limits." in by_name[name].answer["field"]


def test_metadata_that_swells_or_goes_in_circles_harms_nothing(attack: Attack) -> None:
    began = time.monotonic()
    with attack.unharmed():
        outcomes = attack.upload(bombs(), files=4)
        attack.draw(outcomes, 1)
    assert time.monotonic() - began < 6 * DEADLINE
    taken = {o.case.name: o.accepted for o in outcomes}
    for name in ("a text with a Latin-1 keyword", "a JPEG with EXIF that points to itself",
                 "a profile with nothing", "a JPEG with EXIF with Latin-1"):  # fmt: skip
        assert taken[name], name


def test_polyglots_are_taken_as_pictures_and_nothing_else_comes_out(attack: Attack) -> None:
    with attack.unharmed():
        outcomes = attack.upload(polyglots())
        refused = [o.case.name for o in outcomes if not o.accepted]
        assert not refused
        assert attack.draw(outcomes, 4).keys() <= {200, 400}


@pytest.mark.parametrize("given", ["image/png", "text/html", "image/svg+xml", "nonsense", ""])
def test_the_bytes_decide_what_a_file_is_whatever_it_is_called(attack: Attack, given: str) -> None:
    headers = {"Content-Type": given}
    with attack.unharmed(), attack.client() as client:
        for name in ("a.html", "a.svg", "a.php", "a"):
            reply = client.post(
                "/api/images", params={"filename": name}, content=png(30, 20), headers=headers
            )
            assert reply.status_code == 201, reply.text
            assert reply.json()["format"] == "png"
            shown = client.get(f"/img/{reply.json()['id']}")
            assert shown.headers["content-type"] == "image/png"
            for data in (FOREIGN["a page"], FOREIGN["PostScript"]):
                reply = client.post("/api/images", content=data, headers=headers)
                problem(reply, 415)


def test_what_is_no_picture_is_415_under_every_name(attack: Attack) -> None:
    cases = [
        Case(f"{what} as {name}", data, name)
        for what, data in FOREIGN.items()
        for name in ("a.png", "a.jpg", "a.svg", "a.gif")
    ]
    with attack.unharmed():
        outcomes = attack.upload(cases)
    assert {o.case.name for o in outcomes if o.status != 415} == set()


NAMES = {
    "../../../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "..": "..",
    ".": "",
    "a\0b.png": "ab.png",
    "a\r\nSet-Cookie: evil=1.png": "aSet-Cookie: evil=1.png",
    "\u202egnp.exe": "gnp.exe",
    'a";filename="b.html': None,
    "<script>alert(1)</script>.png": "script>.png",
    "x" * 5000 + ".png": "x" * 255,
    "é漢字🙂.png": "é漢字🙂.png",
    "${jndi:ldap://127.0.0.1/a}": "a}",
    "%2e%2e%2f%00.png": "%2e%2e%2f%00.png",
    "-rf": "-rf",
    "CON": "CON",
}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_a_file_name_is_a_name_and_nothing_more(attack: Attack, name: str) -> None:
    with attack.client() as client:
        reply = client.post("/api/images", params={"filename": name}, content=png(31, 20))
        if reply.status_code == 400:  # longer than the form's field
            problem(reply, 400)
            return
        assert reply.status_code == 201, reply.text
        document = reply.json()
        if NAMES[name] is not None:
            assert document["filename"] == NAMES[name]
        assert not re.search(r"[\x00-\x1f/\\]", document["filename"])
        shown = client.get(f"/img/{document['id']}", params={"dl": "1", "w": "9"})
        assert shown.status_code == 200
        header = shown.headers.get_list("content-disposition")
        assert len(header) == 1
        assert re.fullmatch(
            r"attachment; filename=\"[ !#-\[\]-~]*\"; filename\*=UTF-8''[\w.~%-]+", header[0]
        ), header[0]
        assert "set-cookie" not in shown.headers


@pytest.mark.parametrize(
    "name", ["a%0d%0aSet-Cookie:%20x=1", "a%00b", "..%2fx", "a%22b", "%0a", "a%5cb", "x" * 121]
)
def test_a_download_name_that_could_leave_its_header_is_400(attack: Attack, name: str) -> None:
    document = attack.server.upload(png(32, 20))
    members = problem(attack.server.get(f"/img/{document['id']}?dl={name}"), 400)
    assert members["field"] == "dl"


def test_a_page_of_another_size_than_the_first_is_refused_with_both_sizes(attack: Attack) -> None:
    pages = [Image.new("L", (60, 40), 9), Image.new("RGB", (33, 77), (9, 80, 7))]
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    document = attack.server.upload(data)
    assert opened(attack.server.get(f"/img/{document['id']}?page=0&fmt=png").content).size == (
        60,
        40,
    )
    for query in ("page=1&fmt=png", "page=1&w=20", "page=1&trim=10"):
        members = problem(attack.server.get(f"/img/{document['id']}?{query}"), 422)
        assert members["field"] == "page"
        assert "33×77" in members["detail"]
        assert "60×40" in members["detail"]


def test_a_tiff_that_lost_its_pixels_is_refused_and_not_shown_black(attack: Attack) -> None:
    data = encode(photograph(200, 100), "TIFF")
    with attack.client() as client:
        for part in (0.1, 0.5, 0.99):
            reply = client.post("/api/images", content=data[: int(len(data) * part)])
            problem(reply, 422)


def test_what_is_said_of_one_damaged_picture_is_not_said_of_the_next(attack: Attack) -> None:
    first = whole()["jpeg.tiff"]
    broken = [Case("", first[: len(first) * n // 100]) for n in range(80, 100)]
    attack.upload(broken)
    for outcome in attack.upload([Case("", whole()["rgb.png"][:60])] * 8):
        assert "quantization" not in outcome.answer["detail"].lower()
        assert "directory" not in outcome.answer["detail"].lower()


def test_nothing_beside_pixels_is_in_any_rendition_of_a_chosen_few(attack: Attack) -> None:
    chosen = random.Random(4).sample(sorted(whole()), 6)
    for name in chosen:
        if name == "12bit.jpg":
            continue
        document = attack.server.upload(whole()[name], name)
        for query in (*RENDITIONS, "", "meta=none"):
            reply = attack.server.get(f"/img/{document['id']}?{query}")
            if reply.headers["content-type"].startswith("image/"):
                assert not [text for text in SCRIPTS if text in reply.content], (name, query)
