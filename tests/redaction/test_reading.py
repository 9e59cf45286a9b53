"""Letters, codes and faces read in pictures by real programs, and by some that misbehave."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageDraw, ImageFont

from helpa_redaction.detect import Box, find
from helpa_redaction.draw.background import apart
from helpa_redaction.reading import Failed, ReaderMissing, check, codes, faces, look, read, shapes
from helpa_redaction.reading.tesseract import words_of
from helpa_redaction.reading.tiles import Tile, tiles_of
from operations.faces import CENTRE, face
from readers_of_pictures import fake_reader, letters, need_tesseract, picture, prepared

SECRETS = [
    "Write to anna.schmidt@example.com today",
    "Server 203.0.113.42 is down",
    "Card 4111 1111 1111 1111",
]
WANTED = ["email", "ip", "card"]


def found_in(image: pyvips.Image, **options: Any) -> list[str]:
    need_tesseract()
    seen = asyncio.run(look(prepared(image), **options))
    assert seen.unread == () or all("faces" in each or "codes" in each for each in seen.unread)
    return [each.category for each in find(seen.page)]


@pytest.mark.parametrize("size", [12, 16, 22])
@pytest.mark.parametrize(
    ("ink", "back"),
    [
        ((30, 30, 30), (255, 255, 255)), ((225, 230, 240), (13, 17, 23)),
        ((255, 255, 255), (9, 105, 218)),
        ((215, 40, 50), (30, 30, 30)),
    ],
)  # fmt: skip
def test_letters_are_read_in_every_colour_and_size(
    size: int, ink: Sequence[int], back: Sequence[int]
) -> None:
    assert found_in(picture(SECRETS, size=size, ink=ink, back=back)) == WANTED


def test_a_dark_panel_in_a_light_picture_is_read_with_the_rest() -> None:
    light = picture(["Write to anna.schmidt@example.com"], width=500)
    dark = picture(["Server 203.0.113.42"], ink=(230, 230, 230), back=(20, 25, 30), width=400)
    both = pyvips.Image.black(900, 120) + 255
    both = (
        both.bandjoin([both, both])
        .insert(light, 0, 0)
        .insert(dark, 500, 10)
        .cast("uchar")
        .copy(interpretation="srgb")
    )
    assert sorted(found_in(both)) == ["email", "ip"]


@pytest.mark.parametrize("scale", [1, 2])
def test_letters_on_chips_and_beside_portraits_are_read(scale: int) -> None:
    """A page, a round portrait with initials before a name, and a chip."""
    page = Image.new("RGB", (460 * scale, 120 * scale), (253, 246, 227))
    pen = ImageDraw.Draw(page)
    pen.ellipse([v * scale for v in (10, 10, 42, 42)], (111, 66, 193))
    pen.rounded_rectangle([v * scale for v in (10, 70, 150, 88)], 9 * scale, (207, 34, 46))
    pen.rounded_rectangle([v * scale for v in (156, 70, 250, 88)], 9 * scale, (31, 136, 61))
    for x, y, text, ink in (
        (18, 19, "ÉL", "white"), (52, 18, "anna.schmidt@example.com", (36, 41, 47)),
        (20, 72, "+4917710974248", "white"), (166, 72, "203.0.113.42", "white"),
    ):  # fmt: skip
        pen.text((x * scale, y * scale), text, ink, ImageFont.load_default(12 * scale))
    grey = pyvips.Image.new_from_memory(page.tobytes(), page.width, page.height, 3, "uchar")
    assert found_in(grey.copy(interpretation="srgb")) == ["email", "phone", "ip"]


def test_soft_edges_between_areas_are_no_ink_and_letters_are() -> None:
    page = Image.new("RGB", (640, 160), "white")
    pen = ImageDraw.Draw(page)
    pen.rounded_rectangle((80, 40, 1200, 260), 60, (13, 17, 23))
    soft = page.resize((320, 80), Image.Resampling.LANCZOS)
    far = apart(pyvips.Image.new_from_memory(soft.tobytes(), 320, 80, 3, "uchar"))
    assert far.max() <= 32
    ImageDraw.Draw(soft).text((90, 40), "secret", "white", ImageFont.load_default(14))
    far = apart(pyvips.Image.new_from_memory(soft.tobytes(), 320, 80, 3, "uchar"))
    assert far.crop(90, 40, 60, 20).max() > 200
    assert far.crop(0, 0, 80, 80).max() <= 32


def test_white_letters_on_nothing_are_read() -> None:
    mask = picture(["anna.schmidt@example.com"], ink=(255, 255, 255), back=(0, 0, 0))[1]
    white = (pyvips.Image.black(mask.width, mask.height, bands=3) + 255).cast("uchar")
    assert found_in(white.bandjoin(mask).copy(interpretation="srgb")) == ["email"]


def test_boxes_are_in_pixels_of_the_picture_and_cover_the_secret() -> None:
    need_tesseract()
    image = picture(["mail anna.schmidt@example.com"], size=14)
    seen = asyncio.run(look(prepared(image)))
    (found,) = find(seen.page)
    x, y, w, h = (
        int(v) for v in (found.box.x - 2, found.box.y - 2, found.box.w + 4, found.box.h + 4)
    )
    hidden = image.draw_rect([255, 255, 255], x, y, w, h, fill=True)
    # What is left of the ink is that of the first word alone.
    left, _, width, _ = (255 - hidden.colourspace("b-w")).find_trim(threshold=60, background=[0])
    assert left + width < found.box.x
    assert find(asyncio.run(look(prepared(hidden))).page) == []


def test_a_long_picture_is_read_in_strips_and_no_line_is_lost_or_read_twice() -> None:
    need_tesseract()
    lines = [f"Line {n:02} of user{n:02}@example.com" for n in range(40)]
    plane = letters(picture(lines, size=13))
    strips = tiles_of(plane, 3)
    assert len(strips) >= 3
    assert [tile.first for tile in strips[1:]] == [tile.end for tile in strips[:-1]]
    told: list[tuple[int, int]] = []

    def progress(done: int, count: int) -> None:
        told.append((done, count))

    words = asyncio.run(read(plane, processes=2, progress=progress)).words
    read_lines = [word.text for word in words if "@" in word.text]
    assert len(read_lines) == len(set(read_lines)) == 40
    assert told[-1][0] == told[-1][1]


def test_a_large_picture_is_bounded_and_says_what_may_be_missing() -> None:
    facts = prepared(
        pyvips.Image.black(9000, 5500, bands=3).copy(interpretation="srgb"), plain=False
    )
    assert facts.letters is not None
    assert facts.letters.width * facts.letters.height <= 25_000_000
    assert "letters below" in facts.unread[0]


def test_a_program_that_hangs_is_killed_with_its_children_and_its_rows_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_reader(
        tmp_path, "sleep 300 & echo $! >> " + str(tmp_path / "pids") + "; wait", monkeypatch
    )
    began = time.monotonic()
    said = asyncio.run(read(letters(picture(SECRETS)), deadline_seconds=1))
    assert time.monotonic() - began < 10
    assert said.words == []
    assert "rows 0 to" in said.unread[0]
    assert "longer than" in said.unread[0]
    for pid in (tmp_path / "pids").read_text().split():
        until = time.monotonic() + 5
        while _runs(int(pid)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not _runs(int(pid))


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0]
    except OSError:
        return False


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("cat > /dev/null; kill -SEGV $$", "signal 11"), ("exit 3", "status 3"),
        ("cat > /dev/null; echo nonsense", "no table"),
        ("cat > /dev/null; yes", "MiB"),
    ],
)  # fmt: skip
def test_a_program_that_misbehaves_is_told_of(
    script: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_reader(tmp_path, script, monkeypatch)
    said = asyncio.run(read(letters(picture(SECRETS))))
    assert said.words == []
    assert why in said.unread[0]


HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\t"
HEAD += "conf\ttext\n"


def test_a_table_may_hold_any_text() -> None:
    plane = letters(picture(["x"]))
    rows = [
        "5\t1\t1\t1\t1\t1\t10\t10\t20\t10\t90.5\ta\tb",
        "5\t1\t1\t1\t1\t2\t40\t10\t20\t10\t-1\t\u202e\x00x\u0007",
        "4\t1\t1\t1\t1\t0\t10\t10\t20\t10\t-1\t", "5\t1\t1\t1\t1\t3\t40\t10\t20\t10\t30\t ",
        "5\tshort", "",
    ]  # fmt: skip
    table = (HEAD + "\n".join(rows)).encode() + b"\xff\xfe"
    words = words_of(table, plane, Tile(0, plane.height, 0, plane.height), 0)
    assert [word.text for word in words] == ["ab", "x"]
    assert all(0 <= word.confidence <= 1 for word in words)


@pytest.mark.parametrize(
    "row",
    [
        "5\t1\t1\t1\t1\t1\tx\t10\t20\t10\t90\ta",
        "5\t1\t1\t1\t1\t1\t-9\t10\t20\t10\t90\ta",
        "5\t1\t1\t1\t1\t1\t1\t10\t99999\t10\t90\ta",
        "5\t1\t1\t1\t1\t1\t1\t10\t9\t10\tnan\ta",
    ],
)
def test_a_table_with_impossible_places_is_none(row: str) -> None:
    plane = letters(picture(["x"]))
    with pytest.raises(Failed):
        words_of((HEAD + row).encode(), plane, Tile(0, plane.height, 0, plane.height), 0)


def test_programs_get_no_secret_of_the_servers_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPA_SIGNING_KEY", "hidden")
    fake_reader(tmp_path, f"cat > /dev/null; env > {tmp_path / 'environment'}", monkeypatch)
    asyncio.run(read(letters(picture(SECRETS))))
    said = (tmp_path / "environment").read_text()
    assert "HELPA" not in said
    assert "OMP_THREAD_LIMIT=1" in said


def test_without_tesseract_the_error_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReaderMissing, match="tesseract-ocr"):
        asyncio.run(look(prepared(picture(SECRETS))))


def test_a_language_that_is_missing_is_named() -> None:
    need_tesseract()
    with pytest.raises(ReaderMissing, match="tesseract-ocr-xyz"):
        asyncio.run(check("eng+xyz"))


def code(text: str, *, inverted: bool = False) -> pyvips.Image:
    zxingcpp = pytest.importorskip("zxingcpp")
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    shape = memoryview(made).shape
    assert shape is not None
    height, width = shape
    grey = pyvips.Image.new_from_memory(bytes(made), width, height, 1, "uchar")
    grey = grey.invert() if inverted else grey
    back = 20 if inverted else 255
    whole = (pyvips.Image.black(600, 400) + back).insert(grey, 300, 150).cast("uchar")
    return whole.bandjoin([whole, whole]).copy(interpretation="srgb")


@pytest.mark.parametrize("inverted", [False, True])
def test_codes_are_read_and_judged(inverted: bool) -> None:
    if importlib.util.find_spec("zxingcpp") is None and os.environ.get("CI"):
        pytest.fail("there is no zxing-cpp")
    image = code("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP", inverted=inverted)
    seen = asyncio.run(look(prepared(image), wanted=["code"]))
    assert seen.unread == ()
    (found,) = find(seen.page)
    assert found.confidence > 0.9
    assert found.box.overlap(Box(316, 166, 120, 120)) > 0.95 * 120 * 120
    assert found.box.area < 2.2 * 132 * 132
    # Its quiet zone, four modules of four pixels, is covered as well.
    assert found.box.x <= 316 - 16
    assert found.box.y <= 166 - 16


def test_where_no_faces_can_be_found_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "faces_missing", lambda: "helpa[faces] is not installed")
    seen = asyncio.run(look(prepared(picture(["x"])), wanted=["face"]))
    assert seen.unread == ("faces were not looked for: helpa[faces] is not installed",)


def test_faces_are_looked_for_by_a_program_of_their_own() -> None:
    plain = prepared(picture(["no face"]), letters=False).plain
    assert plain is not None
    assert asyncio.run(faces(plain)) == []
    assert asyncio.run(codes(plain)) == []


@pytest.mark.parametrize("side", [32, 48, 120])
def test_portraits_in_a_page_of_text_are_found(side: int) -> None:
    page = picture(["Anna Schmidt wrote on Monday at 10:15", "Hello, is my order on its way?"] * 6)
    drawn = pyvips.Image.new_from_array(np.asarray(face(side)))
    grain = pyvips.Image.gaussnoise(side, side, sigma=2, mean=0, seed=1)
    portrait = (drawn + grain).rint().cast("uchar")
    plain = prepared(page.insert(portrait, 500, 200), letters=False).plain
    assert plain is not None
    (box,) = asyncio.run(faces(plain))
    middle = (500 + CENTRE[0] * side, 200 + CENTRE[1] * side)
    assert box.x < middle[0] < box.right
    assert box.y < middle[1] < box.bottom
    assert 0.5 * side < box.w < 1.1 * side
