"""Finds names in separated values: in the field that the line of heads says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpa_redaction.detect.full_names import person, restored
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.people import label, of_column
from helpa_redaction.detect.text import finding, plain

SEPARATORS = ";|\t,"
"""What fields are separated by, the surest first: a comma stands in sentences and names, too."""

FIELDS = 3
"""Fields of a line at least."""

MOST = 8
"""Lines of heads on a page."""

FURTHEST = 60
"""Rows beneath the heads that are looked through."""

NUMBER = re.compile(r"^\d{1,4}\s+(?=\D)")
"""Of a row, as an editor shows it."""

ASIDE = 4
"""Heights of a line that rows may begin beside each other: numbers of rows are read with some."""

WHY = "a name in separated values, in the field for one"


def find(page: Page) -> Iterator[Finding]:
    """Return the names of people in separated values."""
    heads_found = 0
    for place, line in enumerate(page.lines):
        if heads_found == MOST:
            break
        text = plain(line.text)
        separator = next((s for s in SEPARATORS if text.count(s) >= FIELDS - 1), None)
        if separator is None:
            continue
        heads = NUMBER.sub("", text).split(separator)
        named = [number for number, head in enumerate(heads) if _is_head(head)]
        if named and not any(re.search(r"\d|@", head) for head in heads):
            heads_found += 1
            yield from _beneath(page, place, separator, len(heads), named)


def _is_head(field: str) -> bool:
    said = label(field.strip().strip("\"'"), marked=False)
    return said is not None and of_column(said)


def _beneath(
    page: Page, place: int, separator: str, count: int, named: list[int]
) -> Iterator[Finding]:
    """Return the names in the lines beneath one of heads.

    Args:
        page: that holds them.
        place: of the line of heads in ``page.lines``.
        separator: of its fields.
        count: of its fields.
        named: which of them are those of names.
    """
    head = page.lines[place]
    for line in page.lines[place + 1 : place + 1 + FURTHEST]:
        text = restored(line.text)
        fields = text.split(separator)
        if abs(line.box.x - head.box.x) > ASIDE * head.height or len(fields) != count:
            continue
        for number in named:
            at = sum(len(field) + 1 for field in fields[:number])
            at += len(fields[number]) - len(fields[number].lstrip(" \"'"))
            found = person(text, at)
            ends = at + len(fields[number].strip(" \"'"))
            if found is not None and found.end == ends:
                yield finding(line, found.start, found.end, "name", 0.75, WHY)
