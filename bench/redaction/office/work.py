"""Pages of those who program: an editor, a browser's tools, an error, keys and notes."""

from __future__ import annotations

import html
import json
import re

from bench.redaction.office.kit import Kit, bits, chip, div, kv, nav, table, tag, top
from bench.redaction.office.style import chrome, page

INKS = {
    True: (
        "#1e1e1e #d4d4d4 #9cdcfe #ce9178 #7fb06a #c586c0",
        "#282a36 #f8f8f2 #8be9fd #f1fa8c #8c9fd1 #ff79c6",
    ),
    False: (
        "#ffffff #1f2328 #0550ae #0a3069 #59636e #cf222e",
        "#fdf6e3 #3d4f56 #1f6fa8 #1f7a72 #5f7074 #a8540f",
    ),
}


def environment(k: Kit) -> list[str]:
    """Return the lines of a file of variables."""
    lines = ["<u># copied from staging, do not commit</u>", "APP_ENV=production"]
    lines += ["<i>{1}</i>={2}".format(*k.key()) for _ in range(k.n(2, 5))]
    lines += [
        f"APP_VERSION={k.version()}",
        "THEME_COLOR=#1f73b7",
        "STRIPE_KEY_HINT=sk_live_••••4242",
    ]
    lines += ["<i>{}</i>=&quot;{}&quot;".format(*k.generic()) for _ in range(k.n(1, 2))]
    lines += [f"<i>DATABASE_URL</i>={k.dsn()}", f"<i>SERVICE_TOKEN</i>={k.jwt()}"]
    return [*lines, "<i>ALERT_MAIL</i>=" + k.email(), f"<i>SIGNING_KEY</i>=&quot;{k.pem(5)}&quot;"]


def yaml(k: Kit) -> list[str]:
    """Return the lines of a YAML file."""
    a, b = k.key(), k.key()
    pem = k.pem(8 if k.tall else 5).replace("\n", "\n      ")
    return [
        "<i>service</i>:",
        f"  <i>version</i>: <s>&quot;{k.version()}&quot;</s>",
        f"  <i>commit</i>: {k.hex(12)}",
        "  <i>listen</i>: " + k.ip(4) + ":8080",
        "<i>credentials</i>:",
        f"  <i>{a[1].lower()}</i>: {a[2]}",
        f"  <i>{b[1].lower()}</i>: <s>&quot;{b[2]}&quot;</s>",
        "  <i>secret</i>: " + k.generic()[1],
        f"  <i>dsn</i>: {k.dsn()}",
        f"  <i>bearer</i>: {k.jwt()}",
        "  <i>tls_key</i>: |",
        "      " + pem,
        "<i>owners</i>:",
        f"  - {k.email()}",
        "<u># see https://docs.kestrel.io/deploy/config</u>",
    ]


def python(k: Kit) -> list[str]:
    """Return the lines of a Python file."""
    a, b = k.key(), k.key()
    return [
        "<em>import</em> os",
        "<em>import</em> requests",
        "",
        f"BASE = <s>&quot;https://api.kestrel.io/v2&quot;</s>  <u># since {k.version()}</u>",
        f"{a[1]} = <s>&quot;{a[2]}&quot;</s>",
        (f"{b[1]} = os.getenv(<s>&quot;{b[1]}&quot;</s>, <s>&quot;{b[2]}&quot;</s>)"),
        "{} = <s>&quot;{}&quot;</s>".format(*k.generic()),
        f"ENGINE = create_engine(<s>&quot;{k.dsn()}&quot;</s>)",
        "",
        "<em>def</em> fetch(order_id: str = <s>&quot;" + k.uuid() + "&quot;</s>):",
        f"    headers = {{<s>&quot;Authorization&quot;</s>: <s>&quot;Bearer {k.jwt()}&quot;</s>}}",
        (
            "    <em>return</em> requests.get(f<s>&quot;{BASE}/orders/{order_id}&quot;</s>, "
            "headers=headers, timeout=30)"
        ),
        "",
        f"ADMINS = [<s>&quot;{k.email()}&quot;</s>, <s>&quot;{k.email()}&quot;</s>]",
        f"ALLOWED = {{<s>&quot;{k.ip()}&quot;</s>, <s>&quot;{k.ip()}&quot;</s>}}",
        f"KEY = <s>&quot;&quot;&quot;{k.pem(8 if k.tall else 4)}&quot;&quot;&quot;</s>",
    ]


