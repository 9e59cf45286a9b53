"""Pages that look like what people take screenshots of, with secrets and decoys in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from random import Random
from typing import TypeVar

from bench.redaction.secrets import FIRST, MAKERS, decoy, name, password

SANS = (
    "DejaVu Sans", "Liberation Sans", "Roboto", "Inter", "Open Sans", "Lato", "Noto Sans", "Roboto Condensed",
)  # fmt: skip
SERIF = ("DejaVu Serif", "Liberation Serif", "Noto Serif")
MONO = (
    "DejaVu Sans Mono", "Liberation Mono", "Fira Code", "Hack", "Inconsolata", "JetBrains Mono", "Noto Mono",
)  # fmt: skip

LIGHT = (
    ("#ffffff", "#1f2328", "#f6f8fa", "#0969da", "#57606a"),
    ("#fafafa", "#333333", "#ffffff", "#1a73e8", "#666666"),
    ("#fdf6e3", "#586e75", "#eee8d5", "#268bd2", "#586e75"),
    ("#eef2f7", "#172b4d", "#ffffff", "#0052cc", "#5e6c84"),
)
DARK = (
    ("#0d1117", "#e6edf3", "#161b22", "#2f81f7", "#8b949e"),
    ("#1e1e1e", "#d4d4d4", "#252526", "#569cd6", "#9d9d9d"),
    ("#282a36", "#f8f8f2", "#44475a", "#8be9fd", "#bdc3e0"),
    ("#002b36", "#93a1a1", "#073642", "#268bd2", "#839496"),
    ("#36393f", "#dcddde", "#2f3136", "#00aff4", "#b9bbbe"),
)
BUTTONS = ("#0969da", "#1f883d", "#cf222e", "#6f42c1", "#d97706", "#0f766e", "#111827")

PROSE = (
    "Thanks for getting back to me so quickly. I tried again this morning and it still fails.",
    "The export stops at about 80 % and then the page shows an error.",
    "Could you please check whether the invoice was sent to the right address?",
    "I have attached a screenshot of the settings page.",
    "We changed the plan last week, version 2.14.3 worked before.",
    "It happens with every browser, on Windows 11 and on a Mac with macOS 14.5.",
    "Der Kunde wartet seit gestern auf eine Antwort, bitte bald melden.",
    "Merci de confirmer la réception de ce message avant 18:30.",
    "Restart the service, then wait until the status is green.",
    "The meeting is on 12/05/2026 at 14:00 in room 3.12.",
    "See ticket #48213 and pull request 1924 for the details.",
    "Total of 1,204 rows were imported in 3.2 seconds.",
)

LABELS: dict[str, tuple[str, ...]] = {
    "email": ("Email", "E-mail", "From", "To", "Login", "Contact"),
    "phone": ("Phone", "Tel.", "Mobile", "Telefon", "Call back"),
    "card": ("Card", "Card number", "Payment method", "Paid with"),
    "iban": ("IBAN", "Bank account", "Konto"), "ip": ("IP", "Last IP", "Server", "Remote address"),
    "url_secret": ("Reset link", "Invite", "Webhook", "Link", "DSN"), "jwt": ("Token", "Authorization", "JWT"),
    "api_key": ("API key", "Key", "Secret", "Access key"), "private_key": ("Private key",),
    "name": ("Name:", "Customer:", "Contact:", "Full name:", "Kunde:", "Nom :", "Nombre:", "Cliente:", "Naam:", "Nome:", "Assigned to:", "Ansprechpartner:"),
    "password": ("Password:", "Passwort:", "password =", "Secret:", "DB_PASSWORD=", "Mot de passe :"),
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """One page and how it is shown.

    Args:
        kind: of the scene.
        html: the page; what is secret stands in ``span[data-k]``.
        dark: whether its background is dark.
        size: of its text, in CSS pixels.
        scale: device pixels a CSS pixel.
    """

    kind: str
    html: str
    dark: bool
    size: int
    scale: int


class Painter:
    """Makes pages, with one look for each."""

    def __init__(self, random: Random, *, size: int, dark: bool) -> None:
        self.random = random
        self.size = size
        self.dark = dark
        self.back, self.ink, self.panel, self.link, self.quiet = random.choice(
            DARK if dark else LIGHT
        )

    def secret(self, kind: str | None = None) -> tuple[str, str]:
        """Return a label and a value in HTML."""
        kind = kind or self.random.choice(("email", "email", *MAKERS, "password"))
        value = password(self.random) if kind == "password" else MAKERS[kind](self.random)
        label = self.random.choice(LABELS[kind])
        shown = escape(value).replace("\n", "<br>")
        category = "api_key" if kind == "password" else kind
        return label, f'<span data-k="{category}">{shown}</span>'

    def short(self) -> tuple[str, str]:
        """Return a secret that fits into a line."""
        return self.secret(
            self.random.choice(
                (
                    "email",
                    "email",
                    "phone",
                    "card",
                    "iban",
                    "ip",
                    "name",
                    "password",
                    "api_key",
                    "url_secret",
                )
            )
        )

    def fact(self) -> tuple[str, str]:
        """Return a secret or a decoy."""
        if self.random.random() < 0.5:
            return self.short()
        label, value = decoy(self.random)
        return label, escape(value)

    def sentence(self) -> str:
        """Return a sentence, perhaps with a secret."""
        text = self.random.choice(PROSE)
        if self.random.random() < 0.5:
            kind = self.random.choice(("email", "phone", "card", "iban", "ip", "url_secret"))
            value = self.secret(kind)[1]
            text += " " + self.random.choice(
                ("Please use {}.", "Write to {}, please", "It is {} I think.", "({})", "→ {}")
            ).format(value)
        return text

    def page(self, body: str, fonts: tuple[str, ...], extra: str = "") -> str:
        """Return a whole page."""
        font = self.random.choice(fonts)
        weight = self.random.choice(("400", "400", "400", "500"))
        return f"""<!doctype html><meta charset="utf-8"><style>
        body {{ margin: 0; padding: 18px; background: {self.back}; color: {self.ink};
          font: {weight} {self.size}px/1.5 "{font}"; overflow-wrap: anywhere }}
        a {{ color: {self.link} }} .panel {{ background: {self.panel}; padding: 12px; border-radius: 6px;
          border: 1px solid {self.quiet}55; margin: 10px 0 }} .quiet {{ color: {self.quiet} }}
        table {{ border-collapse: collapse; width: 100% }} td, th {{ padding: 6px 10px; text-align: left }}
        h1 {{ font-size: 1.5em; margin: 0 0 8px }} {extra}</style>{body}"""

    def ticket(self) -> str:
        """A support ticket."""
        facts = "".join(
            f'<div style="margin-bottom:6px"><div class="quiet">{label}</div>{value}</div>'
            for label, value in (self.fact() for _ in range(9))
            if not label.endswith((":", "="))
        )
        names = "".join(
            f"<p>{label} {value}</p>"
            for label, value in (self.secret("name"), self.secret("password"))
        )
        said = "".join(
            f'<div class="panel"><b>{escape(self.random.choice(FIRST))}</b> <span class="quiet">2 hours ago</span><p>{self.sentence()} {self.sentence()}</p></div>'
            for _ in range(4)
        )
        button = self.random.choice(BUTTONS)
        mail = self.secret("email")[1]
        return self.page(
            f'<h1>Cannot log in to the portal</h1><div style="display:flex;gap:20px"><div style="flex:1">{said}{names}'
            f'<span style="background:{button};color:#fff;padding:6px 12px;border-radius:6px">Reply to {mail}</span></div>'
            f'<div style="width:330px" class="panel">{facts}</div></div>', SANS,
        )  # fmt: skip

    def form(self) -> str:
        """A form with filled in fields."""
        rows = "".join(
            f'<div style="display:flex;margin:9px 0"><label style="width:180px">{label}</label>'
            f'<div style="border:1px solid {self.quiet};border-radius:4px;padding:4px 8px;background:{self.panel};flex:1;max-width:620px">{value}</div></div>'
            for label, value in (self.fact() for _ in range(11))
        )
        return self.page(f"<h1>Billing details</h1>{rows}", SANS)

    def table(self) -> str:
        """A table of customers."""
        head, striped = self.random.choice(BUTTONS), self.random.random() < 0.5
        border = self.random.random() < 0.5
        rows = []
        for number in range(12):
            cells = [
                f"#{10000 + self.random.randint(0, 9999)}",
                self.secret("email")[1],
                self.secret("phone")[1],
                self.random.choice((self.secret("ip")[1], escape(decoy(self.random)[1]))),
                escape(decoy(self.random)[1]),
            ]
            back = self.panel if striped and number % 2 else self.back
            rows.append(
                f'<tr style="background:{back}">'
                + "".join(f"<td>{c}</td>" for c in cells)
                + "</tr>"
            )
        heads = "".join(f"<th>{h}</th>" for h in ("ID", "Email", "Phone", "Address", "Note"))
        line = f"td {{ border: 1px solid {self.quiet}55 }}" if border else ""
        return self.page(
            f'<h1>Customers</h1><table><tr style="background:{head};color:#fff">{heads}</tr>{"".join(rows)}</table>',
            SANS,
            line,
        )

    def chat(self) -> str:
        """A chat with bubbles."""
        bubbles = []
        for _ in range(9):
            mine = self.random.random() < 0.5
            back = self.random.choice(BUTTONS) if mine else self.panel
            ink = "#fff" if mine else self.ink
            side = "margin-left:auto" if mine else ""
            bubbles.append(
                f'<div style="background:{back};color:{ink};padding:8px 12px;border-radius:14px;max-width:560px;width:fit-content;margin-top:8px;{side}">{self.sentence()}</div>'
            )
        return self.page("".join(bubbles), SANS)

    def terminal(self) -> str:
        """A terminal."""
        lines = []
        for _ in range(7):
            lines.append(self.random.choice((
                lambda: f"$ ssh root@{self.secret('ip')[1]}", lambda: f"$ export API_KEY={self.secret('api_key')[1]}",
                lambda: f"$ curl -s {self.secret('url_secret')[1]}", lambda: f"DB_PASSWORD={self.secret('password')[1]}",
                lambda: f"2026-05-12T10:31:{self.random.randint(10, 59)}Z INFO login from {self.secret('ip')[1]}",
                lambda: f"git config user.email {self.secret('email')[1]}", lambda: f"Authorization: Bearer {self.secret('jwt')[1]}",
            ))())  # fmt: skip
            label, value = decoy(self.random)
            lines.append(escape(f"{label.lower()}: {value}"))
        if self.random.random() < 0.6:
            lines += ["$ cat id_rsa", self.secret("private_key")[1]]
        return self.page("".join(f"<div>{line}</div>" for line in lines), MONO)

    def editor(self) -> str:
        """A code editor."""
        made = []
        for _ in range(6):
            made += self.random.choice((
                lambda: [f'  email: "{self.secret("email")[1]}",'], lambda: [f'  "api_key": "{self.secret("api_key")[1]}",'],
                lambda: [f'DATABASE_URL = "{self.secret("url_secret")[1]}"'], lambda: [f'  host: "{self.secret("ip")[1]}",'],
                lambda: [f'password = "{self.secret("password")[1]}"'], lambda: [f'const token = "{self.secret("jwt")[1]}";'],
                lambda: [f'iban = "{self.secret("iban")[1]}"  # main account'],
            ))()  # fmt: skip
            label, value = decoy(self.random)
            made.append(escape(f'  {label.lower().replace(" ", "_")}: "{value}",'))
            made.append(
                escape(
                    self.random.choice(
                        (
                            "def handle(request: Request) -> Response:",
                            "    return json.loads(body)",
                            "import os, sys",
                            "for (let i = 0; i < items.length; i++) {",
                            "}",
                        )
                    )
                )
            )
        colours = (
            self.link,
            self.ink,
            "#c586c0" if self.dark else "#a626a4",
            "#6a9955" if self.dark else "#50a14f",
        )
        rows = "".join(
            f'<div style="display:flex"><span class="quiet" style="width:40px;flex:none">{i}</span><span style="white-space:pre-wrap;color:{self.random.choice(colours)}">{line}</span></div>'
            for i, line in enumerate(made, 1)
        )
        return self.page(rows, MONO)

    def settings(self) -> str:
        """A page of settings with a side bar of the other darkness."""
        side = "#f6f8fa" if self.dark else "#1f2937"
        ink = "#24292f" if self.dark else "#e5e7eb"
        items = "".join(
            f'<div style="padding:7px 0">{word}</div>'
            for word in ("Overview", "Team", "Billing", "API keys", "Webhooks", "Audit log")
        )
        account = self.secret("email")[1]
        rows = "".join(
            f'<div class="panel"><b>{label}</b><div>{value}</div></div>'
            for label, value in (self.secret() for _ in range(7))
            if not label.endswith(("=", ":"))
        )
        facts = "".join(
            f"<tr><td>{label}</td><td>{value}</td></tr>"
            for label, value in (self.fact() for _ in range(6))
        )
        return self.page(
            f'<div style="display:flex;gap:20px"><div style="background:{side};color:{ink};width:230px;padding:14px;margin:-18px 0 -18px -18px;min-height:860px">'
            f'<b>Workspace</b>{items}<div style="margin-top:40px">{account}</div></div><div style="flex:1"><h1>API keys</h1>{rows}<table>{facts}</table></div></div>', SANS,
        )  # fmt: skip

    def letter(self) -> str:
        """A mail as a browser shows it."""
        head = f"From: {self.secret('email')[1]}<br>To: {self.secret('email')[1]}<br>Subject: Re: Your order #{self.random.randint(10000, 99999)}"
        body = "".join(f"<p>{self.sentence()} {self.sentence()}</p>" for _ in range(5))
        sign = f"Best regards<br><span data-k=?>{escape(name(self.random))}</span><br>Tel. {self.secret('phone')[1]} · {self.secret('email')[1]}<br>IBAN {self.secret('iban')[1]}"
        return self.page(
            f'<div class="panel">{head}</div>{body}<p class="quiet">{sign}</p>', SANS + SERIF
        )


P = TypeVar("P", bound=Painter)

KINDS: dict[str, Callable[[Painter], str]] = {
    "ticket": Painter.ticket, "form": Painter.form, "table": Painter.table, "chat": Painter.chat, "terminal": Painter.terminal,
    "editor": Painter.editor, "settings": Painter.settings, "letter": Painter.letter,
}  # fmt: skip


def scenes(
    seed: int,
    count: int,
    kinds: Mapping[str, Callable[[P], str]],
    maker: Callable[..., P],
) -> list[Scene]:
    """Return ``count`` scenes, always the same for a seed.

    Args:
        seed: of what is drawn.
        count: of the scenes.
        kinds: that take turns, by their names.
        maker: of the painters that the kinds are methods of.
    """
    made = []
    for number in range(count):
        random = Random(f"{seed}/{number}")
        kind = list(kinds)[number % len(kinds)]
        dark = (number // len(kinds)) % 2 == 1
        size = random.choice((12, 12, 13, 14, 14, 16, 18, 20))
        scale = 2 if random.random() < 0.15 else 1
        painter = maker(random, size=size, dark=dark)
        made.append(Scene(kind, kinds[kind](painter), dark, size, scale))
    return made
