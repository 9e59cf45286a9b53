"""Pages of offices: users, networks, staff, travel, parcels and sheets."""

from __future__ import annotations

from bench.redaction.office import values
from bench.redaction.office.decoys import activity
from bench.redaction.office.kit import Kit, bits, chip, div, kv, nav, table, tag, top
from bench.redaction.office.money import PAPER
from bench.redaction.office.style import page


def users(k: Kit) -> str:
    """Draw the table of users in a dashboard."""
    rows = []
    for _ in range(k.n(4, 7)):
        who = k.person()
        role = chip(k.of("Admin", "Agent", "Viewer"))
        cells = [k.name(who), k.email(who), k.phone(who), k.ip(), role, k.when("%d.%m.%Y %H:%M")]
        rows.append(cells if k.w > 95 else cells[:4] if k.wide else cells[:2])
    heads = [
        k.of("Full name", k.t("name"), k.t("customer")),
        k.t("email"),
        k.t("phone"),
        "Last IP",
        "Role",
        "Last seen",
    ]
    grid = div("panel", table(heads[: len(rows[0])], rows, 2))
    bar = div("cols", div("in", "Search users…"), div("fix", tag("span", "btn go", "+ Invite")))
    foot = f'<p class="meta">1–{len(rows)} of 1,482 · Build {k.version()} · {k.hex(7)}</p>'
    menu = nav("Overview", "Users", "Roles", "Audit log", "Billing", chosen=1) if k.w > 95 else ""
    stats = div("cols", *(div("panel", f'<div class="muted">{a}</div><h1>{b}</h1>') for a, b in (
        ("Active", "1,204"), ("Invited", "37"), ("Storage", "68 % of 500 GB"))))  # fmt: skip
    body = div(
        "body",
        f"<h1>{k.of('Users', 'Benutzer', 'Utilisateurs')}</h1>",
        bar,
        grid,
        foot,
        stats if k.tall else "",
        activity(k),
    )
    return page(k, top("Console") + div("main", menu, body), "table{white-space:nowrap}")


def router(k: Kit) -> str:
    """Draw the page of a router for a wireless network."""
    guest = k.of("FRITZ-Gast", "Cafe-Guest", "Office-5G", "Livebox-22")
    wan = kv(
        [
            ("WAN IP", k.ip(4)),
            ("Gateway", k.ip(4)),
            ("DNS server", f"{k.ip(4)}, {k.ip(6)}"),
            ("IPv6", k.ip(6)),
            ("Subnet mask", k.mark("?", "255.255.255.0")),
            ("MAC", ":".join(k.hex(2) for _ in range(6)).upper()),
            ("Firmware", f"{k.version()}-b{k.fill('<d3>')}"),
            ("Uptime", "12 d 04:31:09"),
        ][: k.n(5, 8)]
    )
    wifi = div(
        "panel", "<h2>Wi-Fi</h2>", f"<label>SSID</label>{div('in', guest)}",
        f"<label>Passphrase</label>{div('in mono', k.mark('?', k.fill('<a14>')))}",
        "<label>Channel</label>" + div("in", "Auto (44, 80 MHz)") if k.tall else "",
        k.code("wifi", 9), '<span class="meta">Scan to join</span>',
    )  # fmt: skip
    rows = [(k.of("iPhone-von-Eva", "LAPTOP-7F2K", "printer", "smart-tv"), k.ip(4),
             ":".join(k.hex(2) for _ in range(6))) for _ in range(k.n(1, 5))]  # fmt: skip
    hosts = div("panel", "<h2>DHCP leases</h2>", table(("Host", "IP", "MAC"), rows))
    left = div("", div("panel", "<h2>Internet</h2>", wan), hosts if k.tall else "")
    menu = nav("Status", "Wireless", "LAN", "Firewall", "System", chosen=1) if k.wide else ""
    return page(
        k,
        top(k.of("NetBox 6490", "Archer AX55", "Livebox"))
        + div("main", menu, div("body", div("cols", left, wifi), activity(k, 5))),
    )


