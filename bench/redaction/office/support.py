"""Pages of those who help: tickets, contacts, chats, mail, invitations and profiles."""

from __future__ import annotations

from bench.redaction.office.decoys import activity
from bench.redaction.office.kit import Kit, chip, div, kv, nav, table, tag, top
from bench.redaction.office.style import chrome, page


def initials(name: str) -> str:
    """Return a round picture of a name's first letters."""
    return tag("span", "ava", "".join(part[0] for part in name.split()[:2]))


def ticket(k: Kit) -> str:
    """Draw a ticket of a help desk, with a conversation and who asked."""
    who, agent = k.person(), k.person()
    number = k.ticket()
    subject = k.of(
        "Webhook deliveries failing since upgrade", "Cannot sign in after SSO change",
        "API returns 401 for all requests", "Import job stuck at 38 %",
    )  # fmt: skip
    variable, value = k.generic()
    secrets = [
        f"The header we send is <code>Authorization: Bearer {k.jwt()}</code>",
        (
            f"Requests come from {k.ip()} and go to https://api.kestrel.io/v2/orders, "
            f"request id {k.uuid()}."
        ),
        f"In our config we have <code>{variable}={value}</code> as the docs say.",
    ]
    first = div(
        "panel",
        f'<div class="meta">{initials(who.name)} &nbsp;{k.free(who)} · {k.when()}</div>',
        f"<p>Hi there,</p><p>{k.of('Since yesterday', 'Since we moved to ' + k.version())} we get "
        f"error code E-{k.random.randint(1000, 9999)} on order {k.fill('SO-<d7>')}.</p>",
        *(f"<p>{line}</p>" for line in (secrets if k.tall else secrets[:2])),
    )
    pem = f"<p>Here is the key our server signs with:</p><pre class='box'>{k.pem(5)}</pre>"
    reply = div(
        "panel",
        f'<div class="meta">{k.of("Internal note", "Public reply")} · {k.when()}</div>',
        pem if k.random.random() < 0.7 or not k.tall else "",
        f"<p>Try <b>{k.of('Settings › Integrations', 'Admin › Security')}</b> and rotate the key "
        f"ending in ••••{k.fill('<d4>')}. If it still fails call me at {k.phone(agent)}.</p>",
    )
    facts = [
        ("Requester", k.name(who)),
        (k.t("email"), k.email(who)),
        (k.t("phone"), k.phone(who)),
        (k.t("company"), who.firm),
        (k.t("assignee"), k.name(agent)),
        (k.t("status"), chip("Open", "bad")),
        ("Priority", chip("High", "warn")),
        ("SLA", "2 h 14 min"),
        ("Plan", "Business, 25 seats"),
        ("Ticket", number),
        (k.t("order"), k.fill("<U2>-<d8>")),
    ]
    body = top(f"{number} · {subject}", '<span class="grow"></span>', chip("Open", "bad"))
    menu = nav("Inbox (12)", "Assigned to me", "Unassigned", "Solved", "Spam") if k.wide else ""
    if k.tall:
        facts.insert(4, ("Attachment", k.code(k.of("url", "otpauth", "mail"), 8)))
    side = div("panel fix", kv(facts[: k.n(5, 12)], "kv over"))
    cols = div("cols", div("", first, reply, activity(k, 6)), side)
    return page(
        k, body + div("main", menu, div("body", cols)), ".fix{width:17em;flex:none!important}"
    )


def crm(k: Kit) -> str:
    """Draw a contact's card in a CRM, with bank details and colleagues."""
    who, other = k.person(), k.person()
    facts = [
        (k.of("Full name", k.t("name"), k.t("contact")), k.name(who)),
        (k.t("email"), k.email(who)),
        (k.t("phone"), k.phone(who)),
        (k.t("mobile"), k.phone(other)),
        (k.t("company"), who.firm),
        (k.t("address"), k.address()),
        ("Account ID", k.fill("ACC-<d6>")),
        ("VAT ID", k.fill("DE<d9>")),
        ("Website", f"<a>https://www.{who.domain}</a>"),
        ("Last activity", k.when()),
    ]
    deals = [
        (
            f"{k.of('Renewal', 'Upsell', 'Pilot')} {year}",
            k.price(900, 9000),
            k.when("%d.%m.%Y"),
            state,
        )
        for year, state in (
            (2023, chip("Won", "good")),
            (2024, chip("Open")),
            (2025, chip("Lost", "bad")),
        )
    ]
    money = kv(
        [
            (k.t("holder"), k.name(who)),
            ("IBAN", k.iban()),
            ("BIC", k.fill("<U4>DEFFXXX")),
            (k.t("card"), k.card() if k.random.random() < 0.6 else "•••• •••• •••• 4242"),
        ]
    )
    head = div(
        "cols",
        div("fix", initials(who.name)),
        div(
            "",
            f"<h1>{k.free(who)}</h1>",
            f'<div class="muted">Head of Operations · {who.firm}</div>',
        ),
        div("fix", tag("span", "btn", "Edit"), " ", tag("span", "btn go", "Log a call")),
    )
    left = div("panel", f"<h2>{k.of('Details', 'About', 'Contact')}</h2>", kv(facts[: k.n(6, 10)]))
    right = div("panel", f"<h2>{k.t('bank')}</h2>", money)
    if k.tall:
        right += div(
            "panel", "<h2>Deals</h2>", table(("Deal", k.t("amount"), k.t("date"), ""), deals)
        )
        right += div("panel", "<h2>vCard</h2>", k.code("vcard", 9))
    menu = nav("Dashboard", "Contacts", "Companies", "Deals", "Reports", chosen=1) if k.wide else ""
    rows = div("body", head, "<br>", div("cols", left, div("", right)), activity(k))
    css = "table{white-space:nowrap}"
    return page(k, top(k.of("Orbit CRM", "Relatio")) + div("main", menu, rows), css)


