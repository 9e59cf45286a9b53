"""What a layer may be, and what is said of one that may not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.layers import EVERY, SIZE, shapes, stored
from helpa import ContentTooLarge, InvalidValue
from helpa_annotation.boxes import completed
from helpa_annotation.document import (
    KINDS,
    MOST_BYTES,
    MOST_SHAPES,
    Annotation,
    parse,
    read,
    schema,
)
from helpa_annotation.fonts import fonts
from helpa_annotation.mistakes import TYPES

numbers = st.integers() | st.floats()
anything = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
names = sorted({name for kind in KINDS.values() for name in kind.model_fields})
member = st.sampled_from(names) | st.text(max_size=5)
like = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES) | anything},
    optional={
        name: st.one_of(anything, st.just("abc"), st.floats(0, 100), st.just([[1, 2]]))
        for name in names
        if name != "type"
    },
)


def refused(value: object) -> InvalidValue:
    with pytest.raises(InvalidValue) as caught:
        parse(value)
    return caught.value


@settings(max_examples=100, deadline=None)
@given(anything | st.fixed_dictionaries({"shapes": st.lists(like | anything, max_size=3)}))
def test_any_json_is_a_layer_or_refused_with_its_place(value: object) -> None:
    try:
        parse(value)
    except InvalidValue as error:
        problem = error.problem()
        assert problem["field"]
        assert problem["allowed"]
        json.dumps(problem).encode("utf-8")
        problem["detail"].encode("utf-8")
        for told in problem.get("errors", []):
            assert told["field"].startswith(("shapes[", "shapes", "body", "version")) or (
                "shape" not in told
            )
            assert len(told["given"]) <= 80


@settings(max_examples=60, deadline=None)
@given(shapes)
def test_layers_are_what_the_published_schema_says(drawn: list[dict[str, Any]]) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    validator.validate({"shapes": drawn})
    content = stored(drawn)
    validator.validate(content)
    assert parse(content).content() == content


def test_every_kind_of_shape_has_a_word_and_is_described() -> None:
    assert tuple(KINDS) == TYPES == tuple(dict.fromkeys(each["type"] for each in EVERY))
    for definition in schema()["$defs"].values():
        assert definition["additionalProperties"] is False
        for name, said in definition["properties"].items():
            assert said.get("description") or name == "type", (definition["title"], name)


@pytest.mark.parametrize(
    ("change", "field", "given_", "allowed"),
    [
        ({"x1": "ten"}, "shapes[1].x1", "ten", "a valid number"),
        ({"x1": None}, "shapes[1].x1", "null", "a valid number"),
        ({"x1": True}, "shapes[1].x1", "true", "a valid number"),
        ({"x1": float("nan")}, "shapes[1].x1", "nan", "a finite number"),
        ({"x1": float("inf")}, "shapes[1].x1", "inf", ""),
        ({"x1": 10**400}, "shapes[1].x1", "a huge number", ""),
        ({"x1": 200_000}, "shapes[1].x1", "200000", "131072"),
        ({"opacity": 2}, "shapes[1].opacity", "2", "less than or equal to 1"),
        ({"stroke": "reddish"}, "shapes[1].stroke", "reddish", "CSS colour name"),
        ({"stroke": "url(#a)"}, "shapes[1].stroke", "url(#a)", "CSS colour name"),
        ({"heads": "all"}, "shapes[1].heads", "all", "'end', 'start' or 'both'"),
        ({"id": "a b"}, "shapes[1].id", "a b", "pattern"),
        ({"href": "x"}, "shapes[1].href", "x", "no such member; there are id, opacity"),
        ({"type": "arc"}, "shapes[1]", "an object", "'arrow', 'line'"),
        ({"type": "pen"}, "shapes[1].points", "nothing", "this member"),
    ],
)
def test_a_mistake_is_named_with_its_shape(
    change: dict[str, Any], field: str, given_: str, allowed: str
) -> None:
    arrow = {"id": "first", "type": "arrow", "x1": 0, "y1": 0, "x2": 5, "y2": 5}
    error = refused({"shapes": [EVERY[0], arrow | change]})
    told = next(each for each in error.extra["errors"] if each["field"] == field)
    assert told["given"] == given_
    assert allowed in told["allowed"]
    assert told["shape"] == 1
    if "id" not in change:
        assert told["id"] == "first"
        assert "(id first)" in error.detail


@pytest.mark.parametrize(
    "wrong",
    ["a\tb", "a\0b", "\x1b[0m", "a\u2028b", "\ud800", "\ue000", "\u202eabc", "\u2066a", " \n ", ""],
)
def test_text_is_made_of_characters_that_are_seen(wrong: str) -> None:
    error = refused({"shapes": [{"type": "text", "x": 0, "y": 0, "text": wrong}]})
    assert error.field == "shapes[0].text"
    json.dumps(error.problem()).encode()


def test_line_ends_and_letters_are_made_equal() -> None:
    (shape,) = parse(
        {"shapes": [{"type": "text", "x": 0, "y": 0, "text": "a\r\nb\rc e\u0301"}]}
    ).shapes
    assert shape.text == "a\nb\nc \u00e9"  # type: ignore[union-attr]


def test_there_is_an_end_to_shapes_points_words_and_bytes() -> None:
    line = {"type": "line", "x1": 0, "y1": 0, "x2": 1, "y2": 1}
    assert len(parse({"shapes": [line] * MOST_SHAPES}).shapes) == MOST_SHAPES
    assert refused({"shapes": [line] * (MOST_SHAPES + 1)}).field == "shapes"
    pen: dict[str, Any] = {"type": "pen", "points": [[1, 2]] * 2000}
    parse({"shapes": [pen] * 10})
    assert "20000 points" in str(refused({"shapes": [pen] * 10 + [pen | {"points": [[1, 1]]}]}))
    long = pen | {"points": [[1, 2]] * 2001}
    assert refused({"shapes": [long]}).field == "shapes[0].points"
    text = {"type": "text", "x": 0, "y": 0, "text": "a" * 1001}
    assert "at most 1000" in str(refused({"shapes": [text]}))
    with pytest.raises(ContentTooLarge):
        read(b" " * (MOST_BYTES + 1))


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b'"\xff"', b"nul"])
def test_what_is_no_json_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(InvalidValue, match="not JSON"):
        read(data)


def test_ids_are_given_and_stand_once() -> None:
    line: dict[str, Any] = {"type": "line", "x1": 0, "y1": 0, "x2": 1, "y2": 1}
    layer = parse({"shapes": [line, line | {"id": "s1"}, line]})
    assert [shape.id for shape in layer.shapes] == ["s2", "s1", "s3"]
    assert "stands 2 times" in str(refused({"shapes": [line | {"id": "a"}] * 2}))


def test_a_stamp_is_a_sign_or_a_picture() -> None:
    box = {"type": "stamp", "x": 0, "y": 0, "w": 1, "h": 1}
    assert "either sign or image" in str(refused({"shapes": [box]}))
    both = {"sign": "check", "image": "B" * 22}
    assert "either sign or image" in str(refused({"shapes": [box | both]}))
    layer = parse({"shapes": [box | {"image": "B" * 22}, box | {"image": "B" * 22}]})
    assert layer.pictures == ("B" * 22,)


def test_characters_that_no_font_has_are_named() -> None:
    layer = parse({"shapes": [EVERY[0], {"type": "text", "x": 0, "y": 0, "text": "a𓀀b"}]})
    with pytest.raises(InvalidValue, match=re.escape("(U+13000)")) as caught:
        completed(layer, SIZE, fonts())
    assert caught.value.field == "shapes[1].text"


def test_boxes_of_words_are_completed_once() -> None:
    content = stored([EVERY[6]])
    (shape,) = content["shapes"]
    assert shape["w"] > 50
    assert shape["h"] == pytest.approx((0.935 + 0.265 + 0.6) * 18, abs=0.01)
    again = completed(Annotation.model_validate(content), SIZE, fonts())
    assert again.content() == content


def test_no_font_is_read_before_words_are_drawn() -> None:
    code = (
        "import sys; import helpa_annotation.document, helpa_annotation.geometry\n"
        "import helpa_annotation.boxes\n"
        "assert not {'uharfbuzz', 'pyvips', 'pymupdf_fonts', 'fontTools'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
