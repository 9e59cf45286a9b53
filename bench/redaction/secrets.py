"""Made-up secrets by category, and what looks like one and is none."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable
from random import Random

LOWER = string.ascii_lowercase
ALNUM = string.ascii_letters + string.digits
B64 = ALNUM + "-_"
FIRST = [
    "Anna",
    "Marta",
    "Jürgen",
    "Paul",
    "Sofía",
    "Chloé",
    "Giulia",
    "Pieter",
    "João",
    "Fatima",
    "Yusuf",
    "Emily",
    "Oliver",
    "Liam",
    "Noah",
    "Hannah",
    "Lukas",
    "Élodie",
    "Marco",
    "Ingrid",
    "Priya",
    "Wei",
    "Carlos",
    "Beatriz",
    "Tomasz",
    "Katarzyna",
    "Daniel",
    "Grace",
]
LAST = [
    "Schmidt",
    "Müller",
    "García",
    "Dubois",
    "Rossi",
    "Jansen",
    "Silva",
    "Khan",
    "Öztürk",
    "Johnson",
    "Brown",
    "Taylor",
    "Wilson",
    "Kowalski",
    "Novak",
    "Andersson",
    "Larsen",
    "Moreau",
    "Ferrari",
    "Visser",
    "Pereira",
    "O'Brien",
    "McDonald",
    "Patel",
    "Chen",
    "Fernández",
    "Weber",
    "Fischer",
]
HOSTS = [
    "example.com",
    "example.org",
    "acme-corp.io",
    "mail.example.net",
    "contoso.com",
    "fabrikam.de",
    "northwind.co.uk",
    "globex.fr",
    "initech.com",
    "umbrella.es",
    "hooli.xyz",
    "piedpiper.nl",
    "vandelay.it",
    "web.de",
    "outlook.com",
]


def some(random: Random, letters: str, count: int) -> str:
    """Return ``count`` letters drawn from ``letters``."""
    return "".join(random.choices(letters, k=count))


def plain(text: str) -> str:
    """Return a name as it stands in an address."""
    table = str.maketrans({"ü": "u", "ö": "o", "Ö": "o", "í": "i", "é": "e", "É": "e", "ã": "a"})
    return text.translate(table | {ord("á"): "a", ord("'"): None}).lower()


def email(random: Random) -> str:
    """Return an e-mail address."""
    first, last = plain(random.choice(FIRST)), plain(random.choice(LAST))
    user = random.choice(
        (
            f"{first}.{last}", f"{first[0]}{last}", f"{first}_{last}{random.randint(1, 99)}",
            f"{first}+{random.choice(('billing', 'test', 'news'))}", f"{last}{random.randint(1950, 2009)}",
            f"{first}-{last}", random.choice(("support", "billing", "no-reply", "it.helpdesk")),
        )
    )  # fmt: skip
    return f"{user}@{random.choice(HOSTS)}"


def phone(random: Random) -> str:
    """Return a telephone number."""

    def d(count: int) -> str:
        return random.choice("23456789") + some(random, string.digits, count - 1)

    return random.choice(
        (
            lambda: f"+1 {d(3)} {d(3)} {d(4)}", lambda: f"({d(3)}) {d(3)}-{d(4)}",
            lambda: f"+49 {d(3)} {d(7)}", lambda: f"+44 20 {d(4)} {d(4)}", lambda: f"{d(3)}-{d(3)}-{d(4)}",
            lambda: f"+33 6 {d(2)} {d(2)} {d(2)} {d(2)}", lambda: f"+34 {d(3)} {d(3)} {d(3)}",
            lambda: f"+1-{d(3)}-{d(3)}-{d(4)}", lambda: f"+31 6 {d(8)}", lambda: f"0{d(3)} {d(7)}",
            lambda: f"+49 (0){d(2)} / {d(7)}", lambda: f"06 {d(2)} {d(2)} {d(2)} {d(2)}",
            lambda: f"+91 {d(5)} {d(5)}", lambda: f"{d(3)}.{d(3)}.{d(4)}", lambda: f"+4917{d(9)}",
            lambda: f"0{d(3)}/{d(6)}", lambda: f"+39 3{d(2)} {d(7)}",
        )
    )()  # fmt: skip


def luhn(digits: str) -> str:
    """Return ``digits`` with the check digit that Luhn's rule gives them."""
    total = sum(
        int(c) if place % 2 else sum(divmod(2 * int(c), 10))
        for place, c in enumerate(reversed(digits))
    )
    return digits + str(-total % 10)


