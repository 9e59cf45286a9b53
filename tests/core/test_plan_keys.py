"""The key of a rendition: one for one meaning, another for another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.language import (
    GRAMMAR,
    LIKELY,
    VOCABULARY,
    meaning,
    picture,
    pictures,
    planned,
    planner,
    queries,
    spelt,
    texts,
)
from helpa import InvalidValue
from helpa.core.operations import Picture
from helpa.core.plan import Measurement, Plan

THOROUGH = settings(
    max_examples=400,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def plan_of(pairs: dict[str, str], of: Picture, accept: int) -> Plan | None:
    try:
        return planned(spelt(pairs), of, accept)
    except InvalidValue:
        return None


def changed(draw: Any, pairs: dict[str, str]) -> dict[str, str]:
    """Return a query with one parameter changed, added or taken away, or quite another one."""
    other = dict(pairs)
    how = draw(st.sampled_from(["value", "value", "drop", "another"]))
    if how == "another" or not pairs:
        return dict(draw(queries()))
    name = draw(st.sampled_from(sorted(pairs)))
    if how == "drop":
        del other[name]
    else:
        other[name] = draw(LIKELY.get(name, texts(VOCABULARY.definitions[name])))
    return other


@THOROUGH
@given(st.data(), queries(), pictures(), st.integers(0, 3), st.integers(0, 3))
def test_two_queries_share_a_key_exactly_when_they_mean_the_same(
    data: st.DataObject, pairs: dict[str, str], of: Picture, accept: int, other_accept: int
) -> None:
    one = plan_of(pairs, of, accept)
    other = plan_of(changed(data.draw, pairs), of, other_accept)
    assume(one is not None and other is not None)
    assert one is not None
    assert other is not None
    assert (one.key == other.key) == (meaning(one) == meaning(other))


@given(queries(), pictures(), st.integers(0, 3), st.data())
def test_order_and_spelling_never_change_the_key(
    pairs: dict[str, str], of: Picture, accept: int, data: st.DataObject
) -> None:
    plain = plan_of(pairs, of, accept)
    assume(plain is not None)
    assert plain is not None
    shuffled = data.draw(st.permutations(list(pairs.items())))
    respelt = {
        data.draw(st.sampled_from(VOCABULARY.definitions[name].names)): value
        for name, value in shuffled
    }
    again = plan_of(respelt, of, accept)
    assert again is not None
    assert again.key == plain.key


@THOROUGH
@given(queries(), pictures(), st.integers(0, 3))
def test_the_canonical_query_has_the_key_of_the_query(
    pairs: dict[str, str], of: Picture, accept: int
) -> None:
    plain = plan_of(pairs, of, accept)
    assume(plain is not None)
    assert plain is not None
    text = GRAMMAR.parse(spelt(pairs).encode()).canonical(VOCABULARY)
    assert planned(text, of, accept).key == plain.key


@pytest.mark.parametrize(("query", "canonical"), [("ar=16:9&w=24", 14), ("ar=16:3&w=24", 5)])
def test_a_ratio_keeps_its_meaning_through_its_canonical_text(query: str, canonical: int) -> None:
    text = GRAMMAR.parse(query.encode()).canonical(VOCABULARY)
    assert planned(query).size.height == canonical
    assert planned(text).size.height == canonical


def test_every_width_over_that_of_the_picture_is_one_key() -> None:
    keys = {planned(f"w={width}").key for width in range(5000, 10000)}
    assert keys == {planned("").key}
    assert planned("w=1439").key not in keys
    assert planned("w=1440").key in keys


def test_defaults_spelt_out_are_the_same_key() -> None:
    plain = planned("w=400").key
    for more in ("dpr=1", "fit=inside", "enlarge=0", "q=80", "meta=none", "anim=0",
                 "page=0", "rot=0", "rot=360", "pad=0", "g=center", "fmt=jpg", "lossless=0",
                 "v=1", "dl=1", "fmt=auto", "rect=0,0,100p,100p"):  # fmt: skip
        assert planned(f"w=400&{more}").key == plain, more


@pytest.mark.parametrize("fit", ["cover", "fill"])
def test_forbidding_to_enlarge_is_another_key_only_where_something_would_be(fit: str) -> None:
    for box, same in (("w=400&h=300", True), ("w=1440&h=900", True), ("w=1441&h=900", False)):
        box += f"&fit={fit}"
        plain = planned(box).key
        assert planned(f"{box}&enlarge=1").key == plain
        assert (planned(f"{box}&enlarge=0").key == plain) is same, box


def test_what_never_selects_pixels_is_not_in_the_key() -> None:
    assert planned("w=9&v=1").key == planned("w=9&v=7").key == planned("w=9&dl=x").key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("w=400", "w=401"),
        ("w=90&h=400&fit=cover&g=left", "w=90&h=400&fit=cover&g=right"),
        ("w=400&fmt=webp", "w=400&fmt=jpg"),
        ("w=400&q=80", "w=400&q=81"),
        ("w=400&fmt=webp&lossless=1", "w=400&fmt=webp"),
        ("w=400", "w=400&fmt=json"),
        ("rot=90", "rot=-90"),
        ("flip=h", "flip=v"),
        ("flip=hv", "rot=180"),
        ("pad=1&bg=f00", "pad=1&bg=00f"),
    ],
)
def test_different_pixels_or_bytes_have_different_keys(one: str, other: str) -> None:
    assert planned(one).key != planned(other).key


def test_the_key_depends_on_the_revision_and_not_on_the_image() -> None:
    mine = picture()
    other_revision = Picture("A" * 22, "S" * 22, 2, mine.size, "jpg")
    other_image = Picture("B" * 22, "R" * 22, 5, mine.size, "jpg")
    assert planned("w=9", mine).key != planned("w=9", other_revision).key
    assert planned("w=9", mine).key == planned("w=9", other_image).key


def test_the_frame_is_in_the_key() -> None:
    pages = picture(format="tiff", frames=3)
    keys = {planned(f"page={page}", pages).key for page in range(3)}
    assert len(keys) == 3
    moving = picture(format="gif", frames=3, animated=True)
    assert planned("fmt=gif", moving).key != planned("fmt=gif&anim=0", moving).key
    assert planned("fmt=gif&page=0", moving).key == planned("fmt=gif&anim=0", moving).key


def test_a_measurement_has_one_key_whatever_comes_after_it() -> None:
    def wish(query: str, of: Picture | None = None) -> Measurement:
        answer = planner().plan(GRAMMAR.parse(query.encode()), of or picture())
        assert isinstance(answer, Measurement)
        return answer

    assert wish("trim=10&w=100").key == wish("trim=10&h=7&fmt=png&q=3").key
    assert wish("trim=10").key == wish("trim=010").key
    assert wish("trim=10").key != wish("trim=11").key
    assert wish("trim=10").key != wish("trim=10,fff").key
    assert wish("trim=10").key != wish("trim=10&rect=0,0,50p,50p").key
    pages = picture(format="tiff", frames=2)
    assert wish("trim=10&page=1", pages).key != wish("trim=10", pages).key
