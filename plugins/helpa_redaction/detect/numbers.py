"""Finds the numbers of cards and bank accounts, by their check digits."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from helpa_redaction.detect.labels import before, column, head, starts_with
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.text import crosses, finding, plain, readings

LIKE_DIGIT = "0-9OoIl|SBZ@"
RUN = re.compile(
    rf"(?<![A-Za-z0-9_.+])(?:[0-9|Il]|[@$§](?=\d))(?:[ \-.]{{0,2}}[{LIKE_DIGIT}]){{11,22}}"
    r"(?![\w]|[.,]\d)"
)
LOOKS = {
    "$": "5",
    "§": "5",
    "O": "0",
    "@": "0",
    "o": "0",
    "I": "1",
    "l": "1",
    "|": "1",
    "S": "5",
    "B": "8",
    "Z": "2",
    "&": "8",
    "®": "0",
}
ALSO = {
    "$": "5",
    "§": "5",
    "O": "06",
    "@": "06",
    "I": "17",
    "l": "17",
    "|": "17",
    "S": "58",
    "B": "83",
    "Z": "27",
}

DOUBT = 0.6
"""How sure the reader is at most where one of its digits is taken for another."""

SWAPS = {
    "0": "689",
    "1": "74",
    "3": "89",
    "4": "1",
    "5": "6",
    "6": "805",
    "7": "1",
    "8": "3096",
    "9": "08",
}
"""What a digit may be that was misread."""

CARD_LABELS = (
    "card",
    "visa",
    "mastercard",
    "amex",
    "karte",
    "kartennummer",
    "carte",
    "tarjeta",
    "carta",
    "cartão",
    "kaart",
    "kaartnummer",
    "karty",
    "kortnummer",
    "karta",
    "kort",
    "kortti",
    "credit",
    "paid with",
    "pan",
)


def luhn(digits: str) -> bool:
    """Return whether the last digit fits the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, c in enumerate(reversed(digits)):
        value = int(c) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def issuer(digits: str) -> str | None:
    """Return who issues cards of such a number, or None (ranges as in ISO/IEC 7812 registers)."""
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if digits[0] == "4" and size in (13, 16, 19):
        return "Visa"
    if size == 16 and (51 <= two <= 55 or 2221 <= four <= 2720):
        return "Mastercard"
    if size == 15 and two in (34, 37):
        return "American Express"
    if size in (16, 19) and (four == 6011 or two == 65 or 644 <= int(digits[:3]) <= 649):
        return "Discover"
    if size == 14 and (two in (36, 38, 39) or 300 <= int(digits[:3]) <= 305):
        return "Diners Club"
    if size in (16, 17, 18, 19) and 3528 <= four <= 3589:
        return "JCB"
    if 16 <= size <= 19 and two == 62:
        return "UnionPay"
    if 12 <= size <= 19 and (two in (50, 67) or 56 <= two <= 58):
        return "Maestro"
    return None


BESIDE_ONE = re.compile(r"1 \d|\d 1")
"""A space beside a narrow digit, which the reader may have put there."""


