"""Finds names of people beside labels such as "Name:"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpa_redaction.detect.full_names import (
    PART,
    Name,
    like_name,
    misread,
    part_of_name,
    person,
    restored,
    starts,
    unspaced,
)
from helpa_redaction.detect.labels import above, beside, column
from helpa_redaction.detect.lines import level
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.people import NO_NAME, bare, label, of_column, one_part, personal
from helpa_redaction.detect.rows import of_next, room
from helpa_redaction.detect.text import finding, folded, plain
from helpa_redaction.detect.words import Box, Line

PERSONAL = 0.75
"""How sure a label is at least that is one of people."""

QUOTES = "'\"‘’“”*`"
"""What may stand around a name, as it is read."""

WHY = "a name beside a label for one"
ALONE = re.compile(r"[a-zà-ÿ]{3,}\s")
"""A first name whose capital was misread, where a row begins."""

ADDRESSED = re.compile(rf"(?<![\w@.])((?:{PART}\s){{1,3}}{PART})(?=\s?[<(\[«‹][^\s@]{{2,}}@\S+\.)")
STOPPED = re.compile(r"^([A-Za-zÀ-ÿ]{4,}(?: [A-Za-zÀ-ÿ]{4,})?)\.\s(?=\S{2,} \S{2,})")
"""A label whose colon was read as a full stop."""

MARKED = re.compile(r"(?<![\w@.])([A-Za-zÀ-ÿ]+(?:[ _][A-Za-zÀ-ÿ]+){0,3})[\"']?\s?[:=]\s?[\"']{0,2}")


def find(page: Page) -> Iterator[Finding]:
    """Return the names of people that stand beside a label."""
    for place, line in enumerate(page.lines):
        text = restored(line.text)
        for way in (_marked, _labelled, _in_table):
            found = list(way(page, place, text))
            if found:
                yield from found
                break


def _marked(page: Page, place: int, text: str) -> Iterator[Finding]:
    """Return the names in a line behind a label with a colon, or before an address."""
    line = page.lines[place]
    for match in (*MARKED.finditer(text), *STOPPED.finditer(text)):
        if label(match.group(1), marked=True) is None:
            continue
        found = person(text, match.end()) or misread(line, text, match.end())
        if found and (match.re is MARKED or found.end == len(text)):
            more = _further(page, place, text, found)
            yield finding(line, found.start, found.end, "name", _sure(found, 0.85), WHY, more)
    for match in ADDRESSED.finditer(text):
        found = person(text, match.start())
        if found and found.end == match.end(1):
            why = "a name before an e-mail address in brackets"
            start = 0 if ALONE.fullmatch(text, 0, found.start) else found.start
            yield finding(line, start, found.end, "name", _sure(found, 0.85), why)


def _labelled(page: Page, place: int, text: str) -> Iterator[Finding]:
    """Return the name that a line begins with, where a label stands before or above it."""
    line = page.lines[place]
    at = len(text) - len(text.lstrip(QUOTES))
    if not text[at : at + 1].isalpha() or label(line.text) is not None:
        return
    if not (sure := _beside(page, place)):
        return
    found = person(text, at) or misread(line, text, at)
    if sure >= PERSONAL:
        found = unspaced(line, at, found)
    if found is None:
        return
    whole = (found.parts > 1 or sure > 0.8) and _ends(text[found.end :])
    second = None
    if _is_cut(text, found) or (not whole and found.end == len(text)):
        second = _beneath(page, line, line.box)
    if second:
        yield finding(line, found.start, found.end, "name", sure, WHY, second[:1], second[1])
    elif whole:
        more = _rest(page, place, text)
        yield finding(line, found.start, found.end, "name", sure, WHY, more)


def _is_cut(text: str, found: Name) -> bool:
    """Return whether a name goes on beneath: a last name with a comma behind it."""
    return text[found.end :].strip() == ","


def _sure(found: Name, most: float) -> float:
    return most if found.parts > 1 else most - 0.15


def _ends(behind: str) -> bool:
    """Return whether nothing follows a name that makes it part of a sentence."""
    return not behind.strip(f" ,.()|{QUOTES}") or bool(re.match(r"\s*[<(|·•,;=–-]|\s\.\s", behind))


def _further(page: Page, place: int, text: str, found: Name) -> tuple[Box, ...]:
    """Return the box of the parts of a name that had no room in a sentence's row."""
    following = page.below.get(place)
    line = page.lines[place]
    if following is None or found.end < len(text.rstrip()) or found.parts > 2:
        return ()
    if room(page.lines, line, page.places) > 8 * line.box.w / len(text):
        return ()
    beneath = page.lines[following]
    rest = re.match(rf"{PART}(?:\s{PART})?(?=[.,;)]?(?:\s|$))", plain(beneath.text))
    if rest is None or folded(rest.group().split()[0]) in NO_NAME:
        return ()
    return (beneath.part(0, rest.end()),)


def _rest(page: Page, place: int, text: str) -> tuple[Box, ...]:
    """Return the box of the last part of a name that goes on in the row beneath."""
    following = page.below.get(place)
    if following is None or len(text.split()) > 2:
        return ()
    line = page.lines[following]
    cut = (place, following) in page.cuts
    cut = cut and not of_next(page.lines, page.places, page.lines[place], line)
    return (line.box,) if cut and re.fullmatch(PART, plain(line.text)) else ()


