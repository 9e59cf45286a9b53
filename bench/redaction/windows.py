"""Pages that look like windows of programs: messages, mail, forms, tables, code, a browser."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape

from bench.redaction.pictures import code_picture
from bench.redaction.scenes import BUTTONS, MONO, PROSE, SANS, Painter
from bench.redaction.secrets import FIRST, LAST, decoy, name

FREE = "?"
"""Category of text that may be found or left: it counts neither way."""


def marked(category: str, value: str) -> str:
    """Return a secret in HTML."""
    return f'<span data-k="{category}">{escape(value)}</span>'


class Windows(Painter):
    """Makes pages that look like windows."""

    def value(self, kind: str) -> str:
        """Return a secret in HTML without its label."""
        return self.secret(kind)[1]

    def person(self) -> str:
        """Return a name beside which a label stands."""
        return self.value("name")

    def stranger(self) -> str:
        """Return a name beside which none stands."""
        return marked(FREE, name(self.random))

    def said(self) -> str:
        """Return a sentence as colleagues write it, often with a secret."""
        kind = self.random.choice(("email", "phone", "card", "iban", "ip", "url_secret", "api_key"))
        form = self.random.choice(
            (
                "here you go: {}", "can you call {} back?", "it is {} now", "{}", "try {} instead",
                "the customer sent this: {}", "rotate {} please, it leaked", "use {} for the test",
            )
        )  # fmt: skip
        if self.random.random() < 0.4:
            return escape(self.random.choice(PROSE))
        return form.format(self.value(kind))

    def face(self, side: int = 32) -> str:
        """Return the round picture of somebody without one: initials on a colour."""
        letters = self.random.choice(FIRST)[0] + self.random.choice(LAST)[0]
        return (
            f'<div style="width:{side}px;height:{side}px;border-radius:50%;flex:none;color:#fff;display:flex;'
            f"align-items:center;justify-content:center;font-size:12px;"
            f'background:{self.random.choice(BUTTONS)}">{letters}</div>'
        )

    def messenger(self) -> str:
        """A window of messages with a list of channels."""
        side = "#3f0e40" if not self.dark else "#19171d"
        channels = "".join(
            f'<div style="padding:4px 0"># {word}</div>'
            for word in ("general", "support", "billing", "on-call", "random", "releases")
        )
        rows = "".join(
            f'<div style="display:flex;gap:10px;margin:10px 0">{self.face()}<div><b>{self.stranger()}</b> '
            f'<span class="quiet" style="font-size:12px">{self.random.randint(8, 19)}:{self.random.randint(10, 59)}</span>'
            f"<div>{self.said()}</div></div></div>"
            for _ in range(10)
        )
        return self.page(
            f'<div style="display:flex;gap:16px"><div style="background:{side};color:#d1d2d3;width:190px;padding:14px;'
            f'margin:-18px 0 -18px -18px;min-height:870px"><b>Acme</b>{channels}</div><div style="flex:1">{rows}</div></div>',
            SANS,
        )

    def shell(self) -> str:
        """A terminal with a bar above, in which files and logs are shown."""
        lines = ["$ cat .env"]
        keys = ("STRIPE_SECRET_KEY", "AWS_ACCESS_KEY_ID", "GITHUB_TOKEN", "OPENAI_API_KEY")
        lines += [f"{key}={self.value('api_key')}" for key in keys]
        lines += [
            f"DATABASE_URL={self.value('url_secret')}",
            f"DB_PASSWORD={self.value('password')}",
            f"ADMIN_EMAIL={self.value('email')}",
            "$ tail -n 8 /var/log/nginx/access.log",
        ]
        lines += [
            f"{self.value('ip')} - - [12/May/2026:10:{self.random.randint(10, 59)}:07 +0000] &quot;GET /docs HTTP/1.1&quot; 200 {self.random.randint(200, 9000)}"
            for _ in range(5)
        ]
        lines += [
            f"$ curl -H &quot;Authorization: Bearer {self.value('jwt')}&quot; localhost:8080/me"
        ]
        if self.random.random() < 0.7:
            lines += ["$ cat ~/.ssh/id_rsa", self.value("private_key")]
        bar = '<div style="background:#3c3c3c;color:#ccc;padding:6px;margin:-18px -18px 10px;text-align:center">bash</div>'
        return self.page(bar + "".join(f"<div>{line}</div>" for line in lines), MONO)

    def mail(self) -> str:
        """A mail program: folders, a list, and one mail."""
        listed = "".join(
            f'<div style="padding:8px;border-bottom:1px solid {self.quiet}44"><b>{self.stranger()}</b>'
            f'<div style="font-size:12px" class="quiet">{escape(self.random.choice(PROSE)[:34])}…</div></div>'
            for _ in range(9)
        )
        head = "".join(
            f'<div><span class="quiet" style="display:inline-block;width:60px">{label}</span> {who} &lt;{self.value("email")}&gt;</div>'
            for label, who in (
                ("From:", self.person()),
                ("To:", self.person()),
                ("Cc:", self.stranger()),
            )
        )
        body = "".join(f"<p>{self.sentence()} {self.sentence()}</p>" for _ in range(4))
        sign = (
            f"<p>Kind regards,<br>{self.stranger()}<br>Phone: {self.value('phone')}<br>"
            f"{self.value('email')}</p>"
        )
        return self.page(
            f'<div style="display:flex"><div style="width:280px;border-right:1px solid {self.quiet}55">{listed}</div>'
            f'<div style="flex:1;padding:0 20px"><h1>Re: your account</h1>{head}{body}{sign}</div></div>',
            SANS,
        )

    def field(self, label: str, value: str, mono: bool = False) -> str:
        """Return a field of a form with its label above."""
        font = "font-family:monospace" if mono else ""
        return (
            f'<div style="margin:0 0 14px"><div style="font-weight:600;font-size:{max(12, self.size - 1)}px;margin-bottom:4px">{label}</div>'
            f'<div style="border:1px solid {self.quiet};border-radius:6px;padding:6px 10px;background:{self.panel};{font}">{value}</div></div>'
        )

    def profile(self) -> str:
        """A form with labels above its fields, in two columns."""
        rows = [
            ("Full name", "name"), ("Email address", "email"), ("Phone number", "phone"), ("IBAN", "iban"),
            ("Card number", "card"), ("Password", "password"), ("Account holder", "name"),
            ("Backup email", "email"), ("Last IP address", "ip"), ("Mobile", "phone"),
        ]  # fmt: skip
        self.random.shuffle(rows)
        shown = [self.field(label, self.value(kind)) for label, kind in rows[:8]]
        shown += [self.field(label, escape(value)) for label, value in (decoy(self.random),)]
        return self.page(
            f'<h1>Edit profile</h1><div style="display:grid;grid-template-columns:1fr 1fr;gap:0 30px;max-width:1000px">{"".join(shown)}</div>'
            f'<span style="background:{self.random.choice(BUTTONS)};color:#fff;padding:7px 16px;border-radius:6px">Save changes</span>',
            SANS,
        )

    def people(self) -> str:
        """A table of users as administrators see it, with chips and small heads."""
        heads = ("Name", "Email", "Role", "Phone", "Last IP", "Last login")
        rows = "".join(
            "<tr>"
            + "".join(
                f'<td style="border-bottom:1px solid {self.quiet}44">{cell}</td>'
                for cell in (
                    f'<div style="display:flex;gap:8px;align-items:center">{self.face(26)}<div>{self.person()}</div></div>',
                    self.value("email"),
                    f'<span style="background:{self.random.choice(BUTTONS)};color:#fff;border-radius:10px;padding:1px 9px;font-size:12px">{self.random.choice(("Admin", "Viewer", "Editor"))}</span>',
                    self.value("phone"),
                    self.value("ip"),
                    f"2026-05-{self.random.randint(10, 28)} {self.random.randint(10, 23)}:{self.random.randint(10, 59)}",
                )
            )
            + "</tr>"
            for _ in range(11)
        )
        top = "".join(f'<th class="quiet" style="font-size:12px">{head}</th>' for head in heads)
        return self.page(
            f"<h1>Users</h1><table><tr>{top}</tr>{rows}</table><p class='quiet'>Showing 1 to 11 of 240</p>",
            SANS,
        )

    def code(self) -> str:
        """A code editor with files at its left, tabs, and a file of settings."""
        files = "".join(
            f"<div>{name}</div>" for name in ("src", "app.py", "config.yaml", ".env", "README.md")
        )
        quiet, string = self.quiet, "#ce9178" if self.dark else "#a31515"

        def line(key: str, value: str) -> str:
            return f'  <span style="color:{self.link}">{key}</span>: <span style="color:{string}">"{value}"</span>'

        rows = ["production:", line("host", self.value("ip")), "  port: 5432"]
        rows += [line("password", self.value("password")), line("api_key", self.value("api_key"))]
        rows += [
            line("admin_email", self.value("email")),
            line("database_url", self.value("url_secret")),
        ]
        rows += ["  retries: 3", f"# {self.random.choice(PROSE)}"]
        rows += [
            line("token", self.value("jwt")),
            line("slack_webhook", self.value("url_secret")),
            "staging:",
        ]
        rows += [
            line("host", self.value("ip")), line("secret_key", self.value("api_key")),
            line("support_phone", self.value("phone")), line("iban", self.value("iban")),
            "  debug: false", line("owner_email", self.value("email")),
        ]  # fmt: skip
        shown = "".join(
            f'<div style="display:flex"><span style="width:34px;flex:none;color:{quiet}">{n}</span><span style="white-space:pre-wrap">{row}</span></div>'
            for n, row in enumerate(rows, 1)
        )
        return self.page(
            f'<div style="display:flex;gap:16px"><div style="width:150px" class="quiet">{files}</div>'
            f'<div style="flex:1"><div style="background:{self.panel};padding:5px 10px;margin-bottom:8px;width:fit-content">config.yaml ×</div>{shown}</div></div>',
            MONO,
        )

    def keys(self) -> str:
        """A page of settings on which keys stand in fields with a button beside."""
        button = f'<span style="float:right;background:{self.random.choice(BUTTONS)};color:#fff;border-radius:4px;padding:0 8px;font-size:12px">Copy</span>'
        rows = [
            ("API key", "api_key"), ("Secret key", "api_key"), ("Access token", "jwt"),
            ("Webhook URL", "url_secret"), ("Private key", "private_key"), ("Signing secret", "api_key"),
            ("Notification email", "email"), ("Allowed IP", "ip"),
        ]  # fmt: skip
        self.random.shuffle(rows)
        shown = "".join(self.field(t, button + self.value(k), mono=True) for t, k in rows[:7])
        return self.page(f'<h1>Developers</h1><div style="max-width:900px">{shown}</div>', SANS)

    def browser(self) -> str:
        """A browser with its bar of the address, and a bill with a code beneath."""
        bar, field = ("#35363a", "#202124") if self.dark else ("#dee1e6", "#ffffff")
        ink = "#e8eaed" if self.dark else "#202124"
        top = (
            f'<div style="background:{bar};color:{ink};margin:-18px -18px 16px;padding:8px 12px;font:13px Roboto">'
            f'<div style="margin-bottom:7px">● ● ●&nbsp;&nbsp; Your invoice – Northwind &nbsp; ×</div>'
            f'<div style="display:flex;gap:12px">← → ⟳<div style="background:{field};border-radius:14px;padding:5px 14px;flex:1;'
            f'white-space:nowrap;overflow:hidden">{self.value("url_secret")}</div></div></div>'
        )
        facts = "".join(
            f'<tr><td class="quiet">{label}</td><td>{value}</td></tr>'
            for label, value in (
                ("Bill to", self.person()), ("Customer", self.person()), ("Email", self.value("email")),
                ("Telephone", self.value("phone")), ("IBAN", self.value("iban")),
                ("Paid with", self.value("card")), ("Invoice", f"INV-2026-{self.random.randint(10000, 99999)}"),
                ("Amount", "€ 1,204.50"), ("Due", "2026-06-30"),
            )
        )  # fmt: skip
        return self.page(
            f'{top}<h1>Invoice</h1><div style="display:flex;gap:60px"><table style="width:620px">{facts}</table>{self.codes()}</div>',
            SANS,
        )

    def codes(self) -> str:
        """Return a QR code and a bar code, some small, some inverted, on a panel or not."""
        made = []
        for kind in ("QRCode", self.random.choice(("Code128", "EAN13", "QRCode"))):
            inverted = self.random.random() < 0.3
            side = self.random.choice((80, 80, 100, 160))
            png = base64.b64encode(code_picture(self.random, kind, inverted=inverted)).decode()
            size = (
                f"width:{side}px" if kind == "QRCode" else "height:70px;width:auto;object-fit:fill"
            )
            pad = self.random.choice((0, 0, 8))
            made.append(
                f'<img data-k="code" style="{size};image-rendering:pixelated;padding:{pad}px;background:'
                f'{"#000" if inverted else "#fff"}" src="data:image/png;base64,{png}">'
            )
        return f'<div style="display:flex;flex-direction:column;gap:24px;align-items:flex-start">{"".join(made)}</div>'

    def record(self) -> str:
        """A record of a customer: facts in two columns, chips, and what was written last."""
        facts = "".join(
            f'<div style="width:45%;margin-bottom:12px"><span class="quiet">{label}</span> {value}</div>'
            for label, value in (
                ("Customer:", self.person()), ("Assigned to:", self.person()), ("Reported by:", self.person()),
                ("E-mail:", self.value("email")), ("Phone:", self.value("phone")), ("IP:", self.value("ip")),
                ("IBAN:", self.value("iban")), ("Card:", self.value("card")),
            )
        )  # fmt: skip
        chips = " ".join(
            f'<span style="background:{self.random.choice(BUTTONS)};color:#fff;border-radius:11px;padding:2px 10px;font-size:12px">{self.value(kind)}</span>'
            for kind in ("email", "phone", "ip")
        )
        said = "".join(f'<div class="panel">{self.sentence()}</div>' for _ in range(4))
        return self.page(
            f'<h1>Case 48213</h1><div style="display:flex;flex-wrap:wrap">{facts}</div><p>{chips}</p>{said}',
            SANS,
        )


KINDS: dict[str, Callable[[Windows], str]] = {
    "messenger": Windows.messenger, "shell": Windows.shell, "mail": Windows.mail, "profile": Windows.profile,
    "people": Windows.people, "code": Windows.code, "keys": Windows.keys, "browser": Windows.browser,
    "record": Windows.record,
}  # fmt: skip
