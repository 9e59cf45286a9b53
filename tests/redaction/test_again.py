"""What is read a second time: chips, what stands beside portraits, and what the reader doubts."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
import pyvips
from hypothesis import given
from hypothesis import strategies as st

from helpa_redaction.detect import Box, Word, find
from helpa_redaction.draw.reading import prepare
from helpa_redaction.reading import Plane, look, read
from helpa_redaction.reading.again import (
    BETWEEN,
    MOST_PIXELS,
    Piece,
    merged,
    pieces_of,
    placed,
    together,
)
from helpa_redaction.reading.prepared import Cells
from helpa_redaction.reading.tesseract import read_again
from readers_of_pictures import fake_reader, letters, need_tesseract, picture, prepared


def chip(text: str, back: list[int], size: int = 12, height: int = 18) -> pyvips.Image:
    """Return white letters on a low piece of colour."""
    whole = picture([text], size=size, ink=(255, 255, 255), back=back, width=900)
    left, top, width, high = (whole - back).abs().find_trim(threshold=40, background=[0])
    middle = top + high // 2
    return whole.crop(left - 10, middle - height // 2, width + 20, height)


@pytest.mark.parametrize("back", [[31, 136, 61], [207, 34, 46], [17, 24, 39], [9, 105, 218]])
def test_letters_on_chips_and_low_buttons_are_read(back: list[int]) -> None:
    need_tesseract()
    page = pyvips.Image.black(700, 76, bands=3) + 255
    text = picture(["A customer wrote this to us."], size=14, width=400).crop(0, 0, 400, 36)
    page = page.cast("uchar").copy(interpretation="srgb").insert(text, 0, 0)
    page = page.insert(chip("anna.schmidt@example.com", back), 24, 40)
    page = page.insert(chip("203.0.113.42", back), 300, 40)
    seen = asyncio.run(look(prepared(page), wanted=["email", "ip"]))
    assert sorted(each.category for each in find(seen.page)) == ["email", "ip"]


def test_names_beside_portraits_are_read() -> None:
    need_tesseract()
    names = ["Noah Rossi", "Yusuf Khan", "Anna Visser", "Marta Patel", "Lukas Moreau", "Paul Weber"]
    page = pyvips.Image.black(700, 300, bands=3) + 255
    page = page.cast("uchar").copy(interpretation="srgb")
    for place, name in enumerate(names):
        colour = [[207, 34, 46], [31, 136, 61], [111, 66, 193]][place % 3]
        page = page.draw_circle(colour, 41, 40 + 40 * place, 13, fill=True)
        text = picture([name], size=14, width=160).crop(20, 12, 140, 24)
        page = page.insert(text, 62, 28 + 40 * place)
    seen = asyncio.run(look(prepared(page), wanted=["name"]))
    read_words = {word.text for word in seen.page.words}
    assert {part for name in names for part in name.split()} <= read_words


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 50), (60, 3), (30, 300), (700, 2)])
def test_pictures_of_any_size_are_prepared(width: int, height: int) -> None:
    image = pyvips.Image.black(width, height, bands=3).copy(interpretation="srgb")
    facts, planes = prepare(image, {})
    assert facts["letters"]["width"] == 2 * width
    assert len(planes) >= 5 * width * height


def test_long_rules_are_no_letters_and_short_strokes_are() -> None:
    image = pyvips.Image.black(300, 200) + 255
    image = image.draw_rect([0], 20, 50, 200, 2, fill=True).draw_rect(
        [0], 20, 100, 20, 2, fill=True
    )
    image = image.draw_rect([0], 250, 20, 2, 150, fill=True).cast("uchar")
    plane = letters(image.bandjoin([image, image]).copy(interpretation="srgb"))
    dark = [row for row in range(plane.height) if plane.ink[row] > 20]
    assert dark
    assert all(190 < row < 212 for row in dark)


def plane_of(cells: list[list[int]], side: int = 16) -> Plane:
    """Return a white plane whose cells are said to be as dark as given."""
    height, width = len(cells), len(cells[0])
    dark = Cells(memoryview(bytes(v for row in cells for v in row)), width, height, side)
    pixels = memoryview(bytes([255]) * (width * height * side * side))
    return Plane(pixels, width * side, height * side, 2.0, (), dark)


def test_ink_in_which_nothing_was_read_is_read_again_and_a_picture_is_not() -> None:
    cells = [[0] * 60 for _ in range(40)]
    for x in range(5, 20):
        cells[4][x] = cells[5][x] = 60  # a row of letters
        cells[10][x] = 60  # another, which was read
    for y in range(20, 36):
        for x in range(20, 50):
            cells[y][x] = 90  # a picture
    plane = plane_of(cells)
    words = [Word("read", Box(40, 80, 120, 8), 0.9)]
    (piece,) = pieces_of(plane, words)
    assert piece.lines == frozenset()
    assert piece.x <= 80
    assert piece.x + piece.w >= 320
    assert piece.y <= 64
    assert 96 <= piece.y + piece.h <= 112


def test_what_is_read_again_is_bounded() -> None:
    cells = [[60 if y % 3 == 0 and 2 < x < 170 else 0 for x in range(180)] for y in range(112)]
    pieces = pieces_of(plane_of(cells), [])
    assert pieces
    assert sum(piece.w * piece.h for piece in pieces) <= MOST_PIXELS


@given(st.lists(st.lists(st.sampled_from([0, 40]), min_size=12, max_size=12), max_size=12))
def test_no_cells_break_the_search_for_rows(cells: list[list[int]]) -> None:
    if not cells:
        return
    plane = plane_of(cells)
    for piece in pieces_of(plane, []):
        assert 0 <= piece.x < piece.x + piece.w <= plane.width
        assert 0 <= piece.y < piece.y + piece.h <= plane.height


places = st.tuples(
    st.integers(0, 200), st.integers(0, 100), st.integers(20, 80), st.integers(10, 40)
)


@given(st.lists(places, min_size=1, max_size=5))
def test_words_of_pieces_come_back_to_where_they_stand(given_places: list[tuple[int, ...]]) -> None:
    pixels = bytes(n % 251 for n in range(300 * 150))
    plane = Plane(memoryview(pixels), 300, 150, 2.0)
    pieces = [Piece(x, y, w, h) for x, y, w, h in given_places]
    sheet, starts = together(plane, pieces)
    assert len(sheet.pixels) == sheet.width * sheet.height
    words = []
    for piece, start in zip(pieces, starts, strict=True):
        at = start * sheet.width + BETWEEN
        assert (
            bytes(sheet.pixels[at : at + piece.w])
            == pixels[piece.y * 300 + piece.x : piece.y * 300 + piece.x + piece.w]
        )
        words.append(Word("a", Box(BETWEEN + 2, start + 3, 6, 4), 0.9))
    found = placed(words, pieces, starts, 2.0)
    for piece, (word,) in zip(pieces, found, strict=True):
        assert word.box == Box((piece.x + 2) / 2, (piece.y + 3) / 2, 3, 2)


def test_of_a_doubted_line_the_surer_reading_stays() -> None:
    old = [Word("g4rbage", Box(10, 10, 60, 10), 0.2, 1), Word("kept", Box(10, 40, 60, 10), 0.9, 2)]
    piece = Piece(0, 0, 100, 40, frozenset((1,)))
    surer = [Word("garbage", Box(10, 10, 60, 10), 0.8, 7)]
    assert [w.text for w in merged(old, [piece], [surer])] == ["kept", "garbage"]
    less = [Word("gar", Box(10, 10, 20, 10), 0.9, 7)]
    assert [w.text for w in merged(old, [piece], [less])] == ["g4rbage", "kept"]
    assert merged(old, [piece], [[]]) == old
    over = [Word("kept", Box(12, 41, 50, 8), 0.9, 7), Word("new", Box(90, 41, 30, 8), 0.9, 7)]
    texts = [w.text for w in merged(old, [Piece(0, 60, 200, 40)], [over])]
    assert texts == ["g4rbage", "kept", "new"]


def test_a_second_reading_that_takes_too_long_leaves_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane = letters(picture(["Write to anna.schmidt@example.com today"]))
    first = [Word("Wr1te", Box(20, 14, 40, 12), 0.1, 0)]
    fake_reader(tmp_path, "sleep 300", monkeypatch)
    began = time.monotonic()
    assert asyncio.run(read_again(plane, first, deadline_seconds=0.5)) == first
    assert time.monotonic() - began < 8
    fake_reader(tmp_path, "cat > /dev/null; exit 3", monkeypatch)
    assert asyncio.run(read_again(plane, first)) == first


def test_what_was_read_well_is_not_read_again() -> None:
    need_tesseract()
    plane = letters(picture(["Write to anna.schmidt@example.com today"], size=16))
    words = asyncio.run(read(plane)).words
    assert pieces_of(plane, words) == []
