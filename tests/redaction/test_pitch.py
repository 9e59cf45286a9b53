"""Letters of one width: what the reader tore in them is put together, and nothing else is."""

from __future__ import annotations

import itertools
import string
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpa_redaction.detect import Box, Page, Word, find
from helpa_redaction.detect.words import width_of

PITCH, HEIGHT = 7.2, 14.0
TOKEN = st.text(string.ascii_letters + string.digits + "_-", min_size=24, max_size=60)
SIDES = {"i": 0.3, "l": 0.3, "1": 0.28, "j": 0.25, ".": 0.35, "I": 0.25, ":": 0.35, "m": 0.04}
"""Room beside some letters, in parts of a pitch; the others have about a tenth."""


def beside(letter: str) -> float:
    return PITCH * SIDES.get(letter, 0.1)


def mono(y: float, *pieces: tuple[int, str], line: int = 1, left: float = 20) -> list[Word]:
    """Return words of letters of one width, each from a letter's place in the line."""
    return [
        Word(
            text,
            Box(
                left + PITCH * at + beside(text[0]),
                y,
                PITCH * len(text) - beside(text[0]) - beside(text[-1]),
                HEIGHT,
            ),
            0.9,
            line,
        )
        for at, text in pieces
    ]


def prose(y: float, text: str, line: int = 1) -> list[Word]:
    """Return words whose letters have widths of their own, with spaces half as wide as letters."""
    made, at = [], 20.0
    for word in text.split():
        wide = 6.4 * sum(map(width_of, word))
        made.append(Word(word, Box(at, y, wide, HEIGHT), 0.9, line))
        at += wide + 3.8
    return made


def torn(text: str, cuts: list[int]) -> list[tuple[int, str]]:
    edges = [0, *sorted(set(cuts)), len(text)]
    return [(a, text[a:b]) for a, b in itertools.pairwise(edges) if text[a:b]]


def texts(words: list[Word], below: float = 0) -> list[str]:
    lines = Page(1440, 900, words).lines
    return [word.text for line in lines if line.box.y > below for word in line.words]


BEFORE = "2026-05-12T10:41:07Z Pulling image node:20.11.1-alpine for the build"
"""A line of the same page by which its pitch is told."""


def before(y: float = 20) -> list[Word]:
    at, pieces = 0, []
    for word in BEFORE.split():
        pieces.append((at, word))
        at += len(word) + 1
    return mono(y, *pieces, line=7) + mono(y + 20, *pieces, line=8)


@given(TOKEN, st.lists(st.integers(4, 56), min_size=1, max_size=4))
def test_a_torn_token_is_one_word(token: str, cuts: list[int]) -> None:
    pieces = torn(token, [cut for cut in cuts if 4 <= cut <= len(token) - 4])
    # Two of them before letters are taken for a rule beside a word.
    assume(not any(text.startswith("__") for _, text in pieces))
    told = texts([*before(), *mono(200, (0, "token:"), *((7 + at, text) for at, text in pieces))])
    assert "token:" in told
    assert token in told


@given(st.integers(0, 2**32))
def test_words_of_a_line_stay_apart(seed: int) -> None:
    random = Random(seed)
    said = [
        "commit",
        "of",
        "the",
        "build",
        "10.4.17.200",
        "error",
        "v1.20.3",
        "retry",
        "done",
        "42",
    ]
    chosen = random.sample(said, 6)
    at, pieces = 0, []
    for word in chosen:
        pieces.append((at, word))
        at += len(word) + 1
    assert texts([*before(), *mono(200, *pieces)], below=100) == chosen


@pytest.mark.parametrize(
    "text",
    [
        "Requests from 176.193.22.138 are being blocked since noon.",
        "Please transfer 170.12 to AT61 1904 3002 3457 3201 until 30/06.",
        "Order INV-2026-2523 left our warehouse on 2026-01-18, tracking JD0146393",
    ],
)
def test_lines_of_other_fonts_are_left_as_they_are(text: str) -> None:
    assert texts(prose(20, text)) == text.split()


def test_what_was_torn_is_found_whole() -> None:
    key = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    pieces = [(0, "export"), (7, "GITHUB_TOKEN=ghp_16C7e42F"), (32, key[12:])]
    (found,) = find(Page(1440, 900, [*before(), *mono(200, *pieces)]))
    assert (found.category, found.text) == ("api_key", key)
