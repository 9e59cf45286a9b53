"""Draws the made-up facts of people, firms, payments and networks that pages show."""

from __future__ import annotations

import ipaddress
import unicodedata
from dataclasses import dataclass
from random import Random

FIRST = {
    "en": "Oliver Amelia Harry Isla George Priya Marcus Hannah Tyrone Megan Gareth Aisha Brandon",
    "de": "Jürgen Annika Matthias Heike Torsten Katrin Lukas Ingrid Florian Sabine Björn Ute",
    "fr": "Thibault Élodie Mathieu Camille Benoît Océane Guillaume Chloé Fabien Solène",
    "es": "Álvaro Lucía Joaquín Nuria Sergio Rocío Iñigo Pilar Rubén Begoña",
    "nl": "Sander Femke Jeroen Anouk Wouter Marloes Bram Lieke Joost Saskia",
    "it": "Alessandro Giulia Lorenzo Chiara Davide Ilaria Gianluca Federica Niccolò",
    "pt": "Tiago Mariana Gonçalo Beatriz Rui Inês João Catarina Nuno Leonor",
    "pl": "Krzysztof Agnieszka Wojciech Małgorzata Tomasz Zofia Grzegorz Kinga Łukasz",
}
LAST = {
    "en": "Whitcombe Okafor Brennan Hargreaves Patel Sinclair O'Connor Fairbanks Nguyen Pemberton",
    "de": "Schäfer Brandstetter Köhler Lindemann Weißgerber Hoffmann Böttcher Krüger Dietrich",
    "fr": "Lefèvre Marchand Delacroix Fontaine Rousseau Chevalier Garnier Beaumont Perrin",
    "es": "Quintana Ibáñez Villanueva Redondo Castaño Echeverría Navarro Cifuentes Peralta",
    "nl": "Hoekstra Vermeulen Dijkstra Kuipers Brouwer Timmermans Wolters Zijlstra",
    "it": "Esposito Bianchi Colombo Ferrari Marchetti Pellegrini Rinaldi Santoro Gallo",
    "pt": "Figueiredo Azevedo Carvalho Monteiro Teixeira Nogueira Barros Vasconcelos",
    "pl": "Kowalczyk Wiśniewska Zieliński Szymańska Wójcik Dąbrowski Mazurek Lewandowska",
}
MIDDLE = {"nl": ("van der ", "de ", ""), "de": ("", "", "von "), "en": ("", "", "J. ")}
FIRMS = (
    "Northgate Logistics", "Bluebird Optics", "Halden Freight", "Kestrel Software", "Mirabel Foods",
    "Castor & Fils", "Tannhof Bau", "Orrin Medical", "Lumen Interiors", "Pinecrest Dental",
    "Vantage Cycles", "Sable Analytics", "Marlow Textiles", "Quayside Hotels", "Ostwind Energie",
)  # fmt: skip
FORMS = {
    "en": ("Ltd", "Inc.", "LLC"), "de": ("GmbH", "AG"), "fr": ("SARL", "SAS"), "es": ("S.L.",),
    "nl": ("B.V.",), "it": ("S.r.l.",), "pt": ("Lda.",), "pl": ("Sp. z o.o.",),
}  # fmt: skip
STREETS = {
    "en": ("Wharf Street", "Juniper Avenue", "Mill Lane"), "de": ("Lindenallee", "Am Kirchberg"),
    "fr": ("rue des Lilas", "avenue Foch"), "es": ("calle Mayor", "avenida del Puerto"),
    "nl": ("Prinsengracht", "Dorpsstraat"), "it": ("via Garibaldi", "corso Italia"),
    "pt": ("rua das Flores",), "pl": ("ul. Lipowa", "ul. Ogrodowa"),
}  # fmt: skip
CITIES = {
    "en": ("Leeds LS1 4DY", "Portland, OR 97205", "Bristol BS1 5TR"), "de": ("80331 München",
    "04109 Leipzig"), "fr": ("69002 Lyon", "33000 Bordeaux"), "es": ("46001 Valencia",),
    "nl": ("3511 LX Utrecht",), "it": ("20121 Milano",), "pt": ("4050-253 Porto",),
    "pl": ("31-042 Kraków",),
}  # fmt: skip
MAILS = (
    "gmail.com", "outlook.com", "proton.me", "icloud.com", "yahoo.com", "gmx.de", "web.de",
    "orange.fr", "hotmail.es", "ziggo.nl", "libero.it", "sapo.pt", "wp.pl", "fastmail.com",
)  # fmt: skip
PHONES = {
    "en": ("+1 (415) {3}-{4}", "+1-312-{3}-{4}", "(646) {3}-{4}", "+44 20 7{3} {4}",
           "+44 7{3} {3}{3}", "020 7{3} {4}", "503-{3}-{4}", "+1 617 {3} {4}", "07{3} {3}{3}"),
    "de": ("+49 30 {7}", "+49 151 {4}{4}", "0171 {7}", "089/{6}", "+49 (0)89 {3} {3}-0",
           "030 {4} {4}", "+43 664 {7}"),
    "fr": ("+33 6 {2} {2} {2} {2}", "06 {2} {2} {2} {2}", "01.{2}.{2}.{2}.{2}", ("+33 4 {2} {2} "
           "{2} {2}")),
    "es": ("+34 6{2} {3} {3}", "+34 91 {3} {2} {2}", "6{2} {2} {2} {2}"),
    "nl": ("+31 6 {4}{4}", "06-{4}{4}", "+31 20 {3} {4}", "030-{7}"),
    "it": ("+39 02 {4} {4}", "+39 34{1} {3} {4}", "33{1} {7}"),
    "pt": ("+351 91{1} {3} {3}", "+351 21{1} {3} {3}"),
    "pl": ("+48 60{1} {3} {3}", "60{1} {3} {3}", "+48 22 {3} {2} {2}"),
}  # fmt: skip
IBANS = {
    "DE": "18", "FR": "5 5 A11 2", "GB": "B4 14", "ES": "20", "NL": "B4 10", "IT": "L 10 12",
    "AT": "16", "CH": "17", "BE": "12", "PT": "21", "PL": "24", "IE": "B4 14", "SE": "20",
    "DK": "14", "LU": "16", "FI": "14", "NO": "11", "CZ": "20",
}  # fmt: skip
NATION = {"de": "DE", "fr": "FR", "es": "ES", "nl": "NL", "it": "IT", "pt": "PT", "pl": "PL"}
BANKS = ("INGB", "ABNA", "RABO", "BARC", "MIDL", "LOYD", "NWBK", "REVO", "BUKB")
CARDS = (
    ("4", 16), ("4", 16), ("4", 16), ("51", 16), ("53", 16), ("55", 16), ("2221", 16), ("2540", 16),
    ("34", 15), ("37", 15), ("6011", 16), ("3530", 16), ("36", 14),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody, with what they are reached by."""

    name: str
    email: str
    phone: str
    firm: str
    domain: str


def plain(text: str) -> str:
    """Return a text as it stands in an address: lower case, without accents."""
    for old, new in (("ü", "ue"), ("ö", "oe"), ("ä", "ae"), ("ß", "ss"), ("ł", "l"), ("Ł", "l")):
        text = text.replace(old, new)
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "".join(c for c in bare if c.isalnum())


def digits(random: Random, count: int) -> str:
    """Return digits that begin with no zero."""
    return str(random.randint(1, 9)) + "".join(random.choices("0123456789", k=count - 1))


def person(random: Random, lang: str) -> Person:
    """Return somebody of a language."""
    first = random.choice(FIRST[lang].split())
    last = random.choice(LAST[lang].split())
    name = f"{first} {random.choice(MIDDLE.get(lang, ('',)))}{last}"
    firm, domain = company(random, lang)
    f, la = plain(first), plain(last)
    user = random.choice(
        (f"{f}.{la}", f"{f[0]}.{la}", f"{f}{random.randint(60, 99)}", f"{la}_{f}", f"{f[0]}{la}")
    )
    if random.random() < 0.1:
        user += "+" + random.choice(("support", "shop", "test"))
    host = domain if random.random() < 0.5 else random.choice(MAILS)
    return Person(name, f"{user}@{host}", phone(random, lang), firm, domain)


def company(random: Random, lang: str) -> tuple[str, str]:
    """Return a firm's name and domain."""
    name = random.choice(FIRMS)
    ends = {"en": ("com", "io", "co.uk"), "pt": ("pt", "com")}.get(lang, (lang, "com", "eu"))
    domain = "-".join(filter(None, map(plain, name.split()))) + "." + random.choice(ends)
    return f"{name} {random.choice(FORMS[lang])}", domain


def phone(random: Random, lang: str) -> str:
    """Return a telephone number as a country writes it."""
    made = random.choice(PHONES[lang])
    while "{" in made:
        at = made.index("{")
        count = int(made[at + 1])
        made = made[:at] + digits(random, count).replace("1", "2", 1) + made[at + 3 :]
    return made


def luhn(number: str) -> int:
    """Return the digit that makes a number with it valid by Luhn."""
    total = 0
    for place, char in enumerate(reversed(number)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def card(random: Random) -> str:
    """Return a payment card's number: in groups, dashed or bare."""
    prefix, length = random.choice(CARDS)
    body = prefix + "".join(random.choices("0123456789", k=length - 1 - len(prefix)))
    number = body + str(luhn(body))
    gap = random.choice((" ", " ", " ", "-", ""))
    if length == 16:
        return gap.join(number[at : at + 4] for at in range(0, 16, 4))
    return gap.join((number[:4], number[4:10], number[10:]))


def iban(random: Random, lang: str = "en") -> str:
    """Return an account number with its right check digits: in groups of four, or bare."""
    nation = NATION[lang] if lang in NATION and random.random() < 0.6 else None
    nation = nation or random.choice(sorted(IBANS))
    body = ""
    for part in IBANS[nation].split():
        if part[0] == "B":
            body += random.choice(BANKS)
        elif part[0] == "A":
            body += "".join(random.choices("0123456789ABCDEFGHKLMNPRSTUVWXYZ", k=int(part[1:])))
        elif part == "L":
            body += random.choice("ABCDEFGHJKLMNPRSTUVW")
        else:
            body += digits(random, int(part))
    value = int("".join(str(int(c, 36)) for c in body + nation + "00"))
    number = f"{nation}{98 - value % 97:02}{body}"
    if random.random() < 0.3:
        return number
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def ip4(random: Random, private: bool | None = None) -> str:
    """Return an address of version 4: ``private``, public, or either."""
    if private is None:
        private = random.random() < 0.4
    b, c, d = (random.randint(2, 253) for _ in range(3))
    if private:
        return random.choice((f"10.{b}.{c}.{d}", f"192.168.{c}.{d}", f"172.{16 + b % 16}.{c}.{d}"))
    return f"{random.choice((18, 34, 52, 77, 81, 93, 109, 141, 185, 203))}.{b}.{c}.{d}"


def ip6(random: Random) -> str:
    """Return an address of version 6: whole, or compressed."""
    head = random.choice(("2a02", "2001", "2606", "2a01", "2600", "fd3c", "fe80"))
    groups = [head] + ["0"] * 7
    if head == "fe80" or random.random() < 0.5:
        filled: tuple[int, ...] = (4, 5, 6, 7) if head == "fe80" else (1, 2, 7)
    else:
        filled = (1, 2, 3, 4, 5, 6, 7)
    for at in filled:
        groups[at] = f"{random.randint(0x10, 0xFFFF):x}"
    address = ipaddress.IPv6Address(":".join(groups))
    return address.exploded if random.random() < 0.15 else address.compressed


def ip(random: Random) -> str:
    """Return an address of either version."""
    return ip6(random) if random.random() < 0.3 else ip4(random)


def odd(random: Random, count: int) -> str:
    """Return a row of digits that is no card's number."""
    number = digits(random, count)
    return number if luhn(number[:-1]) != int(number[-1]) else number[:-1] + str(
        (int(number[-1]) + 1) % 10
    )  # fmt: skip
