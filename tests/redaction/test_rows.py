"""What detectors find in rows, columns and fields, where text is cut and labels stand apart."""

from __future__ import annotations

import pytest

from helpa_redaction.detect import Box, Code, Page, Word, find

LETTER, HEIGHT, STEP = 8, 14, 22


def row(y: int, *cells: tuple[int, str], line: int, sure: float = 0.95) -> list[Word]:
    """Return words of a row: cells, each with where it begins."""
    words = []
    for x, text in cells:
        at = x
        for part in text.split():
            words.append(Word(part, Box(at, y, LETTER * len(part), HEIGHT), sure, line))
            at += LETTER * (len(part) + 1)
    return words


def column(*rows: str) -> Page:
    """Return a page with rows beneath each other; an empty one leaves its place."""
    words = []
    for place, text in enumerate(rows):
        words += row(10 + STEP * place, (10, text), line=place)
    return Page(1440, 900, words)


@pytest.mark.parametrize(
    ("rows", "category"),
    [
        (["marco-", "ferrari@initec", "h.com"], "email"),
        (["marco.news", "@piedpiper", ".nl"], "email"), (["+91", "75047", "81786"], "phone"),
        (["+33 6", "35 20", "27 34"], "phone"), (["500.415.8", "349"], "phone"),
        (["172.7.165.81:8", "080"], "ip"), (["2a02:5020:9b", "cb:bee:6bde:2", "a9d:869a:1"], "ip"),
        (["4111 1111", "1111 1111"], "card"),
        (["516884594:AAob2cn4EacBYQg0nq3976xa-", "qzvJgqLUpHx"], "api_key"),
        (
            ["https://files.example.com/d/re", "port.pdf?", "sig=ZNUUxvpyk6754Bii1c7x0yz1Ad", "f4"],
            "url_secret",
        ),
    ],
)  # fmt: skip
def test_what_is_cut_at_the_ends_of_rows_is_covered_in_each(rows: list[str], category: str) -> None:
    (found,) = find(column(*rows))
    assert found.category == category
    assert len(found.boxes) == len(rows)
    for place, (box, text) in enumerate(zip(found.boxes, rows, strict=True)):
        held = Box(10, 10 + STEP * place, LETTER * len(text), HEIGHT)
        assert box.overlap(held) > 0.99 * held.area


def test_addresses_beneath_each_other_are_not_one() -> None:
    found = find(column("anna@example.com", "paul@example.org", "10.0.12.17", "10.0.12.180"))
    assert [each.category for each in found] == ["email", "email", "ip", "ip"]
    assert all(len(each.boxes) == 1 for each in found)


def test_addresses_that_begin_as_a_key_does_are_none() -> None:
    found = find(column("hfernandez@example.com", "fatima_andersson47@web.de", "mcd2006@web.de"))
    assert [each.category for each in found] == ["email"] * 3


def test_a_word_at_the_end_of_a_row_is_none_of_the_address_beneath() -> None:
    (found,) = find(column("please write to Anna Schmidt", "anna.schmidt@example.com"))
    assert len(found.boxes) == 1


def test_a_setting_beneath_a_secret_is_none_of_it() -> None:
    found = find(
        column("DSN=postgres://app:s3cretPw9x@db.example.com/main", "DB_PASSWORD=Khan1571!")
    )
    assert [each.category for each in found] == ["url_secret", "api_key"]
    assert [len(each.boxes) for each in found] == [1, 1]


def test_the_last_letters_of_an_address_are_covered_though_it_is_whole_without() -> None:
    (found,) = find(column("fatima@example.co", "m"))
    assert len(found.boxes) == 2


def test_low_letters_are_covered_as_high_as_their_row() -> None:
    words = [
        Word("anna@example.", Box(10, 40, 104, 14), 0.95, 0),
        Word("com", Box(10, 66, 24, 8), 0.95, 1),
    ]  # fmt: skip
    (found,) = find(Page(1440, 900, words))
    assert found.boxes[1].h >= HEIGHT
    assert found.boxes[1].y < 66


