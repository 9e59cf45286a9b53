"""``helpa.dialects``: what dialects read options with."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from helpa import ImageId, InvalidValue, SourcePath, SourceUrl
from helpa.dialects import Draft, Option, Turn, colour, locate, named, read_query


def lie(params: dict[str, str]) -> Any:
    """Return a small array turned, then mirrored, as Helpa would."""
    array = np.rot90(np.arange(6).reshape(2, 3), -int(params.get("rot", "0")) // 90)
    array = np.fliplr(array) if "h" in params.get("flip", "") else array
    return np.flipud(array) if "v" in params.get("flip", "") else array


def test_turns_and_mirrors_in_any_order_lie_as_they_should() -> None:
    steps = [("turn", quarters) for quarters in range(4)] + [("flip", axes) for axes in range(1, 4)]
    for chain in itertools.product(steps, repeat=3):
        turn, array = Turn(), np.arange(6).reshape(2, 3)
        for kind, number in chain:
            if kind == "turn":
                turn, array = turn.turned(number), np.rot90(array, -number)
            else:
                turn = turn.flipped(("", "h", "v", "hv")[number])
                array = np.fliplr(array) if number & 1 else array
                array = np.flipud(array) if number & 2 else array
        assert np.array_equal(lie(turn.params), array), chain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hs3jUHLqQ1y0q1hYJcY7Kw", ImageId("Hs3jUHLqQ1y0q1hYJcY7Kw")),
        ("HTTP://a.example/B.png", SourceUrl("http://a.example/B.png")),
        ("https:/a.example/b.png", SourceUrl("https://a.example/b.png")),
        ("/a/b.png", SourcePath("site", "a/b.png")),
        ("Hs3jUHLqQ1y0q1hYJcY7Kw.png", SourcePath("site", "Hs3jUHLqQ1y0q1hYJcY7Kw.png")),
    ],
)
def test_a_picture_is_an_id_a_url_or_a_path(text: str, expected: object) -> None:
    assert locate(text, "site", name="path") == expected


def test_without_a_source_there_are_no_paths() -> None:
    with pytest.raises(InvalidValue, match="no source is set") as caught:
        locate("a.png", None, name="path")
    assert caught.value.allowed == "an image id, http://… or https://…"


def test_links_of_mail_tools_keep_working_and_others_options_are_refused() -> None:
    options = read_query(b"utm_source=mail&w=3&gclid=x&&flag")
    assert named(options, ("w", "flag"), {}, "page") == {
        "w": Option("w", "3"),
        "flag": Option("flag", ""),
    }
    with pytest.raises(InvalidValue, match="Did you mean width") as caught:
        named(read_query(b"witdh=3"), ("w",), {"width": "w"}, "the page")
    assert caught.value.extra == {"nearest": "width"}
    with pytest.raises(InvalidValue, match="not UTF-8"):
        read_query(b"w=%ff")


def test_two_options_cannot_say_two_things() -> None:
    draft = Draft()
    draft.put("bg", "ffffff")
    draft.put("bg", "000000", Option("bg", "black"))
    draft.put("bg", "000000", Option("cbg", "black"))
    draft.put("bg", "ffffff")
    assert draft.translation(ImageId("A" * 22)).params == {"bg": "000000"}
    with pytest.raises(InvalidValue, match="bg has set bg to 000000 already"):
        draft.put("bg", "ff0000", Option("cbg", "red"))


def test_colours_are_read_with_alpha_first_where_the_vendor_writes_it_so() -> None:
    assert colour("80ff0000", alpha_first=True) == "ff000080"
    assert colour("8f00", alpha_first=True) == "ff000088"
    assert colour("#f00") == "ff0000"
    assert colour("80ff0000") == "80ff0000"
    assert colour("reddish") is None