def chat(k: Kit) -> str:
    """Draw a chat of bubbles between a customer and an agent."""
    who = k.person()
    talk = [
        (
            0,
            f"Hi! My order {k.fill('<d3>-<d7>')} still shows “processing” since {k.when('%H:%M')}.",
        ),
        (1, "Happy to help. Which e-mail address and phone number did you order with?"),
        (0, f"{k.email(who)} and {k.phone(who)}"),
        (0, f"I paid with card {k.card()}, it was charged {k.price()} twice!"),
        (1, "Sorry about that. Where shall we send the refund to?"),
        (0, f"IBAN {k.iban()} please"),
        (0, f"btw the app gave me this: {k.jwt()}"),
        (1, f"Thanks. Please never share tokens like {k.known(60)} in a chat, I have revoked it."),
        (0, f"And the link from your mail {k.url(110)} shows error 404"),
        (1, f"Case {k.ticket()} is with billing now, they work 9:00–17:30."),
    ]
    picked = talk[2:] if k.tall else k.random.sample(talk[2:6], 2) + talk[6:8]
    picked = sorted(picked, key=talk.index)
    bubbles = [
        div(
            f"row {'us' if side else 'them'}",
            div("bub", text, f'<div class="at">{k.when("%H:%M")}</div>'),
        )
        for side, text in picked
    ]
    if k.tall:
        shot = k.code(k.of("url", "otpauth"), 8)
        bubbles.insert(3, div("row them", div("bub", "This is the code I get:", shot)))
    css = (
        ".row{display:flex;margin:.4em 0}.us{justify-content:flex-end}"
        ".bub{max-width:44em;padding:.5em .9em;border-radius:1em;background:var(--panel);"
        "border:1px solid var(--line);overflow-wrap:anywhere}"
        ".us .bub{background:var(--accent);color:var(--on);border:0}"
        ".at{font-size:max(12px,.75em);text-align:right;opacity:.85}.us .bub *{color:inherit}"
        ".list{width:18em;border-right:1px solid var(--line);flex:none}"
        ".list div{padding:.6em 1em;border-bottom:1px solid var(--line)}"
    )
    others = [
        f"<b>{k.free()}</b><div class='muted' style='padding:0;border:0'>{k.of(*said)}</div>"
        for said in (
            ("Thanks, that worked!", "ok 👍"), ("Sent you the logs", "Any news?"),
            ("See v2.14.0 notes", "Where is ORD-58213?"), ("Bis morgen", "Merci !"),
        )
    ]  # fmt: skip
    side = div("list", *(f"<div>{each}</div>" for each in others)) if k.wide else ""
    head = top(f"Live chat · {k.ticket()}", chip("● Online", "good"))
    return page(k, head + div("main", side, div("body", *bubbles)), css)


def mail(k: Kit) -> str:
    """Draw a mail program of three panes."""
    who, me = k.person(), k.person()
    subjects = (
        "Your invoice 2024-0613", "Re: Refund request", "Weekly report", "Passwort zurücksetzen",
        "Build #4821 passed", "Votre commande est expédiée", "Lunch on Friday?", "[Jira] HELP-882",
    )  # fmt: skip
    items = [
        div(f"it {'on' if at == 1 else ''}", f"<b>{k.free()}</b>", f"<div>{subject}</div>",
            f'<div class="meta">{k.when("%d/%m %H:%M")}</div>')
        for at, subject in enumerate(subjects[: k.n(5, 8)])
    ]  # fmt: skip
    lines = [
        f"<p>Hello {me.name.split()[0]},</p>",
        (
            f"<p>please reset your password here, the link is valid for 60 minutes:<br>"
            f"<a>{k.url(150)}</a></p>"
        ),
        (
            f"<p>Your customer number is {k.fill('K-<d6>')}, your ticket {k.ticket()}. "
            f"Please transfer "
            f"{k.price()} to {k.iban()} until 30/06.</p>"
        ),
        (
            f"<p>The booking was guaranteed with {k.of('Visa', 'card')} {k.card()}, the old card "
            f"ending in {k.fill('<d4>')} was removed.</p>"
        ),
        f"<p>More at <a>https://www.{who.domain}/help/refunds</a>.</p>",
    ]
    sign = (
        f"<p>{k.of('Kind regards', 'Mit freundlichen Grüßen', 'Cordialement', 'Best')},<br>"
        f"{k.free(who)}<br>{who.firm}<br>T {k.phone(who)}<br>{k.email(who)}</p>"
    )
    head = div(
        "",
        f"<h1>{subjects[1]}</h1>",
        f"<div>From: {k.free(who)} &lt;{k.email(who)}&gt;</div>",
        f"<div>To: {k.email(me)}</div>",
        f'<div class="meta">{k.when("%a, %d %b %Y %H:%M")}</div><hr>',
    )
    text = [*lines, sign] if k.tall else [*lines[1:3], sign]
    if k.tall:
        text.append(k.code(k.of("vcard", "mail", "url"), 8))
    css = (
        ".list{width:19em;flex:none;border-right:1px solid var(--line)}hr{border:0;"
        "border-top:1px solid var(--line)}"
        ".it{padding:.6em .9em;border-bottom:1px solid var(--line)}"
        ".it.on{background:var(--chosen)}"
    )
    menu = nav("Inbox 24", "Starred", "Sent", "Drafts", "Archive", "Spam") if k.wide else ""
    panes = div("main", menu, div("list", *items), div("body", head, *text))
    bar = top(
        "Mail", tag("span", "grow", ""), tag("span", "btn", "Reply"), tag("span", "btn", "Forward")
    )
    return page(k, bar + panes, css)