def firewall(k: Kit) -> str:
    """Draw the rules of a firewall and the records of a zone."""
    rules: list[tuple[str, ...]] = [
        (
            str(10 * (at + 1)),
            chip(*k.random.choice((("Allow", "good"), ("Deny", "bad")))),
            k.ip(),
            f"{k.ip(4)}:{k.of('443', '22', '8080', '5432')}",
            k.of("TCP", "UDP"),
            k.when("%d %b %H:%M"),
        )
        for at in range(k.n(2, 5))
    ]
    names = ("@", "mail", "vpn", "status")[: k.n(2, 4)]
    zone = [(name, k.of("A"), k.ip(4), "3600") for name in names]
    zone += [
        ("www", "AAAA", k.ip(6), "3600"),
        ("_dmarc", "TXT", "v=DMARC1; p=reject; pct=100", "300"),
    ]
    zone += [("blog", "CNAME", "hosting.kestrel.io.", "300")]
    if not k.wide:
        rules = [(*rule[:4], *rule[6:]) for rule in rules]
    heads = ("#", "Action", "Source", "Destination", "Proto", "Updated")[: len(rules[0])]
    who = k.person()
    contact = kv(
        [(k.t("contact"), k.name(who)), (k.t("email"), k.email(who)), ("Hotline", k.phone(who))]
    )
    parts = [
        div("panel", "<h2>Firewall rules</h2>", table(heads, rules, 0)),
        div("panel", "<h2>DNS zone</h2>", table(("Host", "Type", "Value", "TTL"), zone)),
    ]
    if k.tall:
        parts.append(div("panel", contact))
    menu = nav("Servers", "Networks", "Firewalls", "DNS", chosen=2) if k.wide else ""
    return page(
        k,
        top("Cloud Console", f"<span>Project prod-{k.hex(4)}</span>")
        + div("main", menu, div("body", *parts)),
        "table{white-space:nowrap}",
    )


def staff(k: Kit) -> str:
    """Draw an employee in the system of a personnel department."""
    who, boss, kin = k.person(), k.person(), k.person()
    facts = [
        (k.of(k.t("employee"), "Full name", k.t("name")), k.name(who)),
        ("Personnel no.", k.fill("P-<d5>")),
        (k.t("email"), k.email(who)),
        (k.t("mobile"), k.phone(who)),
        (k.t("address"), k.address()),
        ("Line manager", k.name(boss)),
        ("Emergency contact", f"{k.name(kin)}, {k.phone(kin)}"),
        ("Start date", k.when("%d.%m.%Y")),
        ("Grade", "E11 / step 3"),
        ("Working time", "38.5 h"),
    ]
    pay = [
        (k.t("holder"), k.name(who)), ("IBAN", k.iban()), ("BIC", k.fill("<U4>NL2A")),
        ("Gross", k.price(2500, 7000)), ("Tax class", "I / 0.5"),
    ]  # fmt: skip
    rows = [(k.name(), k.iban(), tag("div", "num", k.price(50, 400))) for _ in range(k.n(1, 3))]
    spend = table((k.t("employee"), "IBAN", "Expenses"), rows)
    right = div(
        "panel", f"<h2>{k.of('Payroll', k.t('bank'))}</h2>", kv(pay[: k.n(3, 5)], "kv over")
    )
    badge = div("panel", "<h2>Badge</h2>", k.code("vcard", 9, k.of("qr", "aztec")))
    left = div("panel", kv(facts[: k.n(7, 10)]), spend if k.tall else "")
    menu = nav("People", "Time off", "Payroll", "Recruiting") if k.wide else ""
    body = div(
        "body",
        f"<h1>{k.of('Employee file', 'Personalakte', 'Dossier')}</h1>",
        div("cols", left, div("nar", right, badge if k.h > 36 else ""), activity(k)),
    )
    return page(k, top("Peoplebase") + div("main", menu, body), ".nar{flex:.7!important}")


def flight(k: Kit) -> str:
    """Draw the booking of a flight, with passes."""
    who, other = k.person(), k.person()
    locator = k.fill("<U6>")
    passes = []
    for each in (who, other)[: 2 if k.wide else 1]:
        seat = f"{k.random.randint(2, 31)}{k.of('A', 'C', 'F')}"
        facts = kv(
            [
                (k.t("passenger"), k.name(each)),
                ("Flight", k.of("LH 1832", "KL 1007", "AF 1380")),
                ("Seat", seat),
                ("Gate", "B24 · 06:40"),
                ("Ticket", k.fill("220-<d10>")),
            ]
        )
        code = div("fix", k.code("url", 9, k.of("aztec", "qr")))
        passes.append(div("panel", div("cols", facts, code)))
    contact = kv(
        [("Booking", locator), (k.t("email"), k.email(who)), (k.t("mobile"), k.phone(who)),
         (k.t("card"), k.card()), ("Frequent flyer", k.fill("LH <d9>"))][: k.n(4, 5)], "kv two"
    )  # fmt: skip
    legs = [
        (
            k.when("%d %b %H:%M"),
            k.of("FRA → LIS", "AMS → MAD", "CDG → WAW"),
            k.of("A320neo", "B737-800"),
            "23 kg",
            tag("div", "num", k.price(60, 400)),
        )
        for _ in range(2)
    ]
    trip = div("panel", table((k.t("date"), "Route", "Aircraft", "Bag", k.t("price")), legs))
    head = f"<h1>{k.of('Your trip is booked', 'Ihre Buchung', 'Votre voyage')} · {locator}</h1>"
    body = div(
        "body",
        head,
        div("panel", contact),
        div("cols", *passes),
        trip if k.tall else "",
        activity(k, 7),
    )
    manage = k.mark(
        "url_secret", f"https://fly.example.com/manage?ref={locator}&token={k.fill('<a24>')}"
    )
    foot = f'<p class="small">Manage: <a>{manage}</a></p>' if k.tall else ""
    return page(
        k,
        top("Aerolinea", "<span>Book</span><span>Check-in</span>")
        + div("main", body)
        + div("panel", foot),
        ".kv.two dt{width:9em}",
    )


