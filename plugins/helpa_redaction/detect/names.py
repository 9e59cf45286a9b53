"""Finds names of people beside labels such as "Name:"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from helpa_redaction.detect.labels import above, beside, column
from helpa_redaction.detect.lines import level
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.people import (
    COMPANY,
    NO_NAME,
    ROLES,
    bare,
    label,
    one_part,
    personal,
)
from helpa_redaction.detect.rows import room
from helpa_redaction.detect.text import finding, folded, plain
from helpa_redaction.detect.words import Box, Line

CAPITAL, LETTER = "A-ZÀ-ÖØ-ÞŁŚŻŹĆ", "a-zß-ÿłśżźćńąęšžčřěğışť"
INNER = f"{CAPITAL}{LETTER}'|\\-"
PART = rf"(?:[{CAPITAL}][{INNER}]*[{LETTER}|](?:[A-Z]\.)?\.?|[{CAPITAL}]\.|[{CAPITAL}]{{2,}})"
BETWEEN = r"(?:von|van|de|der|den|del|della|di|da|dos|das|du|la|le|el|al|bin|ibn|zu|ten|ter|y|e)"
PERSON = re.compile(rf"{PART}(?:(?:,?\s|(?<=[A-Z]\.))(?:{BETWEEN}\s){{0,2}}{PART}){{0,3}}")
CAMEL = re.compile(r"^(?!(?:Mc|Mac|De|Di|Du|La|Le|Van|Fitz)[A-Z][a-z]+$).*[a-z][A-Z](?!\.)")
"""Of names of products and of columns, which begin as no name of a person does."""

TITLE = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Hr|Fr|M|Mme|Mlle|Sr|Sra|Srta|Sig|Sig\.ra|Dott|Dhr|Mevr|Dña|Don)\.?\s)+"
)

FIRST = re.compile(r"[a-zà-ÿ][A-Za-zà-ÿ]{2,}(?= [A-ZÀ-Þ])")
"""A first name with a small first letter."""

UNSPACED = re.compile(
    r"([A-ZÀ-Þ][a-zß-ÿ]{2,})([A-ZÀ-Þ][a-zß-ÿ]{3,}(?:-[A-ZÀ-Þ][a-zß-ÿ]{2,})?)(?!\w)"
)

INITIAL = re.compile(rf"[{CAPITAL}]\.")

PERSONAL = 0.75
"""How sure a label is at least that is one of people."""

DOUBT = 0.92
"""How sure the reader is at most of a first letter that is taken for a capital."""

ACCENTED = "tlif"
"""Small letters that capitals with an accent or a stroke are read as, and surely: "Łukasz"."""

QUOTES = "'\"‘’“”*`"
"""What may stand around a name, as it is read."""

WHY = "a name beside a label for one"
SMALL = re.compile(r"(?<=[a-zà-ÿ]{3} )[cosuvwxz](?=[a-zà-ÿ]{3,}$)")
"""The first letter of a last name that looks like a small one."""

ALONE = re.compile(r"[a-zà-ÿ]{3,}\s")
"""A first name whose capital was misread, where a row begins."""

ADDRESSED = re.compile(rf"(?<![\w@.])((?:{PART}\s){{1,3}}{PART})(?=\s?[<(\[«‹][^\s@]{{2,}}@\S+\.)")
STOPPED = re.compile(r"^([A-Za-zÀ-ÿ]{4,}(?: [A-Za-zÀ-ÿ]{4,})?)\.\s(?=\S{2,} \S{2,})")
"""A label whose colon was read as a full stop."""

MARKED = re.compile(r"(?<![\w@.])([A-Za-zÀ-ÿ]+(?:[ _][A-Za-zÀ-ÿ]+){0,3})[\"']?\s?[:=]\s?[\"']{0,2}")


def find(page: Page) -> Iterator[Finding]:
    """Return the names of people that stand beside a label."""
    for place, line in enumerate(page.lines):
        text = _restored(line.text)
        taken = False
        for match in (*MARKED.finditer(text), *STOPPED.finditer(text)):
            if label(match.group(1), marked=True) is None:
                continue
            found = _person(text, match.end()) or _misread(line, text, match.end())
            if found and (match.re is MARKED or found[1] == len(text)):
                taken = True
                more = _further(page, place, text, found)
                yield finding(line, found[0], found[1], "name", _sure(found, 0.85), WHY, more)
        for match in ADDRESSED.finditer(text):
            found = _person(text, match.start())
            if found and found[1] == match.end(1):
                taken = True
                why = "a name before an e-mail address in brackets"
                start = 0 if ALONE.fullmatch(text, 0, found[0]) else found[0]
                yield finding(line, start, found[1], "name", _sure(found, 0.85), why)
        if taken:
            continue
        at = len(text) - len(text.lstrip(QUOTES))
        if text[at : at + 1].isalpha() and (sure := _beside(page, place)):
            found = _person(text, at) or _misread(line, text, at)
            if sure >= PERSONAL:
                found = _unspaced(line, at, found)
            if found and (found[2] > 1 or sure > 0.8) and _ends(text[found[1] :]):
                yield finding(line, found[0], found[1], "name", sure, WHY, _rest(page, place, text))
                continue
            second = _beneath(page, line, line.box) if found and found[1] == len(text) else None
            if found and second:
                yield finding(line, *found[:2], "name", sure, WHY, second[:1], second[1])
                continue
        yield from _in_table(page, place, text)


RESTORED = (
    (r"(?<=[a-zà-ÿ]{3})[06](?!\w)|(?<=[A-Za-zÀ-Þ])[06](?=[a-z])", "o"),  # with an accent
    (r"(?<!\w)6(?=[a-z]{3})", "O"),
    (r"(?<=[a-zà-ÿ]{2})[BSR®&](?=[a-zà-ÿ]|(?!\w))", "ß"),
    (r"(?<=[a-z] )l(?=[a-z]{3,}$)|(?<!\w)l(?=l[a-z]+ [A-Z])", "I"),
    (r"(?<![^\s\"'])\|(?=[a-zà-ÿ]{2}|\. [A-Z])", "I"),
)
"""Letters of names that are misread, and what they are."""


def _restored(text: str) -> str:
    """Return the text with letters of names put back that are often misread; places are kept."""
    text = SMALL.sub(lambda match: match.group().upper(), plain(text))
    for misread, letter in RESTORED:
        text = re.sub(misread, letter, text)
    return text


def _misread(line: Line, text: str, at: int) -> tuple[int, int, int] | None:
    """Return a name right behind a label whose first capital has an accent that was not read so."""
    first = FIRST.match(text, at)
    if first is None or (text[at] not in ACCENTED and line.confidence(*first.span()) > DOUBT):
        return None
    found = _person(text[:at] + first.group().capitalize() + text[first.end() :], at)
    return found if found and found[2] > 1 else None


def _unspaced(
    line: Line, at: int, found: tuple[int, int, int] | None
) -> tuple[int, int, int] | None:
    """Return a name between whose parts the space was not seen, else what was found at its place.

    Args:
        line: that holds it.
        at: where it begins.
        found: the name that begins there, if its letters are put right first.
    """
    if found is not None and found[2] > 1:
        return found
    match = UNSPACED.match(plain(line.text), at)
    if match is None or any(folded(part) in NO_NAME for part in match.groups()):
        return found
    return at, match.end(), 2


def _sure(found: tuple[int, int, int], most: float) -> float:
    return most if found[2] > 1 else most - 0.15


def _ends(behind: str) -> bool:
    """Return whether nothing follows a name that makes it part of a sentence."""
    return not behind.strip(f" ,.()|{QUOTES}") or bool(re.match(r"\s*[<(|·•,;–-]|\s\.\s", behind))


def _further(page: Page, place: int, text: str, found: tuple[int, int, int]) -> tuple[Box, ...]:
    """Return the box of the parts of a name that had no room in a sentence's row."""
    following = page.below.get(place)
    line = page.lines[place]
    if following is None or found[1] < len(text.rstrip()) or found[2] > 2:
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
    return (line.box,) if cut and re.fullmatch(PART, plain(line.text)) else ()