def _in_table(page: Page, place: int, text: str) -> Iterator[Finding]:
    """Return the name in a cell whose column has a head for names, perhaps behind a portrait."""
    line = page.lines[place]
    # What stands before it is what the reader made of a portrait or of initials.
    for at in starts(text):
        if at and re.search(r"[a-zà-ÿ]{4}|\d{2}", text[:at]):
            return
        found = unspaced(line, at, person(text, at) or misread(line, text, at))
        if found is None or (found.parts > 2 and text[at : at + 3].endswith(" ")):
            continue
        if not _ends(text[found.end :]) and not re.match(r"\s?[+(\d]", text[found.end :]):
            continue
        box = line.part(found.start, found.end)
        sure = _column(page, place, box.x)
        if not sure:
            continue
        second = _beneath(page, line, box) if found.parts == 1 or _is_cut(text, found) else None
        if second:
            yield finding(line, found.start, found.end, "name", sure, WHY, second[:1], second[1])
        elif found.parts > 1:
            yield finding(line, found.start, found.end, "name", sure, WHY)
        else:
            continue
        return


def _beneath(page: Page, line: Line, box: Box) -> tuple[Box, str] | None:
    """Return the last part of a name in the row beneath its first, with its text."""
    x, aside = line.box.x, 3 * line.height
    for other in page.near(x - aside, box.y, x + aside, box.y + 3 * box.h):
        down = other.box.y - box.y
        if not 0.6 * box.h < down < 3 * box.h or abs(other.box.x - line.box.x) > 3 * line.height:
            continue
        match = re.search(rf"(?:^|\s)({PART})$", plain(other.text))
        if match and match.group(1).isupper() != plain(line.text).isupper():
            continue  # an abbreviation
        if match and folded(match.group(1)) not in NO_NAME:
            second = other.part(*match.span(1))
            if abs(second.x - box.x) < 0.8 * box.h and not of_next(
                page.lines, page.places, line, other
            ):
                return second, match.group(1)
    return None


def _column(page: Page, place: int, at: float) -> float:
    """Return how sure it is that a cell stands in a column of names."""
    others = 0
    for top in column(page, place, at):
        said = label(top.text) or _first_of_two(top)
        if said is not None:
            return _of_head(said)
        others += not (like_name(top.text) or part_of_name(top.text))
        if others > MOST_OTHERS:
            return 0.0
    return _stacked(page, place, at)


def _first_of_two(head: Line) -> str | None:
    """Return the label that a line begins with which holds the heads of two columns."""
    first, *others = (word.text for word in head.words)
    two = 0 < len(others) < 3 and all(folded(each).strip(".:") in NO_NAME for each in others)
    return label(first) if two else None


def _of_head(said: str) -> float:
    """Return how sure it is that a label at the head of a column is one of names."""
    return 0.7 if of_column(said) else 0.0


MOST_OTHERS = 2
"""Cells of a column of names that are no names: doubted ones, and empty ones."""


HIGHEST = 100
"""Heights of a line above a name within which the label of its column is looked for."""


def _stacked(page: Page, place: int, x: float) -> float:
    """Return how sure it is that a line stands beneath a label and other names."""
    line = page.lines[place]
    aside, top = 0.8 * line.height, line.box.y - HIGHEST * line.height
    over = page.near(x - aside, max(0.0, top), x + aside, line.box.y)
    for other in reversed(over):
        if other.box.bottom > line.box.y or abs(other.box.x - x) > aside:
            continue
        said = label(other.text)
        if said is not None:
            return _of_head(said)
        if not like_name(other.text):
            return 0.0
    return 0.0


def _beside(page: Page, place: int) -> float:
    """Return how sure a label to the left, above, or at the head of the column is one of a name."""
    for near, much in ((beside(page, place), 0.05), (above(page, place), 0.0)):
        if near is None or near is page.lines[place]:
            continue
        said = label(near.text) or label(_two_rows(page, near))
        if said is None:
            continue
        marked = plain(near.text).rstrip().endswith((":", "="))
        if marked and much == 0 and _answered(page, near):
            continue
        if not marked and not bare(said):
            continue
        if one_part(said):
            return 0.85  # of one part is what stands there
        return (0.85 if marked else 0.75 if personal(said) else 0.65) + (much if marked else 0)
    return 0.0


def _two_rows(page: Page, near: Line) -> str:
    """Return a label with the rest of it in the row beneath."""
    x, aside = near.box.x, 0.5 * near.height
    for other in page.near(x - aside, near.box.bottom, x + aside, near.box.bottom + near.height):
        if abs(other.box.x - x) < aside and other.box.y > near.box.y + 0.6 * near.height:
            return f"{near.text} {other.text}"
    return ""


def _answered(page: Page, near: Line) -> bool:
    """Return whether something stands to the right of a label, so that it is not one of below."""
    box = near.box
    behind = page.near(box.right - 2, box.y, page.width, box.bottom)
    return any(level(near, other) for other in behind if other is not near)
