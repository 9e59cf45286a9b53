"""What detectors find in the cells of tables and forms, by the heads of columns."""

from __future__ import annotations

import pytest

from helpa_redaction.detect import Finding, Page, Word, find
from redaction.test_rows import HEIGHT, LETTER, row

STEP = 30
LEFTS = (20, 260, 640)


def table(*rows: tuple[str, ...]) -> list[Word]:
    """Return the words of a table, its heads first."""
    words = []
    for place, cells in enumerate(rows):
        for number, (x, text) in enumerate(zip(LEFTS, cells, strict=True)):
            words += row(10 + STEP * place, (x, text), line=3 * place + number)
    return words


def found(words: list[Word]) -> list[Finding]:
    return find(Page(1440, 900, words))


def told(words: list[Word], category: str) -> list[str]:
    return [each.text for each in found(words) if each.category == category]


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("First name", "Noah"),
        ("Last name", "Lindqvist"),
        ("Vorname", "Jule"),
        ("Nazwisko", "Wrona"),
    ],
)
def test_beside_a_label_for_one_part_of_a_name_one_stands(label: str, value: str) -> None:
    assert told(row(10, (20, label), (220, value), line=0), "name") == [value]


def test_names_in_a_column_are_found_without_the_space_between_them() -> None:
    words = table(
        ("ID", "Assigned to", "Since"),
        ("7", "Kinga Zielinska", "2026-01-02"),
        ("8", "KrzysztofWojcik", "2026-01-03"),
        ("9", "Pawel K. Nowak", "2026-01-04"),
        ("10", "tukasz Dudek", "2026-01-05"),
    )
    names = ["KingaZielinska", "KrzysztofWojcik", "PawelK.Nowak", "tukaszDudek"]
    assert told(words, "name") == names


def test_a_name_goes_on_in_its_cell_behind_a_comma() -> None:
    words = table(("ID", "Owner", "Plan"), ("7", "Fernandez Castano,", "basic"))
    words += row(10 + STEP + HEIGHT + 4, (260, "Alvaro"), line=50)
    words += row(10 + 3 * STEP, (20, "8"), line=60) + row(10 + 3 * STEP, (260, "Uta Krog"), line=61)
    assert told(words, "name") == ["FernandezCastanoAlvaro", "UtaKrog"]


def test_addresses_of_a_column_whose_dots_were_not_read_are_found() -> None:
    words = table(
        ("Rule", "Source", "Hardware"),
        ("1", "203.0.113.9", "62:8b:55:a6:41:e6"),
        ("2", "17217.99.125", "6a:8b:55:a6:41:e7"),
        ("3", "198.51.100.23", "62:8b:5c:a6:41:e8"),
        ("4", "fe80zbd3a:e7ff-feb1:356F", "62:8b:55:af:41:e9"),
    )
    addresses = ["203.0.113.9", "17217.99.125", "198.51.100.23", "fe80zbd3a:e7ff-feb1:356F"]
    assert told(words, "ip") == addresses


def test_mail_addresses_of_a_column_whose_signs_were_not_read_are_found() -> None:
    words = table(
        ("ID", "E-mail", "Plan"),
        ("7", "anna.kruegerBsupport.fjordhaus.io", "basic"),
        ("8", "k.lindSfjordhaus.de", "basic"),
    )
    assert len(told(words, "email")) == 2
    assert told(table(("ID", "Host", "Plan"), ("7", "webSrv.fjordhaus.io", "basic")), "email") == []


def test_an_iban_of_a_column_with_a_digit_misread_is_found() -> None:
    words = table(
        ("ID", "IBAN", "Amount"),
        ("7", "GB84 EFCR 6248 1123 0623 98", "12.00"),
        ("8", "IT22 V325 0502 1752 7117 3003 0OEC", "12.00"),
    )
    assert len(told(words, "iban")) == 2


def test_secrets_of_a_column_are_told_by_its_head() -> None:
    secrets = [
        "rUcnQ48HtlEdMd7IDMHF+mRSnEeMob106Z53M2QM",
        "GFIAOtPVilhMok9cWwSXvWS8DIjSvRk6rnch9v6r4",
    ]
    words = table(
        ("User", "Created", "Secret access key"),
        ("backup", "2026-01-02", secrets[0]),
        ("deploy", "2026-01-03", secrets[1]),
    )
    assert told(words, "api_key") == secrets


def test_cells_a_space_apart_go_on_each_beneath_itself() -> None:
    token = (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI5NzA0MTE2MyIsIm5hbWUiOiJh",
        ("bm5hIn0.TGstfuAAKkbWvtOiuUEsZGj7FwSEZf7GeW6OdWll2SN"),
    )
    link = "https://fjordhaus.eu/reset?code=Kb8THBwqHN", "JIylYXBw4zkli1JkHsZocmo"
    at = 100, 100 + LETTER * (len(token[0]) + 1)
    first = row(10, (20, "18428c"), (at[0], token[0]), (at[1], link[0]), line=0)
    second = row(26, (20, "15d"), line=1)
    second += row(26, (at[0], token[1]), line=2) + row(26, (at[1], link[1]), line=3)
    words = first + second
    assert told(words, "jwt") == ["".join(token)]
    assert told(words, "url_secret") == ["".join(link)]