def editor(k: Kit) -> str:
    """Draw an editor with a file of secrets open."""
    name, draw = k.random.choice(
        ((".env", environment), ("values.yaml", yaml), ("settings.py", python))
    )
    back, ink, blue, red, green, pink = k.random.choice(INKS[k.dark]).split()
    lines = "\n".join(draw(k)).split("\n")
    numbers = "\n".join(str(n) for n in range(1, len(lines) + 1))
    shown = "\n".join(lines)
    long = any(len(re.sub("<.*?>", "", html.unescape(line))) > (k.w - 24) * 1.4 for line in lines)
    css = (
        f".ed{{flex:1;background:{back};color:{ink};font-family:{k.mono},monospace;display:flex;"
        "padding:.5em;letter-spacing:0;min-width:0}.ed pre{margin:0;font:inherit;line-height:1.45}"
        f".no{{color:{green};text-align:right;padding-right:1.2em}}.ed i{{color:{blue};font-style:"
        f"normal}}.ed s{{color:{red};text-decoration:none}}"
        f".ed u{{color:{green};text-decoration:none;"
        f"font-style:italic}}.ed em{{color:{pink};font-style:normal}}"
    )
    gutter = "" if long else f'<pre class="no">{numbers}</pre>'
    files = nav("▾ HELPDESK", "&nbsp; src", "&nbsp; tests", f"&nbsp; {name}", "&nbsp; README.md",
                "&nbsp; package.json", chosen=3) if k.wide else ""  # fmt: skip
    code = div("ed", gutter, f"<pre>{shown}</pre>")
    foot = div(
        "chrome",
        "⎇ main*",
        tag("span", "grow", ""),
        bits("UTF-8", "LF"),
        f"Ln 12, Col 4 · {k.version()}",
    )
    tabs = div("chrome", f"<b>{name}</b> ×", bits("README.md", "docker-compose.yml"))
    return page(k, tabs + div("main", files, code) + (foot if k.tall else ""), css)


def devtools(k: Kit) -> str:
    """Draw the network panel of a browser's tools."""
    who, host = k.person(), "app." + k.person().domain
    calls = [
        ("me", "200", "fetch", "1.2 kB", "84 ms"),
        ("orders?page=2", "200", "xhr", "14.8 kB", "212 ms"),
        ("logo.3f2a91c.svg", "304", "svg", "0 B", "9 ms"),
        ("graphql", "401", "fetch", "318 B", "143 ms"),
        ("main.8c41de07.js", "200", "script", "412 kB", "390 ms"),
        ("events", "101", "websocket", "0 B", "—"),
        ("font.woff2", "200", "font", "48 kB", "31 ms"),
        ("session", "204", "fetch", "0 B", "61 ms"),
    ]
    rows = calls[: k.n(4, 8)] if k.w > 95 else [(call[0], call[1]) for call in calls[: k.n(4, 8)]]
    heads = ("Name", "Status", "Type", "Size", "Time")[: len(rows[0])]
    facts = [
        ("Request URL", k.url(260)),
        ("Request Method", "GET"),
        ("Status Code", "● 200 OK"),
        ("Remote Address", f"{k.ip(4)}:443" if k.random.random() < 0.6 else f"[{k.ip(6)}]:443"),
        ("Authorization", f"Bearer {k.jwt()}"),
        ("X-Api-Key", k.generic()[1]),
        ("X-Request-Id", k.uuid()),
        ("X-Forwarded-For", k.ip()),
        ("ETag", f'W/"{k.hex(20)}"'),
        ("Date", k.when("%a, %d %b %Y %H:%M:%S GMT")),
        ("Referer", f"https://{host}/settings/profile"),
        ("Content-Length", "1284"),
        ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0"),
    ]
    facts = facts if k.tall else [facts[0], facts[3], facts[4], facts[5]]
    body = (
        f'{{"id": {k.fill("<d6>")}, "email": "{k.email(who)}", "phone": "{k.phone(who)}", '
        f'"accessToken": "{k.jwt()}", "plan": "pro", "avatar": "https://{host}/a/{k.hex(10)}.png"}}'
    )
    detail = div(
        "fixw mono small", "<b>Headers</b> &nbsp; Payload &nbsp; Preview &nbsp; Timing",
        kv(facts), "<b>Response</b>", div("box", body) if k.tall else "",
    )  # fmt: skip
    css = (
        ".fixw{flex:1.9!important;padding:.5em 1em;border-left:1px solid var(--line)}"
        ".kv dt{width:10em}.pl{padding:.3em}"
        ".ttl{padding:.4em 1em;border-bottom:1px solid var(--line)}"
    )
    tabs = div("ttl", "Elements &nbsp; Console &nbsp; Sources &nbsp; <b>Network</b> &nbsp; Memory")
    left = div("pl small", table(heads, rows, 1))
    return page(k, chrome(k, f"{host}/profile") + tabs + div("cols", left, detail), css)


