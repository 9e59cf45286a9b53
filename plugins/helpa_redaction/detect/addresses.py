"""Finds IP addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from helpa_redaction.detect.labels import before
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.text import as_digits, crosses, finding, plain

OCTET = r"[0-9OoQIl|!@S]{1,3}"
FOUR = re.compile(
    rf"(?<![A-Za-z0-9.\-])({OCTET})\s?[.,]{{1,2}}\s?({OCTET})\s?[.,]{{1,2}}\s?({OCTET})\s?[.,]{{1,2}}\s?({OCTET})"
    r"((?:[:']\s?\d{2,5}|/\d{1,2})?)(\d{0,2})(?!(?!ip[46]:)\w|[.\-]\w|,\d{1,3}(?![\d:a-f.]))"
)
DOUBT = 0.5
VERSIONS = re.compile(
    r"(?:\b(?:version|versions|ver|build|release|rev|revision|firmware|update|sdk|driver|runtime|"
    r"engine|chrome|chromium|firefox|edge|safari|section|chapter|oid)|\bv)\s*[.:=/]?\s*[\"'(]?$",
    re.IGNORECASE,
)
WHY_FOUR = "four numbers as in an IP address"
WHY_SIX = "groups as in an IPv6 address"
EIGHT = re.compile(r"(?<![\w:])(?:[0-9a-f]{1,4}\s?:\s?){7}[0-9a-f]{1,4}(?![\w:])", re.IGNORECASE)
"""A whole one, with spaces that the reader put beside its colons."""

TORN = re.compile(
    r"(?:\s[0-9a-f]{1,3}(?=:))?(?:\s?[:;]\s?[0-9a-fSil@]{1,4}(?:\s[0-9a-f]{1,3}(?=:))?){1,7}(?![\w:])",
    re.IGNORECASE,
)
"""How one goes on that the reader tore at a colon."""

HEX = re.compile(
    r"(?:[0-9A-Fa-fOolI|Ss¢ié%€£][0-9A-Fa-fOolI|Ss¢ié%€£@]{0,4})?(?:(?<=[0-9a-f]{4})\s(?=:))?"
    r"(?:(?:[:;]\s?[:;](?:\s(?=[0-9a-f]{1,4}(?:[:;\]/]|$)))?|[:;](?:(?<=[0-9a-f]{4}[:;])\s(?=[0-9a-f]{2,4}[:;]))?)"
    r"[0-9A-Fa-fOolI|Ss¢ié%€@£]{0,5}){1,9}"
)


NAMED = re.compile(r"(?<![A-Za-z0-9])ip[46]:(?=\w)")
"""What stands before an address in a record of the DNS that says who sends mail (RFC 7208, 5.6)."""

DASHED = re.compile(
    r"(?<![\w:\-])(?:2[0-9a-f]{3}|fe80|f[cd][0-9a-f]{2})(?=[:\-]\S*:)(?:[:\-]{1,2}[0-9a-fF]{1,4}){3,7}"
    r"(?![\w:\-])"
)
"""An address some of whose colons were read as dashes."""


def find(page: Page) -> Iterator[Finding]:
    """Return the IP addresses of a page."""
    for place in range(len(page.lines)):
        yield from _in_line(page, place)
    yield from _over_rows(page)


def _in_line(page: Page, place: int) -> Iterator[Finding]:
    """Return the addresses of a line."""
    line = page.lines[place]
    text = NAMED.sub(lambda match: " " * len(match.group()), plain(line.text))
    text = DASHED.sub(_with_colons, text)
    for match in FOUR.finditer(text):
        sure = _four(match)
        if match.group(6) and (not sure or line.confidence(*match.span()) > DOUBT):
            continue  # a digit too many is taken for the end of a chip where it is doubted
        ahead = text[: match.start()]
        if not sure or VERSIONS.search(ahead) or re.search(r"[A-Za-z]/$", ahead):
            continue
        if not ahead.strip("\"'( ") and VERSIONS.search(before(page, place, 0).rstrip(": ")):
            continue
        yield finding(line, *match.span(), "ip", sure, WHY_FOUR)
    if text.count(":") + text.count(";") < 2:
        return
    for match in EIGHT.finditer(text):
        if " " in match.group() and len(re.findall("[0-9a-f]{3}", match.group())) > 3:
            yield finding(line, *match.span(), "ip", 0.85, WHY_SIX)
    for match in HEX.finditer(text):
        if sure := _six(match, text):
            start = match.start()
            end = start + len(match.group().rstrip(":;"))
            torn = TORN.match(text, end) if text[start:end].count(":") < 7 else None
            end = torn.end() if torn else end
            rest = re.match(r"[\]]?(?:/\d{1,3}|:\d{2,5})?", text[end:])
            end += rest.end() if rest and len(rest.group()) > 1 else 0
            yield finding(line, start, end, "ip", sure, WHY_SIX)


def _with_colons(match: re.Match[str]) -> str:
    """Return an address with its colons, or a date as it is."""
    text = match.group()
    return text.replace("-", ":") if re.search("[a-f]", text) else text


def _over_rows(page: Page) -> Iterator[Finding]:
    """Return addresses that are cut at the end of a row, as in a narrow column."""
    for rows in page.glued:
        text = plain(rows.line.text)
        for match in FOUR.finditer(text):
            if match.group(6) or not crosses(*match.span(), rows):
                continue
            if sure := _four(match):
                yield finding(rows.line, *match.span(), "ip", min(sure, 0.85), WHY_FOUR)
        if text.count(":") + text.count(";") < 2:
            continue
        for match in HEX.finditer(text):
            if crosses(*match.span(), rows) and _six(match, text):
                yield finding(rows.line, *match.span(), "ip", 0.85, WHY_SIX)


def _four(match: re.Match[str]) -> float:
    numbers = match.groups()[:4]
    if sum(c.isdigit() for number in numbers for c in number) < 4:
        return 0.0
    try:
        values = [int(as_digits(number)) for number in numbers]
    except ValueError:
        return 0.0
    if any(value > 255 for value in values) or values[0] in (0, 127, 255):
        return 0.0
    if any(len(number) > 1 and number[0] == "0" for number in numbers):
        return 0.0
    spaced = bool(re.search(r"[ ,]", match.group()))
    small = max(values) < 20  # 1.2.3.4 may number a section or a release
    if spaced and (small or match.group().count(",") > 1):
        return 0.0
    return 0.6 if small else 0.75 if spaced else 0.93


def _six(match: re.Match[str], token: str) -> float:
    said = re.sub(r"\s", "", match.group()).replace(";", ":")
    text = said if said.endswith("::") else said.rstrip(":")
    at = match.start()
    if re.match(r":[^:]", text) and token[at - 1 : at].isalpha():
        text, at = text[1:], at + 1  # what stands before it is a name
        if token[at - 2] == ":" or not re.match("[0-9a-f@]{4}:", text):
            return 0.0
    elif token[at - 1 : at].isalnum() or token[at + len(match.group()) :][:1].isalpha():
        return 0.0
    fixed = text.translate(str.maketrans("OolI|Ss¢ié%€@£", "0011155c16be0f"))
    groups = fixed.split(":")
    filled = [group for group in groups if group]
    if "::" not in fixed and all(re.fullmatch(r"\d{1,2}", group) for group in filled[1:]):
        return 0.0  # a year and a time
    if len(filled) < 3 or all(len(group) <= 2 for group in filled):
        return 0.0
    known = bool(
        re.match(
            r"(?:2[0-9a-f]{3}|3fff|fe[89ab][0-9a-f]|f[cd][0-9a-f]{2}|64:ff9b)$",
            filled[0],
            re.IGNORECASE,
        )
    )
    if not known and not any(len(group) >= 3 and re.search("[a-fA-F]", group) for group in filled):
        return 0.0
    try:
        address = ipaddress.IPv6Address(fixed)
    except ValueError:
        return 0.7 if known and len(filled) >= 4 else 0.0
    return 0.0 if address.is_loopback or address.is_unspecified else 0.95