def test_a_name_with_a_hyphen_above_an_address_is_none_of_it() -> None:
    words = row(10, (20, "Customer"), line=0) + row(10, (160, "Davide Rossi-Esposito"), line=1)
    words += row(32, (20, "Mail"), line=2) + row(32, (160, "noreply@fjordhaus.co.uk"), line=3)
    assert told(words, "email") == ["noreply@fjordhaus.co.uk"]
    assert told(words, "name") == ["DavideRossi-Esposito"]


def test_names_in_separated_values_stand_in_the_field_for_one() -> None:
    lines = [
        "1 Nr;Cardholder;IBAN;Email",
        "86984;Georgia Castellano;NL83 FTUH 3970 9155 97;o.berg@example.eu",
        "54542;Patel, Dwayne;DE53 2140 3690 7141 2686 75;h.bennett@example.de",
        "12345;Fjordhaus GmbH;DE53 2140 3690 7141 2686 75;post@example.de",
    ]
    words = [word for n, line in enumerate(lines) for word in row(10 + 20 * n, (20, line), line=n)]
    assert told(words, "name") == ["GeorgiaCastellano", "Patel,Dwayne"]


def test_a_line_of_a_sentence_is_no_head_of_separated_values() -> None:
    words = row(10, (20, "Ask the owner, the agent, or support"), line=0)
    words += row(30, (20, "Then Anna Berg, Paul Krog, or Uta"), line=1)
    assert told(words, "name") == []


def test_numbers_in_a_column_of_cards_and_of_telephones_are_found_with_letters_in_them() -> None:
    words = table(
        ("Tel.", "Card", "ID"),
        ("+49 30 85507581", "4111 1111 1111 1111", "1"),
        ("97700 900982", "4036 O461 2644 e406", "2"),
        ("+44 20 7946 0612", "5500-0055-5555-5559", "3"),
        ("2024-11-02", "4111 1111 1111 1112", "4"),
    )
    cards = ["4111111111111111", "4036O4612644e406", "5500-0055-5555-5559"]
    assert told(words, "card") == cards
    assert len(told(words, "phone")) == 3


def test_the_head_of_two_columns_that_were_read_as_one_names_the_first() -> None:
    words = row(10, (20, "id"), line=0) + row(10, (140, "Patient Tel."), line=1)
    words += row(10, (420, "Card"), line=2)
    for place, name in enumerate(("Wei Patel", "Omar McAllister", "Hannah Okafor")):
        y = 30 + 18 * place
        words += row(y, (20, f"72{place}"), line=10 + 3 * place)
        words += row(y, (140, name), line=11 + 3 * place)
        words += row(y, (420, "open"), line=12 + 3 * place)
    assert told(words, "name") == ["WeiPatel", "OmarMcAllister", "HannahOkafor"]


def test_a_user_broken_at_a_dash_goes_on_with_the_password() -> None:
    words = row(10, (20, "https://x-access-"), line=0)
    words += row(30, (20, "token:fpo5YC5ilqc5G2J0@git.example.com/labs/core.git"), line=1)
    (one,) = found(words)
    assert one.category == "url_secret"
    assert len(one.boxes) == 2


def test_a_token_goes_on_behind_letters_that_were_not_read() -> None:
    head = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI5NzA0MTE2MyIsIm5hbWUiOiJh"
    end = "ZmxLZXQuZGV2InO.RjUg845YZahHqWRo4U0xsLSRrJbDUSdGDj1SV2CIPFSGVNUAedj"
    at = 20 + LETTER * len(head) + 60
    words = row(10, (20, head), line=0) + row(10, (at, end), line=1)
    (one,) = [each for each in found(words) if each.category == "jwt"]
    assert one.box.right > at + 0.95 * LETTER * len(end)


def test_rows_of_a_token_go_on_beside_longer_lines_of_another_column() -> None:
    token = (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI5NzA0MTE2MyIsIm5hbWUiOiJhbm5hIiwicm9sZSI6"
        "ImFkbWluIiwiaXNzIjoiaHR0cHMifQ.eXB2ruN1gE2LENBngjkPSwFSGkuYnJpZ2h0d2VsbC5pbyJ9"
    )
    rows = [token[at : at + 60] for at in range(0, len(token), 60)]
    words: list[Word] = []
    for place, text in enumerate(rows):
        words += row(10 + 18 * place, (20, text), line=place)
    longer = "Below there is a sentence that is a good deal longer than any of its rows is"
    words += row(110, (20, longer), line=9)
    (one,) = [each for each in found(words) if each.category == "jwt"]
    assert len(one.boxes) == len(rows) == 3


def test_passwords_of_a_column_are_told_by_its_head() -> None:
    words = table(
        ("User", "Since", "Wachtwoord"),
        ("a.berg", "2026-01-02", "Maple-TC3y7735"),
        ("k.lind", "2026-01-03", "Winter#n4ry7514"),
    )
    assert told(words, "api_key") == ["Maple-TC3y7735", "Winter#n4ry7514"]


def test_an_address_cut_before_its_tag_is_one() -> None:
    words = row(10, (20, "thorsten.lindemann"), line=0) + row(
        30, (20, "+test@fjordhaus.fr"), line=1
    )
    (one,) = found(words)
    assert one.category == "email"
    assert len(one.boxes) == 2


def test_a_query_goes_on_beneath_the_path() -> None:
    words = row(10, (20, "https://berg35.blob.core.windows.net/fjord/haus.zip"), line=0)
    words += row(28, (20, "?sv=2023-11-03&sig=HwEu7lx3rTvOB3pvomjQvJ4mwJCHkXUsVFXc"), line=1)
    (one,) = found(words)
    assert one.category == "url_secret"
    assert len(one.boxes) == 2
