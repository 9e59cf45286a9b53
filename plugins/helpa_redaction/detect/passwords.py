"""Finds passwords and secrets by the label beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpa_redaction.detect.continuation import goes_on, stretch
from helpa_redaction.detect.labels import above, beside, column
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.text import (
    MAC,
    UUID,
    changes,
    entropy,
    finding,
    is_random,
    plain,
    tokens,
    trimmed,
)
from helpa_redaction.detect.words import Box, Line

WORDS = (
    r"pass ?words?|pass ?wort|kennwort|passwd|pwd|pass ?phrase|passcode|mot de passe|"
    r"contrase(?:[nñ]|fi?|ii)a|senha|wachtwoord|has[lłti]o|l[oö6]senord(?:et)?|adgangskode|passord|heslo|"
    r"salasana|jelsz[oó]|parola d'ordine|palavra[- ]passe|credentials?|bearer|"
    r"(?:client|app|api|webhook)[ _-]?secret|secret(?:[ _-]{0,2}ke ?y)?|"
    r"(?:api|access|private|signing|encryption|master|license|account|shared|session|setup|security|"
    r"recovery|activation|deploy|service|server)[ _\-L]?key|"
    r"(?:api|access|auth|refresh)[ _-]?token|token|(?:recovery|backup)[ _-]?code|session[ _-]?id|"
    r"(?<![A-Za-z])api(?=\s?:)|kl[ií][čcé] k api|"
    r"(?<=_)key|(?<=_)pass|(?<![A-Za-z])pass(?=\s?[:=])|geheimnis|schlüssel|clé|clave|chiave|chave|sleutel"
)
MARKED = re.compile(
    r"(?:(?<![A-Za-z])|(?-i:(?<=[a-z])(?=[A-Z])))[\"']?(?:[\w.\-]{0,60}[_\-.]|(?-i:[A-Z]{3,20}(?=[A-Z]{3,}=)))?"
    rf"(?P<label>{WORDS})(?:[_\-][A-Za-z0-9]+)?[\"']?\]?\s?"
    r"(?:[a-zà-ÿ]{4,14}\s(?=(?:is|est|lautet|[äa]r|es|jest|[éèe€])\s))?"
    r"(?P<mark>=>|:=|[:=]|(?<=[\"']),(?=\s?[\"'])|\bis\b|\blautet\b|\best\b|\b(?:[äa]r|es|jest)\b|(?<=\s)[éèe€](?=\s))\s?",
    re.IGNORECASE,
)
BARE = re.compile(
    rf"(?:\w+[\s_\-.]|[a-z]{{2,20}}(?=api|auth|pass|access|secret|token)){{0,4}}(?:{WORDS})"
    r"(?:\s\w+)?\s?[:=]?",
    re.IGNORECASE,
)
AUTH = re.compile(r"(?:Bearer|Basic|Digest|token)\s+", re.IGNORECASE)
SAID = re.compile(rf"(?<![A-Za-z])(?:{WORDS})\s(?P<value>[^\s\"'<>]{{8,}})", re.IGNORECASE)
"""A word for a secret in a sentence, with what may be one behind it."""

WHY = "a word beside a label such as password or key"

PIECE = re.compile(r"[\w\-+/=.~|!@]+")

OPTION = re.compile(
    r"(?:--password|--token|--secret|--api-key|-p)[= ](?=\S)|\s(?:-u|--user) [\w.\-]{1,40}:(?=\S)"
)

EMPTY = frozenset(
    [
        "null",
        "none",
        "nil",
        "undefined",
        "true",
        "false",
        "required",
        "optional",
        "expired",
        "invalid",
        "valid",
        "missing",
        "incorrect",
        "wrong",
        "hidden",
        "empty",
        "unset",
        "changed",
        "updated",
        "reset",
        "forgotten",
        "string",
        "str",
        "text",
        "bytes",
        "password",
        "passwort",
        "secret",
        "token",
        "key",
        "value",
        "input",
        "str,",
        "enabled",
        "disabled",
        "active",
        "inactive",
        "revoked",
        "set",
        "unknown",
        "rotated",
        "here",
        "below",
        "above",
        "yes",
        "not",
        "must",
        "is",
        "was",
        "the",
        "a",
        "an",
        "your",
        "enter",
        "forgot",
        "show",
        "copy",
        "edit",
        "change",
        "create",
        "request",
        "process.env",
        "os.environ",
        "getenv",
        "and",
        "or",
        "for",
        "erforderlich",
        "abgelaufen",
        "ungültig",
        "geändert",
        "vergessen",
        "requis",
        "expiré",
        "invalide",
    ]
)


def find(page: Page) -> Iterator[Finding]:
    """Return what stands beside a label as passwords and secrets do."""
    for place, line in enumerate(page.lines):
        text = plain(line.text)
        marked = list(_marked(line, text))
        yield from marked
        if not marked:
            yield from _said(line, text)
            yield from _labelled(page, place, text)


def _marked(line: Line, text: str) -> Iterator[Finding]:
    """Return what is given in a line to a name for a secret."""
    for pattern in (MARKED, OPTION):
        for match in pattern.finditer(text):
            start, end = _value(text, match.end())
            mark = match.groupdict().get("mark") or "="
            quoted = text[start - 1 : start] in ('"', "'")
            if _is_secret(text[start:end], text[end:], mark, quoted=quoted):
                yield finding(line, start, end, "api_key", 0.85, WHY)


def _said(line: Line, text: str) -> Iterator[Finding]:
    """Return what stands in a sentence behind a word for a secret and looks like one."""
    for match in SAID.finditer(text):
        start = match.start("value")
        end = trimmed(text, start, match.end())
        word = text[start:end]
        long = is_random(word, 16) and changes(word) > 5
        mixed = changes(word) > 3 and re.search(r"\d", word)
        signed = re.search(r"(?=.*\d\d)(?=.*[A-Z])(?=.*[#$%!?&*_])", word)
        if long or ((mixed or signed) and not UUID.search(word)):
            why = "a random word behind one such as password or key"
            yield finding(line, start, end, "api_key", 0.75, why)


def _labelled(page: Page, place: int, text: str) -> Iterator[Finding]:
    """Return the secret that a line begins with, by the label beside, above or over its column."""
    line, top = page.lines[place], _head(page, place)
    for near in (_left(page, place), above(page, place), top):
        if near is None or not _bare(near, line):
            continue
        label = plain(near.text).strip()
        mark = label[-1:] if label[-1:] in (":", "=") else ""
        if near is top and CHOSEN.fullmatch(label):
            mark = ":"
        given = re.match(r"\s*[:=]\s*", text)
        start, end = _value(text, given.end() if given else 0)
        if not _is_secret(text[start:end], text[end:], mark, quoted=False):
            continue
        boxes: tuple[Box, ...] = ()
        rest = ""
        if end == len(text) and is_random(text[start:end], 12):
            boxes, rest = goes_on(page, place, PIECE, random=16, filled=near is not top)
        yield finding(line, start, end, "api_key", 0.75, WHY, boxes, rest)
        return


KIND = re.compile(r"REG_[A-Z_]+|[Ss]tring|[Tt]ext")
"""A cell that says of what kind the value behind it is, as an editor of the registry shows."""

RANDOM = 16
"""Letters of a word in a column of secrets."""

ASKED = re.compile(rf".*[$%_ ](?:\w*_)?(?:{WORDS})(?:_\w+)?", re.IGNORECASE)
"""A command that ends with the name of what it is to show."""


CHOSEN = re.compile(
    r"pass ?words?|pass ?wort|kennwort|mot de passe|contrase(?:[nñ]|fi?|ii)a|senha|wachtwoord|"
    r"has[lłti]o|l[oö]senord|adgangskode|passord|heslo|salasana|password|recovery codes?",
    re.IGNORECASE,
)
"""Heads of columns in which people's own secrets stand, and not what is called a key."""

