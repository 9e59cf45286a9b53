"""Finds telephone numbers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from helpa_redaction.detect.labels import before, head, starts_with
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.rows import Rows
from helpa_redaction.detect.text import crosses, finding, plain, readings

LABELS = (
    "phone", "phone number", "tel", "telephone", "mobile", "cell", "fax", "telefon",
    "telefonnummer",
    "handy", "mobil", "rufnummer", "téléphone", "telephone", "portable", "teléfono", "telefono",
    "móvil", "movil", "cellulare",
    "telefone", "celular", "komórka", "komorka", "komórkowy", "telemóvel", "telefoon", "mobiel",
    "gsm", "whatsapp", "call", "tlf", "puhelin", "puhelinnumero", "matkapuhelin", "msisdn",
    "call back", "callback", "sms", "rückruf", "hotline", "helpline", "infolinia", "helpdesk",
    "dial-in", "dial in",
)  # fmt: skip

SPOKEN = (
    "contact", "contacto", "contatto", "kontakt", "ring", "reach", "number", "number is", "bel",
    "bellen", "bereikbaar", "anrufen", "erreichbar", "unter", "nummer", "appelez", "appeler",
    "joindre", "numéro", "llama", "llamar", "llámame", "número", "ligue", "ligar", "chiamare",
    "chiamatemi", "chiamami", "numero", "zadzwoń", "dzwonić", "numer", "pod", "nås", "nummeret",
    "chiamarmi", "llamarme", "llamarnos", "appelez-moi", "rufen", "al", "au", "numerem",
    "på", "pa",
)  # fmt: skip
"""Words of a sentence in front of a number, which say less than a label does."""

D = r"(?:[0-9OoIl|@§]|S(?=\d\d))"
NUMBER = re.compile(
    rf"(?:(?<![\w+])|(?<=[a-z])(?=\+\d))(?:[+]\s?)?(?:\(\s?[+]?{D}{{1,5}}\s?[)\]]|(?:[0-9]|[O@§](?=\d)){D}*)"
    rf"(?:(?!\.\s\()[ .\-/]{{0,3}}\(?(?=[OoIl|@S]*[0-9]|@\)){D}{{1,12}}"
    r"(?![A-Z]|[a-z](?![a-z]))\)?)*"
)
DATE = re.compile(
    r"\b(?:\d{1,2}/\d{4}\s?-\s?\d{1,2}/\d{4}|\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d|\d{1,2}[-./]\d{1,2}[-./]\d\d)(?!\d)"
)
AMERICAN = re.compile(
    r"(?:1[ .\-])?(?:\([2-9]\d{2}\)[ .\-]?|[2-9]\d{2}([ .\-]))[2-9]\d{2}[ .\-]\d{4}"
)
LOOKS = str.maketrans("OoIl|@§]S", "0011105)5")

GIVEN = re.compile(
    r"(?:phone|tel|mobile|fax|hotline|sms|msisdn|(?<!\w)to|(?<!\w)from)[\w.\-]{0,12}=$",
    re.IGNORECASE,
)
"""A name in a file of settings to which a number is given."""

EXPIRIES = re.compile(r"(?:\d\d/\d\d\W*){2,}")
"""Months in which cards expire, one beneath the other or side by side."""

BESIDE_DATE = re.compile(r"\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d\d{1,2}")
"""A date with the beginning of what stands in the next column."""

AND = re.compile(r"\s?(?:[,;/|]|or|oder|ou|o|och|of|lub|und|and|&)\s")
"""What stands between two numbers."""

COMMA = re.compile(r"(?<=\+\d\d),(?=\d{6})")
"""The full stop behind a country's code, as registers of names write it (RFC 5733, 2.5)."""

FRENCH = re.compile(r"0[1-9](?:\.\d\d){4}")
"""Five pairs of digits with full stops, which might be dates otherwise."""

ABBREVIATED = re.compile(r"(?:^|[|·,;]\s?)[TMPF][.:]?\s$")
"""A letter for telephone, mobile, phone or fax in front of a number."""

MOST = 15
"""Digits of a number with its country's code (ITU-T E.164)."""

BEYOND = re.compile(rf"\D*(?:\d\D*){{{MOST}}}\d")
"""As much of a text as has a digit more than that."""

DOUBT = 0.4
"""How sure the reader is at most where its last digit is taken for the end of a chip."""

NOT_PHONES = (
    "order", "invoice", "rechnung", "bestellung", "ticket", "case", "ref", "reference", "id",
    "isbn",
    "issn", "ean", "upc", "sku", "serial", "tracking", "version", "build", "date", "datum", "total",
    "amount", "customer no", "account", "vat", "ust", "tax", "siret", "coordinates", "lat", "lng",
    "population", "size", "price", "quantity", "imei", "pid", "timestamp", "batch", "lot", "zip",
    "plz",
)  # fmt: skip


