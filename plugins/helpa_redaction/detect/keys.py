"""Finds JSON Web Tokens and the keys of known vendors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpa_redaction.detect.continuation import goes_on, stretch
from helpa_redaction.detect.lines import level
from helpa_redaction.detect.numbers import like_iban
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.text import (
    UUID,
    changes,
    crosses,
    entropy,
    finding,
    is_random,
    loose,
    plain,
    readings,
    trimmed,
)
from helpa_redaction.detect.vendors import EXACT, URL_SAFE, UUID_LIKE, VENDORS, WORD, Vendor
from helpa_redaction.detect.words import Box

LETTER = r"[A-Za-z0-9_\-|!@¢®¥£€é{}\[\]()$§~+/=.]"
"""Letters of keys, and what they may be read as."""

JWT_START = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=[a-z])(?=ey[JI][hO0]))"
    r"(?:[ec¢é€](?:y\s?j?[JIj\]}|l1i/)]\s?[hbnO0@]|(?:y\S{1,2}|w)\s?[hb6]{2}[GC6][ce]i)\s?"
    r"|ey\S{1,4}(?:[Ge][Cc][IiLl]|ec)[O0]|ey[JI]\S{0,3}eX[A4]|(?:[JIj]?[hbn]bGci|[JIj]?[0Oo@]eXAi)[O0])[^\s\"']*"
)
HMAC, SIGNATURE, LONGEST = 40, 80, 600
"""Letters of an HMAC and of the shortest signature, less what may be lost (RFC 7518, 3.2 to 3.5),
until which a token is read on over what looks like a space; and of the longest token."""

SIGNED = re.compile(r".{8,14}[FSQ]U[zZ2]")
"""How tokens begin whose header names no HMAC."""

JWT_PIECE = re.compile(r"'?(?:[^\s\"'=:]|(?<=\w)'(?=\w))+")
GIVEN = re.compile(r"\s[a-z_]{5,}=")
"""What is given to the next name of a line."""

KEY_PIECE = re.compile(LETTER + "+")


def jwts(page: Page) -> Iterator[Finding]:
    """Return the JSON Web Tokens of a page, perhaps over several lines."""
    for place, line in enumerate(page.lines):
        text, taken = plain(line.text), 0
        for match in JWT_START.finditer(text):
            start, reached = match.span()
            if start < taken:
                continue  # the second part of one begins as the first does
            while (least := _lacking(text[start:reached])) > 0:
                further = stretch(text, reached, least, KEY_PIECE)
                if further == reached:
                    break
                reached = further
            if reached - start < 12 and not HEADER.match(text, start):
                continue
            end = trimmed(text, start, reached, ENDS_OF_KEYS)
            end = min([end, *(p for p in (text.find(c, start, end) for c in "\"'<>&") if p > 0)])
            boxes: tuple[Box, ...] = ()
            rest = ""
            if _runs_out(text, reached) and (end == reached or text[end] not in "\"'<>&"):
                boxes, rest = _further(page, place, _lacking(text[start:reached]))
                end = reached if boxes else end
            whole = text[start:end] + rest
            dots = len(re.findall(r"[.,]", whole))
            if len(whole) >= 36 and (dots >= 1 or len(whole) >= 60) and entropy(whole) > 3.5:
                sure = 0.97 if dots == 2 else 0.85
                why = "a JSON Web Token: three random parts, of which two begin like JSON"
                yield finding(line, start, end, "jwt", sure, why, boxes, rest)
                taken = reached


UNREAD, PIECE = 12, 16
"""Heights of a line that the letters of a token which were not read at all take at most, and
letters of the piece behind them at least."""


def _further(page: Page, place: int, least: int) -> tuple[tuple[Box, ...], str]:
    """Return the boxes and text in which a token goes on at the end of a line.

    Args:
        page: that holds it.
        place: of the line in ``page.lines``.
        least: letters that it should still have.
    """
    beside, said = _on_row(page, place, least)
    boxes, text = goes_on(page, place, JWT_PIECE, random=16, least=least - len(said))
    last = place
    for _ in boxes:
        last = page.below[last]
    more, end = _on_row(page, last, least - len(said + text)) if boxes else ((), "")
    return (*beside, *boxes, *more), said + text + end


def _on_row(page: Page, place: int, least: int) -> tuple[tuple[Box, ...], str]:
    """Return the box and text of a piece of a token behind letters of it that were not read."""
    line = page.lines[place]
    box, reach = line.box, UNREAD * line.height
    right = [
        other
        for other in page.near(box.right, box.y, box.right + reach, box.bottom)
        if box.right - 1 < other.box.x < box.right + reach and level(line, other)
    ]
    near = min(right, key=lambda other: other.box.x, default=None)
    said = "".join(plain(near.text).split()) if near is not None else ""
    if least <= 0 or near is None or not is_random(said, PIECE) or not JWT_PIECE.fullmatch(said):
        return (), ""
    return (Box(box.right, near.box.y, near.box.right - box.right, near.box.h),), said


HEADER = re.compile(r"(?:eyJ|J)?(?:[hn]bGci|[0O@]eXAi|raWQi)")
"""How tokens begin whose header names first its algorithm, type or key."""


def _lacking(token: str) -> int:
    """Return how many letters a token should still have, as far as its dots tell."""
    parts = re.split(r"[.,]", "".join(token.split()))
    if len(parts) > 2:
        return (SIGNATURE if SIGNED.match(parts[0]) else HMAC) - len(parts[-1])
    return LONGEST - len(token)


def _runs_out(text: str, at: int) -> bool:
    """Return whether a line ends there, or with but the name of a button that lies on it."""
    return bool(
        re.fullmatch(r"\s*(?:[({\[|]?[^\s\"'<>]{1,5}[)}\]|]?|[^\w\"'<>]{1,3} ?\S{1,4})?", text[at:])
    )


ENDS_OF_KEYS = ".,;:!?)]}>\"'"


OTHER = r"[^\s\"'<>,;`]"
"""What a key is read on over: a letter of it may be read as something that is in no key."""

SHORT = 4
"""Letters of a prefix up to which its underscore must have been read."""


def _loose(prefix: str) -> str:
    return loose(prefix).replace("{0,2}", "{1,2}") if len(prefix) <= SHORT else loose(prefix)


AHEAD = r"(?:(?<![A-Za-z0-9])|(?<=[Bb]earer))"
"""What may stand before a key: no letter, but for those of a word whose space was not seen."""

PATTERNS = [
    (vendor, re.compile(rf"{AHEAD}{_loose(vendor.prefix)}\s?({OTHER}+)")) for vendor in VENDORS
]


def api_keys(page: Page) -> Iterator[Finding]:
    """Return the keys of known vendors of a page."""
    for place, line in enumerate(page.lines):
        text = plain(line.text)
        taken: list[tuple[int, int]] = []
        for vendor, pattern in PATTERNS:
            for match in pattern.finditer(text):
                start, end = match.span()
                if any(start < b and a < end for a, b in taken):
                    continue
                size = end - match.start(1)
                if end < len(text.rstrip()) and text[end] == " ":
                    further = stretch(text, end, vendor.usual - size, KEY_PIECE)
                    given = GIVEN.search(text, end, further)
                    further = given.start() if given else further
                    size, end = size + further - end, further
                end = trimmed(text, match.start(1), end, " .,;:!?)-")
                boxes: tuple[Box, ...] = ()
                rest = ""
                if _runs_out(text, match.end()) or end >= len(text) - 1:
                    short = size < vendor.usual - 1
                    boxes, rest = goes_on(page, place, KEY_PIECE, random=6) if short else ((), "")
                    if short and not boxes:
                        boxes, rest = _remainder(page, place, vendor.usual - size)
                if boxes:
                    end = max(end, match.end())
                body = "".join(text[match.start(1) : end].split()) + rest
                if not _fits(body, vendor):
                    continue
                taken.append((start, end))
                why = f"a key that begins as those of {vendor.name} do"
                yield finding(line, start, end, "api_key", 0.96, why, boxes, rest)
    for rows in readings(page):
        for exact, why in EXACT:
            for match in re.finditer(exact, plain(rows.line.text)):
                if like_iban("".join(match.group().split())):
                    continue  # a key of capitals may look like one by chance alone
                if entropy(match.group()) > 3 and crosses(*match.span(), rows):
                    yield finding(rows.line, *match.span(), "api_key", 0.93, why)


def _remainder(page: Page, place: int, lacking: int) -> tuple[tuple[Box, ...], str]:
    """Return the box and text of a row beneath that is as long as what a key lacks."""
    following = page.below.get(place)
    if following is None:
        return (), ""
    line = page.lines[following]
    whole = len(line.text) == lacking and KEY_PIECE.fullmatch(plain(line.text))
    return ((line.box,), line.text) if whole else ((), "")


def _fits(body: str, vendor: Vendor) -> bool:
    """Return whether letters may be those of a vendor's key, a few of them misread."""
    if re.search(r"@[A-Za-z0-9\-]+\.[a-z]{2}", body):
        return False  # an address whose name begins as the key does
    known = sum(bool(re.match(vendor.body, c)) for c in body)
    if known < vendor.least or known < 0.88 * len(body):
        return False
    if len(re.sub(r"\D", "", body)) > 0.8 * len(body):
        return False  # a number in groups, behind letters of its own
    if UUID.search(body) and vendor.body != UUID_LIKE:
        return False
    if vendor.body in (WORD, URL_SAFE) and len(re.findall("[0-9a-f@]", body)) > 0.93 * len(body):
        return False  # a digest, behind what looks like the beginning of a key
    return entropy(body) >= 2.7 and _digits(body)


def _digits(body: str) -> bool:
    return bool(re.search(r"\d", body)) or len(body) >= 30 or body.isupper() or changes(body) >= 4
