"""What all pages share: colours, type, words of languages, and how a secret is marked."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bench.redaction.office import codes, keys, values
from bench.redaction.office.values import Person

SANS = (
    "Inter", "Roboto", "'Open Sans'", "'Noto Sans'", "Lato", "Cantarell", "'Segoe UI',Carlito",
    "Arial,'Liberation Sans'", "'Helvetica Neue','Liberation Sans'", "Verdana,'DejaVu Sans'",
)  # fmt: skip
SERIF = ("'Noto Serif'", "'Times New Roman','Liberation Serif'", "'DejaVu Serif'")
MONO = (
    "'Fira Code'", "'JetBrains Mono'", "Hack", "Inconsolata", "'Noto Mono'", "'DejaVu Sans Mono'",
    "'Liberation Mono'", "Menlo,'DejaVu Sans Mono'",
)  # fmt: skip

LIGHT = (
    # page, panel, text, muted, line, accent, on accent, chosen, bar, on bar
    "#f6f8fa #ffffff #1f2328 #59636e #d1d9e0 #0969da #ffffff #ddf4ff #24292f #f0f6fc",
    "#f8f9f9 #ffffff #2f3941 #5c6970 #d8dcde #1f73b7 #ffffff #edf7ff #03363d #e9f3f4",
    "#fafafa #ffffff #212121 #616161 #e0e0e0 #1565c0 #ffffff #e3f2fd #1565c0 #ffffff",
    "#f3f4f6 #ffffff #111827 #59616e #e5e7eb #4f46e5 #ffffff #eef2ff #ffffff #374151",
    "#fbf7f0 #fffdf8 #3b2f25 #74624f #e6dccb #9a3412 #ffffff #fdeedd #3b2f25 #fbf7f0",
    "#f4f5f7 #ffffff #172b4d #5e6c84 #dfe1e6 #0052cc #ffffff #deebff #ffffff #42526e",
    "#ffffff #f7f9f8 #14342b #50706a #d5e2dd #00796b #ffffff #dcf3ee #00695c #ffffff",
)
DARK = (
    "#0d1117 #161b22 #e6edf3 #9198a1 #30363d #4493f8 #ffffff #1c2d41 #010409 #e6edf3",
    "#1e1e2e #262637 #cdd6f4 #a6adc8 #45475a #89b4fa #1e1e2e #363a55 #181825 #cdd6f4",
    "#121212 #1e1e1e #e0e0e0 #a0a0a0 #373737 #90caf9 #121212 #2a3a48 #1f1f1f #e0e0e0",
    "#111827 #1f2937 #f3f4f6 #9ca3af #374151 #818cf8 #111827 #312e81 #0b1220 #e5e7eb",
    "#1b1f23 #22272b #c7d1db #9fadbc #3a444c #579dff #1d2125 #1c2b41 #161a1d #b6c2cf",
    "#202124 #292a2d #e8eaed #9aa0a6 #5f6368 #8ab4f8 #202124 #33415c #171717 #e8eaed",
    "#002b36 #073642 #c9d2d2 #93a1a1 #2f5561 #5fb0ea #002b36 #0d4958 #00212b #c9d2d2",
)
NAMES = ("page", "panel", "text", "muted", "line", "accent", "on", "chosen", "bar", "onbar")

LANGS = ("en", "de", "fr", "es", "nl", "it", "pt", "pl")
WORDS = {
    "name": "Name|Name|Nom|Nombre|Naam|Nome|Nome|Imię i nazwisko",
    "customer": "Customer name|Kundenname|Nom du client|Nombre del cliente|Klantnaam|"
    "Nome cliente|Nome do cliente|Nazwa klienta",
    "contact": "Contact person|Ansprechpartner|Personne de contact|Persona de contacto|"
    "Contactpersoon|Persona di contatto|Pessoa de contacto|Osoba kontaktowa",
    "assignee": "Assignee|Bearbeiter|Responsable|Responsable|Behandelaar|Assegnatario|"
    "Responsável|Przypisany",
    "holder": "Account holder|Kontoinhaber|Titulaire du compte|Titular de la cuenta|"
    "Rekeninghouder|Intestatario|Titular da conta|Właściciel konta",
    "email": "Email|E-Mail|E-mail|Correo electrónico|E-mail|Email|E-mail|E-mail",
    "phone": "Phone|Telefon|Téléphone|Teléfono|Telefoon|Telefono|Telefone|Telefon",
    "mobile": "Mobile|Mobil|Portable|Móvil|Mobiel|Cellulare|Telemóvel|Komórka",
    "card": "Card number|Kartennummer|Numéro de carte|Número de tarjeta|Kaartnummer|"
    "Numero carta|Número do cartão|Numer karty",
    "date": "Date|Datum|Date|Fecha|Datum|Data|Data|Data",
    "address": "Address|Adresse|Adresse|Dirección|Adres|Indirizzo|Morada|Adres",
    "company": "Company|Firma|Société|Empresa|Bedrijf|Azienda|Empresa|Firma",
    "amount": "Amount|Betrag|Montant|Importe|Bedrag|Importo|Montante|Kwota",
    "total": "Total|Gesamt|Total|Total|Totaal|Totale|Total|Razem",
    "order": "Order no.|Bestellnr.|N° de commande|N.º de pedido|Bestelnr.|N. ordine|"
    "N.º da encomenda|Nr zamówienia",
    "invoice": "Invoice|Rechnung|Facture|Factura|Factuur|Fattura|Fatura|Faktura",
    "bank": "Bank details|Bankverbindung|Coordonnées bancaires|Datos bancarios|Bankgegevens|"
    "Coordinate bancarie|Dados bancários|Dane bankowe",
    "recipient": "Recipient|Empfänger|Destinataire|Destinatario|Ontvanger|Destinatario|"
    "Destinatário|Odbiorca",
    "reference": "Reference|Verwendungszweck|Motif|Concepto|Omschrijving|Causale|Descritivo|Tytuł",
    "passenger": "Passenger|Passagier|Passager|Pasajero|Passagier|Passeggero|Passageiro|Pasażer",
    "status": "Status|Status|Statut|Estado|Status|Stato|Estado|Status",
    "employee": "Employee|Mitarbeiter|Employé|Empleado|Medewerker|Dipendente|Funcionário|Pracownik",
    "save": "Save|Speichern|Enregistrer|Guardar|Opslaan|Salva|Guardar|Zapisz",
    "cancel": "Cancel|Abbrechen|Annuler|Cancelar|Annuleren|Annulla|Cancelar|Anuluj",
    "item": "Item|Artikel|Article|Artículo|Artikel|Articolo|Artigo|Pozycja",
    "qty": "Qty|Menge|Qté|Cant.|Aantal|Qtà|Qtd.|Ilość",
    "price": "Price|Preis|Prix|Precio|Prijs|Prezzo|Preço|Cena",
}


@dataclass
class Kit:
    """What a page is drawn with; ``w`` and ``h`` are the viewport's in em."""

    random: Random
    dark: bool
    size: int
    scale: int
    lang: str = "en"
    now: datetime = datetime(2024, 6, 11, 9, 14, 27)  # noqa: DTZ001
    colours: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Draw colours and type."""
        palette = self.random.choice(DARK if self.dark else LIGHT)
        self.colours = dict(zip(NAMES, palette.split(), strict=True))
        self.sans, self.mono = self.random.choice(SANS), self.random.choice(MONO)
        self.w, self.h = 1440 / self.scale / self.size, 900 / self.scale / self.size
        self.wide, self.tall = self.w >= 75, self.h >= 44
        self.now += timedelta(minutes=self.random.randint(0, 600_000))

    def n(self, low: int, high: int) -> int:
        """Return how many of something fit: ``low`` at least, ``high`` where there is room."""
        room = min(1.0, max(0.0, (self.h - 36) / 34))
        return low + int((high - low) * room)

    def t(self, word: str) -> str:
        """Return a label in the page's language."""
        return WORDS[word].split("|")[LANGS.index(self.lang)]

    def of(self, *choices: str) -> str:
        """Return one of some texts."""
        return self.random.choice(choices)

    def person(self) -> Person:
        """Return somebody, mostly of the page's language."""
        lang = self.lang if self.random.random() < 0.7 else self.random.choice(LANGS)
        return values.person(self.random, lang)

    # Secrets

    def mark(self, category: str, text: str, style: str = "") -> str:
        """Return a text marked as a secret of a category, or ``?``."""
        styled = f' style="{style}"' if style else ""
        return f'<span data-k="{category}"{styled}>{html.escape(text)}</span>'

    def name(self, who: Person | None = None) -> str:
        """Return a person's name that stands beside a label."""
        return self.mark("name", (who or self.person()).name)

    def free(self, who: Person | None = None) -> str:
        """Return a person's name that no label tells to be one."""
        return self.mark("?", (who or self.person()).name)

    def email(self, who: Person | None = None) -> str:
        """Return an address of mail."""
        return self.mark("email", (who or self.person()).email)

    def phone(self, who: Person | None = None) -> str:
        """Return a telephone number."""
        return self.mark("phone", (who or self.person()).phone)

    def card(self) -> str:
        """Return a payment card's number."""
        return self.mark("card", values.card(self.random))

    def iban(self) -> str:
        """Return an account number."""
        return self.mark("iban", values.iban(self.random, self.lang))

    def ip(self, version: int = 0) -> str:
        """Return an address of a machine: of a ``version``, or either."""
        draw = {4: values.ip4, 6: values.ip6}.get(version, values.ip)
        return self.mark("ip", draw(self.random))

    def url(self, longest: int = 400) -> str:
        """Return a URL with a secret."""
        return self.mark("url_secret", keys.url(self.random, self.lang, longest, keys.URLS))

    def jwt(self) -> str:
        """Return a token of three parts."""
        return self.mark("jwt", keys.jwt(self.random))

    def key(self, longest: int = 110) -> tuple[str, str, str]:
        """Return a vendor, the variable that holds its key, and the key marked."""
        name, variable, key = keys.vendor(self.random, longest)
        return name, variable, self.mark("api_key", key)

    def branded(self, longest: int = 110) -> tuple[str, str]:
        """Return a vendor and its key, which its look alone tells to be one."""
        name, _, key = keys.prefixed(self.random, longest)
        return name, self.mark("api_key", key)

    def dsn(self) -> str:
        """Return where a database or broker is reached, with its password."""
        return self.mark("url_secret", keys.url(self.random, self.lang, 400, keys.STORES))

    def known(self, longest: int = 110) -> str:
        """Return a key that its look alone tells to be one."""
        return self.mark("api_key", keys.prefixed(self.random, longest)[2])

    def generic(self) -> tuple[str, str]:
        """Return a variable and its value marked."""
        variable, value = keys.generic(self.random)
        return variable, self.mark("api_key", value)

    def pem(self, rows: int = 14) -> str:
        """Return a private key."""
        return self.mark("private_key", keys.pem(self.random, rows), "white-space:pre-wrap")

    def code(self, holds: str, em: float = 9, kind: str = "qr", secret: bool = True) -> str:
        """Return a code as an image; one that holds no secret is marked ``?``."""
        text = codes.content(self.random, holds, self.lang) if secret else holds
        source = codes.image(text, kind, self.random.choice((3, 4, 5)))
        width = max(em * self.size, 120 / self.scale)
        return f'<img data-k="{"code" if secret else "?"}" src="{source}" width="{width:.0f}">'

    # What is none

    def when(self, pattern: str = "%d %b %Y, %H:%M") -> str:
        """Return a moment; each is some minutes later than the last."""
        self.now += timedelta(
            minutes=self.random.randint(1, 90), seconds=self.random.randint(0, 59)
        )
        return self.now.strftime(pattern)

    def tick(self, pattern: str = "%H:%M:%S") -> str:
        """Return a moment some seconds later than the last, as logs have it."""
        self.now += timedelta(seconds=self.random.randint(0, 9))
        return self.now.strftime(pattern)

    def hex(self, count: int) -> str:
        """Return hexadecimal digits."""
        return keys.fill(self.random, f"<h{count}>")

    def uuid(self) -> str:
        """Return an identifier."""
        return "-".join(self.hex(count) for count in (8, 4, 4, 4, 12))

    def fill(self, pattern: str) -> str:
        """Return a pattern with its characters drawn, as order numbers."""
        return keys.fill(self.random, pattern)

    def price(self, low: int = 4, high: int = 900) -> str:
        """Return a price as the page's language writes it."""
        cents = self.random.randint(low * 100, high * 100)
        if self.lang == "en":
            return f"{self.random.choice('$£')}{cents / 100:,.2f}"
        made = f"{cents / 100:.2f}".replace(".", ",")
        return made + {"pl": " zł"}.get(self.lang, " €")

    def version(self) -> str:
        """Return a version with its letter."""
        return (
            f"v{self.random.randint(0, 9)}.{self.random.randint(0, 30)}.{self.random.randint(0, 9)}"
        )

    def address(self) -> str:
        """Return a postal address."""
        street = self.random.choice(values.STREETS[self.lang])
        number = self.random.randint(2, 180)
        made = f"{number} {street}" if self.lang in ("en", "fr") else f"{street} {number}"
        return f"{made}, {self.random.choice(values.CITIES[self.lang])}"

    def firm(self) -> str:
        """Return a firm's name."""
        return html.escape(values.company(self.random, self.lang)[0])

    def ticket(self) -> str:
        """Return a ticket's number."""
        return self.of("#", "INC-", "SUP-", "HD-") + str(self.random.randint(10000, 99999))


