"""Screenshots of an office's programs, as those who help paste them: an examination."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from bench.redaction.office import desk, money, shell, support, work
from bench.redaction.office.kit import LANGS, Kit
from bench.redaction.scenes import Scene

KINDS: dict[str, Callable[[Kit], str]] = {
    "ticket": support.ticket, "crm": support.crm, "chat": support.chat, "mail": support.mail,
    "invite": support.invite, "invoice": money.invoice, "order": money.order, "bank": money.bank,
    "receipt": money.receipt, "wallet": money.wallet, "payments": money.payments, "ssh": shell.ssh,
    "curl": shell.curl, "kube": shell.kube, "build": shell.build, "editor": work.editor,
    "devtools": work.devtools, "failure": work.failure, "settings": work.settings,
    "notes": work.notes, "response": work.response, "users": desk.users, "router": desk.router,
    "firewall": desk.firewall, "staff": desk.staff, "flight": desk.flight, "parcel": desk.parcel,
    "sheet": desk.sheet, "portal": support.portal,
}  # fmt: skip

SIZES = (12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 16, 18, 20)


def scenes(seed: int, count: int) -> list[Scene]:
    """Return ``count`` pages, the same for a seed: all kinds in turn, then with light for dark."""
    made = []
    names = list(KINDS)
    for number in range(count):
        random = Random(f"{seed}/{number}")
        kind = names[number % len(names)]
        dark = (number + number // len(names) + seed) % 2 == 0
        scale = 2 if random.random() < 0.15 else 1
        size = random.choice((12, 12, 13)) if scale == 2 else random.choice(SIZES)
        lang = "en" if random.random() < 0.62 else random.choice(LANGS[1:])
        kit = Kit(random, dark, size, scale, lang)
        made.append(Scene(kind, KINDS[kind](kit), dark, size, scale))
    return made
