"""Pages about money: invoices, orders, transfers, receipts, wallets and payments."""

from __future__ import annotations

from bench.redaction.office import values
from bench.redaction.office.decoys import activity
from bench.redaction.office.kit import SERIF, Kit, chip, div, kv, nav, table, tag, top
from bench.redaction.office.style import chrome, page

GOODS = (
    "Desk lamp Aurora",
    "USB-C cable 2 m",
    "Ergo chair M4",
    "Notebook A5 dotted",
    "Ceramic mug 350 ml",
    "Office paper 80 g/m²",
    "Monitor arm 27″",
    "Wireless mouse MX-210",
    "Support plan Basic",
)

PAPER = (
    ".desk{flex:1;display:flex;justify-content:center;background:var(--desk);padding:1em;min-height:0}"
    ".paper{width:54em;max-width:100%;background:#fff;color:#1c1c1c;padding:2em 2.6em;"
    "box-shadow:0 1px 6px #0006}.paper{--page:#fff;--panel:#fafafa;--text:#1c1c1c;--muted:#565656;"
    "--line:#cfcfcf;--chosen:#eef3f8;--accent:#0b57a4}.paper table tr{background:none!important}"
)


def goods(k: Kit, count: int) -> list[tuple[str, ...]]:
    """Return rows of goods: what, its number, how many, and for how much."""
    picked = k.random.sample(GOODS, count)
    return [
        (item, k.of("SKU ", "Art. ", "EAN ") + values.odd(k.random, 8), str(k.random.randint(1, 5)),
         tag("div", "num", k.price()))
        for item in picked
    ]  # fmt: skip


def invoice(k: Kit) -> str:
    """Draw an invoice as a viewer of documents shows it."""
    who = k.person()
    firm, domain = values.company(k.random, k.lang)
    number = k.fill("<d4>-<d5>")
    facts = kv(
        [
            (f"{k.t('invoice')} No.", number),
            (k.t("date"), k.when("%d.%m.%Y")),
            (k.t("contact"), k.name(who)),
            (k.t("email"), k.email(who)),
            (k.t("phone"), k.phone(who)),
        ]
    )
    bank = kv(
        [
            ("IBAN", k.iban()), ("BIC", k.fill("<U4>FRPPXXX")), (k.t("reference"), number),
            (k.t("card"), k.card() if k.random.random() < 0.8 else "**** **** **** 1881"),
        ]
    )  # fmt: skip
    head = div(
        "cols",
        div("", f"<h1>{k.t('invoice')}</h1>", f"<div>{firm}</div><div>{k.address()}</div>",
            f"<div>VAT {k.fill('FR<d11>')} · www.{domain}</div>"),
        div("", facts),
    )  # fmt: skip
    rows = table((k.t("item"), "", k.t("qty"), k.t("price")), goods(k, k.n(2, 6)))
    total = f'<p class="num"><b>{k.t("total")} {k.price(300, 2000)}</b></p>'
    foot = div(
        "cols",
        div("", f"<h2>{k.t('bank')}</h2>", bank),
        div("fix", k.code(k.of("url", "vcard"), 8), '<div class="meta">Scan &amp; pay</div>'),
    )
    css = PAPER + f".paper{{font-family:{k.of(*SERIF)},serif}}" * (k.random.random() < 0.4)
    css += f":root{{--desk:{'#2b2d30' if k.dark else '#d9dce0'}}}.kv dt{{width:9em}}"
    css += (
        "" if k.tall else ".paper{padding:.8em 1.6em}.desk{padding:.3em}h1{margin:0}p{margin:.1em}"
    )
    bar = top(f"{k.t('invoice')}_{number}.pdf", "<span>1 / 2</span>", "<span>100 %</span>")
    return page(k, bar + div("desk", div("paper", head, rows, total, foot)), css)


def order(k: Kit) -> str:
    """Draw the confirmation of an order in a shop."""
    who = k.person()
    number = k.fill("<d3>-<d7>")
    facts = [
        (k.t("order"), number), (k.of(k.t("recipient"), k.t("name"), k.t("customer")), k.name(who)),
        (k.t("email"), k.email(who)), (k.t("phone"), k.phone(who)), (k.t("address"), k.address()),
        (k.t("card"), k.card()), ("Tracking", k.fill("1Z<U6><d10>")),
    ]  # fmt: skip
    track = k.mark(
        "url_secret", f"https://shop.{who.domain}/orders/{number}?token={k.fill('<a32>')}"
    )
    refund = div(
        "panel", "<h2>Refund to</h2>", kv([("IBAN", k.iban()), (k.t("holder"), k.name(who))])
    )
    code = div(
        "panel", k.code("url", 9), '<span class="meta">Show this at the pick-up point</span>'
    )
    left = div("panel", kv(facts), f'<p class="small">Follow your order: <a>{track}</a></p>')
    rows = div("panel", table((k.t("item"), "", k.t("qty"), k.t("price")), goods(k, k.n(2, 5))),
               f'<p class="num">{k.t("total")} <b>{k.price(60, 800)}</b></p>')  # fmt: skip
    right = (rows + refund) if k.tall else refund
    title = k.of("Thank you for your order!", "Vielen Dank für Ihre Bestellung", "Merci !")
    body = div("body", f"<h1>✓ {title}</h1>", div("cols", left, div("", right, code)))
    bar = top(who.firm, "<span>Shop</span>", "<span>Sale −20 %</span>", "<span>Help</span>")
    return page(k, chrome(k, f"shop.{who.domain}/checkout/done") + bar + body)