MADE_UP = re.compile(r"(?=.*[\d\W])(?=.*[A-Za-z])\S{7,}")
"""A word with a digit or a sign, as people make up for a password."""


def _left(page: Page, place: int) -> Line | None:
    """Return the line on the left, or the one before it where it but names a kind of values."""
    near = beside(page, place)
    if near is None or not KIND.fullmatch(near.text):
        return near
    box = near.box
    found = page.places.near(box.x, box.y, box.x, box.y)
    return next((beside(page, other) for other in found if page.lines[other] is near), None)


def _head(page: Page, place: int) -> Line | None:
    """Return the head of a cell's column where that is a label, and the cell one long word."""
    line = page.lines[place]
    random = is_random("".join(line.text.split()), RANDOM)
    if not random and not MADE_UP.fullmatch(line.text):
        return None
    head = BARE if random else CHOSEN
    heads = column(page, place, line.box.x)
    return next((top for top in heads if head.fullmatch(plain(top.text).strip())), None)


ENDS_MARKED = re.compile(rf"(?<![A-Za-z])(?:{WORDS})\s?:$", re.IGNORECASE)
"""A sentence whose last row ends with a label."""


def _bare(near: Line, line: Line) -> bool:
    """Return whether a label is one for a secret, or a command whose answer is one."""
    said = plain(near.text).strip().lstrip("+-~*# ")
    if BARE.fullmatch(said):
        return True
    value = line.text.split()
    return (
        near.box.y < line.box.y
        and len(value) == 1
        and len(value[0]) > 16
        and bool(ASKED.fullmatch(said) or ENDS_MARKED.search(said))
    )


