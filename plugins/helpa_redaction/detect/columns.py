"""Finds what was misread in a column of others: a cell beneath ten numbers of cards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.phones import DATE
from helpa_redaction.detect.text import MAC, finding, plain

LEAST, FAR = 2, 15
"""Cells of a category in a column beside one that was misread, and how far they are, in heights."""

WHOLE = 0.8
"""Share of a cell that a finding covers which is all of it."""

ADDRESS = re.compile(
    r"(?=(?:\D*\d){7})\d[\dOoIl]*(?:[.,][\dOoIl]+){2,3}(?:/\d{1,2})?"
    r"|(?=(?:[^:;]*[:;]){1,8}[^:;]*$)(?=(?:.*?[:;.\-°]){2})[\wé:;.\-°#]{10,45}(?:/\d{1,3})?"
)
HEXADECIMAL = re.compile(r"[0-9A-Fa-fOolIiSszé]")
PHONE = re.compile(r"(?=(?:\D*\d){8,13}\D*$)[+(]?\d[\d()\-./ OoIl@§S]{5,18}")
DAY = re.compile(r"(?:19|20)\d\d-(?:0\d|1[0-2])-\d\d")
"""A date, perhaps with a time right behind it."""

CARD = re.compile(r"(?=(?:\D*\d){12,19}\D*$)[\dOoIlSBZTe|@](?:[ \-—'.]{0,2}[\dOoIlSBZTe|@]){13,18}")
IBAN = re.compile(r"(?=(?:\D*\d){9})[A-Z€$]{2}[\w©@&]{2}(?: ?[\w©@()]){10,32}")

WHY = {
    "ip": "digits in a column of IP addresses",
    "phone": "digits in a column of telephone numbers",
    "card": "digits in a column of cards",
    "iban": "letters and digits in a column of IBANs",
}


def cells(page: Page, found: Sequence[Finding]) -> Iterator[Finding]:
    """Return the cells that look like those of their column in which something was found.

    Args:
        page: that holds them.
        found: by the detectors.
    """
    taken, holding = _taken(page, found)
    for place, line in enumerate(page.lines):
        text = plain(line.text)
        if place in taken or not any(c.isdigit() for c in text):
            continue
        for category, places in holding.items():
            if _like(category, text) and _in_column(page, place, places):
                yield finding(line, 0, len(text), category, 0.6, WHY[category])
                break


def _taken(page: Page, found: Sequence[Finding]) -> tuple[set[int], dict[str, set[int]]]:
    """Return the places of lines in which something was found, and by category those that it is."""
    taken: set[int] = set()
    holding: dict[str, set[int]] = {category: set() for category in WHY}
    for each in found:
        for box in each.boxes:
            for place in page.places.near(box.x, box.y, box.right, box.bottom):
                line = page.lines[place].box
                share = box.overlap(line) / line.area if line.area else 0.0
                if share > 0.1:
                    taken.add(place)
                if share > WHOLE and len(each.boxes) == 1 and each.category in holding:
                    holding[each.category].add(place)
    return taken, holding


def _in_column(page: Page, place: int, holding: set[int]) -> bool:
    """Return whether cells above and beneath are among some."""
    line = page.lines[place]
    x, y, aside, far = line.box.x, line.box.y, 0.6 * line.height, FAR * line.height
    near = page.places.near(x - aside, y - far, x + aside, y + far)
    return (
        sum(each in holding and abs(page.lines[each].box.x - x) < aside for each in near) >= LEAST
    )


def _like(category: str, text: str) -> bool:
    """Return whether a cell may be one of a category, with what a reader makes of it."""
    if category == "card":
        # Without a letter the number is as it was read, and none of a card.
        return CARD.fullmatch(text) is not None and bool(re.search(r"[^\d \-—]", text))
    if category == "iban":
        return IBAN.fullmatch(text) is not None
    if category == "phone":
        return PHONE.fullmatch(text) is not None and DATE.match(text) is None
    if ADDRESS.fullmatch(text) is None or MAC.fullmatch(text):
        return False
    if DAY.match(text) or DATE.match(text):
        return False
    letters = len(re.findall(r"\w", text))
    return len(HEXADECIMAL.findall(text)) > 0.8 * letters