def bank(k: Kit) -> str:
    """Draw a form for a transfer, and standing orders beside it."""
    who, me = k.person(), k.person()
    fields = [
        (k.of("Beneficiary name", k.t("recipient")), k.name(who)), ("IBAN", k.iban()),
        ("BIC / SWIFT", k.fill("<U4>DEBBXXX")), (k.t("amount"), k.price(20, 5000)),
        (k.t("reference"), f"{k.t('invoice')} {k.fill('<d4>-<d4>')}"),
    ]  # fmt: skip
    form = div(
        "panel", f"<h2>{k.of('New transfer', 'Überweisung', 'Virement', 'Transferencia')}</h2>",
        *(f"<label>{a}</label>{div('in', b)}" for a, b in fields[: k.n(4, 5)]),
        tag("span", "btn go", k.t("save")), " ", tag("span", "btn", k.t("cancel")),
    )  # fmt: skip
    mine = kv(
        [(k.t("holder"), k.name(me)), (k.of("IBAN", "Account"), k.iban()), (k.t("card"), k.card()),
         ("Online ID", values.odd(k.random, 10)), (k.t("mobile"), k.phone(me)),
         ("Balance", k.price(100, 9000))], "kv over" if not k.tall else "kv",
    )  # fmt: skip
    rows = [(k.when("%d/%m"), k.iban(), tag("div", "num", k.price())) for _ in range(k.n(1, 4))]
    orders = table((k.t("date"), "IBAN", k.t("amount")), rows)
    right = div("", div("panel", mine), div("panel", orders) if k.tall else "")
    if k.tall:
        form += div("panel", "<h2>Confirm in the app</h2>", k.code(k.of("url", "otpauth"), 8))
        form = div("", form)
    menu = nav("Accounts", "Transfers", "Cards", "Statements", chosen=1) if k.wide else ""
    head = top(k.of("Meridian Bank", "Volkshaus Bank", "Banque du Midi"), tag("span", "grow", ""),
               f'<span class="small">TAN valid 04:59 · Session {k.hex(8)}</span>')  # fmt: skip
    return page(k, head + div("main", menu, div("body", div("cols", form, right), activity(k, 7))),
                "table{white-space:nowrap}")  # fmt: skip


def receipt(k: Kit) -> str:
    """Draw the receipts of a payment terminal."""
    slips = []
    for at in range(3 if k.wide and k.tall else 2):
        number = values.card(k.random)
        lines = [
            f"<b>{k.firm().upper()}</b>",
            k.address(),
            f"Tel. {k.phone()}",
            "-" * 24,
            f"Terminal-ID: {k.fill('<d8>')}",
            f"Trace {k.fill('<d6>')}  Bon {k.fill('<d4>')}",
            k.when("%d.%m.%Y  %H:%M:%S"),
            f"{k.of('Card:', 'PAN', 'Karte')} {k.mark('card', number)}",
            f"{k.of('VISA DEBIT', 'girocard', 'Mastercard')} {k.of('chip', 'contactless')}",
            f"AID A000000{k.fill('<d7>')}",
            f"<b>EUR {k.random.randint(4, 90)},{k.fill('<d2>')}</b>",
            "*** Payment approved ***",
        ]
        if at == 1:
            lines[7] = f"SEPA {k.of('ELV', 'debit')}"
            lines.insert(8, f"IBAN {k.iban()}")
        if not k.tall:
            lines = lines[:1] + lines[2:3] + lines[5:]
        code = k.code(k.of("url", "url", "mail"), 8) if at in (0, 2) else ""
        slips.append(div("slip mono", *(f"<div>{line}</div>" for line in lines), code))
    css = (
        ".slips{display:flex;gap:2em;justify-content:center;align-items:flex-start;padding:1em}"
        ".slip{width:25em;padding:1.1em 1em;text-align:center;box-shadow:0 1px 5px #0005;"
        f"background:{'#f4f1e8' if not k.dark else 'var(--panel)'};"
        f"color:{'#222' if not k.dark else 'var(--text)'}}}.slip img{{margin:.6em auto 0}}"
    )
    return page(k, top(f"Scan_{k.when('%Y%m%d')}.png") + div("slips", *slips), css)


