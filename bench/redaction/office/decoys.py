"""What looks like secrets and is none, as every office's pages are full of it."""

from __future__ import annotations

from bench.redaction.office import values
from bench.redaction.office.kit import Kit, chip, div, table


def lines(k: Kit) -> list[str]:
    """Return texts with numbers, hashes, masked values and addresses that nobody need hide."""
    site = f"https://www.{values.company(k.random, k.lang)[1]}"
    return [
        f"Order {k.fill('SO-<d7>')} shipped, tracking {k.fill('1Z<U6><d10>')}",
        f"Release {k.version()} deployed, commit {k.hex(7)}",
        f"Payment of {k.price()} with card **** **** **** {k.fill('<d4>')}",
        f"Key sk_live_••••{k.fill('<a4>')} was last used 3 days ago",
        f"Request {k.uuid()} took {k.random.randint(20, 900)} ms",
        f"See {site}/help/articles/{k.fill('<d6>')}-refunds",
        f"Theme colour changed from #{k.hex(6)} to #{k.hex(6)}",
        f"{k.firm()}, {k.address()}",
        f"Invoice {k.when('%Y')}-{k.fill('<d5>')} over {k.price()} is due {k.when('%d.%m.%Y')}",
        f"EAN {values.odd(k.random, 13)}, batch {k.fill('L<d6>')}, 24 pcs",
        f"Merged !{k.random.randint(100, 999)} into main ({k.hex(40)})",
        f"Ticket {k.ticket()} moved to Billing, SLA 04:00:00",
        f"Parcel {values.odd(k.random, 20)} left the depot",
        f"Checksum sha256 {k.hex(64)}",
        f"Docs: {site}/docs/api?page=2&amp;lang={k.lang}#limits",
        f"Backup finished: 48,213 files, {k.random.randint(10, 99)}.4 GB, 0 errors",
        f"Firmware {k.version()}-rc{k.random.randint(1, 9)} on device SN {k.fill('<U4>-<d6>')}",
        f"IBAN ending in •• {k.fill('<d4>')} was verified",
        f"Password: •••••••••••• (changed {k.when('%d %b %Y')})",
    ]


def activity(k: Kit, most: int = 9) -> str:
    """Return a panel of what happened of late, where there is room for it."""
    count = min(most, int((k.h - 50) / 1.9))
    if count < 2:
        return ""
    rows = [
        (k.when("%d.%m. %H:%M"), line, chip(k.of("Info", "Done", "System")))
        for line in k.random.sample(lines(k), count)
    ]
    return div(
        "panel", f"<h2>{k.of('Activity', 'History', 'Timeline')}</h2>", table(("", "", ""), rows)
    )