def _in_table(page: Page, place: int, text: str) -> Iterator[Finding]:
    """Return the name in a cell whose column has a head for names, perhaps behind a portrait."""
    line = page.lines[place]
    # What stands before it is what the reader made of a portrait or of initials.
    for at in _starts(text):
        if at and re.search(r"[a-zà-ÿ]{4}|\d{2}", text[:at]):
            return
        found = _unspaced(line, at, _person(text, at) or _misread(line, text, at))
        if found is None or (found[2] > 2 and text[at : at + 3].endswith(" ")):
            continue
        if not _ends(text[found[1] :]):
            continue
        box = line.part(found[0], found[1])
        sure = _column(page, place, box.x)
        if not sure:
            continue
        cut = found[2] == 1 or text[found[1] :].strip() == ","
        second = _beneath(page, line, box) if cut else None
        if second is not None:
            yield finding(line, found[0], found[1], "name", sure, WHY, second[:1], second[1])
        elif found[2] > 1:
            yield finding(line, found[0], found[1], "name", sure, WHY)
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
            if abs(second.x - box.x) < 0.8 * box.h and not _of_next(page, line, other):
                return second, match.group(1)
    return None


def _of_next(page: Page, line: Line, other: Line) -> bool:
    """Return whether a line beneath another one stands in the next row of a table.

    Rows stand at one distance: the next but one is as far from the next. What goes on in a row of
    its own is nearer, and the next row further.
    """
    down = other.box.y - line.box.y
    x, aside = line.box.x, 3 * line.height
    near = page.near(x - aside, other.box.y + 1, x + aside, other.box.bottom + 1.5 * down)
    beneath = [each.box.y - other.box.y for each in near if each.box.y > other.box.bottom - 1]
    if beneath:
        return 0.8 * down < min(beneath) < 1.2 * down
    over = page.near(x - aside, line.box.y - 1.5 * down, x + aside, line.box.y - 1)
    before = [line.box.y - each.box.y for each in over if each.box.bottom < line.box.y + 1]
    return 0.8 * down < min(before, default=0.0) < 1.2 * down


