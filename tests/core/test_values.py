"""Values of URLs: what is written is what is read, and one value has one text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageColor

from core.language import OF_CLASS
from helpa.core.control import FileName, Word
from helpa.core.values import (
    Colour,
    Length,
    Point,
    Ratio,
    Rect,
    Sides,
    Size,
    decimal,
    number,
    scaled,
)
from helpa_basics.cut import Border


@pytest.mark.parametrize("kind", OF_CLASS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_the_text_of_a_value_reads_back_as_the_same_text(
    kind: type[Any], data: st.DataObject
) -> None:
    value = kind.parse(data.draw(OF_CLASS[kind]))
    again = kind.parse(str(value))
    assert str(again) == str(value)


@pytest.mark.parametrize(
    "kind", [k for k in OF_CLASS if k is not Ratio], ids=lambda kind: kind.__name__
)
@given(data=st.data())
def test_the_text_of_a_value_reads_back_as_the_same_value(
    kind: type[Any], data: st.DataObject
) -> None:
    value = kind.parse(data.draw(OF_CLASS[kind]))
    assert kind.parse(str(value)) == value


@given(width=st.integers(1, 16384), ratio=OF_CLASS[Ratio])
def test_the_text_of_a_ratio_gives_the_same_sides(width: int, ratio: str) -> None:
    value = Ratio.parse(ratio)
    again = Ratio.parse(str(value))
    assert round(width / again.value) == round(width / value.value)
    assert round(width * again.value) == round(width * value.value)


@given(st.builds("{}.{}".format, st.integers(0, 100), st.text("0123456789", max_size=14)))
def test_a_length_of_any_precision_has_a_text_that_means_the_same(text: str) -> None:
    text = text.rstrip(".")
    for shape in ("{},0,1,1", "0,0,{},1"):
        try:
            value = Rect.parse(shape.format(text))
        except ValueError:
            continue
        assert Rect.parse(str(value)) == value


@given(st.floats(-1e6, 1e6, allow_nan=False))
def test_decimal_writes_numbers_that_number_reads(value: float) -> None:
    text = decimal(value)
    assert abs(number(text) - value) <= 5e-7 + abs(value) * 1e-12
    assert decimal(number(text)) == text


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0.0), ("-0", 0.0), (".5", 0.5), ("007", 7.0), ("-3.25", -3.25)]
)
def test_plain_decimals_are_numbers(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1e3",
        "inf",
        "nan",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "1.",
        "--1",
        "1_000",
        "0x10",
        "١",
        "½",
        "1" * 21,
    ],
)
def test_anything_but_a_plain_decimal_is_no_number(text: str) -> None:
    with pytest.raises(ValueError):
        number(text)


@pytest.mark.parametrize(
    ("text", "rgba"),
    [
        ("f00", (255, 0, 0, 255)),
        ("F00", (255, 0, 0, 255)),
        ("ff0000", (255, 0, 0, 255)),
        ("f008", (255, 0, 0, 136)),
        ("ff000080", (255, 0, 0, 128)),
        ("red", (255, 0, 0, 255)),
        ("Red", (255, 0, 0, 255)),
        ("bada55", (186, 218, 85, 255)),
        ("fade", (255, 170, 221, 238)),  # hex wins over names
        ("transparent", (0, 0, 0, 0)),
        ("lightgoldenrodyellow", (250, 250, 210, 255)),
    ],
)
def test_colours_are_hex_or_names(text: str, rgba: tuple[int, int, int, int]) -> None:
    colour = Colour.parse(text)
    assert (colour.red, colour.green, colour.blue, colour.alpha) == rgba
    assert colour.opaque == (rgba[3] == 255)


def test_every_css_name_is_a_colour() -> None:
    # The one name that CSS Color 4 has and CSS 3 has not; Pillow knows them all.
    for name in [*ImageColor.colormap, "rebeccapurple"]:
        colour = Colour.parse(name)
        expected = ImageColor.getrgb(name)
        assert (colour.red, colour.green, colour.blue) == expected[:3], name


def test_spellings_of_one_colour_have_one_text() -> None:
    same = ["f00", "F00", "f00f", "FF0000", "ff0000ff", "red", "RED"]
    assert {str(Colour.parse(text)) for text in same} == {"ff0000"}


BAD: list[tuple[type[Any], str]] = [
    *((Colour, t) for t in ("", "#fff", "ff", "fffff", "reddish", "ｆff", "f f", "rgb(1)")),
    *((Length, t) for t in ("", "-1", "101p", "p", "%", "1px", "1000001", "1pp", "nan")),
    *((Rect, t) for t in ("", "1,2,3", "1,2,3,4,5", "0,0,0,1", "0,0,1,0p", "-1,0,1,1", "0,0,1,1,")),
    *((Point, t) for t in ("", "0.5", "0.5,", "1.1,0", "-0.1,0", "0,0,0", "50p,50p")),
    *((Ratio, t) for t in ("", "0", "16:0", "0:9", "16:9:1", "16/9", "-1:2", "1:1001", ":")),
    *((Sides, t) for t in ("", "1,2,3", "1,2,3,4,5", "-1", "4097", "1.5", "1,,2", " 1", "١")),
    *((Border, t) for t in ("", "256", "-1", "10,", "10,nocolour", "1.5", "10,fff,1", ",")),
    *((Word, t) for t in ("", "a b", "a.b", "ä", "a" * 65, "a/b", "a\n")),
    *((FileName, t) for t in ("", "a/b", "a\\b", 'a"b', "a\nb", "a\0b", "x" * 121, "\u202eg")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), BAD, ids=lambda part: ascii(part))
def test_what_is_no_value_is_refused(kind: type[Any], text: str) -> None:
    with pytest.raises(ValueError):
        kind.parse(text)


@pytest.mark.parametrize("kind", OF_CLASS, ids=lambda kind: kind.__name__)
@given(text=st.text(max_size=30))
def test_random_text_is_a_value_or_a_value_error(kind: type[Any], text: str) -> None:
    try:
        value = kind.parse(text)
    except ValueError:
        return
    assert str(kind.parse(str(value))) == str(value)


def test_a_length_in_percent_follows_the_side() -> None:
    assert Length.parse("10p").of(1440) == 144
    assert Length.parse("10%").of(1440) == 144
    assert Length.parse("10").of(1440) == 10
    assert str(Length.parse("10%")) == "10p"


def test_spellings_of_one_ratio_have_one_text() -> None:
    assert str(Ratio.parse("16:9")) == str(Ratio.parse("32:18")) == str(Ratio.parse("1.6:0.9"))
    assert str(Ratio.parse("3:2")) == str(Ratio.parse("1.5"))
    assert str(Ratio.parse("16:9")) != str(Ratio.parse("16:10"))


def test_sides_are_read_like_css_padding() -> None:
    assert Sides.parse("7") == Sides(7, 7, 7, 7)
    assert Sides.parse("1,2") == Sides(1, 2, 1, 2)
    assert Sides.parse("1,2,3,4") == Sides(1, 2, 3, 4)
    assert str(Sides.parse("5,5,5,5")) == "5"
    assert str(Sides.parse("1,2,1,2")) == "1,2"


@given(st.integers(1, 10**5), st.integers(1, 10**5), st.integers(1, 64))
def test_a_scaled_size_is_rounded_up(width: int, height: int, factor: int) -> None:
    small = scaled(Size(width, height), factor)
    assert (small.width - 1) * factor < width <= small.width * factor
    assert (small.height - 1) * factor < height <= small.height * factor