def parcel(k: Kit) -> str:
    """Draw the label of a parcel with its codes, beside what is known of it."""
    who, sender = k.person(), k.person()
    track = k.fill("JJD<d12>")
    label = div(
        "paper",
        div(
            "cols",
            div(
                "",
                f"<div class='meta'>{k.of('From', 'Absender')}</div>",
                f"<div>{sender.firm}</div><div>{k.address()}</div>",
            ),
            div("fix", "<h1>PRIORITY</h1>"),
        ),
        "<hr>",
        kv(
            [
                (k.t("recipient"), k.name(who)),
                (k.t("phone"), k.phone(who)),
                (k.t("address"), k.address()),
                (k.t("email"), k.email(who)),
            ],
            "kv big",
        ),
        "<hr>",
        div(
            "cols",
            div(
                "",
                k.code(track, 20, "128", secret=False),
                f"<div class='mono'>{track}</div><div>Weight 2.40 kg · 1/1</div>",
            ),
            div("fix", k.code(k.of("vcard", "url"), 8, k.of("qr", "aztec"))),
        ),
    )
    rows = [
        (k.when("%d.%m. %H:%M"), k.of("Hub Leipzig", "Depot 42", "Arrived", "In transit"))
        for _ in range(k.n(2, 6))
    ]
    order = kv(
        [
            (k.t("order"), k.fill("<d3>-<d7>")),
            (k.t("customer"), k.name()),
            (k.t("mobile"), k.phone()),
            ("EAN", values.odd(k.random, 13)),
        ],
        "kv over",
    )
    pick = div("", k.code(k.of("url", "mail"), 8), '<span class="meta">Return code</span>')
    side = div(
        "panel",
        "<h2>Shipment</h2>",
        order,
        table((k.t("date"), k.t("status")), rows),
        "<br>",
        pick if k.tall else "",
    )
    css = (
        PAPER + ".paper{width:36em;padding:1em 1.4em;flex:1.6!important}"
        "hr{border:0;border-top:2px solid #222}"
    )
    css += ".big{font-size:1.05em}.kv dt{width:8em}.paper img{max-width:100%}"
    return page(
        k, top(f"Shipping · {track}") + div("body", div("cols", label, side), activity(k, 5)), css
    )


def sheet(k: Kit) -> str:
    """Draw a spreadsheet of customers."""
    heads = [
        "",
        k.t("customer"),
        k.t("email"),
        k.t("phone"),
        "IBAN",
        k.t("card"),
        k.t("date"),
        k.t("total"),
    ]
    room = 3 if not k.wide else 5 if k.w < 90 else 8 if k.w > 105 else 6
    picked = heads[:room] if k.wide else [heads[0], heads[1], heads[4]]
    rows = []
    for at in range(k.n(4, 6)):
        who = k.person()
        cells = [str(at + 2), k.name(who), k.email(who), k.phone(who), k.iban(), k.card(),
                 k.when("%Y-%m-%d"), tag("div", "num", k.price())]  # fmt: skip
        rows.append(cells[:room] if k.wide else [cells[0], cells[1], cells[4 + at % 2]])
    if not k.wide:
        picked[2] = "IBAN / " + k.t("card")
    blank = [[str(at + len(rows) + 2), *[""] * (len(picked) - 1)] for at in range(k.n(2, 12))]
    letters = div("bar", "<b>fx</b> &nbsp; =SUM(H2:H7) &nbsp; <span class='muted'>B4</span>")
    grid = table(picked, rows + blank, 2)
    css = (
        "td,th{border:1px solid var(--line);white-space:nowrap;height:1.9em}td:first-child,th{"
        "background:var(--panel);color:var(--muted)}table{width:auto}.bar{padding:.4em 1em;"
        "border-bottom:1px solid var(--line)}.body{padding:0}"
    )
    tabs = div(
        "chrome", f"<b>{k.of('Customers', 'Kunden', 'Clients')}</b>", bits("Q2", "Archive", "+")
    )
    menus = top(
        k.of("customers_2024.xlsx", "Kundenliste_final_v3.ods"),
        "<span>File</span><span>Edit</span><span>View</span>",
    )
    return page(k, menus + letters + div("body", grid) + tabs, css)
