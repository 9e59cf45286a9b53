"""What detectors find in words, and what they leave."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpa_redaction.detect import Box, Code, Detector, Finding, Page, Word, find
from helpa_redaction.detect.numbers import COUNTRIES, issuer, luhn
from helpa_redaction.detect.text import as_digits

LETTER, HEIGHT = 8, 14


def page(*lines: str, left: int = 10, step: int = 22) -> Page:
    """Return a page of lines whose letters are all as wide.

    A middle dot is left out: it keeps what looks like a key out of this file.
    """
    words = []
    for place, line in enumerate(lines):
        at = 0
        for text in line.replace("·", "").split(" "):
            if text:
                box = Box(left + LETTER * at, 10 + step * place, LETTER * len(text), HEIGHT)
                words.append(Word(text, box, 0.95, place))
            at += len(text) + 1
    return Page(1440, 900, words)


def categories(*lines: str) -> list[str]:
    return [each.category for each in find(page(*lines))]


SAID = {
    "email": [
        "write to anna.schmidt@example.com, please", "<o'brien+news@mail.example.co.uk>",
        "novak2@@8@outlook.com",
        "ALERT_MAIL=i.hargreavesggmail.com", '"email": "mnguyendexample.io",',
        "ADMIN_EMAIL=lukas@example.de", "Inés Carvalho <iglesiasgexample.shop>",
        "Email: thornton@northwind- labs .com", "marta @ example . com",
        "it is info@piedpipernl", "a.b@web.de.",
        "novak@y yahoo.co.uk",
        "k.berg@fjordhausorg.",
        "login ok user=k.lindBoutlook.com trace=2a",
        "k.lind8gmail.com",
        "maintainer = 'georgia.berg@fjord~haus.eu'",
        "siobhan.berge!@example.it for all",
        "app.contact=k.bakker@example.pl",
    ],
    "phone": [
        "Tel. +31 6 52516471 - liam-larsen", "Phone: +4917701610637",
        "in room 3.12. (0974 6853644)",
        "call +1 415 555 2671 today", "(415) 555-2671", "Tel. 030 1234567", "+49 (0)30 / 1234567",
        "06 12 34 56 78", "Mobile: 612 345 678", "0049 171 2345678", "415.555.2671",
        "+4917710974248 84.21.143.164/24", "call +1 503-611-5912 22:40",
        "HELP_PHONE=+91 98039 52897", "T 338 5046767", "reached on +39 02 4454173or by mail",
        "phone: '*06.13.94.02.23'", "Tel. @7 22 41 38 40", "phone_number: +49 (@)89 464 7041",
        "llame al +32 475 77 13 18 / l.kealoha@example.es",
        "Registrant Phone: +49,3027663378",
        "Hotline (12) 444-78-05",
        "bel mij op 672 339 020 of mail",
        "ALERT_PHONE=@6 6767 5738",
        "03:14 Riickruf 333-5146643",
        "01.46.47.96.17 or by mail",
        "Ring til mig pa 68 80 94 43.",
        "+353 86 758 S875",
        "+34 98 612 75 40, 951-551-445",
        "sms to=(21) 96266-2469 status=queued",
        "Potete chiamarmi al 334/8572080 oppure",
        "Puhelin 09 694 5480",
    ],
    "card": [
        "4111 1111 1111 1111", "5500-0055-5555-5559", "378282246310005",
        "pay with 6011O00990139424", 'card_number: "6011 @@@9 9@13 9424"', "§500-0055-5555-5559",
        "Kaartnummer 6011 0009 9013 9424",
        "can you call 5190 9690 2618 3991 back?",
        "Numer karty: 422776365 1081632",
        "DEBUG charge card=6011 4111 6361 2506 ok",
        "4378866 102099637",
    ],
    "iban": [
        "IBAN DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "NL91 ABNA 0417 1643 00",
        "AT@5 4713 0721 7102 7276", "PL: ToPL61109010140000071219812874", "F121 1234 5600 0007 85",
        "BES55 3465 0917 8757",
        "It is DE89 3704 0044 0532 0130 001 think.", "1T60 X054 2811 1010 0000 0123 456",
        "IBAN: $K2227478012994951373292",
        "payout iban=HR&7 3892 6446 8742 1815 9",
        "(Z91 7943 2066 2629 5642 0487",
        "payout iban=AT35@583 3299 8611 1895 ok",
    ],
    "ip": [
        "from 203.0.113.42:8080", "DNS 172.21.218.81,2a02:63a3:6d61:8642:fdaf:0a9f:a30d:1e67",
        "server [2a02:8108:9a1d:4886:a010:: 9dcb]:8080;", "2a@2:8109::4565",
        "ssh root@10.4.17.200", "|92.168.17.4 is down", "10.0.0.0/24",
        "2001:0db8: 1cff:f9b7::1 - - [12/May/2026:10:37:07 +0000]", "fe80::e64c:427a:1ldbc:bff9",
        "2a02: a6ef : 3468: 964f :4236:5452:e739:1 - - [12/May",
        "fe80::37a4:548c:e4f5: 1d4a up", "host 2a02:6a73:8ddc:3bb6:aebd: 7c6b:82 ae: dc2f",
        "ssh root@fe80: :b5f:caf7:9407:4924", "2a02:1€97:63ea:d8f:14a1:d4c9:5803:1",
        "2001:db8:85a3::8a2e:370:7334", "[fe80::1ff:fe23:4567:890a]", "2001:0db8:6500:eaic::1",
        "_213.52.249.179",
        "v=spf1 ip6:2606:4700:ddf4::644c -all",
        "2003:e7:25d5:8e2a:b70f-103c:c57c:ae9e",
        "client.ip : 10.181,.53.232",
        "v=spf1 ip4:213.142.86.20ip4:10.58.180.121",
    ],
    "url_secret": [
        "https://example.com/reset?token=Zk3vQ9xT2mB7aW4c", "https://admin:hunter2@example.com/",
        "postgres://app:s3cretPw@db.example.com:5432/main",
        "https: //admin: jGPEj1cAIP@example.com/", "mysql://wp:@7aiSFnn2TZa@db.example.no:3306/x",
        "postgresq|://root:ZdmxT 3s0jkk4Gvu2ck@pg.internal:5432/app?sslmode=require",
        "https://shop.example.nl/unsubscr ibe?u=794712&token=nDbuy1f865F81GFkOSi9H7fT",
        "redis://:AnyF PMHSiaDY2y305s1J@cache.example.com:6379/0",
        "amqp://worker: ZB37geT4kgEM@rabbit. example. energy: 5672/jobs",
        "mysql: //shop: nDTNJVwAewW2J@mysql .example-robots.de:33@6/wordpress",
        "postgres://app:RdEmdpDoenbE @db.example.com/x",
        'hook: "postgres: //app:usEgQfHms99S@db. vandelay.it:5432/main"',
        "https://initech.com/login?code=gwV9ATHSbVw9th] YACjIEbD&state=ok,",
        "postgres: //app:TZ78hxTLOBOvedb .example. co. uk:5432/main",
        "https://example.com/callback#access token=OnoncnWu7twsSjJ6YctB3z5",
        "https://files.example.org/d/report. pdf? sig=VNMWJGh9Esfchg59U6qIIXyISdxHX",
        "https: //example.com/api?api_key=a8Fk29xQpL",
        "https://hooks.slack.com/services/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",
        "https://app.example.com/invite/C5ajmD34IdkbMDQDKYmbzl",
        "mongodb+srv://crm JazSbC9WwI1KxViR@cluster0.87c1e.mongodb.net/crm",
        "BACKUP_DSN=redis: //default : DFikdU0ns0j OwXJmBdjp@cache. internal.helix.dev:6379/0",
        "https: //up.s3.amazonaws .com/inv/605077. pdf ?X-Amz -Expires=900&X-Amz-Signature=d707f48",
        "redis://:RVWEq93DtpuKOGdb-prod.eu-west-1.example.pt:6379/8",
        "amqps://reporting: oqlvjhDcjX2P@node- prod. int .example.eu:5672/jobs",
        "postgres://reporting: jJntwz9fbV@db-@2.prod.example.pt :5432/crm",
        "jdbc:postgresql://pg.internal:5432/orders?user=app&£password=UydTV7Hq8knvj3iX",
        "https://example.de/recover?token=vnDiJNL5xWAwdyg5o9wGJv3VpQhqgjJdaPXXxE",
        "redis: //root :QuyKTAzuNv@cluster®.x7k2q.example.net :5432/orders",
        "https://a.example/x.pdf?X-Amz-Date=AK%2Faws4 request&X-Amz-Signature=7e4d358f356970",
    ],
    "jwt": [
        "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVm",
        "eyjJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVm",
        "ey/hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "eyWhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "eyJ@eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxNzAxIn0.syKWIPUvCljiSqyShatE",
        "eyJnbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "witheyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "ey]hbGci0iJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIi0iIxMjM0 NTY3ODkwIn0. dozjgNryP4J3jVmNHl0w5N",
        "eyINDGCIOIIIUZIINLISINRSCCIOIKPXVCI9.EYIZGWILOLIXMjYXMJU3SN.VaJIKCC3QUISEYI206",
        "eyJGeXAIOIIKVLQILCIhbGci01JFUZIINII9.eyIzdWIiOiI3ZOTI2MTgxYyOzYjEyLTQzMmYt.6R3TLF_g7wirfx",
    ],
    "api_key": [
        "sk-ant-·api03-0]9 7sOYAsbOj85tsqVkV9Y1kjQEtHqiB_v2ifabKRUydE5MPIHyTO9dXT4V9",
        "AC180e6e2dbb4af 83 fec32cfbf4e8542d0", "682359502:AAcOSqW-augo]lw-vOshfOF9KFxONnQoc_Q",
        'password = "xtpie-uhlvq-lbtel"', "DB PASSWORD=Tdej uGbGH",
        "2611547450 : AAR8TmruvAqDCxoj 9mk1aj CGRKrsPX5wIM1", "DB_PASSWORD=wiupu- xuxmh-cbawa",
        "AKIA·IOSFODNN7EXAMPLE", "Databricks: dapi·0b0e947c4faac26e257f61d9e22878e1",
        "NRAK-·6SUV9WMQDLVFVD10UD688QRDOAO", "figd_·aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5zA7b",
        "PersonalAPI key: LBFwI4TfBJNrgabw2AY6auLbJ8gAYwDGp587DfK552f=",
        "We use the Cloudflare token SRWfUrdyL5CeMdrosSLKwXuCLIpnjb9sDytfRdKe now",
        'DD_API_KEY = os.getenv("DD_API_KEY", "da6d66e678dafddb6fbd7281c2219dc4")',
        "SIGNING_SECRET=235985134593664aebf f3d97a231e518 as the docs say",
        "Setup key: QTABSRZOWQSBQAYSXAPOCAUVMBBHUHZ4", "or enter ZX6P356FPE4Y666SAQDWYVYY4JJDLZDI",
        "Bearergithub_pat_·CMXSlo8o7K5oM4sDXXOEJA_Mxh3MYruKGxdUHoImgyIhtN6H",
        "ghp_·16C7e42F292c6912E7710c838347Ae178B4a",
        "sk_live_·4eC39HqLyjWDarjtT1zdp7dc", "sk_lLive_·4eC39HqLyjWDarjtT1zdp7dc",
        "rk_live_·pTQFyqCilqsuwqGtBNOXxKxu",
        "AIza·SyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe", "glpat-·xYz12AbCdEf34GhIjKl5",
        "password: Tr0ub4dor&3",
        'api_key = "9f8e7d6c5b4aXYZ"', "DB_PASSWORD=crhqt-finlr-tsysh", "Passwort: Brown1486!",
        "AC0123456789abcdef0123456789abcdef", "export TOKEN=q8Zk3vQ9xT2mB7",
        "Setup key: YP4P CZFI AHGG DVOS FQVB UYWV DDM5 S6M5",
        "# pass = 620fXS295k=c5Cj5VqbB",
        'const APILKEY = "snX7A8ajEoVVWCUNKZNTWFPQvet4n8vtMWry";',
        'secret_ke y = "WFxROX3GdN1cSc2FTAGONNDI46#N/8WC7Cn1CohN"',
        "Secret key: 77fh jkcj kcyx xvxc h3od kxyw gxjq pm5l",
        "Senha: 8JLQuNa?NY +mv+X7t8",
        "Hasto: OWikP8phq5DXrgr6LnGE4bdisLEpwx1asZvPiON+",
        "5Wu3cJCJkm4i1umvyEJjFjwfob5LOotj8aNWGkNRfUTaGnO52Ed4gpI7xcOh4cO/+mWualGBrlJ5K48077ifhd==",
        '"user"=>{"password"=>"sNsXu+L5B7o"}',
        'headers["X-Api-Key"] = "utARXDsIJcQybnzCXyqa9ycgx2OxwZQFWPSB4S95sBW="',
        "curl -u berg:qqq6o0CWrzb#iM!0 https://api.example.org",
        "con la password CrOWkA1hO?P ma non va",
        "Heslo: Vrba#4n7514",
        "Authorization: Basic YWRtaW46S2FmZmVlIXJ3SjM5MjIx",
        "Le mot de passe provisoire est 2kRn=%piD11A8, merci",
    ],
    "name": [
        "Name: Anna Schmidt", "Kunde: Jürgen Müller", "Assigned to: Liam O'Brien",
        "Nom : Élodie Dubois",
        "Giulia Rossi <emily-taylor@example.com>",
        "Nombre: Sofía García", "Osoba kontaktowa: Anna Nowak", "Titular da conta: Nuno Carvalho",
        "Wiasciciel konta: Tomasz Kowalczyk", "Prepared by: Owen Castellan",
        "Recu par: Camille Roux",
        "Versicherungsnehmer: Jürgen WeiBgerber", "Guest: Rajesh lyer",
        "Guestname: Ute WeiRgerber", "Policy holder: Imogen |. Abernathy",
        "Payee: MarcusJ.Pemberton",
        "Pessoa de contacto: Katrin von Böttcher, katrin@example.com,",
        "Empfanger: Chloé Dubois", "Von: Lucía Navarro", "De: Elif Kaya",
        "Ansprechpartner: Mathieu Garnier IBAN: PT50", '"name": "“Laszl6 Szabo",',
        "Destinatario: |vana Horvat", "Owner: Anna McDonald",
 "Contact: Mr. Pieter van der Berg", "Full name: João Silva",
        "Titular do cartao: Freja Nystr6m",
        "Registrant Name: Mathis Dubois",
        "Odbiorca. Matgorzata Dabrowski",
        "Assignee: Karl A. Berg",
        "Author: fiiigo Castafio Romero <s.garcia@example.fr>",
        "Kontohavare: Asa Lindstré6m",
        "Customer: GRZEGORZ DABROWSKI-JABLONSKI",
        "Client: MARCUS O'CONNOR",
        "Zakaznik: Tugba Kowalczyk",
        "Asiakas: Eero Nagy",
        "Klant: van der Meer, Liesbeth",
        "Cliente: Rui SimGes",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("category", "line"), [(category, line) for category, lines in SAID.items() for line in lines]
)
def test_is_found(category: str, line: str) -> None:
    assert category in categories(line)


LEFT = [
    "Order #48213377 of 2026-05-12", "Invoice INV-2026-34100", "v2.14.3 and 10.4.2",
    "Build 4.1.6790.794",
    "Version 1.2.3.4", "Chrome/120.0.0.0 Safari", "12/05/2026 14:30:59", "Total € 1,204.50",
    "#1f883d",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8", "550e8400-e29b-41d4-a716-446655440000",
    "1Z999AA10123456784", "Screenshot_2026-05-12_at_101530.png", "logo@2x.png",
    "@types/node@20.11.3",
    "git@github.com:org/repo.git", "4111 1111 1111 1112", "DE89 3704 0044 0532 0130 01",
    "127.0.0.1:8000",
    "registry.local/billing:v9.17.16@sha256:712518e2501b41a3b1c0", "03/2014-11/2018",
    "Customer: Marlow Textiles Lda.", "Owner: Northgate Logistics LLC", "Sender: Ostrava Tools",
    "Contact: Google Maps", "Company name: Anna Schmidt", "EAN 4099969468022", "Host: DIAL IN",
    "/root/.npm/_cacache npm-c07712e983be731aad586c8dc9415ec576e3075f",
    "request-id: bd69de19-cd64-6db1-46ae-924b6423a238",
    "https://example.com/docs/getting-started?lang=en",
    "https://example.com/blog/how-to-reset-your-password",
    "https://github.com/o/r/commit/9fceb02d0ae598e95dc970b74767f19372d61af8",
    "Password: ••••••••••",
    "Password: must be at least 12 characters", "API key: not set", "Token: expired",
    "password: required",
    "Name: production-eu", "Name: index.html", "Name: Default workspace", "Contact: via the portal",
    "9c:f4:29:9e:18:e6", "10:31:22", "978-0-2330-6939-9", "sha256:474f46934087aaf7b0e36823",
    "ratio 52.3975",
    "1 204 rows in 3.2 seconds", "password = os.environ['PW']", "token: ${TOKEN}", "ID 026-5121-41",
    "def handle(request: Request) -> Response:", "-----BEGIN PUBLIC KEY-----",
    "timestamp 1668731467", "[12/May/2026:10:41:07 +0000]", "built 2026:10:41:07",
    'password: "must be at least 12 characters",', "Kunde: HelixDev", "Nombre: Teléfono Dirección",
    "an de Anna Berg", "06/29 07/29 02/29", "62-8b-55-a6-41-e6", "Contact: Personal-Nr.",
    "Owner: Invitation link", "https://dashboard.stripe.com/payments/pi_3qAvABv20cmCzkkjZFMad",
    "sha512-ZtO1H6YL35V+/RIT6WAUYTTTLjMpAFxrXoe8hsi/18KE4FQNRKrUjKZBGQ4emt7n0UD2+xLTkeiqNil7QXD3fH==",
    "2025-03-1504:31:56 done", "ring 10 11 12 13 14", "Password: c1:c6:2b:5e:fd:2e", "06/04/20244",
    "THIS TEXT HAS ONLY WORDS WITH FOUR SIGN",
]  # fmt: skip


@pytest.mark.parametrize("line", LEFT)
def test_is_left(line: str) -> None:
    assert categories(line) == []


def test_a_private_key_is_one_finding_from_head_to_foot() -> None:
    body = ["MIIEpAIBAAKCAQEA7Zq3bU8x0dYkTn5LwR2vHs9GfJc1XeVoPiQmAaBtCyDuErFz" for _ in range(4)]
    lines = [
        "$ cat key.pem",
        "-----BEGIN RSA PRIV·ATE KEY-----",
        *body,
        "-----END RSA PRIVATE KEY-----",
        "$ ls",
    ]
    (found,) = find(page(*lines))
    assert found.category == "private_key"
    assert found.box.y <= 10 + 22
    assert found.box.bottom >= 10 + 22 * 6 + HEIGHT - 2
    assert found.box.bottom < 10 + 22 * 7


def test_a_private_key_whose_head_is_not_seen_is_found() -> None:
    body = [f"MIIEpAIBAAKCAQEA7Zq3bU8x0dYkTn5LwR2vHs9GfJc1XeVoPiQmAaBtCyDuEr{n}z" for n in range(4)]
    assert categories(*body) == ["private_key"]


def test_a_secret_over_two_lines_has_a_box_in_each() -> None:
    (found,) = find(
        page("See this link: https://example.com/login?code=ZUbQaAv2", "3OsrsAw8H10TL9ep, please")
    )
    assert found.category == "url_secret"
    assert len(found.boxes) == 2
    assert found.text.endswith("3OsrsAw8H10TL9ep")
    assert found.boxes[1].right < 10 + LETTER * 18


def test_a_label_above_or_to_the_left_says_what_a_value_is() -> None:
    above = page("Password", "Tr0ub4dor&3x")
    assert [each.category for each in find(above)] == ["api_key"]
    words = [
        Word("Kunde:", Box(10, 10, 48, 14)),
        Word("Anna", Box(200, 10, 32, 14)),
        Word("Weber", Box(240, 10, 40, 14)),
    ]
    assert [each.category for each in find(Page(600, 100, words))] == ["name"]


def test_each_token_of_a_line_is_found() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
    assert categories(f"id={token}; access={token}") == ["jwt", "jwt"]


def test_a_parameter_with_an_address_is_no_password() -> None:
    assert categories("http://localhost:8000?mail=anna@example.com") == ["email"]


def test_only_the_secret_part_of_a_word_is_covered() -> None:
    (found,) = find(page('{"email":"anna.schmidt@example.com"}'))
    assert 10 + LETTER * 8 < found.box.x < 10 + LETTER * 10
    assert found.box.right > 10 + LETTER * 34


def test_no_text_is_in_what_may_be_logged() -> None:
    held = page("mail anna.schmidt@example.com", "4111 1111 1111 1111", "Name: Anna Schmidt")
    found = find(held)
    assert len(found) == 3
    said = repr(found) + repr(held) + "".join(each.why for each in found)
    for secret in ("anna", "schmidt", "4111", "Schmidt"):
        assert secret not in said
    assert [each.text for each in found] == [
        "anna.schmidt@example.com",
        "4111111111111111",
        "AnnaSchmidt",
    ]


def test_a_third_party_may_find_more() -> None:
    def badges(held: Page) -> list[Finding]:
        return [
            Finding("badge", (w.box,), 0.9, "a badge")
            for w in held.words
            if w.text.startswith("B-")
        ]

    found = find(page("B-1234"), detectors=[Detector("badges", ("badge",), badges)])
    assert [each.category for each in found] == ["badge"]


def test_an_address_within_a_url_with_a_password_is_not_told_of_twice() -> None:
    assert categories("postgres://app:s3cretPw@db.example.com:5432/main") == ["url_secret"]


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP", 0.95), ("WIFI:S:home;T:WPA;P:secret;;", 0.95),
        ("https://example.com/reset?token=Zk3vQ9xT2mB7aW4c", 0.9), ("https://example.com/", 0.5),
        ("BEGIN:VCARD\nFN:Anna\nEND:VCARD", 0.9),
    ],
)  # fmt: skip
def test_a_code_is_judged_by_what_it_holds(text: str, least: float) -> None:
    (found,) = find(Page(100, 100, codes=[Code("QRCode", text, Box(10, 10, 50, 50))]))
    assert found.category == "code"
    assert found.confidence >= least
    assert text not in repr(found) + found.why


PREFIXES = st.sampled_from(["4", "51", "55", "2221", "37", "6011"])
GAPS = st.sampled_from([" ", "-", ""])


def with_check_digit(prefix: str, body: str) -> str:
    size = 15 if prefix == "37" else 16
    number = (prefix + body)[: size - 1]
    return next(number + str(n) for n in range(10) if luhn(number + str(n)))


@given(PREFIXES, st.text(string.digits, min_size=16, max_size=16), GAPS)
def test_every_card_is_found_and_none_with_another_check_digit(
    prefix: str, body: str, gap: str
) -> None:
    number = with_check_digit(prefix, body)
    if len(set(number)) < 2 or issuer(number) is None:
        return
    sizes = (4, 6, 5) if len(number) == 15 else (4, 4, 4, 4)
    groups, at = [], 0
    for size in sizes:
        groups.append(number[at : at + size])
        at += size
    assert "card" in categories("paid by " + gap.join(groups))
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert "card" not in categories(" ".join([wrong[: sizes[0]], wrong[sizes[0] :]]))


@given(st.sampled_from(sorted(COUNTRIES)), st.data(), st.booleans())
def test_every_iban_is_found_and_none_with_other_check_digits(
    country: str, data: st.DataObject, spaced: bool
) -> None:
    body, count = "", ""
    for c in COUNTRIES[country]:
        if c.isdigit():
            count += c
            continue
        alphabet = {
            "n": string.digits,
            "a": "ACEFHKMNPRTUVWXY",
            "c": string.digits + "ACEFHKMNPRTUVWXY",
        }[c]
        body += data.draw(st.text(alphabet, min_size=int(count), max_size=int(count)))
        count = ""
    rest = int("".join(str(int(c, 36)) for c in body + country + "00")) % 97
    code = f"{country}{98 - rest:02}{body}"
    shown = " ".join(code[i : i + 4] for i in range(0, len(code), 4)) if spaced else code
    assert "iban" in categories(f"to {shown}")
    check = 98 - rest
    # 33 away is no sum of confusions that are put right, and never the same check.
    other = f"{country}{2 + (check - 2 + 33) % 97:02}{body}"
    for found in find(page(other)):
        assert found.category != "iban" or as_digits(found.text) != as_digits(code)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=12))
def test_no_text_breaks_a_detector(lines: list[str]) -> None:
    for found in find(page(*lines)):
        assert 0 <= found.confidence <= 1
        assert found.box.area > 0