def find(page: Page) -> Iterator[Finding]:
    """Return the telephone numbers of a page."""
    for rows in readings(page):
        line, place = rows.line, rows.places[0]
        text = COMMA.sub(".", plain(line.text))
        last = -1
        for match in NUMBER.finditer(text):
            start, end = match.span()
            end = start + len(_longest(match.group(), text[end : end + 4]).rstrip(" .-/("))
            if text[end - 1] == ")" and text[start:end].count("(") < text[start:end].count(")"):
                end -= 1
            if not crosses(start, end, rows) or (
                rows.borders and not _goes_on(text, start, end, rows)
            ):
                continue
            if text[end : end + 1] == "_" and text[start] == "+":
                text = text[:end] + " " + text[end + 1 :]  # the end of a chip
            number = re.sub(r"(?<=[\-./]) (?=\d)", "", text[start:end].translate(LOOKS))
            if sum(c.isdigit() for c in number) < 6 or _within(text, start, end):
                continue
            label = "phone" if ABBREVIATED.search(text[:start]) else before(page, place, start)
            if last >= 0 and AND.fullmatch(text[last:start]):
                label = "phone"  # as the number before it
            top = head(page, place) if start == 0 else None
            one = top is not None and not re.search("[;|]", top.text)
            heads = top.text.lower() if top is not None and one else ""
            if not label or (starts_with(heads, LABELS) and not starts_with(label, NOT_PHONES)):
                label = heads
            sure, why = _judge(number, label)
            if not sure and line.confidence(start, end) < DOUBT and not DATE.search(number):
                sure, why = _judge(number[:-1], label)  # the end of a chip was read as a digit
            if sure:
                last = end
                yield finding(line, start, end, "phone", sure, why)


def _longest(text: str, behind: str) -> str:
    """Return as much of a number as one may have: what is beyond it is another, or a time."""
    if re.match(r":\d\d(?!\d)|[.@][A-Za-z]", behind) and re.search(r" \d{1,2}$", text):
        text = text.rpartition(" ")[0]
    if text[0] == "+" and (more := BEYOND.match(text)) and " " in more.group():
        text = more.group().rpartition(" ")[0]
    return text


def _goes_on(text: str, start: int, end: int, rows: Rows) -> bool:
    """Return whether a number is one over several rows, and not one number above another."""
    edges = (start, *rows.borders, end)
    sizes = [len(re.sub(r"\D", "", text[a:b])) for a, b in itertools.pairwise(edges)]
    if any(text[border] in "+(" for border in rows.borders):
        return False
    if len(sizes) > 2:  # rows of a narrow column, each a group or two
        return max(sizes) <= 5 and end == len(text)
    if text[start] == "+" and sizes[0] <= 3:
        return 6 <= sizes[1] <= 12
    if end < len(text) and sizes[1] > 8:
        return False
    return sizes[1] <= (10 if sizes[0] < 7 else 5)


def _within(text: str, start: int, end: int) -> bool:
    """Return whether the digits are but part of a longer word: an id, a file's name, a path."""
    ahead, behind = text[max(0, start - 2) : start], text[end : end + 5]
    if (text[start] == "+" and re.search("[=a-z]$", ahead)) or GIVEN.search(text, 0, start):
        ahead = ""  # what is given to a name in a file of settings
    if re.search(r"[\w#$€£%&=_@^/\\]$|[\w)]\*$", ahead) or re.search(r"[\w.:,\-][\-./:,]$", ahead):
        return True
    if text[start] == "+" and re.match("[a-z]{2}", behind):
        return False  # the space behind it was not seen
    return bool(
        re.match(
            r"[A-Za-z_@%#=×€$£]|[\-./:,][\w]|\s(?:[×x%]|[€$£](?!\s?\d)|EUR|USD|GBP|CHF|PLN)|\+\d",
            behind,
        )
    )


def _judge(number: str, label: str) -> tuple[float, str]:
    digits = re.sub(r"\D", "", number)
    groups = re.findall(r"\d+", number)
    labelled = starts_with(label, LABELS)
    if not 6 <= len(digits) <= MOST or len(set(digits)) < 3:
        return 0.0, ""
    if EXPIRIES.fullmatch(number) or BESIDE_DATE.fullmatch(number):
        return 0.0, ""
    abroad = number.lstrip("( ").startswith("+")
    if abroad and len(digits) >= 9 and digits[0] != "0":
        return 0.95, "a telephone number with its country's code"
    if not labelled and starts_with(label, NOT_PHONES):
        return 0.0, ""
    if abroad:
        return (0.7, "digits beside a word for telephone") if labelled else (0.0, "")
    if FRENCH.fullmatch(number):
        return 0.8, "digits grouped like a telephone number with its prefix"
    if DATE.search(number) and not (labelled and len(digits) > 8):
        return 0.0, ""
    if re.match(r"00[1-9]\d", digits) and len(digits) >= 11 and len(groups) > 1:
        return 0.9, "a telephone number with its country's code"
    if AMERICAN.fullmatch(number):
        return (0.95 if labelled else 0.85), "digits grouped like a telephone number"
    if labelled:
        return 0.9, "digits beside a word for telephone"
    trunk = digits[0] == "0" and digits[1] != "0" and 2 <= len(groups[0]) <= 5
    sized = 9 <= len(digits) <= 12 and 2 <= len(groups) <= 6
    asked = sized or (len(digits) == 8 and len(groups) >= 3)
    follows = all(int(b) == int(a) + 1 for a, b in itertools.pairwise(groups))  # numbers of lines
    if asked and not follows and starts_with(label, SPOKEN):
        return 0.7, "digits behind words that ask for a call"
    if trunk and sized and not re.match(r"0\d?\.|\d{3}-\d{4}-\d\d$", number):
        return 0.8, "digits grouped like a telephone number with its prefix"
    return 0.0, ""
