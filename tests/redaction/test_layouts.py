"""What detectors make of terminals, logs, strings in JSON, tables, and pages of two columns."""

from __future__ import annotations

import pytest

from helpa_redaction.detect import Finding, Page, Word, find
from redaction.test_rows import LETTER, STEP, row

HEAD, FOOT = "-----BEGIN EC PRIV" + "ATE KEY-----", "-----END EC PRIV" + "ATE KEY-----"
BODY = [
    "MHcCAQEEIBkg4LVWM9nuwNSk3yByxZpYRTBnVJk5oIk2cqLbMfZaoAoGCCqGSM49",
    "AwEHoUQDQgAE7Zq3bU8x0dYkTn5LwR2vHs9GfJc1XeVoPiQmAaBtCyDuErTfN4kL",
    "pQ8mZ2xW6vB1nM5cR3tY7uI9oP0aS4dF6gH8jK2lQ5wE7rT9yU1iO3pA==",
]
TOKEN = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4ifQ",
    "dozjgNryP4J3jVmNHl0w5NxK7pZ2qT9vR4sW6yB1",
)


def found(category: str, words: list[Word]) -> list[Finding]:
    return [each for each in find(Page(1440, 900, words)) if each.category == category]


def covers(one: Finding, words: list[Word]) -> bool:
    """Whether every word lies in the boxes of a finding."""
    return all(
        sum(word.box.overlap(box) for box in one.boxes) > 0.95 * word.box.area for word in words
    )


def test_a_key_in_a_log_is_covered_behind_the_times() -> None:
    times, key = [], []
    for place, text in enumerate([HEAD, *BODY, FOOT]):
        times += row(10 + 18 * place, (10, f"2026-05-12T10:41:0{place}.123Z"), line=place)
        key += row(10 + 18 * place, (230, text), line=place)
    (one,) = found("private_key", times + key)
    assert covers(one, key)
    assert one.box.x > 200


def test_a_key_whose_rows_begin_beneath_a_name_is_covered() -> None:
    words = row(10, (10, f'TLS_KEY="{HEAD}'), line=0)
    for place, text in enumerate([*BODY, FOOT]):
        words += row(28 + 18 * place, (10, text), line=1 + place)
    (one,) = found("private_key", words)
    assert covers(one, [word for word in words if "TLS" not in word.text])


def test_a_key_in_a_string_of_json_is_covered_over_its_rows() -> None:
    text = "\\n".join([HEAD, *BODY, *BODY, FOOT])
    cut = [text[at : at + 110] for at in range(0, len(text), 110)]
    words = row(10, (40, f'"key": "{cut[0]}'), line=0)
    for place, piece in enumerate(cut[1:]):
        words += row(28 + 18 * place, (26, piece), line=1 + place)
    sidebar = [
        word for n in range(4) for word in row(12 + 18 * n, (1100, f"file{n}.json"), line=90)
    ]
    (one,) = found("private_key", words + sidebar)
    assert covers(one, words[2:-1])  # but for the last dashes
    assert not any(word.box.overlap(one.box) for word in sidebar)


def test_another_column_beside_a_key_is_none_of_it() -> None:
    words, aside = [], []
    for place, text in enumerate([HEAD, *BODY, FOOT]):
        words += row(10 + 18 * place, (10, text), line=place)
    for place, text in enumerate(["Status", "open", "IP", "203.0.113.42", "Plan"]):
        aside += row(12 + 18 * place, (700, text), line=50 + place)
    (one,) = found("private_key", words + aside)
    assert one.box.right < 700
    assert [each.category for each in find(Page(1440, 900, words + aside))] == ["private_key", "ip"]


@pytest.mark.parametrize("prompt", ["api git:(main) curl -H", "2026-05-12 10:41:07 WARN expired:"])
def test_a_token_in_a_terminal_goes_on_where_its_row_begins(prompt: str) -> None:
    at = 10 + LETTER * (len(prompt) + 1)
    first = row(10, (10, prompt), (at + 40, TOKEN[0]), line=0)
    rest = row(28, (10, TOKEN[1]), line=1)
    (one,) = found("jwt", [*first, *rest])
    assert covers(one, [first[-1], *rest])


def test_rows_of_a_token_end_with_a_short_one() -> None:
    whole = ".".join(TOKEN)
    rows = [whole[at : at + 44] for at in range(0, len(whole), 44)]
    words: list[Word] = []
    for place, text in enumerate(rows):
        words += row(10 + 18 * place, (10, text), line=place)
    other = row(10 + 18 * len(rows) + 24, (10, "A4RUBuEoEd4q22iZAUoCte6xqY18RcZsHuwKwgoP"), line=40)
    (one,) = found("jwt", words + other)
    assert covers(one, words)
    assert not covers(one, other)


def test_a_secret_in_the_next_cell_is_one_of_its_own() -> None:
    words = [
        *row(10, (10, "Reset link"), line=0),
        *row(10 + STEP, (10, "https://example.eu/reset?token=GxA9eSd71JhF6EjINDArTexg3J"), line=1),
        *row(10 + 3 * STEP, (10, "Signing secret"), line=2),
        *row(10 + 4 * STEP, (10, "6ckWVKD9Ik7iKVmUoNJxe2nRcQJZSHrIe2lc7rqx"), line=3),
    ]
    assert [each.category for each in find(Page(1440, 900, words))] == ["url_secret", "api_key"]


def test_a_header_names_the_value_far_to_its_right() -> None:
    words = row(10, (300, "x-api-key"), (525, "LvEx9fMXINL5HT94emffa0Acq+JVL8tirbLwer6n"), line=0)
    (one,) = find(Page(1440, 900, words))
    assert one.category == "api_key"


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["Anna Novak", "Paul Weber", "Marta Patel"], 3), (["Pharmacy", "Bakery", "Metro"], 0),
        (["Anna Novak", "Blue Harbour Foods", "Marta Patel"], 2),
    ],
)  # fmt: skip
def test_cells_beneath_each_other_are_no_parts_of_one_name(cells: list[str], names: int) -> None:
    words = row(10, (20, "Payee"), (300, "Amount"), (500, "Day"), line=0)
    for place, cell in enumerate(cells):
        y = 40 + 26 * place
        words += row(y, (20, cell), (300, "12.40"), (500, "12 May"), line=1 + place)
    assert len(found("name", words)) == names


def test_a_label_may_go_on_beneath() -> None:
    words = [
        *row(10, (10, "EMERGENCY"), (240, "Camille Lefevre, +33 6 28 72 25 50"), line=0),
        *row(26, (10, "CONTACT"), line=1),
    ]
    assert sorted(each.category for each in find(Page(1440, 900, words))) == ["name", "phone"]


def test_a_number_set_with_wide_spaces_is_one() -> None:
    words = [
        *row(10, (10, "IBAN DE89 3704"), line=0),
        *row(10, (10 + LETTER * 14 + 20, "0044 0532 0130 00 - BIC"), line=1),
    ]
    (one,) = found("iban", words)
    assert one.text == "DE89370400440532013000"