def invite(k: Kit) -> str:
    """Draw an invitation to a meeting."""
    who = k.person()
    guests = [k.person() for _ in range(k.n(2, 4))]
    rows = [(f"{k.email(guest)}", chip(*state)) for guest, state in zip(
        guests, (("Accepted", "good"), ("Declined", "bad"), ("Tentative", "warn"), ("No reply",)),
        strict=False)]  # fmt: skip
    token = k.mark(
        "url_secret", f"https://meet.{who.domain}/j/{k.fill('<d10>')}?token={k.fill('<a28>')}"
    )
    facts = [
        (k.of("When", "Wann", "Quand"), k.when("%A, %d %B %Y, %H:%M") + " – 60 min"),
        (k.of("Organizer", "Organisator", "Host name"), k.name(who)),
        (k.t("email"), k.email(who)),
        ("Join", f"<a>{token}</a>"),
        ("Dial in", f"{k.phone()} · PIN {k.fill('<d6>')}#"),
        ("Meeting ID", k.fill("<d3> <d4> <d4>").replace("0", "8")),
        ("Where", f"Room 4.12, {k.address()}"),
    ]
    code = div("fix", k.code(k.of("url", "vcard", "mail"), 10))
    agenda = (
        f"<h2>Agenda</h2><p>1. Incident {k.ticket()} review<br>2. Roadmap {k.version()}<br>"
        "3. AOB</p>"
    )
    card = div(
        "panel", f"<h1>{k.of('Quarterly review', 'Onboarding call', 'Jour fixe Support')}</h1>",
        div("cols", div("", kv(facts)), code if k.tall or k.random.random() < 0.5 else ""),
    )  # fmt: skip
    more = div("cols", div("panel", table(("Guest", "Reply"), rows)), div("panel", agenda))
    buttons = "".join(tag("span", "btn", word) + " " for word in ("Yes", "No", "Maybe"))
    menu = nav("Today", "Week", "Month", "Tasks", chosen=1) if k.wide else ""
    address = f"calendar.{who.domain}/event/{k.hex(12)}"
    body = div("body", card, more, buttons if k.tall else "", activity(k))
    return page(k, chrome(k, address) + div("main", menu, body))


def portal(k: Kit) -> str:
    """Draw a form for guests or a profile with its fields."""
    who = k.person()
    fields = [
        (k.of("Full name", k.t("name")), k.name(who)),
        (k.t("email"), k.email(who)),
        (k.t("phone"), k.phone(who)),
        (k.t("company"), who.firm),
        (k.t("address"), k.address()),
        (k.t("card"), k.card()),
        ("IBAN", k.iban()),
        ("Birthday", k.when("%d.%m.1987")),
        ("Customer no.", k.fill("C<d7>")),
    ]
    fields = fields if k.tall else [*fields[:3], fields[5]]
    form = div(
        "panel",
        f"<h2>{k.of('Your profile', 'Mein Profil', 'Mon profil', 'Mi perfil')}</h2>",
        div("two", *(f"<div><label>{a}</label>{div('in', b)}</div>" for a, b in fields)),
        tag("span", "btn go", k.t("save")),
        " ",
        tag("span", "btn", k.t("cancel")),
    )
    side = div(
        "panel fix",
        "<h2>Member card</h2>",
        k.code(k.of("vcard", "mail", "url"), 10),
        f'<p class="meta">No. {k.fill("<U3>-<d5>")}<br>Since {k.when("%B %Y")}</p>',
    )
    css = ".two{display:grid;grid-template-columns:1fr 1fr;column-gap:1.2em}"
    address = f"my.{who.domain}/profile"
    return page(k, chrome(k, address) + top(who.firm, "<span>Orders</span><span>Profile</span>")
                + div("body", div("cols", form, side), activity(k)), css)  # fmt: skip