def failure(k: Kit) -> str:
    """Draw an error with its stack and what it was called with."""
    frames = [
        ("app/services/mailer.py", 88, "deliver"),
        ("app/http/views.py", 412, "create_order"),
        ("site-packages/sqlalchemy/engine/base.py", 3361, "connect"),
        ("app/db/pool.py", 57, "acquire"),
        ("site-packages/starlette/routing.py", 776, "app"),
        ("app/auth/token.py", 23, "verify"),
    ]
    lines = [
        f'  File "/srv/{path}", line {line}, in {name}' for path, line, name in frames[: k.n(2, 6)]
    ]
    kind = k.of("OperationalError", "ConnectionRefusedError", "TokenExpiredError")
    said = f"could not connect to server {k.dsn()}"
    stack = "\n".join(["Traceback (most recent call last):", *lines, f"<b>{kind}: {said}</b>"])
    facts = [
        ("REMOTE_ADDR", k.ip()),
        ("HTTP_AUTHORIZATION", f"Bearer {k.jwt()}"),
        ("USER_EMAIL", k.email()),
        k.key(100)[1:],
        ("QUERY_URL", k.url(240)),
        ("REQUEST_ID", k.uuid()),
        ("SERVER_ADDR", k.ip(4)),
        ("RELEASE", f"helpdesk@{k.version()}"),
        ("TIMESTAMP", k.when("%Y-%m-%dT%H:%M:%S.214Z")),
        ("X_CALLBACK_JWT", k.jwt()),
        ("PASSWORD", "********"),
    ]
    head = f"<h1>{kind} <span class='muted'>at /api/v2/orders/{k.fill('<d5>')}</span></h1>"
    body = div("body", head, f"<pre class='box small'>{stack}</pre>",
               div("panel", kv(facts[: k.n(5, 11)], "kv mono small")))  # fmt: skip
    css = f".kv dt{{width:14em}}h1{{color:{'#ff9b93' if k.dark else '#b3261e'}}}"
    return page(k, chrome(k, f"localhost:8000/api/v2/orders/{k.fill('<d5>')}") + body, css)


def settings(k: Kit) -> str:
    """Draw the settings of an account: keys, masked and clear, and webhooks."""
    rows = []
    for at in range(k.n(3, 6)):
        vendor, key = k.branded(60)
        masked = k.of("sk_live_••••", "ghp_••••••••", "SG.•••••", "xoxb-…") + k.fill("<a4>")
        shown = masked if at % 3 == 2 else key
        state = chip(
            *k.random.choice((("Active", "good"), ("Revoked", "bad"), ("Expires soon", "warn")))
        )
        cells = (vendor, f'<span class="mono">{shown}</span>', k.when("%d %b %Y"), state)
        rows.append(cells if k.wide else cells[:2])
    heads = ("Name", "Key", "Created", k.t("status"))[: len(rows[0])]
    new = div("panel", "<b>Copy your new token now — it is shown once.</b>",
              div("in mono", k.known()), tag("span", "btn", "Copy"))  # fmt: skip
    hooks = div(
        "panel",
        "<h2>Webhooks</h2>",
        kv(
            [
                ("Endpoint", k.url(150)),
                ("Signing secret", f'<span class="mono">{k.generic()[1]}</span>'),
                ("Last delivery", k.when()),
            ]
        ),
    )
    deploy = div("panel", "<h2>Private key</h2>", f"<pre class='box small'>{k.pem(7)}</pre>",
                 f'<div class="meta">Fingerprint SHA256:{k.fill("<s43>")}</div>')  # fmt: skip
    factor = div("panel", "<h2>Authenticator app</h2>", k.code("otpauth", 9))
    jwt = div("panel", "<h2>Session token</h2>", f'<div class="mono">{k.jwt()}</div>')
    menu = nav("Profile", "Billing", "API keys", "Webhooks", "Security", chosen=2) if k.wide else ""
    grid = div("panel", "<h2>API keys</h2>", table(heads, rows))
    low = div("cols", div("", deploy, jwt), div("", hooks, factor)) if k.tall else deploy
    parts = [grid, low] if not k.tall or k.h < 58 else [new, grid, low]
    return page(
        k,
        top("Settings", "<span>Workspace: Kestrel EU</span>")
        + div("main", menu, div("body", *parts)),
    )