def _column(page: Page, place: int, at: float) -> float:
    """Return how sure it is that a cell stands in a column of names."""
    others = 0
    for top in islice(column(page, place, at), 40):
        said = label(top.text)
        if said is not None:
            return _of_head(said)
        others += not (_like_name(top.text) or _part_of_name(top.text))
        if others > MOST_OTHERS:
            return 0.0
    return _stacked(page, place, at)


def _of_head(said: str) -> float:
    """Return how sure it is that a label at the head of a column is one of names."""
    return 0.7 if bare(said) and said not in ("from", "to") else 0.0


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
        if not _like_name(other.text):
            return 0.0
    return 0.0


def _like_name(said: str) -> bool:
    text = _restored(said)
    found = (_person(text, at) for at in _starts(text))
    return any(each is not None and each[2] > 1 for each in found)


def _part_of_name(said: str) -> bool:
    """Return whether a text is one part of a name, or initials."""
    text = plain(said)
    return len(text) <= 3 or (re.fullmatch(PART, text) is not None and folded(text) not in NO_NAME)


def _starts(text: str) -> list[int]:
    """Return where a name may begin in a cell, perhaps behind what a portrait was read as."""
    found = [found.end() for found in re.finditer(r"(?:^|\s)(?=[A-ZÀ-Þ])", text[:12])]
    return [0, *found] if not found or text[0] in ACCENTED else found


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


def _person(text: str, at: int) -> tuple[int, int, int] | None:
    """Return where a name begins and ends, and how many parts it has."""
    start = at
    if title := TITLE.match(text, at):
        at = title.end()
    match = PERSON.match(text, at)
    if match is None:
        return None
    end = match.end()
    parts = re.findall(PART, match.group())
    if re.match(r"[\w@/\\]|\(\)", text[end:]):
        end = at + match.group().rfind(",")  # the name of an address behind it
        if end < at:
            return None
        parts = re.findall(PART, text[at:end])
    following = re.match(r"\s?&?\s?([\w.]+)", text[end:])
    if re.match(r"\s*&", text[end:]):
        return None
    if following and folded(following.group(1)).replace(".", "") in COMPANY:
        return None
    pieces = [piece.strip(".") for part in parts for piece in folded(part).split("-")]
    if any(piece in COMPANY for piece in pieces) or (
        len(pieces) > len(parts) and any(piece in NO_NAME for piece in pieces)
    ):
        return None
    for number, part in enumerate(parts):
        if folded(part).strip(".") in NO_NAME and not INITIAL.fullmatch(part):
            if number < 2:
                return None
            parts = parts[:number]  # the next label begins there
            end = at + match.group().index(part)
            end = at + len(text[at:end].rstrip(" ,"))
            break
    if not parts or folded(parts[0]) in ROLES:
        return None  # a label
    if any(part.count("-") > 1 or part.startswith("X-") for part in parts):
        return None  # the name of a header
    low = [part.lower().strip(".") for part in parts]
    if all(len(part) < 3 for part in low) or any(map(CAMEL.match, parts)):
        return None
    behind = text[end:].split()
    if len(parts) == 1 and behind and re.match(r"[a-zà-ÿ0-9]", behind[0]):
        return None
    if (
        len(parts) > 1
        and parts[-1].isupper()
        and len(parts[-1]) < 4
        and parts[0].upper() != parts[0]
    ):
        return None  # the abbreviation of a country or a company
    capitals = [part for part in parts if part.isupper() and part[-1] != "."]
    if len(capitals) == len(parts) and (len(parts) == 1 or min(map(len, parts)) < 3):
        return None
    return start, end, len(parts)