def test_an_address_is_covered_with_what_the_reader_cut_from_its_head() -> None:
    words = [
        Word("to", Box(10, 10, 16, 14), 0.95), Word("carlos", Box(34, 10, 48, 14), 0.95),
        Word("+billing@example.com", Box(84, 10, 160, 14), 0.95),
    ]  # fmt: skip
    (found,) = find(Page(1440, 900, words))
    assert 28 < found.box.x <= 34


def test_the_side_of_a_field_is_no_letter() -> None:
    words = [
        Word("Password:", Box(20, 55, 74, 12), 0.95, 0),
        Word("|", Box(200, 46, 2, 30), 0.4, 1), Word("Brown1486!", Box(208, 55, 90, 12), 0.9, 1),
        Word("Name:", Box(20, 95, 40, 12), 0.95, 2), Word("(", Box(200, 86, 4, 30), 0.4, 3),
        Word("Anna", Box(208, 99, 40, 12), 0.9, 3), Word("Weber", Box(252, 99, 40, 12), 0.9, 3),
    ]  # fmt: skip
    found = find(Page(1440, 900, words))
    assert [each.category for each in found] == ["api_key", "name"]
    assert all(each.box.x > 204 for each in found)


@pytest.mark.parametrize("value", ["Silva3985!", "tclISoQJEXphNw", "mienz-zevvu-ponyh"])
def test_a_password_stands_beneath_its_label_or_beside_it(value: str) -> None:
    for label, x, y in (("Password", 10, 10), ("DB_PASSWORD=", 10, 40)):
        words = row(y, (x, label), line=0) + row(44, (200 if y > 10 else 12, value), line=1)
        if y == 10:
            words = row(20, (x, label), line=0) + row(44, (12, value), line=1)
        assert [each.category for each in find(Page(1440, 900, words))] == ["api_key"]


def test_a_column_with_a_head_for_names_holds_names_behind_portraits_and_over_rows() -> None:
    words = [
        *row(10, (30, "Name"), (250, "Email"), (560, "Role"), (660, "Plan"), line=0),
        *row(50, (28, "@ Marta Patel"), (250, "x@example.com"), (560, "Admin"), line=1),
        *row(90, (28, "(iT) Lukas Novak"), (560, "Viewer"), (660, "Basic Plus"), line=2),
        *row(130, (62, "Hannah"), (560, "Editor"), line=3), *row(152, (62, "Andersson"), line=4),
    ]  # fmt: skip
    found = [each for each in find(Page(1440, 900, words)) if each.category == "name"]
    assert [each.text for each in found] == ["MartaPatel", "LukasNovak", "HannahAndersson"]
    assert len(found[2].boxes) == 2
    assert found[0].box.x > 36


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("4111 1111 1111 1171", "card"),
        ("DE89 8704 0044 0532 0130 00", "iban"),
        ("DE89 3704 00944 0532 0130 00", "iban"),
    ],
)
def test_a_digit_that_the_reader_doubts_may_be_another(text: str, category: str) -> None:
    assert find(Page(1440, 900, row(10, (10, text), line=0))) == []
    doubted = row(10, (10, text), line=0, sure=0.4)
    assert [each.category for each in find(Page(1440, 900, doubted))] == [category]


def test_the_corner_of_a_field_is_no_label() -> None:
    words = [
        *row(10, (10, "Account holder"), line=0), Word("r", Box(8, 30, 6, 6), 0.5, 1),
        *row(38, (22, "Marco Taylor"), line=2),
    ]  # fmt: skip
    assert [each.category for each in find(Page(1440, 900, words))] == ["name"]


def test_a_box_that_covers_the_next_word_or_hardly_its_own_is_put_right() -> None:
    words = [
        Word("patel2009@example.com", Box(29, 188, 146, 14), 0.8, 5),
        Word("0728/740024", Box(198, 186, 237, 18), 0.9, 5),
        Word("J", Box(287, 184, 13, 22), 0.4, 5),
        Word("84.205.76.125:8080", Box(404, 186, 46, 18), 0.9, 5),
    ]  # fmt: skip
    email, phone, ip = sorted(find(Page(1440, 900, words)), key=lambda each: each.box.x)
    assert [email.category, phone.category, ip.category] == ["email", "phone", "ip"]
    assert phone.box.right < 300
    assert ip.box.x < 310


