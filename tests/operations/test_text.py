"""``txt``: words over the picture, in whatever writing there is a font for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pytest
from fontTools.colorLib.builder import buildCOLR, buildCPAL
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image

from api.asking import problem
from operations.seeing import show
from pictures import animation, encode
from serving import Server, run_helpa, running_server

SIZE = (400, 300)
Box = tuple[int, int, int, int]


@pytest.fixture(scope="module")
def white(server: Server) -> str:
    return str(server.upload(encode(Image.new("RGB", SIZE, (255, 255, 255)), "PNG"))["id"])


def drawn(server: Server, image: str, text: str, query: str = "") -> npt.NDArray[np.int64]:
    """Return the pixels of a text on a picture."""
    shown = show(server, image, f"txt={quote(text)}&fmt=png&{query}")
    return np.asarray(shown.convert("RGB"), np.int64)


def box_of(pixels: npt.NDArray[np.int64], ground: tuple[int, int, int] = (255, 255, 255)) -> Box:
    """Return left, top, right and bottom of what is not ground."""
    rows, columns = np.nonzero((np.abs(pixels - ground) > 40).any(axis=-1))
    assert len(rows), "nothing is drawn"
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def size_of(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]


@pytest.mark.parametrize(
    ("gravity", "across", "down"),
    [("", 0.5, 1), ("&txt_g=nw", 0, 0), ("&txt_g=top", 0.5, 0), ("&txt_g=right", 1, 0.5),
     ("&txt_g=center", 0.5, 0.5), ("&txt_g=southwest", 0, 1), ("&txt_g=se", 1, 1)],
)  # fmt: skip
def test_text_stands_where_its_gravity_says(
    server: Server, white: str, gravity: str, across: float, down: float
) -> None:
    for pad, query in ((12, ""), (30, "&txt_pad=30"), (0, "&txt_pad=0")):
        left, top, right, bottom = box_of(drawn(server, white, "Help", gravity + query))
        # The soft edge of a letter may be too faint to count.
        assert left == pytest.approx(pad + (SIZE[0] - 2 * pad - (right - left)) * across, abs=1.5)
        assert top == pytest.approx(pad + (SIZE[1] - 2 * pad - (bottom - top)) * down, abs=1.5)


def test_text_grows_with_its_size_and_dpr(server: Server, white: str) -> None:
    small, large, dense = (
        size_of(box_of(drawn(server, white, "Help", query)))
        for query in ("txt_size=20", "txt_size=60", "txt_size=20&dpr=3")
    )
    assert large == dense
    for before, after in zip(small, large, strict=True):
        assert after == pytest.approx(3 * before, abs=3)
    # Capital letters are some 0.7 of the size.
    assert size_of(box_of(drawn(server, white, "H", "txt_size=100")))[1] == pytest.approx(70, abs=5)


def test_text_takes_its_colour_and_its_alpha(server: Server, white: str) -> None:
    solid = drawn(server, white, "H", "txt_size=100&txt_color=c01030")
    faint = drawn(server, white, "H", "txt_size=100&txt_color=c0103080")
    left, top, _, bottom = box_of(solid)
    at = (top + bottom) // 2, left + 5
    assert solid[at].tolist() == [0xC0, 0x10, 0x30]
    mixed = [round(255 + (channel - 255) * 0x80 / 255) for channel in (0xC0, 0x10, 0x30)]
    assert np.abs(faint[at] - mixed).max() <= 1


def test_a_box_stands_behind_the_letters_with_room_around_them(server: Server, white: str) -> None:
    bare = size_of(box_of(drawn(server, white, "Help", "txt_size=40")))
    placed = "txt_size=40&txt_g=nw&txt_pad=9"
    pixels = drawn(server, white, "Help", f"{placed}&txt_bg=2040c0&txt_color=fff")
    left, top, right, bottom = box_of(pixels)
    assert (left, top) == (9, 9)
    assert (right - left, bottom - top) == pytest.approx((bare[0] + 28, bare[1] + 28), abs=2)
    assert pixels[top, left].tolist() == pixels[bottom - 1, right - 1].tolist() == [32, 64, 192]
    inner = box_of(pixels[top:bottom, left:right], (32, 64, 192))
    assert inner[:2] == pytest.approx((14, 14), abs=2)
    half = drawn(server, white, "Help", f"{placed}&txt_bg=00000080")
    assert np.abs(half[9, 9] - 127).max() <= 1


def test_lines_are_broken_within_the_width_that_is_asked(server: Server, white: str) -> None:
    words = "many words that do not fit on one line"
    whole = size_of(box_of(drawn(server, white, "many words", "txt_size=30")))
    for query, most in (("txt_w=0.5", 200), ("txt_w=150", 150), ("txt_w=75&dpr=2", 150), ("", 370)):
        size = "txt_size=15&" if "dpr" in query else "txt_size=30&"
        width, height = size_of(box_of(drawn(server, white, words, size + query)))
        assert 0.6 * most < width <= most, query
        assert height > 1.5 * whole[1]
    # A word that is too long is broken within itself, and so nothing leaves the picture.
    width, height = size_of(box_of(drawn(server, white, "w" * 40, "txt_size=40&txt_w=200")))
    assert width <= 200
    assert height > 120


def test_line_feeds_begin_lines_that_stand_as_they_are_told(server: Server, white: str) -> None:
    def starts(query: str) -> tuple[int, int]:
        pixels = drawn(server, white, "Wide line\nnil", f"txt_size=40&txt_g=center&{query}")
        _, top, _, bottom = box_of(pixels)
        middle = (top + bottom) // 2
        upper, lower = box_of(pixels[top:middle]), box_of(pixels[middle + 4 : bottom])
        return lower[0] - upper[0], lower[2] - upper[2]

    for query in ("", "txt_align=left", "txt_align=start"):
        assert starts(query)[0] == pytest.approx(0, abs=4)
    assert starts("txt_align=right")[1] == pytest.approx(0, abs=4)
    left, right = starts("txt_align=center")
    assert left == pytest.approx(-right, abs=4)
    assert left > 20
    assert starts("txt_align=middle") == (left, right)


def test_markup_is_drawn_as_it_is_written(server: Server, white: str) -> None:
    plain = size_of(box_of(drawn(server, white, "x", "txt_size=30")))
    for text in ("<b>x</b>", "&amp;x", "<i", "a & b", '<span size="100000">x', "&#60;b>", "]]>"):
        width, height = size_of(box_of(drawn(server, white, text, "txt_size=30")))
        assert width > 1.3 * plain[0], text
        assert height < 3 * plain[1], text


def test_what_does_not_fit_shows_its_beginning_and_costs_no_more(server: Server) -> None:
    small = server.upload(encode(Image.new("RGB", (90, 60), (255, 255, 255)), "PNG"))["id"]
    for text, query in (("H" * 500, "txt_size=1000&txt_w=2&txt_g=bottom"), ("a\n" * 200, "")):
        pixels = drawn(server, small, text, query)
        assert pixels.shape == (60, 90, 3)
        assert box_of(pixels)


def test_text_lies_on_grey_on_alpha_and_on_every_frame(server: Server) -> None:
    grey = server.upload(encode(Image.new("L", SIZE, 200), "PNG"))["id"]
    assert box_of(drawn(server, grey, "Help", "txt_color=f00"), (200, 200, 200))
    clear = server.upload(encode(Image.new("RGBA", SIZE, (0, 0, 0, 0)), "PNG"))["id"]
    query = "txt=Help&txt_size=90&txt_color=08f&fmt=png"
    shown = show(server, clear, query).convert("RGBA")  # perhaps with a palette
    alpha = np.asarray(shown.getchannel("A"))
    assert (alpha.max(), alpha.min()) == (255, 0)
    assert (np.asarray(shown)[alpha == 255][:, :3] == (0, 0x88, 0xFF)).all()
    moving = server.upload(animation("GIF", 4, 90, 60))["id"]
    shown = show(server, moving, "txt=H&txt_size=40&txt_color=fff&fmt=webp&lossless=1&txt_bg=000")
    for number in range(4):
        shown.seek(number)
        frame = np.asarray(shown.convert("RGB"), np.int64)
        assert (frame.min(axis=-1) > 250).sum() > 50, number


# Writing


def test_arabic_is_joined_and_stands_at_the_right(server: Server, white: str) -> None:
    word = "مرحبا"
    query = "txt_size=60&txt_g=center"
    joined = size_of(box_of(drawn(server, white, word, query)))
    apart = size_of(box_of(drawn(server, white, "\u200c".join(word), query)))
    assert joined[0] < 0.92 * apart[0]
    for lines in (f"{word} {word}\n{word}", "שלום עולם\nשלום"):
        pixels = drawn(server, white, lines, query)
        left, top, right, bottom = box_of(pixels)
        lower = box_of(pixels[(top + bottom) // 2 + 8 : bottom])
        assert lower[2] == pytest.approx(right, abs=4)
        assert lower[0] > left + 60
        pixels = drawn(server, white, lines, f"{query}&txt_align=left")
        lower = box_of(pixels[(top + bottom) // 2 + 8 : bottom])
        assert lower[0] == pytest.approx(left, abs=4)


def test_fonts_are_named(server: Server, white: str) -> None:
    def width(text: str, font: str) -> int:
        return size_of(box_of(drawn(server, white, text, f"txt_size=40&txt_font={font}")))[0]

    assert width("iiii", "sans") < width("iiii", "sans-bold")
    assert width("iiii", "mono") == pytest.approx(width("mmmm", "mono"), abs=14)
    assert width("iiii", "sans") < 0.5 * width("mmmm", "sans")
    reply = problem(server.get(f"/img/{white}?txt=x&txt_font=comic"), 400)
    assert reply["field"] == "txt_font"
    assert "sans-bold" in reply["allowed"]
    assert "mono" in reply["allowed"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("txt=", "txt"), ("txt=%20", "txt"), ("txt=a%00b", "txt"), ("txt=a%1bb", "txt"),
     ("txt=" + "x" * 501, "txt"), ("txt=%EE%80%80", "txt"), ("txt=a%E2%80%AEb", "txt"),
     ("txt=x&txt_size=3", "txt_size"), ("txt=x&txt_color=nocolour", "txt_color"),
     ("txt=x&txt_align=justify", "txt_align"), ("txt=x&txt_w=-1", "txt_w"),
     ("txt=x&txt_font=../x", "txt_font")],
)  # fmt: skip
def test_what_is_no_text_is_refused(server: Server, white: str, query: str, field: str) -> None:
    assert problem(server.get(f"/img/{white}?{query}"), 400)["field"] == field


# Fonts


def make_font(path: Path, name: str, character: str, *, colour: bool) -> None:
    """Make a font of one character: a square, upper half red and lower half green if in colour."""

    def square(bottom: int, top: int) -> object:
        pen = TTGlyphPen(None)
        pen.moveTo((50, bottom))
        for point in ((50, top), (950, top), (950, bottom)):
            pen.lineTo(point)
        pen.closePath()
        return pen.glyph()

    glyphs = {
        ".notdef": square(0, 10), "sign": square(-200, 800),
        "upper": square(300, 800), "lower": square(-200, 300),
    }  # fmt: skip
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap({ord(character): "sign"})
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(dict.fromkeys(glyphs, (1000, 50)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": name, "styleName": "Regular"})
    font.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    font.setupPost()
    if colour:
        font.font["COLR"] = buildCOLR({"sign": [("upper", 0), ("lower", 1)]}, version=0)
        font.font["CPAL"] = buildCPAL([[(1.0, 0.0, 0.0, 1.0), (0.0, 0.5, 0.0, 1.0)]])
    font.save(path)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a machine without fonts and without a configuration of fontconfig."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "fonts").mkdir()
    make_font(folder / "fonts" / "smile.ttf", "Smiles", "\U0001f600", colour=True)
    make_font(folder / "fonts" / "flag.otf", "Helpa Signs", "漢", colour=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FONTCONFIG_PATH", str(folder / "nothing"))
        patch.delenv("FONTCONFIG_FILE", raising=False)
        patch.setenv("HOME", str(folder / "nobody"))
        settings = f'{{"fonts": ["{folder / "fonts"}"], "well_known_fonts": false}}'
        with running_server(folder / "var", plugin__overlays=settings) as server:
            yield server


def test_a_bare_machine_writes_with_the_fonts_that_come_with_helpa(
    bare: Server, server: Server, white: str
) -> None:
    here = bare.upload(encode(Image.new("RGB", SIZE, (255, 255, 255)), "PNG"))["id"]
    for text in ("Help", "Привет Γειά", "مرحبا שלום", "สวัสดี नमस्ते → ☂"):
        # The same letters as where fonts are installed, so they are letters and no boxes.
        pixels = drawn(bare, here, text, "txt_size=40")
        other = np.abs(pixels - drawn(server, white, text, "txt_size=40")).sum()
        assert other < 0.02 * (255 - pixels).sum(), text
    for line in bare.log:
        assert "ontconfig" not in line
        assert "Pango" not in line


def test_the_doctor_says_which_writing_has_a_font(bare: Server) -> None:
    done = run_helpa(
        "doctor", data_dir=bare.data_dir, plugin__overlays='{"well_known_fonts": false}'
    )
    (line,) = [line for line in done.stdout.splitlines() if " writing: " in line]
    assert "Arabic, Hebrew, Thai" in line
    assert "no font for emoji, Chinese, Japanese, Korean" in line
    assert "fonts-noto-color-emoji" in line


def test_what_no_font_has_is_refused_by_its_name(bare: Server) -> None:
    here = bare.upload(encode(Image.new("RGB", SIZE, (255, 255, 255)), "PNG"))["id"]
    reply = problem(bare.get(f"/img/{here}?txt={quote('ok 字')}"), 400)
    assert reply["field"] == "txt"
    assert "字 (U+5B57)" in reply["detail"]
    assert "plugin.overlays.fonts" in reply["detail"]


def test_fonts_of_the_settings_are_named_stand_in_and_keep_their_colours(bare: Server) -> None:
    here = bare.upload(encode(Image.new("RGB", SIZE, (255, 255, 255)), "PNG"))["id"]
    pixels = drawn(bare, here, "a\U0001f600", "txt_size=100&txt_color=00f&txt_g=center")
    kinds = {
        name: bool(np.all(np.abs(pixels - colour) < 12, axis=-1).sum() > 500)
        for name, colour in (("red", (255, 0, 0)), ("green", (0, 128, 0)), ("blue", (0, 0, 255)))
    }
    assert kinds == {"red": True, "green": True, "blue": True}
    faint = drawn(bare, here, "\U0001f600", "txt_size=100&txt_color=0000ff80&txt_g=center")
    assert np.all(np.abs(faint - (255, 127, 127)) < 12, axis=-1).sum() > 500
    sign = box_of(drawn(bare, here, "漢", "txt_size=100&txt_g=center"))
    assert size_of(sign) == pytest.approx((90, 100), abs=2)
    named = box_of(drawn(bare, here, "漢", "txt_size=100&txt_g=center&txt_font=helpa-signs"))
    assert named == sign
    reply = problem(bare.get(f"/img/{here}?txt=x&txt_font=smile"), 400)
    assert "smiles, " in reply["allowed"] or reply["allowed"].endswith("smiles")


def test_a_font_of_the_settings_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"\0\1\0\0 and no more")
    for path in (tmp_path / "nothing", broken):
        done = run_helpa(
            "serve", "--port", "0", data_dir=tmp_path / "var",
            plugin__overlays=f'{{"fonts": ["{path}"]}}',
        )  # fmt: skip
        assert done.returncode != 0
        assert str(path) in done.stderr
        assert "overlays" in done.stderr
