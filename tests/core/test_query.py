"""The strict grammar: every spelling, and every way to get it wrong."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language import (
    FREE,
    GRAMMAR,
    LIKELY,
    VOCABULARY,
    basics,
    queries,
    spelt,
    texts,
)
from helpa import InvalidValue, NotFound, Operation, Stage
from helpa.core.parameters import Definition
from helpa.core.query import Grammar, Query, split_path

EVERY = sorted(VOCABULARY.definitions.values(), key=lambda definition: definition.name)


def parse(text: str, extension: str | None = None) -> Query:
    return GRAMMAR.parse(text.encode(), extension)


def canonical(text: str, extension: str | None = None) -> str:
    return parse(text, extension).canonical(VOCABULARY)


def refused(text: str | bytes, extension: str | None = None, grammar: Grammar = GRAMMAR) -> Any:
    with pytest.raises(InvalidValue) as caught:
        grammar.parse(text if isinstance(text, bytes) else text.encode(), extension)
    problem = caught.value.problem()
    assert problem["status"] == 400
    return caught.value


SIGNATURE = f"k1.e.{'A' * 43}"


def sample(definition: Definition) -> str:
    if definition.name == "sig":
        return SIGNATURE
    return definition.parameter.example or "1"


@pytest.mark.parametrize("definition", EVERY, ids=lambda d: d.name)
def test_every_alias_means_the_canonical_name(definition: Definition) -> None:
    grammar = presets(thumb="w=9") if definition.name == "p" else GRAMMAR
    text = quote(sample(definition))
    if definition.name == "exp":
        text += f"&sig={SIGNATURE}"  # which it means nothing without
    plain = grammar.parse(f"{definition.name}={text}".encode())
    assert plain.values
    for alias in definition.parameter.aliases:
        query = grammar.parse(f"{alias}={text}".encode())
        assert query.values == plain.values
        assert query.spelling[definition.name] == alias
        assert query.canonical(VOCABULARY) == plain.canonical(VOCABULARY)


@pytest.mark.parametrize(
    ("definition", "word", "value"),
    [(d, word, value) for d in EVERY for word, value in d.parameter.synonyms],
    ids=lambda part: part.name if isinstance(part, Definition) else str(part),
)
def test_every_synonym_means_the_canonical_value(
    definition: Definition, word: str, value: str
) -> None:
    assert canonical(f"{definition.name}={word}") == canonical(f"{definition.name}={value}")
    assert canonical(f"{definition.name}={word.upper()}") == canonical(f"{definition.name}={value}")


@pytest.mark.parametrize(
    ("definition", "group"),
    [(d, group) for d in EVERY for group in d.parameter.parts],
    ids=lambda part: "+".join(part) if isinstance(part, tuple) else part.name,
)
def test_parts_together_mean_the_whole(definition: Definition, group: tuple[str, ...]) -> None:
    values = sample(definition).split(",")
    pieces = [f"{name}={value}" for name, value in zip(group, values, strict=True)]
    whole = canonical(f"{definition.name}={sample(definition)}")
    assert canonical("&".join(pieces)) == whole
    assert canonical("&".join(reversed(pieces))) == whole


@pytest.mark.parametrize(
    ("definition", "group"),
    [(d, group) for d in EVERY for group in d.parameter.parts],
    ids=lambda part: "+".join(part) if isinstance(part, tuple) else part.name,
)
def test_a_part_alone_is_refused_and_the_missing_one_named(
    definition: Definition, group: tuple[str, ...]
) -> None:
    values = sample(definition).split(",")
    for missing in range(len(group)):
        pieces = [
            f"{name}={value}"
            for number, (name, value) in enumerate(zip(group, values, strict=True))
            if number != missing
        ]
        error = refused("&".join(pieces))
        assert error.field == group[missing]
        assert group[missing] in error.detail


@pytest.mark.parametrize("definition", EVERY, ids=lambda d: d.name)
def test_a_parameter_twice_is_refused_under_any_of_its_names(definition: Definition) -> None:
    grammar = Grammar(VOCABULARY, presets={"thumb": "w=9"})
    text = quote(sample(definition))
    whole = f"{definition.name}={text}"
    for name in definition.names:
        error = refused(f"{whole}&{name}={text}", grammar=grammar)
        assert error.field == name
        assert "twice" in error.detail
        if name != definition.name:
            assert f"given as {definition.name} before" in error.detail
    for group in definition.parameter.parts:
        values = sample(definition).split(",")
        pieces = "&".join(f"{n}={v}" for n, v in zip(group, values, strict=True))
        refused(f"{whole}&{pieces}")
        refused(f"{pieces}&{whole}")
        refused(f"{pieces}&{group[0]}={values[0]}")
    groups = definition.parameter.parts
    if len(groups) > 1:
        both = "&".join(
            f"{n}={v}"
            for g in groups
            for n, v in zip(g, sample(definition).split(","), strict=True)
        )
        refused(both)


def test_equal_values_twice_are_refused_too() -> None:
    assert refused("w=100&w=100").field == "w"
    assert refused("w=100&width=100").field == "width"


@pytest.mark.parametrize(
    ("text", "name", "close"),
    [
        ("widht=100", "widht", "width"),
        ("qualty=3", "qualty", "quality"),
        ("fitt=cover", "fitt", "fit"),
        ("Gravity=center", "Gravity", "gravity"),
        ("backgroud=fff", "backgroud", "background"),
        ("aspct_ratio=1", "aspct_ratio", "aspect_ratio"),
    ],
)
def test_an_unknown_name_is_refused_and_the_nearest_named(text: str, name: str, close: str) -> None:
    error = refused(text)
    assert error.field == name
    assert f"Did you mean {close}?" in error.detail
    assert error.problem()["nearest"] == close


def test_an_unknown_name_that_is_like_nothing_has_no_nearest() -> None:
    error = refused("zzzzzz=1")
    assert error.field == "zzzzzz"
    assert "nearest" not in error.problem()


def test_names_are_exact_in_case() -> None:
    assert refused("W=100").field == "W"


@pytest.mark.parametrize("text", ["w", "w&h=3", "enlarge", "cx"])
def test_a_name_without_a_value_is_refused(text: str) -> None:
    error = refused(text)
    assert error.field == text.partition("&")[0]
    assert "no value" in error.detail


@pytest.mark.parametrize("text", ["w=", "fit=", "bg=", "rect=", "dl=", "fmt="])
def test_an_empty_value_is_refused(text: str) -> None:
    assert refused(text).field == text[:-1]


def test_empty_pieces_are_nothing() -> None:
    assert canonical("&&w=100&&&h=50&") == "h=50&w=100"
    assert canonical("") == ""


def test_the_error_names_the_spelling_that_was_used() -> None:
    error = refused("width=abc")
    assert error.field == "width"
    assert error.given == "abc"
    assert "1–16384" in str(error.allowed)


# Format and extension


@pytest.mark.parametrize("word", sorted(VOCABULARY.formats))
def test_every_extension_means_the_format_of_that_name(word: str) -> None:
    assert canonical("", word) == canonical(f"fmt={word}")
    assert canonical("", word.upper()) == canonical(f"fmt={word}")
    assert canonical(f"fmt={word}", word) == canonical(f"fmt={word}")
    assert canonical(f"f={word.upper()}", VOCABULARY.formats[word]) == canonical(f"fmt={word}")


def test_aliases_of_one_format_agree_with_each_other() -> None:
    assert canonical("fmt=jpeg", "jpg") == canonical("", "jpeg") == "fmt=jpg"


def test_an_extension_against_fmt_is_refused() -> None:
    error = refused("fm=webp&w=9", "png")
    assert error.field == "fm"
    assert "png" in str(error.allowed)
    refused("fmt=auto", "png")
    refused("fmt=png", "auto")


def test_an_unknown_extension_is_refused_and_the_nearest_named() -> None:
    error = refused("", "jpge")
    assert error.field == "extension"
    assert error.given == "jpge"
    assert "Did you mean" in error.detail
    assert "webp" in str(error.allowed)


def test_an_unknown_format_is_refused_and_the_nearest_named() -> None:
    error = refused("fmt=wepb")
    assert (error.field, error.given) == ("fmt", "wepb")
    assert "Did you mean webp?" in error.detail


# Encoding


def test_percent_encoding_spells_the_same() -> None:
    assert canonical("%77=%31%30%30") == canonical("w=100")
    assert canonical("rect=0%2C0%2C50%25%2C50%25") == canonical("rect=0,0,50%,50%")
    assert canonical("rect=0,0,50p,50p") == canonical("rect=0,0,50%,50%")
    assert parse("dl=a%20b").get("dl").text == "a b"
    assert parse("dl=a+b").get("dl").text == "a b"
    assert parse("dl=a%2Bb").get("dl").text == "a+b"
    assert parse("dl=%C3%A4").get("dl").text == "ä"


@pytest.mark.parametrize(
    "raw", [b"w=\xff", b"w=%ff", b"%ff=1", b"\xe4=1", b"dl=%C3", b"dl=%ED%A0%80"]
)
def test_what_is_not_utf8_is_refused(raw: bytes) -> None:
    assert "UTF-8" in refused(raw).detail


@given(st.binary(max_size=60))
def test_any_bytes_are_a_query_or_an_invalid_value(raw: bytes) -> None:
    try:
        query = GRAMMAR.parse(raw)
    except InvalidValue:
        return
    text = query.canonical(VOCABULARY)
    assert GRAMMAR.parse(text.encode()).values == query.values


def test_an_ampersand_inside_a_value_stays_inside() -> None:
    assert parse("dl=a%26w%3D9").values.keys() == {"dl"}
    again = canonical("dl=a%26w%3D9")
    assert parse(again).get("dl").text == "a&w=9"


# Limits


def test_too_many_parameters_are_refused() -> None:
    grammar = Grammar(VOCABULARY, max_parameters=2)
    assert grammar.parse(b"w=1&h=2").values
    assert "at most 2" in refused("w=1&h=2&q=3", grammar=grammar).detail


def test_too_long_a_query_is_refused() -> None:
    grammar = Grammar(VOCABULARY, max_length=10)
    assert grammar.parse(b"w=1&h=2345").values
    assert "at most 10" in refused("w=1&h=23456", grammar=grammar).detail


def test_ignored_parameters_are_dropped_unread() -> None:
    grammar = Grammar(VOCABULARY, ignored=("utm_*", "gclid"))
    with_them = b"utm_source=a&w=100&gclid=%20b&utm_source=again&utm_=&utm_x"
    assert grammar.parse(with_them) == grammar.parse(b"w=100")
    assert refused("utmsource=a", grammar=grammar).field == "utmsource"
    assert refused("xgclid=a", grammar=grammar).field == "xgclid"
    assert refused("gclids=a", grammar=grammar).field == "gclids"
    assert refused("utm_source=a").field == "utm_source"


# Presets


def presets(**named: str) -> Grammar:
    return Grammar(VOCABULARY, presets=named)


def test_a_preset_stands_for_its_parameters() -> None:
    grammar = presets(thumb="width=200&fit=cover")
    query = grammar.parse(b"p=thumb")
    assert query.get("w") == 200
    assert query.get("fit").value == "cover"
    assert query.preset == {"w", "fit"}
    assert query.canonical(VOCABULARY) == "p=thumb"


@pytest.mark.parametrize("order", [b"p=thumb&w=50", b"w=50&p=thumb", b"class=thumb&width=50"])
def test_what_stands_beside_a_preset_wins(order: bytes) -> None:
    grammar = presets(thumb="w=200&h=100")
    query = grammar.parse(order)
    assert (query.get("w"), query.get("h")) == (50, 100)
    assert query.preset == {"h"}
    assert query.canonical(VOCABULARY) == "p=thumb&w=50"


def test_an_extension_beside_a_preset_wins() -> None:
    assert presets(thumb="fmt=png").parse(b"p=thumb", "webp").get("fmt").text == "webp"


def test_an_unknown_preset_is_refused_and_the_nearest_named() -> None:
    error = refused("preset=thumbs", grammar=presets(thumb="w=9", hero="w=1"))
    assert (error.field, error.given, error.allowed) == ("preset", "thumbs", "hero, thumb")
    assert "Did you mean thumb?" in error.detail
    assert "none" in refused("p=thumb").detail


def test_a_preset_cannot_name_a_preset() -> None:
    with pytest.raises(InvalidValue, match=r"'b'.*another preset"):
        presets(a="w=9", b="p=a")
    with pytest.raises(InvalidValue, match="'b'"):
        presets(b="p=b")


def test_a_preset_cannot_explain() -> None:
    with pytest.raises(InvalidValue, match=r"'b'.*not for how they came about"):
        presets(b="w=9&explain=1")


def test_a_preset_that_does_not_parse_is_named() -> None:
    with pytest.raises(InvalidValue, match=r"'thumb'.*widht"):
        presets(thumb="widht=9")


def test_a_preset_named_in_capitals_can_be_asked_for() -> None:
    grammar = presets(Thumb="w=9")
    assert grammar.parse(b"p=Thumb").get("w") == 9
    assert grammar.parse(b"p=thumb").get("w") == 9


# Canonical form


@given(queries())
def test_canonicalising_is_idempotent(pairs: dict[str, str]) -> None:
    query = GRAMMAR.parse(spelt(pairs).encode())
    text = query.canonical(VOCABULARY)
    again = GRAMMAR.parse(text.encode())
    assert again.canonical(VOCABULARY) == text
    assert again.values.keys() == query.values.keys()


@given(queries(), st.data())
def test_order_and_spelling_do_not_change_the_canonical_form(
    pairs: dict[str, str], data: st.DataObject
) -> None:
    plain = canonical(spelt(pairs))
    shuffled = data.draw(st.permutations(list(pairs.items())))
    respelt = {
        data.draw(st.sampled_from(VOCABULARY.definitions[name].names)): value
        for name, value in shuffled
    }
    assert canonical(spelt(respelt)) == plain


@given(st.sampled_from(FREE), st.data())
def test_different_values_of_a_parameter_have_different_canonical_forms(
    name: str, data: st.DataObject
) -> None:
    values = LIKELY.get(name, texts(VOCABULARY.definitions[name]))
    one, other = data.draw(values), data.draw(values)
    first, second = parse(spelt({name: one})), parse(spelt({name: other}))
    same = first.canonical(VOCABULARY) == second.canonical(VOCABULARY)
    assert same == (first.values == second.values)


def test_the_canonical_form_is_sorted_and_encoded_one_way() -> None:
    assert canonical("w=0100&h=50&bg=RED&rect=0,0,50%25,10.50") == (
        "bg=ff0000&h=50&rect=0,0,50p,10.5&w=100"
    )
    assert canonical("dl=%C3%A4%20b%2Fc".replace("%2F", "-")) == "dl=%C3%A4%20b-c"


# Vocabulary


def nothing(frame: object) -> None:
    """Do nothing."""


def test_two_plugins_cannot_claim_one_name() -> None:
    with pytest.raises(ValueError, match=r"'resize'.*'basics'.*'other'"):
        basics(Operation("resize", stage=Stage.EFFECT, plan=nothing))


def test_what_the_grammar_reads_is_what_the_vocabulary_lists() -> None:
    for name in VOCABULARY.spellings:
        with pytest.raises(InvalidValue) as caught:
            parse(f"{name}=%00")
        assert "There is no parameter" not in caught.value.detail


# Paths


def test_a_path_names_an_image_and_perhaps_an_extension() -> None:
    assert split_path(b"/img/" + b"a-Z_0" * 4 + b"ab") == ("a-Z_0" * 4 + "ab", None)
    assert split_path(b"/img/" + b"x" * 22 + b".webp") == ("x" * 22, "webp")


@pytest.mark.parametrize(
    "path",
    [
        b"/img/",
        b"/img/short",
        b"/img/" + b"x" * 21,
        b"/img/" + b"x" * 23,
        b"/img/" + b"x" * 22 + b"/",
        b"/img/" + b"x" * 22 + b".",
        b"/img/" + b"x" * 22 + b".a.b",
        b"/img/" + b"x" * 22 + b".toolongextension",
        b"/img/" + b"x" * 21 + b"%41",
        b"/img//" + b"x" * 22,
        b"/img/" + b"x" * 22 + b"\n",
        b"/img/../" + b"x" * 22,
    ],
)
def test_any_other_path_names_no_picture(path: bytes) -> None:
    with pytest.raises(NotFound):
        split_path(path)
