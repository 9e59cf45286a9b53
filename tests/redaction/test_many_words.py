"""Pages of ten thousand words, which somebody may choose, are looked through in seconds."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa_redaction.detect import Box, Finding, Page, Word, find
from helpa_redaction.detect.emails import _unslashed
from helpa_redaction.detect.places import Places
from helpa_redaction.reading.again import Piece, merged

PEM = "-----{} PRIVATE KEY-----"
boxes = st.builds(Box, *[st.floats(0, 500)] * 2, *[st.floats(0, 90)] * 2)


@given(st.lists(boxes, max_size=30), boxes)
def test_places_know_all_that_touches(held: list[Box], asked: Box) -> None:
    places = Places(held)
    near = places.near(asked.x, asked.y, asked.right, asked.bottom)
    assert near == sorted(set(near))
    for number, box in enumerate(held):
        if box.x <= asked.right and box.right >= asked.x:
            assert number in near or box.y > asked.bottom or box.bottom < asked.y


def page(rows: int, columns: int, text: Callable[[int, int], str]) -> Page:
    words = [
        Word(text(row, column), Box(250 * column, 14 * row, 200, 10), 0.9, row * columns + column)
        for row in range(rows)
        for column in range(columns)
    ]
    return Page(250 * columns, 14 * rows, words)


class Counted(Box):
    """A box that counts how often anybody looks where it ends."""

    looks = 0

    @property
    def bottom(self) -> float:
        Counted.looks += 1
        return self.y + self.h


@pytest.mark.parametrize(
    "text",
    [
        lambda r, c: f"word{r}x{c}",
        lambda r, c: "John Smith",
        lambda r, c: f"ann{r}.{c}@example.org",
        lambda r, c: "+49 170 1234567",
        lambda r, c: PEM.format("BEGIN"),
        lambda r, c: PEM.format("END"),
        lambda r, c: "Name: John Smith",
        lambda r, c: "4111 1111 1111 1111",
        lambda r, c: "10.11.12.13",
        lambda r, c: "DE89370400440532013000",
        lambda r, c: "GB84EFCR62481123062398",
        lambda r, c: "172.16111.173" if r % 3 else "10.11.12.13",
        lambda r, c: "ann.bergBsupport.example.io",
        lambda r, c: f"Winter-Fif1027{r}" if r else "Password",
        lambda r, c: "String" if c % 2 else "ann+tag@example.org",
        lambda r, c: "Owner;Name;Client;Kunde",
        lambda r, c: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIi",
    ],
    ids=[
        "words", "names", "emails", "phones", "begin", "end", "labels", "cards", "ips", "ibans",
        "wrong ibans", "wrong ips", "wrong emails", "passwords", "kinds", "separated", "jwts",
    ],
)  # fmt: skip
def test_work_grows_as_words_do(text: Callable[[int, int], str]) -> None:
    def looks(rows: int) -> int:
        made = page(rows, 4, text)
        for word in made.words:
            object.__setattr__(word, "box", Counted(word.box.x, word.box.y, word.box.w, word.box.h))
        Counted.looks = 0
        find(made)
        return Counted.looks

    once, four_times = looks(30), looks(120)
    assert once > 0
    assert four_times < 8 * once  # it would be 16 times, were each looked at for each


@pytest.mark.parametrize(
    "piece",
    [
        "a@", "@", "a.", "1-", "-----", "::", "eyJh.", "http://a?", "?a=", "(1", "sk-", "0O ",
        "+1 ", "+1 22 333 ", "?a ", "//a:b ", "- ", "a1B2c3D4 ", "Name: ", "f0: ",
        "://u@x ", ". a", "eyJhbGci ", "re_a ", "ACab ", "Made by: ", "A. ", "mail: a.b", ":5432 ",
        "12 ", "http://a: \"b ", "x://y. \"", "-BEGIN PRIVATE KEY ", "<ag", "a. b. ",
        "token aB3", "2025/1-", "0@", "A2", "a", "a1", "a-", "-", "=", "a=", "&a=", "x%2F", "AB2 ",
        "AB23 ", "ab23 ", "key: ab23 ", "eyJeX", "://a:b@", "http://a-", "2a:", "2001:db8:",
        "2abc-",
        "fe80-1:", "S12", "1.2,", "O'", "von ", "de Silva, ", "Anna. ", "pass=", "pass ord is ",
        "Basic aa", "Senha: a +", "GB84", "a!@", "a~.", "ip4:1.2.3.4", "11/11/20111 ", "06/29 ",
        "A;", "A,B,", "A'B", "6a", "¢a", "String ",
    ],
)  # fmt: skip
def test_a_line_of_thousands_of_letters_comes_to_an_end(piece: str) -> None:
    """With some expressions it would take years; the time that tests have is for what hangs."""
    text = (piece * 3000)[:3000]
    words = [
        Word(match.group(), Box(6 * match.start(), 0, 6 * len(match.group()), 10), 0.9, 1)
        for match in re.finditer(r"\S+", text)
    ]
    find(Page(6 * len(text), 20, words))


@given(st.lists(st.sampled_from(["a@", "b.c", "@d.ef", "0", "@", "."]), max_size=12))
def test_signs_before_the_last_one_with_a_host_are_zeros(pieces: list[str]) -> None:
    word = "x" + "".join(pieces)
    hosts = [n for n, c in enumerate(word) if c == "@" and "." in word[n + 2 :]]
    at = hosts[-1] if hosts else 0
    match = re.fullmatch(r"\S+", word)
    assert match is not None
    assert _unslashed(match) == word[:at].replace("@", "0") + word[at:]


def test_findings_are_the_same_with_much_around_them() -> None:
    def text(row: int, column: int) -> str:
        return "ann@example.org" if (row, column) == (20, 2) else f"word{row}x{column}"

    def only(made: Page) -> Finding:
        (found,) = [each for each in find(made) if each.category == "email"]
        return found

    small = page(22, 4, text)
    assert only(small).boxes == only(page(80, 4, text)).boxes


def test_a_second_reading_replaces_what_was_doubted_and_adds_what_was_not_read() -> None:
    doubted = Word("J0hn", Box(0, 0, 40, 10), 0.2, 1)
    sure = Word("Smith", Box(0, 30, 40, 10), 0.9, 2)
    better = Word("John", Box(0, 0, 40, 10), 0.9, 9)
    further = Word("Ann", Box(100, 60, 30, 10), 0.8, 9)
    again = Word("Smith", Box(1, 30, 40, 10), 0.8, 9)
    pieces = [Piece(0, 0, 80, 20, frozenset((1,))), Piece(0, 60, 400, 200)]
    kept = merged([doubted, sure], pieces, [[better], [further, again]])
    assert [word.text for word in kept] == ["Smith", "John", "Ann"]