def cards(page: Page) -> Iterator[Finding]:
    """Return the numbers of payment cards of a page."""
    for rows in readings(page):
        line, place = rows.line, rows.places[0]
        text = plain(line.text)
        for match in RUN.finditer(text):
            found = _card(match.group())
            labelled = starts_with(before(page, place, match.start()), CARD_LABELS)
            if found is None and (labelled or line.confidence(*match.span()) < DOUBT):
                found = _doubted(match.group())
            if found is None:
                continue
            digits, sure, end = found
            if not crosses(match.start(), match.start() + end, rows):
                continue
            groups = [len(group) for group in re.split(r"[ \-.]+", match.group()[:end])]
            shaped = groups in ([4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [4, 4, 4, 4, 3], [len(digits)])
            if not labelled and match.start() == 0:
                top = head(page, place)
                labelled = top is not None and starts_with(top.text, CARD_LABELS)
            shaped = shaped or all(size % 4 == 0 for size in groups)
            shaped = shaped or (len(groups) == 2 and bool(BESIDE_ONE.search(match.group()[:end])))
            usual = len(digits) > 13 and (issuer(digits) != "Maestro" or len(groups) > 1)
            if not labelled and not (shaped and usual):
                continue
            why = f"{len(digits)} digits of a card of {issuer(digits)}, whose Luhn check holds"
            yield finding(line, match.start(), match.start() + end, "card", sure, why)


def _doubted(text: str) -> tuple[str, float, int] | None:
    """Return what :func:`_card` does for a number with one digit that was read as another."""
    if not re.fullmatch(r"(?:\d{4}[ \-]){3}\d{4}", text):
        return None
    for place, c in enumerate(text):
        for other in SWAPS.get(c, ""):
            if found := _card(text[:place] + other + text[place + 1 :]):
                return found[0], 0.6, found[2]
    return None


def _card(text: str) -> tuple[str, float, int] | None:
    """Return the digits of a card that a text begins with, how sure, and where it ends."""
    marks = [(place, c) for place, c in enumerate(text) if c not in " -."]
    for size in (16, 15, 19, 14, 13, 18, 17, 12):
        if size > len(marks):
            continue
        end = marks[size - 1][0] + 1
        if end < len(text) and text[end] not in " -.":
            continue
        held = [c for _, c in marks[:size]]
        odd = [place for place, c in enumerate(held) if not c.isdigit()]
        if len(odd) > 4:
            continue
        for choice in itertools.product(*(ALSO.get(held[p], LOOKS[held[p]]) for p in odd)):
            digits = "".join(held[p] if p not in odd else choice[odd.index(p)] for p in range(size))
            if issuer(digits) and luhn(digits) and len(set(digits)) > 1:
                return digits, 0.95 - 0.05 * len(odd), end
    return None


COUNTRIES = {
    "AD": "8n12c", "AE": "19n", "AL": "8n16c", "AT": "16n", "AZ": "4a20c", "BA": "16n", "BE": "12n",
    "BG": "4a6n8c",
    "BH": "4a14c", "BR": "23n1a1c", "BY": "4c4n16c", "CH": "5n12c", "CR": "18n", "CY": "8n16c",
    "CZ": "20n",
    "DE": "18n", "DK": "14n", "DO": "4c20n", "EE": "16n", "EG": "25n", "ES": "20n", "FI": "14n",
    "FO": "14n",
    "FR": "10n11c2n", "GB": "4a14n", "GE": "2a16n", "GI": "4a15c", "GL": "14n", "GR": "7n16c",
    "GT": "20c", "HR": "17n",
    "HU": "24n", "IE": "4a14n", "IL": "19n", "IQ": "4a15n", "IS": "22n", "IT": "1a10n12c",
    "JO": "4a4n18c", "KW": "4a22c",
    "KZ": "3n13c", "LB": "4n20c", "LC": "4a24c", "LI": "5n12c", "LT": "16n", "LU": "3n13c",
    "LV": "4a13c", "LY": "21n",
    "MC": "10n11c2n", "MD": "20c", "ME": "18n", "MK": "3n10c2n", "MR": "23n", "MT": "4a5n18c",
    "MU": "4a19n3a",
    "NL": "4a10n", "NO": "11n", "PK": "4a16c", "PL": "24n", "PS": "4a21c", "PT": "21n",
    "QA": "4a21c", "RO": "4a16c",
    "RS": "18n", "SA": "2n18c", "SC": "4a20n3a", "SD": "14n", "SE": "20n", "SI": "15n", "SK": "20n",
    "SM": "1a10n12c",
    "ST": "21n", "SV": "4a20n", "TL": "19n", "TN": "20n", "TR": "5n1c16c", "UA": "6n19c",
    "VA": "18n", "VG": "4a16n",
    "XK": "16n",
}  # fmt: skip
"""What follows country and check digits: n digits, a capitals, c either (from SWIFT's registry
of IBANs, 2024)."""

TO_LETTER = str.maketrans("01258|l!$€(", "OIZSBIIISCC")
START = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=IBAN)|(?<=[a-z])(?=[A-Z]{2}\d\d\s?\d))([A-Z|l1$€(][A-Z01l|5])\s?([0-9OoIl|SBZ@&®]{2})(?=[\s\-]?[A-Z0-9a-z|@])"
)


def _kinds(shape: str) -> str:
    """Return the kind of each letter behind the country: those of the check digits are n, too."""
    return "nn" + "".join(kind * int(n) for n, kind in re.findall(r"(\d+)([nac])", shape))


def _holds(country: str, body: str) -> bool:
    """Return whether the check digits that a body begins with hold (ISO 13616-1)."""
    return int(_as_number(body[2:] + country + body[:2])) % 97 == 1


def like_iban(text: str) -> bool:
    """Return whether a text without spaces has the country and the letters of an IBAN."""
    country, body = text[:2], text[2:]
    if country not in COUNTRIES:
        return False
    read = _body(body, 0, _kinds(COUNTRIES[country]))
    return read is not None and read[1] == len(body)