def card(random: Random) -> str:
    """Return the number of a payment card."""
    start, length = random.choice(
        (("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("37", 15), ("6011", 16))
    )
    number = luhn(start + some(random, string.digits, length - len(start) - 1))
    gap = random.choice((" ", " ", "-", ""))
    if length == 15:
        return gap.join((number[:4], number[4:10], number[10:]))
    return gap.join(number[i : i + 4] for i in range(0, 16, 4))


def iban(random: Random) -> str:
    """Return an IBAN."""
    country, shape = random.choice(
        (
            ("DE", "18d"), ("GB", "4A14d"), ("FR", "23d"), ("ES", "20d"), ("NL", "4A10d"),
            ("IT", "1A22d"), ("AT", "16d"), ("CH", "17d"), ("BE", "12d"), ("PL", "24d"), ("PT", "21d"),
        )
    )  # fmt: skip
    body, count = "", ""
    for c in shape:
        if c.isdigit():
            count += c
        else:
            body += some(random, string.digits if c == "d" else string.ascii_uppercase, int(count))
            count = ""
    number = "".join(str(int(c, 36)) for c in body + country + "00")
    code = f"{country}{98 - int(number) % 97:02}{body}"
    return (
        code if random.random() < 0.3 else " ".join(code[i : i + 4] for i in range(0, len(code), 4))
    )


def ip(random: Random) -> str:
    """Return an IP address."""
    if random.random() < 0.7:
        first = random.choice((10, 172, 192, 203, 84, 51, 8, 185))
        port = random.choice(("", "", "", ":8080", "/24"))
        return ".".join([str(first), *(str(random.randint(0, 255)) for _ in range(3))]) + port
    groups = [f"{random.randint(0, 65535):x}" for _ in range(6)]
    return random.choice(
        (
            f"2001:db8:{groups[0]}::{groups[1]}", f"fe80::{':'.join(groups[:4])}",
            f"2a02:{':'.join(groups)}:1", f"2001:0db8:{groups[0]}:{groups[1]}::1",
        )
    )  # fmt: skip


def url_secret(random: Random) -> str:
    """Return an address on the web that is a key in itself."""
    host, key = random.choice(HOSTS), some(random, ALNUM, random.randint(20, 32))
    return random.choice(
        (
            f"https://{host}/reset?token={key}", f"https://app.{host}/invite/{key}",
            f"https://admin:{some(random, ALNUM, 10)}@{host}/", f"https://{host}/api?api_key={key}",
            f"https://files.{host}/d/report.pdf?sig={key}", f"https://{host}/login?code={key}&state=ok",
            f"postgres://app:{some(random, ALNUM, 12)}@db.{host}:5432/main",
            f"https://{host}/callback#access_token={key}",
            (f"https://hooks.slack.com/services/T{some(random, string.ascii_uppercase + string.digits, 8)}"
            f"/B{some(random, string.ascii_uppercase + string.digits, 8)}/{some(random, ALNUM, 24)}"),
        )
    )  # fmt: skip


def b64(text: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def jwt(random: Random) -> str:
    """Return a JSON Web Token."""
    head = b64(random.choice((b'{"alg":"HS256","typ":"JWT"}', b'{"alg":"RS256","kid":"k1"}')))
    body = b64(
        f'{{"sub":"{random.randint(10**6, 10**9)}","iat":{random.randint(10**9, 2 * 10**9)}}}'.encode()
    )
    return f"{head}.{body}.{b64(random.randbytes(32))}"


def api_key(random: Random) -> str:
    """Return a key as vendors make them, or a password beside its label."""
    upper = string.ascii_uppercase + string.digits
    hexa = "0123456789abcdef"
    return random.choice(
        (
            lambda: "AKIA" + some(random, string.ascii_uppercase + "234567", 16), lambda: "ghp_" + some(random, ALNUM, 36),
            lambda: f"xoxb-{some(random, string.digits, 12)}-{some(random, string.digits, 12)}-{some(random, ALNUM, 24)}",
            lambda: "sk_live_" + some(random, ALNUM, 24), lambda: "AIza" + some(random, B64, 35),
            lambda: "glpat-" + some(random, B64, 20), lambda: "sk-proj-" + some(random, B64, 48),
            lambda: "sk-ant-api03-" + some(random, B64, 60), lambda: "hf_" + some(random, ALNUM, 34),
            lambda: "npm_" + some(random, ALNUM, 36), lambda: "dop_v1_" + some(random, hexa, 64),
            lambda: f"SG.{some(random, B64, 22)}.{some(random, B64, 43)}", lambda: "shpat_" + some(random, hexa, 32),
            lambda: "github_pat_" + some(random, ALNUM, 22) + "_" + some(random, ALNUM, 59),
            lambda: f"{random.randint(10**8, 10**10)}:AA{some(random, B64, 33)}", lambda: "AC" + some(random, hexa, 32),
            lambda: "pypi-AgEIcHlwaS5vcmc" + some(random, B64, 60), lambda: "ASIA" + some(random, upper[:26], 16),
        )
    )()  # fmt: skip


def password(random: Random) -> str:
    """Return a password, which only its label gives away."""
    return random.choice(
        (
            lambda: some(random, ALNUM + "!#%&*", random.randint(9, 16)),
            lambda: random.choice(LAST).replace("'", "") + str(random.randint(100, 9999)) + "!",
            lambda: "-".join(some(random, LOWER, 5) for _ in range(3)),
        )
    )()


def private_key(random: Random) -> str:
    """Return a private key in PEM."""
    kind = random.choice(
        ("RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY")
    )
    body = base64.b64encode(random.randbytes(48 * random.randint(3, 9) + 20)).decode()
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"])


def name(random: Random) -> str:
    """Return somebody's name."""
    return f"{random.choice(FIRST)} {random.choice(LAST)}"


MAKERS: dict[str, Callable[[Random], str]] = {
    "email": email, "phone": phone, "card": card, "iban": iban, "ip": ip, "url_secret": url_secret,
    "jwt": jwt, "api_key": api_key, "private_key": private_key, "name": name,
}  # fmt: skip


def decoy(random: Random) -> tuple[str, str]:
    """Return a label and a value that is no secret."""

    def digits(count: int) -> str:
        return some(random, string.digits, count)

    def dud_card() -> str:
        number = "4" + digits(15)
        while luhn(number[:-1]) == number:
            number = "4" + digits(15)
        return " ".join(number[i : i + 4] for i in range(0, 16, 4))

    hexa = "0123456789abcdef"
    return random.choice(
        (
            lambda: ("Order", f"#{digits(8)}"), lambda: ("Invoice", f"INV-2026-{digits(5)}"),
            lambda: ("Date", f"2026-0{random.randint(1, 9)}-{random.randint(10, 28)}"),
            lambda: ("Time", f"{random.randint(10, 23)}:{random.randint(10, 59)}:{random.randint(10, 59)}"),
            lambda: ("Updated", f"{random.randint(1, 28):02}/{random.randint(1, 12):02}/2026 {random.randint(10, 23)}:{random.randint(10, 59)}"),
            lambda: ("Total", f"€ {random.randint(1, 999)},{digits(3)}.{digits(2)}"),
            lambda: ("Version", f"v{random.randint(1, 19)}.{random.randint(0, 40)}.{random.randint(0, 20)}"),
            lambda: ("Build", f"{random.randint(1, 9)}.{random.randint(0, 9)}.{digits(4)}.{digits(3)}"),
            lambda: ("Request id", f"{some(random, hexa, 8)}-{some(random, hexa, 4)}-4{some(random, hexa, 3)}-a{some(random, hexa, 3)}-{some(random, hexa, 12)}"),
            lambda: ("Commit", some(random, hexa, random.choice((7, 40)))), lambda: ("Colour", "#" + some(random, hexa, 6)),
            lambda: ("Tracking", f"1Z{some(random, string.ascii_uppercase + string.digits, 16)}"),
            lambda: ("File", f"Screenshot_2026-0{random.randint(1, 9)}-{random.randint(10, 28)}_at_{digits(6)}.png"),
            lambda: ("Docs", f"https://{random.choice(HOSTS)}/docs/getting-started?lang=en"),
            lambda: ("Page", f"https://www.{random.choice(HOSTS)}/blog/2026/05/how-to-reset-your-password"),
            lambda: ("Name", random.choice(("production-eu", "my-project", "Default workspace", "index.html"))),
            lambda: ("Handle", f"@{plain(random.choice(FIRST))}{random.randint(1, 99)}"),
            lambda: ("Size", f"{random.randint(1, 999)} × {random.randint(1, 999)} px"), lambda: ("Ratio", f"{random.randint(1, 99)}.{digits(4)}"),
            lambda: ("Customer no.", digits(7)), lambda: ("Reference", dud_card()),
            lambda: ("ISBN", f"978-{digits(1)}-{digits(4)}-{digits(4)}-{digits(1)}"), lambda: ("Password", "••••••••••"),
            lambda: ("Password", "must be at least 12 characters"), lambda: ("API key", "not set"), lambda: ("Token", "expired"),
            lambda: ("MAC", ":".join(some(random, hexa, 2) for _ in range(6))), lambda: ("Package", f"@types/node@{random.randint(10, 22)}.{random.randint(0, 9)}.{random.randint(0, 9)}"),
            lambda: ("Timestamp", str(random.randint(1_600_000_000, 1_900_000_000))), lambda: ("Image", f"sha256:{some(random, hexa, 24)}"),
            lambda: ("Contact", "via the portal"), lambda: ("Customer", "since 2019"), lambda: ("Duration", f"{digits(2)}.{digits(3)} s"),
            lambda: ("Range", f"{digits(3)}-{digits(3)}"), lambda: ("Coordinates", f"52.{digits(4)}, 13.{digits(4)}"),
            lambda: ("Population", f"{random.randint(1, 9)} {digits(3)} {digits(3)}"), lambda: ("SKU", f"{digits(3)}-{digits(4)}-{digits(2)}"),
        )
    )()  # fmt: skip