def notes(k: Kit) -> str:
    """Draw a team's page of notes on how to reach things."""
    who = k.person()
    a, b = k.branded(), k.key()
    blocks = [
        (
            f"<h2>Staging access</h2><p>Base URL https://staging.kestrel.io, "
            f"version {k.version()}. "
            f"{k.t('contact')}: {k.name(who)}, {k.email(who)}, {k.phone(who)}.</p>"
        ),
        f"<p>☑ Rotate keys &nbsp; ☐ Update runbook {k.ticket()}</p>",
        f"<p>{a[0]}: <code>{a[1]}</code></p><p>{b[0]} API key: <code>{b[2]}</code></p>",
        f"<div class='box break'>Database: {k.dsn()}</div>",
        f"<h2>Signed link for the demo</h2><p class='break'><a>{k.url()}</a></p>",
        f"<p>Token for Postman:</p><pre class='box'>{k.jwt()}</pre>",
        f"<p>Deploy key (read only):</p><pre class='box'>{k.pem(8)}</pre>",
        f"<p>{k.of('VPN gateway', 'Jump host')}: <code>{k.ip()}</code>, build {k.hex(7)}</p>",
        "<p>Shared authenticator:</p>" + k.code("otpauth", 8) if k.h > 60 else "",
    ]
    shown = blocks if k.h > 52 else [blocks[0], blocks[2], blocks[6], *blocks[5:6]]
    title = k.of("Runbook: integrations", "Onboarding checklist", "Zugänge Staging")
    css = ".doc{max-width:62em;margin:0 auto;padding:1.2em 2em}.body{padding:0}"
    doc = div(
        "doc", f"<h1>{title}</h1>", f'<p class="meta">Edited {k.when()} · 4 comments</p>', *shown
    )
    menu = (
        nav("Home", "Runbooks", "Meeting notes", "Roadmap", "Archive", chosen=1) if k.wide else ""
    )
    return page(k, div("main", menu, div("body", doc)), css)


def response(k: Kit) -> str:
    """Draw a client for APIs, with a request and its answer as JSON."""
    who = k.person()
    facts: dict[str, object] = {
        "id": "%id", "customer": {"email": "%email", "phone": "%phone"}, "amount": 4999,
        "iban": "%iban", "refresh_token": "%jwt", "client_ip": "%ip", "created": "%date",
        "receipt": "%url",
    }  # fmt: skip
    if not k.tall:
        facts = {name: facts[name] for name in ("id", "customer", "iban", "refresh_token")}
    text = html.escape(json.dumps(facts, indent=2), quote=False)
    made = {
        "id": k.uuid(),
        "email": k.email(who),
        "phone": k.phone(who),
        "iban": k.iban(),
        "jwt": k.jwt(),
        "ip": k.ip(),
        "date": k.when("%Y-%m-%dT%H:%M:%SZ"),
        "url": k.url(200),
    }
    text = re.sub(r"%(\w+)", lambda m: made[m[1]], text)
    heads = kv([("Authorization", f"Bearer {k.jwt()}"), ("X-Api-Key", k.known(70)),
                ("Idempotency-Key", k.uuid())], "kv mono small")  # fmt: skip
    asked = div("in mono", f"<b>GET</b> &nbsp; https://api.kestrel.io/v1/payments/{k.fill('<d6>')}")
    menu = (
        nav("Payments", "&nbsp; GET list", "&nbsp; GET one", "Refunds", chosen=2)
        if k.w > 90
        else ""
    )
    answer = div("panel", f"{chip('200 OK', 'good')} 142 ms · 1.1 kB", f"<pre>{text}</pre>")
    sent = div("panel", "<h2>Headers</h2>", heads)
    body = div("cols", sent, answer) if not k.tall else sent + answer
    return page(
        k,
        top("Courier", "<span>Env: production</span>")
        + div("main", menu, div("body", asked, body)),
    )