def wallet(k: Kit) -> str:
    """Draw a card as apps for telephones show: a wallet or the set-up of a second factor."""
    who = k.person()
    factor = k.random.random() < 0.5
    if factor:
        key = k.fill("<u4> <u4> <u4> <u4> <u4> <u4> <u4> <u4>").lower()
        inner = (
            "<h2>Set up two-factor authentication</h2><p class='muted'>Scan this with your app.</p>"
            f"<center>{k.code('otpauth', 11)}</center><p class='small'>Account: {k.email(who)}</p>"
            f"<label>Secret key</label>{div('in mono', k.mark('?', key))}"
            + tag("span", "btn go", "Continue")
        )
    else:
        inner = (
            f"<h2>{k.of('My wallet', 'Meine Karten', 'Ma carte')}</h2>"
            + div("plastic", f"<div>{k.of('Visa Platinum', 'Mastercard', 'Debit')}</div>",
                  f'<div class="pan">{k.card()}</div>', "<div class='small'>Cardholder</div>",
                  f"<div>{k.name(who)}</div><div class='small'>Valid thru 09/27</div>")
            + kv([(k.t("email"), k.email(who)), (k.t("mobile"), k.phone(who))], "kv over")
            + pass_code(k)
        )  # fmt: skip
    rows = [(f"{k.of('Bakery', 'Metro', 'Bookshop', 'Pharmacy')}", k.when("%d %b"), k.price(2, 80))
            for _ in range(k.n(3, 7))]  # fmt: skip
    bills = div(
        "phone", "<h2>Payment methods</h2>",
        kv([(k.t("card"), k.card()), ("Backup card", "•••• 4417"), ("IBAN", k.iban())], "kv over"),
        table((k.of("Shop", "Payee"), k.t("date"), k.t("amount")), rows),
    )  # fmt: skip
    css = (
        ".stage{flex:1;display:flex;justify-content:center;align-items:center;gap:2.5em}"
        ".phone{width:25em;background:var(--panel);border:1px solid var(--line);"
        "border-radius:1.4em;"
        "padding:1.2em 1.5em;box-shadow:0 4px 18px #0004}.phone table tr{background:none!important}"
        ".plastic{background:linear-gradient(120deg,#1f3b73,#274b8f);color:#fff;border-radius:1em;"
        "padding:1em 1.3em;margin-bottom:1em}"
        ".pan{font-size:1.25em;margin:.7em 0;white-space:nowrap;"
        f"font-family:{k.mono},monospace}}"
    )
    return page(k, div("stage", div("phone", inner), bills), css)


def pass_code(k: Kit) -> str:
    """Return a customer's card as a code, where there is room."""
    if not k.tall:
        return ""
    em, kind = k.random.choice(((15, "417"), (9, "aztec"), (9, "qr")))
    return k.code(k.of("mail", "vcard"), em, kind)


def payments(k: Kit) -> str:
    """Draw a dashboard's table of payments; most numbers are masked, some are not."""
    rows = []
    for at in range(k.n(4, 8)):
        who = k.person()
        number = k.card() if at % 3 == 0 else k.iban() if at % 3 == 1 else f"•••• {k.fill('<d4>')}"
        state = chip(*k.random.choice((("Paid", "good"), ("Refunded",), ("Failed", "bad"))))
        cells = [k.fill("pay_<U6>"), k.name(who), number, tag("div", "num", k.price()), state,
                 k.when("%Y-%m-%d %H:%M")]  # fmt: skip
        if k.w > 95:
            cells.insert(2, k.email(who))
        rows.append(cells)
    heads = ["ID", k.t("customer"), "Method", k.t("amount"), k.t("status"), k.t("date")]
    if k.w > 95:
        heads.insert(2, k.t("email"))
    if not k.wide:
        heads, rows = heads[:4], [row[:4] for row in rows]
    stats = div(
        "cols",
        *(
            div("panel", f'<div class="muted">{word}</div><h1>{value}</h1>')
            for word, value in (
                ("Gross volume", k.price(9000, 90000)),
                ("Payments", "1,284"),
                ("Refund rate", "2.14 %"),
            )
        ),
    )
    menu = (
        nav("Home", "Payments", "Payouts", "Disputes", "Developers", chosen=1) if k.w > 95 else ""
    )
    grid = div("panel", table(heads, rows, 1)) + activity(k)
    body = div("body", stats if k.tall else "", f"<h2>Payments · {k.when('%B %Y')}</h2>", grid)
    return page(k, top("Ledgerly", chip("Live mode", "good")) + div("main", menu, body),
                "table{white-space:nowrap}")  # fmt: skip