def _value(text: str, at: int) -> tuple[int, int]:
    if auth := AUTH.match(text, at):
        at = auth.end()
    while at < len(text) and text[at] in " \"'`(":
        at += 1
    quote = text[at - 1] if at and text[at - 1] in "\"'`" else ""
    end = text.find(quote, at) if quote else -1
    if end < 0:
        token = re.match(r"\S+", text[at:])
        end = at + (token.end() if token else 0)
        for mark in "\"'`<>":
            cut = text.find(mark, at, end)
            end = cut if cut > at else end
        end = trimmed(text, at, end, ",;\"'.)" if end < len(text) else ",;\"')")
        following = re.match(r" (\S{10,}|[+/=]\S{6,})", text[end:])
        if changes(text[at:end] + (following.group(1) if following else "")) > 4:
            end = stretch(text, end, 0, PIECE)
        # In letters of one width the reader puts spaces beside the narrow ones.
        further = re.match(r" (\S+)$", text[end:])
        if further and text[at - 1 : at] == "=":
            cut = text[end - 1] == "-" or changes(text[at:end] + further.group(1)) > 1
            end = len(text) if cut else end
    return at, end


def _is_number(value: str) -> bool:
    """Return whether a value is a UUID, a few of its digits misread, or one of a network card."""
    number = value.translate(str.maketrans("lIO¢€", "110ce"))
    return bool(UUID.fullmatch(number) or MAC.fullmatch(number))


def _is_secret(value: str, behind: str, mark: str, *, quoted: bool) -> bool:
    value = value if quoted else "".join(value.split())
    low = value.lower().strip("\"'")
    if len(value) < 6 or low in EMPTY or low.split("(")[0] in EMPTY or _is_number(value):
        return False
    if re.search(
        r"[•●·…]{2,}|\*{3,}|\.{3}|^[<${\[%]|[xX]{4}|^(?:your|my)[_-]", value
    ) or value.startswith(("process.env", "os.", "env.", "config.", "self.", "http")):
        return False
    if len(set(value)) < 4 or entropy(value) < 2:
        return False
    mixed = bool(re.search(r"\d", value)) and bool(re.search("[A-Za-z]", value))
    signs = bool(re.search(r"[!#%&$@?^+~]", value.rstrip("!?.")))
    hyphens = bool(re.fullmatch(r"[a-z0-9|!I]+(?:-[a-z0-9|!I]+){2,}", value))
    cased = bool(re.search("[a-z][A-Z]", value))
    capitals = bool(re.fullmatch("[A-Z0-9]{12,}", value)) and entropy(value) > 3
    if quoted and len(value.split()) > 3:
        return False  # a sentence
    words = [word.group() for word in tokens(behind)]
    prose = bool(words) and bool(re.match(r"[a-z]{2,}$", words[0])) and not quoted
    if mark:
        if re.search(r"\(\)?$|^\w+\(", value) or re.fullmatch(r"v?\d+(?:[.,:/-]\d+)+", value):
            return False
        if prose and len(words) > 1 and not (mixed and (signs or is_random(value, 10))):
            return False
        return mixed or signs or hyphens or cased or (mark == "=" and quoted and not words)
    if len(words) > 2 or re.fullmatch(r"[\d\W]+", value) or re.search(r"@\w+\.\w", value):
        return False
    if "/" in value and not (is_random(value, 12) and changes(value) > 4):
        return False
    if re.fullmatch(r"\w+\.\w{2,4}|[Xx]-[a-z\-]+", value):
        return False
    if capitals or hyphens or (changes(value) > 2 and is_random(value, 9)):
        return True
    # A word with a number and a sign behind it is how most people make one.
    made = bool(re.fullmatch(r"[A-ZÀ-Þ][a-zß-ÿ]{2,}\d{2,}[!?.*#$&%]*", value))
    return mixed and (is_random(value, 12) or signs or cased or made) and entropy(value) > 2.5