def ibans(page: Page) -> Iterator[Finding]:
    """Return the IBANs of a page."""
    for rows in readings(page):
        line, place = rows.line, rows.places[0]
        text = plain(line.text).replace("£", "E")
        for match in START.finditer(text):
            country = match.group(1).translate(TO_LETTER)
            shape = COUNTRIES.get(country)
            if shape is None:
                continue
            kinds = _kinds(shape)
            read = _body(text, match.start(2), kinds)
            if read is None and re.match(r"[OoSIl|B]\d\d", text[match.start(2) :]):
                read = _body(text, match.start(2) + 1, kinds)  # a digit was read as two letters
            headed = match.start() == 0 and len(rows.places) == 1 and _headed(page, place)
            headed = headed or starts_with(before(page, place, match.start()), ("iban",))
            if read is None and (headed or line.confidence(*match.span()) < DOUBT):
                read = _without_one(text, match.start(2), kinds, country)
            if read is None:
                continue
            body, end, odd = read
            if not crosses(match.start(), end, rows):
                continue
            if any(_holds(country, one) for one in _readings(body)):
                sure, why = 0.98 - 0.01 * odd, "an IBAN whose check digits hold"
            elif (headed or line.confidence(match.start(), end) < DOUBT) and any(
                _holds(country, one) for one in _swapped(body)
            ):
                sure, why = 0.6, "an IBAN whose check digits hold but for one that was misread"
            elif starts_with(before(page, place, match.start()), ("iban",)) and odd < 6:
                sure, why = 0.6, "letters and digits as in an IBAN, beside that word"
            else:
                continue
            yield finding(
                line, match.start(), end, "iban", sure, f"{why} ({len(body) + 2} letters)"
            )


def _headed(page: Page, place: int) -> bool:
    """Return whether the head of a cell's column names accounts."""
    heads = column(page, place, page.lines[place].box.x)
    return any(starts_with(top.text, ("iban",)) for top in heads)


def _without_one(text: str, at: int, kinds: str, country: str) -> tuple[str, int, int] | None:
    """Return what :func:`_body` does, with one letter left out that the reader put in."""
    for place in range(at, min(len(text), at + len(kinds) + len(kinds) // 4 + 1)):
        read = _body(text[:place] + text[place + 1 :], at, kinds)
        if read and _holds(country, read[0]):
            return read[0], read[1] + 1, read[2] + 1
    return None


def _body(text: str, at: int, kinds: str) -> tuple[str, int, int] | None:
    """Return the letters that fit ``kinds``, where they end, and how many were put right."""
    body, odd, gap = "", 0, 0
    while at < len(text) and len(body) < len(kinds):
        c = text[at]
        at += 1
        if c in " -":
            gap += 1
            if gap > 2:
                return None
            continue
        gap = 0
        kind = kinds[len(body)]
        meant = c
        if kind == "n":
            meant = LOOKS.get(
                c, {"s": "5", "b": "6", "z": "2", "i": "1", "Q": "0", "D": "0", "@": "0"}.get(c, c)
            )
            if not meant.isdigit():
                return None
        elif kind == "a":
            meant = c.upper().translate(TO_LETTER)
        else:
            meant = {"|": "I", "!": "I", "@": "0", "©": "0"}.get(c, c.upper())
        if not (meant.isascii() and meant.isalnum()):
            return None
        odd += meant != c
        body += meant
    if re.match(r"[1Il|](?!\w)", text[at:]):
        at += 1  # a pronoun behind it, or a bracket
    if len(body) < len(kinds) or (at < len(text) and text[at].isalnum()):
        return None
    return body, at, odd


def _swapped(body: str) -> Iterator[str]:
    """Return the letters with one digit taken for another."""
    for place, c in enumerate(body):
        for other in SWAPS.get(c, ""):
            yield body[:place] + other + body[place + 1 :]


def _readings(body: str) -> Iterator[str]:
    """Return the letters, then with one of those changed that are often mixed up."""
    yield body
    yield body.replace("O", "0")
    for place, c in enumerate(body):
        for other in {
            "0": "O",
            "O": "0",
            "1": "I",
            "I": "1",
            "5": "S",
            "S": "598",
            "9": "SQ",
            "Q": "9",
            "8": "B",
            "B": "8",
        }.get(c, ""):
            yield body[:place] + other + body[place + 1 :]


def _as_number(text: str) -> str:
    return "".join(str(int(c, 36)) for c in text)