def tag(name: str, cls: str, *kids: str) -> str:
    """Return an element of a class."""
    return f'<{name} class="{cls}">{"".join(kids)}</{name}>'


def div(cls: str, *kids: str) -> str:
    """Return a block of a class."""
    return tag("div", cls, *kids)


def kv(pairs: Sequence[tuple[str, str]], cls: str = "kv") -> str:
    """Return labels and their values: beside, or above as ``kv over``."""
    return div(cls, *(f"<div><dt>{a}</dt><dd>{b}</dd></div>" for a, b in pairs))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], chosen: int = -1) -> str:
    """Return a table, with a row chosen."""
    head = "".join(f"<th>{each}</th>" for each in heads)
    body = "".join(
        f'<tr class="{"chosen" if at == chosen else ""}">'
        + "".join(f"<td>{cell}</td>" for cell in row)
        + "</tr>"
        for at, row in enumerate(rows)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def nav(*items: str, chosen: int = 0) -> str:
    """Return a side bar of links."""
    links = (
        f'<a class="{"on" if at == chosen else ""}">{item}</a>' for at, item in enumerate(items)
    )
    return tag("nav", "side", *links)


def top(title: str, *more: str) -> str:
    """Return the bar over a page."""
    return tag("header", "top", f"<b>{title}</b>", *more)


def bits(*texts: str) -> str:
    """Return texts beside each other in a bar."""
    return "".join(f"<span>{text}</span>" for text in texts)


def chip(text: str, kind: str = "") -> str:
    """Return a small label of a state: ``good``, ``bad``, ``warn`` or grey."""
    return f'<span class="chip {kind}">{text}</span>'
