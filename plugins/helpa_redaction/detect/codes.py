"""Judges what QR and bar codes hold; and hands on faces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpa_redaction.detect.links import secret_of
from helpa_redaction.detect.page import Code, Finding, Page
from helpa_redaction.detect.words import Box

LEAST = 4
"""Letters of a line from which on it is no chance that they stand in a code as well."""

RULES = (
    (r"otpauth(?:-migration)?:", 0.99, "a code that holds the secret of a second factor"),
    (r"WIFI:", 0.98, "a code that holds the password of a network"),
    (r"(?:BEGIN:VCARD|MECARD:|BIZCARD:)", 0.95, "a code that holds somebody's contact"),
    (r"(?:mailto:|MATMSG:|SMTP:)", 0.9, "a code that holds an e-mail address"),
    (r"(?:tel:|sms:|smsto:|facetime:)", 0.9, "a code that holds a telephone number"),
    (r"(?:BCD\n|SPC\r?\n|bitcoin:|ethereum:|upi:)", 0.95, "a code that holds a payment"),
    (r"(?:HC1:|shc:/)", 0.97, "a code that holds a health certificate"),
    (r"M1[A-Z]", 0.9, "a code that holds a boarding pass"),
    (r"geo:", 0.85, "a code that holds a place"),
    (r"(?:BEGIN:VEVENT|BEGIN:VCALENDAR)", 0.8, "a code that holds an appointment"),
)


def find(page: Page) -> Iterator[Finding]:
    """Return every code of a page, with why it should not be seen and how sure that is."""
    for code in page.codes:
        sure, why = judged(code)
        yield Finding("code", (code.box, *_printed(page, code)), sure, why, code.text)


def _printed(page: Page, code: Code) -> Iterator[Box]:
    """Return the boxes of lines at a code in which its content stands in letters once more."""
    text, box = _letters(code.text), code.box
    reach = max(box.w, box.h) / 4
    for line in page.near(box.x, box.y - reach, box.right, box.bottom + reach):
        said = _letters(line.text)
        beside = line.box.y < box.bottom + reach and line.box.bottom > box.y - reach
        if len(said) >= LEAST and said in text and beside:
            yield line.box


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def judged(code: Code) -> tuple[float, str]:
    """Return how sure it is that a code's content is private, and what kind it is."""
    text = code.text.strip()
    for pattern, sure, why in RULES:
        if re.match(pattern, text, re.IGNORECASE):
            return sure, why
    if re.match(r"[a-z][a-z0-9+.\-]*://", text, re.IGNORECASE):
        if found := secret_of(text):
            return 0.97, f"a code that holds {found[1]}"
        return 0.6, "a code that holds an address on the web"
    if (
        text.isdigit()
        and len(text) in (8, 12, 13)
        and code.kind.upper().startswith(("EAN", "UPC", "ITF"))
    ):
        return 0.4, "a code that numbers an article"
    return 0.75, "a code that holds text"


def faces(page: Page) -> Iterator[Finding]:
    """Return every face of a page."""
    for box in page.faces:
        yield Finding("face", (box,), 0.8, "looks like a face")
