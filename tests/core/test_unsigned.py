"""What an image URL may ask for without a signature."""

from __future__ import annotations

import re
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.language import GRAMMAR, VOCABULARY, queries, spelt
from helpa.core.api.documents import image_document
from helpa.core.errors import Forbidden, InvalidValue
from helpa.core.query import Grammar
from helpa.core.settings_cost import WIDTHS
from helpa.core.unsigned import PRESET_NAMES, STEP_NAMES, Mode, check
from helpa.core.values import Size

PRESETS = Grammar(VOCABULARY, presets={"thumb": "w=77&h=77&fit=cover&q=40&bg=red"})


def refusal(query: str, mode: Mode, grammar: Grammar = PRESETS) -> Forbidden | None:
    try:
        check(grammar.parse(query.encode()), mode, WIDTHS)
    except Forbidden as error:
        return error
    return None


@given(queries())
def test_any_lets_everything_through_and_none_nothing(pairs: dict[str, str]) -> None:
    query = spelt(pairs)
    assert refusal(query, "any") is None
    error = refusal(query, "none")
    assert error is not None
    assert error.status == 403
    assert "must be signed" in error.detail


@given(queries())
def test_what_presets_let_through_steps_do_too_and_each_only_its_names(
    pairs: dict[str, str],
) -> None:
    query = spelt(pairs)
    if refusal(query, "presets") is None:
        assert set(pairs) <= set(PRESET_NAMES)
        assert refusal(query, "steps") is None
    if refusal(query, "steps") is None:
        assert set(pairs) <= set(STEP_NAMES)


@given(st.integers(1, 16384), st.sampled_from(["w", "h", "width", "height"]))
def test_steps_let_exactly_the_steps_through(size: int, name: str) -> None:
    error = refusal(f"{name}={size}", "steps")
    assert (error is None) == (size in WIDTHS)
    if error is not None:
        assert error.field == name
        assert error.given == str(size)
        assert error.allowed is not None
        assert error.allowed.startswith("one of 100, 200, 300,")
        assert f"{name}={size} needs a signed link" in error.detail


@pytest.mark.parametrize(
    "query",
    [
        "", "w=400", "w=400&h=300&fit=cover&g=top-left", "w=400&dpr=2", "dpr=3", "fmt=webp",
        "fmt=json", "lossless=1", "anim=0", "dl=1", "v=3", "enlarge=1&w=3200", "p=thumb",
        "p=thumb&w=100",
    ],
)  # fmt: skip
def test_steps_let_ready_made_sizes_through(query: str) -> None:
    assert refusal(query, "steps") is None


@pytest.mark.parametrize(
    ("query", "field", "given_"),
    [
        ("w=401", "w", "401"),
        ("p=thumb&w=77", "w", "77"),
        ("w=400&dpr=1.5", "dpr", "1.5"),
        ("w=400&dpr=4", "dpr", "4.0"),
        ("w=400&q=80", "q", "80"),
        ("rect=0,0,10,10", "rect", None),
        ("rot=90", "rot", None),
        ("fp=0.2,0.3&w=400", "fp", None),
        ("bg=fff", "bg", None),
        ("page=2", "page", "2"),
        ("ar=1:1", "ar", None),
        ("trim=10", "trim", None),
    ],
)
def test_steps_name_what_they_do_not_let_through(
    query: str, field: str, given_: str | None
) -> None:
    error = refusal(query, "steps")
    assert error is not None
    assert error.status == 403
    assert error.field == field
    if given_ is not None:
        assert error.given == given_
    assert error.allowed
    assert "unsigned = steps" in error.detail


@pytest.mark.parametrize(
    "query", ["", "p=thumb", "p=thumb&fmt=webp", "p=thumb&dl=a.png&v=2", "fmt=auto"]
)
def test_presets_let_presets_through(query: str) -> None:
    assert refusal(query, "presets") is None


@pytest.mark.parametrize(
    ("query", "field"),
    [("w=400", "w"), ("p=thumb&w=77", "w"), ("p=thumb&lossless=1", "lossless"), ("fmt=json", "fmt"),
     ("preset=thumb&format=json", "format")],
)  # fmt: skip
def test_presets_let_nothing_else_through(query: str, field: str) -> None:
    error = refusal(query, "presets")
    assert error is not None
    assert error.field == field


def test_a_preset_that_describes_is_let_through() -> None:
    """What a preset holds was decided in the settings."""
    grammar = Grammar(VOCABULARY, presets={"facts": "fmt=json"})
    assert refusal("p=facts", "presets", grammar) is None


def test_a_value_out_of_range_is_still_400() -> None:
    with pytest.raises(InvalidValue):
        GRAMMAR.parse(b"w=0")


class Picture:
    """What of a record its document shows."""

    id, filename, uploaded, bytes, sha256 = "A" * 22, "a.png", "png", 1, "0" * 64
    created_at, visibility, revision, owner, team = 0, "public", 3, "local", None
    layer, held = 0, False
    title, alt, tags = "", "", ()

    def __init__(self, width: int, height: int) -> None:
        self.size = Size(width, height)
        self.facts = {"frames": 1, "graphic": True, "thumbhash": "", "dominant_color": "",
                      "removed_metadata": []}  # fmt: skip


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_steps_let_every_ready_made_link_through(width: int, height: int) -> None:
    links = image_document(
        cast("Any", Picture(width, height)),
        "http://x",
        None,
        lambda **params: f"http://x/img/{'A' * 22}?{urlencode(params)}",
    )["links"]
    found = re.findall(r"http://x/img/[^\s\"')]+", " ".join(links.values()))
    assert len(found) >= 8
    for url in found:
        query = urlsplit(url.replace("&amp;", "&")).query
        assert refusal(query, "steps") is None, url
    widths = [int(part.split()[1][:-1]) for part in links["srcset"].split(", ")]
    assert all(each <= width for each in widths)
    assert widths == sorted(set(widths))