def test_a_key_is_covered_beyond_a_narrow_letter_that_stands_alone() -> None:
    text = (
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiI0NjEyNTk5MDUiLCJpYXQiOjEwMzU4NDE5NTZ9.RoP0"
    )
    (found,) = find(column(f"{text} j JUYi1sg11jVb said nothing"))
    assert found.category == "jwt"
    assert 10 + LETTER * (len(text) + 15) <= found.box.right < 10 + LETTER * (len(text) + 18)


def test_a_digit_too_many_at_the_end_of_a_chip_is_left_out() -> None:
    for text, category in (("(672) 973-39837)", "phone"), ("8.33.16.15571", "ip")):
        assert find(Page(1440, 900, row(10, (10, text), line=0))) == []
        doubted = find(Page(1440, 900, row(10, (10, text), line=0, sure=0.2)))
        assert [each.category for each in doubted] == [category]


def test_a_private_key_is_covered_to_rows_that_were_not_read() -> None:
    body = [f"MIIEpAIBAAKCAQEA7Zq3bU8x0dYkTn5LwR2vHs9GfJc1XeVoPiQmAaBtCyDuEr{n}z" for n in range(4)]
    (found,) = find(column("-----BEGIN PRIV" + "ATE KEY-----", *body, "Kx/7j j 4e B7U 4Mp FA w="))
    assert found.box.bottom >= 10 + STEP * 6 + HEIGHT - 2
    (headless,) = find(column("", "", *body))
    assert headless.box.y <= 10 + STEP
    assert headless.box.bottom >= 10 + STEP * 6 + HEIGHT - 2


def test_boxes_reach_around_the_ink_and_stay_in_the_picture() -> None:
    words = [Word("10.20.30.40", Box(0, 0, 88, 10), 0.9)]
    (found,) = find(Page(88, 11, words))
    assert (found.box.x, found.box.y, found.box.right, found.box.bottom) == (0, 0, 88, 11)


def test_a_value_goes_on_beneath_where_it_began_behind_its_name() -> None:
    first = row(10, (10, "URL"), (50, "https://example.com/reset?token=Zk3vQ9xT2mB7"), line=0)
    words = [*first, *row(10 + STEP, (50, "aW4cR8tY1uP5"), line=1)]
    (found,) = find(Page(1440, 900, words))
    assert (found.category, len(found.boxes)) == ("url_secret", 2)
    assert found.text.endswith("aW4cR8tY1uP5")


@pytest.mark.parametrize(
    "beneath",
    ["+1 503-280-6158", "host 2001:db8:bf87:52b0::3ca0", "Order #42696", "xoxb-81574-4b9R"],
)
def test_another_line_beneath_a_token_is_none_of_it(beneath: str) -> None:
    token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVm"
    (found,) = (each for each in find(column(token, beneath)) if each.category == "jwt")
    assert len(found.boxes) == 1


def test_a_number_above_an_address_is_none_of_it() -> None:
    found = find(column("Telefon: (212) 555-3834", "carter@kessler-logistik.de"))
    assert sorted(each.category for each in found) == ["email", "phone"]


def test_words_that_were_torn_are_put_together_and_others_are_not() -> None:
    torn = [
        Word("marcobianchil", Box(10, 10, 104, 14)),
        Word("5@mail.example.com", Box(117, 10, 144, 14)),
    ]  # fmt: skip
    (found,) = find(Page(1440, 900, torn))
    assert found.text == "marcobianchil5@mail.example.com"
    (apart,) = find(column("it is 5195 7446 5173 2445 | think"))
    assert apart.text == "5195744651732445"


def test_what_stands_in_letters_beneath_a_code_is_hidden_with_it() -> None:
    code = Code("EAN13", "4006381333931", Box(40, 40, 120, 60))
    words = row(104, (45, "4 006381 333931"), line=0) + row(140, (45, "4 006381"), line=1)
    (found,) = (f for f in find(Page(1440, 900, words, [code])) if f.category == "code")
    assert found.boxes[0] == code.box
    assert [box.y for box in found.boxes[1:]] == [104]
