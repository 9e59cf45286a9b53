"""Parameters: one canonical text for each value, and errors that say what to write instead."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language import OF_CLASS, VOCABULARY, texts
from helpa import InvalidValue, Parameter
from helpa.core.parameters import Definition, definitions

EVERY = sorted(VOCABULARY.definitions.values(), key=lambda definition: definition.name)


@pytest.mark.parametrize("definition", EVERY, ids=lambda d: d.name)
@given(data=st.data())
def test_a_canonical_value_reads_back_and_stays(
    definition: Definition, data: st.DataObject
) -> None:
    canonical = definition.canonical(definition.parse(data.draw(texts(definition))))
    again = definition.parse(canonical)
    assert definition.canonical(again) == canonical


@pytest.mark.parametrize("definition", EVERY, ids=lambda d: d.name)
@given(text=st.text(max_size=20))
def test_random_text_is_a_value_or_an_error_that_says_what_is_allowed(
    definition: Definition, text: str
) -> None:
    error: InvalidValue | None = None
    try:
        value = definition.parse(text, "spelling")
    except InvalidValue as raised:
        error = raised
    if error is None:
        canonical = definition.canonical(value)
        assert definition.canonical(definition.parse(canonical)) == canonical
        return
    assert error.field == "spelling"
    assert error.given == text
    assert error.allowed
    assert error.allowed == definition.expects
    assert error.allowed in error.detail


@pytest.mark.parametrize("definition", EVERY, ids=lambda d: d.name)
@given(data=st.data())
def test_canonical_values_match_the_schema(definition: Definition, data: st.DataObject) -> None:
    text = definition.canonical(definition.parse(data.draw(texts(definition))))
    schema = definition.schema()
    assert any(_matches(text, one) for one in schema.get("anyOf", [schema]))


def _matches(text: str, schema: dict[str, Any]) -> bool:
    if "enum" in schema:
        return text in map(str, schema["enum"])
    if schema["type"] in ("integer", "number"):
        try:
            value = float(text)
        except ValueError:
            return False
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return re.search(schema["pattern"], text) is not None


@pytest.mark.parametrize("definition", EVERY, ids=lambda d: d.name)
def test_every_example_can_be_parsed(definition: Definition) -> None:
    if definition.parameter.example:
        assert definition.parse(definition.parameter.example) is not None


@pytest.mark.parametrize(
    "definition",
    [d for d in EVERY if d.parameter.ge is not None or d.parameter.le is not None],
    ids=lambda d: d.name,
)
def test_numbers_outside_their_range_are_refused_and_the_range_is_named(
    definition: Definition,
) -> None:
    low, high = definition.parameter.ge, definition.parameter.le
    assert low is not None
    assert high is not None
    assert definition.parse(f"{low:g}".replace("+", "")) == low
    for text in (str(int(low) - 1), str(int(high) + 1)):
        with pytest.raises(InvalidValue) as caught:
            definition.parse(text)
        assert caught.value.allowed is not None
        assert f"{low:g}–" in caught.value.allowed.replace("−", "-")


def test_a_misspelt_word_is_answered_with_the_nearest() -> None:
    for name, text, word in [
        ("fit", "insde", "inside"),
        ("fit", "COVERS", "cover"),
        ("g", "top-lft", "top-left"),
        ("g", "nothwest", "northwest"),
        ("q", "hihg", "high"),
        ("meta", "copyrigt", "copyright"),
    ]:
        with pytest.raises(InvalidValue) as caught:
            VOCABULARY.definitions[name].parse(text)
        assert f"Did you mean {word}?" in caught.value.detail
        assert caught.value.given == text


def test_a_long_value_is_not_repeated_whole() -> None:
    with pytest.raises(InvalidValue) as caught:
        VOCABULARY.definitions["w"].parse("9" * 3000)
    assert len(caught.value.detail) < 300
    assert caught.value.given is not None
    assert len(caught.value.given) < 100


def test_words_are_read_in_any_case() -> None:
    fit, gravity = VOCABULARY.definitions["fit"], VOCABULARY.definitions["g"]
    assert fit.parse("Cover") == fit.parse("cover")
    assert gravity.parse("NorthWest") == gravity.parse("top-left")


def test_only_0_and_1_are_yes_and_no() -> None:
    flag = VOCABULARY.definitions["enlarge"]
    assert flag.parse("1") is True
    assert flag.parse("0") is False
    for text in ("", "true", "yes", "2", "01", "on"):
        with pytest.raises(InvalidValue):
            flag.parse(text)


def test_whole_numbers_take_no_fraction() -> None:
    for text in ("100.0", "1e2", "+100", " 100", "100 ", "1_0", "١٠٠", "", "-"):
        with pytest.raises(InvalidValue):
            VOCABULARY.definitions["w"].parse(text)
    assert VOCABULARY.definitions["w"].parse("0100") == 100


class Shade(enum.StrEnum):
    DARK = "dark"


def test_a_signature_gives_its_definitions_in_order() -> None:
    def plan(
        frame: object,
        *,
        b: Annotated[int | None, Parameter("One.", aliases=("bee",), ge=1, le=9)] = None,
        a: Annotated[float | Shade, Parameter("Two.")] = 1.5,
    ) -> None: ...

    first, second = definitions(plan)
    assert (first.name, first.names, first.types, first.default) == (
        "b",
        ("b", "bee"),
        (int,),
        None,
    )
    assert (second.name, second.types, second.default) == ("a", (float, Shade), 1.5)
    assert first.expects == "a whole number of 1–9"
    assert second.expects == "a number or one of dark"


def test_a_signature_that_cannot_be_written_in_a_url_is_refused() -> None:
    def no_default(*, x: Annotated[int, Parameter("X.")]) -> None: ...
    def not_annotated(*, x: int = 1) -> None: ...
    def no_parameter(*, x: Annotated[int, "words"] = 1) -> None: ...
    def no_form(*, x: Annotated[bytes | None, Parameter("X.")] = None) -> None: ...

    cases: list[tuple[Callable[..., None], str]] = [
        (no_default, "no default"),
        (not_annotated, "not Annotated"),
        (no_parameter, "not Annotated"),
        (no_form, "no way to be written"),
    ]
    for function, reason in cases:
        with pytest.raises(TypeError, match=reason) as caught:
            definitions(function)
        assert function.__name__ in str(caught.value)


def test_every_class_of_values_has_texts_to_test_with() -> None:
    used = {kind for definition in EVERY for kind in definition.types if hasattr(kind, "parse")}
    assert used <= OF_CLASS.keys()
