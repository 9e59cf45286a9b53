"""Names of people as they are read: their parts, and what a reader makes of their letters."""

from __future__ import annotations

import re
from typing import NamedTuple

from helpa_redaction.detect.people import COMPANY, NO_NAME, ROLES
from helpa_redaction.detect.text import folded, plain
from helpa_redaction.detect.words import Line


class Name(NamedTuple):
    """A name in a text.

    Args:
        start: where it begins.
        end: where it ends.
        parts: how many it has.
    """

    start: int
    end: int
    parts: int


CAPITAL, LETTER = "A-ZÀ-ÖØ-ÞŁŚŻŹĆ", "a-zß-ÿłśżźćńąęšžčřěğışť"
INNER = f"{CAPITAL}{LETTER}'|\\-"
CAPITALS = rf"(?:[{CAPITAL}]')?[{CAPITAL}]{{2,}}(?:-[{CAPITAL}]{{2,}})?"
PART = rf"(?:[{CAPITAL}][{INNER}]*[{LETTER}|](?:[A-Z]\.)?\.?|[{CAPITAL}]\.|{CAPITALS})"
BETWEEN = r"(?:von|van|de|der|den|del|della|di|da|dos|das|du|la|le|el|al|bin|ibn|zu|ten|ter|y|e)"
PERSON = re.compile(rf"{PART}(?:(?:,?\s|(?<=[A-Z]\.))(?:{BETWEEN}\s){{0,2}}{PART}){{0,3}}")
LEADING = re.compile(rf"(?:{BETWEEN}\s){{1,3}}(?={PART},\s{PART})")
"""The words with which a last name in front of a first one begins: "van Dijk, Jeroen"."""

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

"""A first and a last name, perhaps of two, without the space between them."""

INITIAL = re.compile(rf"[{CAPITAL}]\.")

DOUBT = 0.92
"""How sure the reader is at most of a first letter that is taken for a capital."""

ACCENTED = "tlif"
"""Small letters that capitals with an accent or a stroke are read as, and surely: "Łukasz"."""

SMALL = re.compile(r"(?<=[a-zà-ÿ]{3} )[cosuvwxz](?=[a-zà-ÿ]{3,}$)")
"""The first letter of a last name that looks like a small one."""

WORDS_WITH_L = "inks?|ines?|ists?|ogin|evel|abel|imit|ocation|anguage"
"""How words of labels go on that begin with an l."""

RESTORED = (
    (r"(?<=[a-zà-ÿ]{3})[06](?!\w)|(?<=[A-Za-zÀ-ÿ])[06](?=[a-zà-ÿ])", "o"),  # with an accent
    (r"(?<!\w)6(?=[a-z]{3})", "O"),
    (r"(?<=[a-zà-ÿ]{2})[BSR®&](?=[a-zà-ÿ]|(?!\w))", "ß"),
    (r"(?<=[a-zà-ÿ])¢(?=[a-zà-ÿ])", "ç"),
    (r"(?<=[A-Z][a-zà-ÿ]{2})G(?=[a-zà-ÿ]{2})", "õ"),
    (rf"(?<=[a-z] )l(?!(?:{WORDS_WITH_L})$)(?=[a-z]{{3,}}$)|(?<!\w)l(?=l[a-z]+ [A-Z])", "I"),
    (r"(?<![^\s\"'])\|(?=[a-zà-ÿ]{2}|\. [A-Z])", "I"),
)
"""Letters of names that are misread, and what they are."""


def restored(text: str) -> str:
    """Return the text with letters of names put back that are often misread; places are kept."""
    text = SMALL.sub(lambda match: match.group().upper(), plain(text))
    for wrong, letter in RESTORED:
        text = re.sub(wrong, letter, text)
    return text


def misread(line: Line, text: str, at: int) -> Name | None:
    """Return a name right behind a label whose first capital has an accent that was not read so."""
    first = FIRST.match(text, at)
    if first is None or (text[at] not in ACCENTED and line.confidence(*first.span()) > DOUBT):
        return None
    found = person(text[:at] + first.group().capitalize() + text[first.end() :], at)
    return found if found and found.parts > 1 else None


def unspaced(line: Line, at: int, found: Name | None) -> Name | None:
    """Return a name between whose parts the space was not seen, else what was found at its place.

    Args:
        line: that holds it.
        at: where it begins.
        found: the name that begins there, if its letters are put right first.
    """
    if found is not None and found.parts > 1:
        return found
    match = UNSPACED.match(plain(line.text), at)
    if match is None or any(folded(part) in NO_NAME for part in match.groups()):
        return found
    return Name(at, match.end(), 2)


def person(text: str, at: int) -> Name | None:
    """Return where a name begins and ends, and how many parts it has."""
    start = at
    if title := TITLE.match(text, at):
        at = title.end()
    if leading := LEADING.match(text, at):
        at = leading.end()
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
    return Name(start, end, len(parts))


def like_name(said: str) -> bool:
    """Return whether a cell begins with a name of at least two parts."""
    text = restored(said)
    found = (person(text, at) for at in starts(text))
    return any(each is not None and each.parts > 1 for each in found)


def part_of_name(said: str) -> bool:
    """Return whether a text is one part of a name, or initials."""
    text = plain(said)
    return len(text) <= 3 or (re.fullmatch(PART, text) is not None and folded(text) not in NO_NAME)


def starts(text: str) -> list[int]:
    """Return where a name may begin in a cell, perhaps behind what a portrait was read as."""
    found = [found.end() for found in re.finditer(r"(?:^|\s)(?=[A-ZÀ-Þ])", text[:12])]
    first = not found or text[0] in ACCENTED or LEADING.match(text) is not None
    return [0, *found] if first else found
