"""Finds JSON Web Tokens, the keys of known vendors, and private keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.text import (
    changes,
    crosses,
    entropy,
    finding,
    goes_on,
    loose,
    plain,
    readings,
    stretch,
    tokens,
    trimmed,
)
from helpa_redaction.detect.words import Box, Line, union

LETTER = r"[A-Za-z0-9_\-|!@¢®{}\[\]()$§~+/=.]"
"""Letters of keys, and what they may be read as."""

JWT_START = re.compile(r"(?<![A-Za-z0-9])[ec¢é€]y\s?j?[JIj\]}|l1i]\s?[hbO0]\s?[^\s\"']*")
SHORTEST = 110
"""Letters that a token has at least whose signature is a SHA-256 (RFC 7519)."""

PIECE = re.compile(r"[^\s\"']+")
JWT_PIECE = re.compile(r"[^\s\"'=:]+")
KEY_PIECE = re.compile(LETTER + "+")


def jwts(page: Page) -> Iterator[Finding]:
    """Return the JSON Web Tokens of a page, perhaps over several lines."""
    for place, line in enumerate(page.lines):
        text = plain(line.text)
        for match in JWT_START.finditer(text):
            start, first = match.span()
            reached = stretch(text, first, SHORTEST - (first - start), KEY_PIECE)
            if reached - start < 12:
                continue
            end = trimmed(text, start, reached, ENDS_OF_KEYS)
            end = min([end, *(p for p in (text.find(c, start, end) for c in "\"'<>&") if p > 0)])
            boxes: tuple[Box, ...] = ()
            rest = ""
            if _runs_out(text, reached) and (end == reached or text[end] not in "\"'<>&"):
                least = SHORTEST - (reached - start)
                boxes, rest = goes_on(page, place, JWT_PIECE, random=16, least=least)
                end = reached if boxes else end
            whole = text[start:end] + rest
            dots = len(re.findall(r"[.,]", whole))
            if len(whole) >= 36 and (dots >= 1 or len(whole) >= 60) and entropy(whole) > 3.5:
                sure = 0.97 if dots == 2 else 0.85
                why = "a JSON Web Token: three random parts, of which two begin like JSON"
                yield finding(line, start, end, "jwt", sure, why, boxes, rest)
                break


def _runs_out(text: str, at: int) -> bool:
    """Return whether a line ends there, or with but the name of a button that lies on it."""
    return bool(
        re.fullmatch(r"\s*(?:[({\[|]?[^\s\"'<>]{1,5}[)}\]|]?|[^\w\"'<>]{1,3} ?\S{1,4})?", text[at:])
    )


ENDS_OF_KEYS = ".,;:!?)]}>\"'"


@dataclass(frozen=True)
class Vendor:
    """How a vendor's keys look.

    Args:
        prefix: as it is written; what it may be read as is taken too.
        body: pattern of what follows, a letter.
        least: letters that must follow.
        usual: letters that do follow, so that a key is read on over the end of a line.
        name: of the vendor.
    """

    prefix: str
    body: str
    least: int
    usual: int
    name: str


DASHED = r"[A-Za-z0-9\-|!@¢~]"
WORD, URL_SAFE, UPPER, HEX = (
    "[A-Za-z0-9|!@¢]",
    r"[A-Za-z0-9_\-|!@¢~]",
    "[A-Z0-9a-z|]",
    "[0-9a-fOolISFs|¢@A-F]",
)

VENDORS = (
    Vendor("AKIA", UPPER, 14, 16, "AWS"), Vendor("ASIA", UPPER, 14, 16, "AWS"),
    Vendor("AROA", UPPER, 14, 16, "AWS"),
    *(Vendor(f"gh{kind}_", WORD, 28, 36, "GitHub") for kind in "pousr"),
    Vendor("github_pat_", URL_SAFE, 30, 82, "GitHub"), Vendor("glpat-", URL_SAFE, 16, 20, "GitLab"),
    *(Vendor(f"xox{kind}-", DASHED, 20, 50, "Slack") for kind in "abprs"),
    Vendor("xapp-", DASHED, 20, 50, "Slack"),
    *(Vendor(f"{kind}_", WORD, 14, 24, "Stripe") for kind in ("sk_live", "rk_live", "sk_test")),
    Vendor("whsec_", WORD, 20, 32, "Stripe"), Vendor("AIza", URL_SAFE, 30, 35, "Google"),
    Vendor("ya29.", URL_SAFE, 30, 100, "Google"),
    Vendor("GOCSPX-", URL_SAFE, 20, 28, "Google"), Vendor("npm_", WORD, 28, 36, "npm"),
    Vendor("pypi-", URL_SAFE, 40, 160, "PyPI"),
    Vendor("SG.", r"[A-Za-z0-9_\-|!@¢.~]", 50, 66, "SendGrid"),
    Vendor("sk-ant-", URL_SAFE, 24, 100, "Anthropic"),
    Vendor("sk-proj-", URL_SAFE, 24, 60, "OpenAI"),
    Vendor("sk-svcacct-", URL_SAFE, 24, 60, "OpenAI"),
    Vendor("sk-", WORD, 32, 48, "OpenAI"), Vendor("hf_", WORD, 28, 34, "Hugging Face"),
    *(Vendor(f"do{c}_v1_", HEX, 48, 64, "DigitalOcean") for c in "por"),
    *(Vendor(f"shp{c}_", HEX, 26, 32, "Shopify") for c in ("at", "ca", "pa", "ss")),
    Vendor("glsa_", URL_SAFE, 30, 41, "Grafana"),
    Vendor("dckr_pat_", URL_SAFE, 20, 27, "Docker"), Vendor("sq0csp-", URL_SAFE, 30, 43, "Square"),
    Vendor("lin_api_", WORD, 28, 40, "Linear"), Vendor("ntn_", WORD, 30, 46, "Notion"),
    Vendor("rubygems_", HEX, 40, 48, "RubyGems"),
    Vendor("key-", "[0-9a-f]", 32, 32, "Mailgun"),
    Vendor("PMAK-", r"[0-9a-f\-]", 50, 59, "Postman"),
    Vendor("AGE-SECRET-KEY-", UPPER, 40, 59, "age"), Vendor("hvs.", URL_SAFE, 24, 90, "Vault"),
)  # fmt: skip
"""From the vendors' own documents on how their keys are recognised."""

EXACT = (
    (
        r"(?<![A-Za-z0-9])(?:AC|SK)(?:\s?[0-9a-fOolI|]){32}(?![A-Za-z0-9])",
        "a key as Twilio makes them",
    ),
    (
        r"(?<![\w.:])\d{8,10}\s?[:;]\s?A\s?A(?:\s?[A-Za-z0-9_\-|!@¢~\]}é]){30,36}(?![A-Za-z0-9])",
        "a key as Telegram makes them",
    ),
    (r"AccountKey=[A-Za-z0-9+/|!@]{60,90}={0,2}", "a key as Azure makes them"),
)

OTHER = r"[^\s\"'<>,;`]"
"""What a key is read on over: a letter of it may be read as something that is in no key."""

PATTERNS = [
    (vendor, re.compile(rf"(?<![A-Za-z0-9]){loose(vendor.prefix)}\s?({OTHER}+)"))
    for vendor in VENDORS
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
                    size, end = size + further - end, further
                end = trimmed(text, match.start(1), end, " .,;:!?)-")
                boxes: tuple[Box, ...] = ()
                rest = ""
                if _runs_out(text, match.end()) or end >= len(text) - 1:
                    short = size < vendor.usual - 1
                    boxes, rest = goes_on(page, place, KEY_PIECE, random=6) if short else ((), "")
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
                if entropy(match.group()) > 3 and crosses(*match.span(), rows):
                    yield finding(rows.line, *match.span(), "api_key", 0.93, why)


def _fits(body: str, vendor: Vendor) -> bool:
    """Return whether letters may be those of a vendor's key, a few of them misread."""
    if re.search(r"@[A-Za-z0-9\-]+\.[a-z]{2}", body):
        return False  # an address whose name begins as the key does
    known = sum(bool(re.match(vendor.body, c)) for c in body)
    if known < vendor.least or known < 0.88 * len(body):
        return False
    return entropy(body) >= 2.7 and _digits(body)


def _digits(body: str) -> bool:
    return bool(re.search(r"\d", body)) or len(body) >= 30 or body.isupper() or changes(body) >= 4


BEGIN = re.compile(
    r"B?[EF]?[GC6][I1l|]N\s?(?:[A-Z0-9]+\s?){0,2}PR[I1l|]VA[TI]E\s?KE[YV]", re.IGNORECASE
)
END = re.compile(r"E?N[DO0]\s?(?:[A-Z0-9]+\s?){0,2}PR[I1l|]VA[TI]E\s?KE[YV]", re.IGNORECASE)
HEAD = re.compile(r"[-—–~\"“*]\s?BEG[I1l|]N")
BODY = re.compile(r"[A-Za-z0-9+/=|!@¢ ]{4,}")


def private_keys(page: Page) -> Iterator[Finding]:
    """Return the private keys of a page, from the line that begins one to that which ends it."""
    for place, line in enumerate(page.lines):
        text = plain(line.text)
        match = BEGIN.search(text)
        if match:
            yield _block(page, place, match)
    yield from _headless(page)
    for place, line in enumerate(page.lines):
        match = END.search(plain(line.text))
        if match and not BEGIN.search(plain(line.text)):
            held = _upwards(page, place)
            if held:
                boxes = (union(box.box for box in held),)
                yield Finding(
                    "private_key", boxes, 0.85, "the end of a private key in PEM", _joined(held)
                )


def _block(page: Page, place: int, match: re.Match[str]) -> Finding:
    first = page.lines[place]
    start = _dashes(first.text, match.start())
    if END.search(plain(first.text), match.end()):
        return finding(first, start, len(first.text), "private_key", 0.97, "a private key in PEM")
    head = first.part(start, len(first.text))
    held, boxes, bottom = [first], [head], head.bottom
    footer = False
    for number in range(place + 1, len(page.lines)):
        line = page.lines[number]
        if line.box.y - bottom > 1.6 * first.height:
            break
        if line.box.y <= first.box.y + 0.4 * first.height:
            continue
        if line.box.right < head.x or line.box.x > head.right + 60 * first.height:
            continue
        text = plain(line.text)
        footer = bool(END.search(text))
        if not footer and not _body(text, first is held[-1]):
            continue
        at = 0
        for token in tokens(text):  # numbers of lines stand before
            if footer or len(token.group()) > 8:
                at = token.start()
                break
        held.append(line)
        boxes.append(line.part(at, len(text)))
        bottom = line.box.bottom
        if footer:
            break
    sure = 0.98 if footer else 0.9
    if not footer and len(held) > 2:
        boxes.append(_with_unread(page, union(boxes), held[1:])[1])
    return Finding("private_key", (union(boxes),), sure, "a private key in PEM", _joined(held))


ROW = re.compile(r"[A-Za-z0-9+/=|!@¢\]}é]")
LAST = re.compile(r"[A-Za-z0-9+/=|!@¢\]}é]{4,}")
PUBLIC = re.compile(r"CERTIFICATE|PUBLIC|ssh-rsa|ssh-ed25519|SIGNATURE|MESSAGE", re.IGNORECASE)


def _headless(page: Page) -> Iterator[Finding]:
    """Return blocks of base64 whose head is not in the picture, or was not read."""
    used: set[int] = set()
    for place, line in enumerate(page.lines):
        if place in used:
            continue
        held = [line]
        at = place
        while at in page.below and _is_row(held[-1]):
            at = page.below[at]
            held.append(page.lines[at])
            used.add(at)
        rows = [each for each in held if _is_row(each)]
        if len(rows) < 3:
            continue
        if len(held) > len(rows) and not LAST.fullmatch("".join(held[-1].text.split())):
            held.pop()
        top = rows[0].box.y
        over = page.near(0, top - 4 * line.height, page.width, top)
        near = [each for each in over if top - 4 * line.height < each.box.y < top]
        if any(PUBLIC.search(plain(each.text)) for each in near):
            continue
        why = "lines of base64 as those of a private key"
        held += [each for each in near if HEAD.search(plain(each.text))]
        whole = union(each.box for each in held)
        box = union((whole, *_with_unread(page, whole, rows)))
        yield Finding("private_key", (box,), 0.7, why, _joined(held))


def _with_unread(page: Page, box: Box, rows: list[Line]) -> tuple[Box, Box]:
    """Return the boxes of the lines above and beneath a key, itself where something was read there.

    The dashes of its head and foot are taken for a rule, and the whole line is then not read.
    """
    pitch = (rows[-1].box.y - rows[0].box.y) / max(1, len(rows) - 1)
    above = Box(box.x, box.y - pitch, box.w, pitch)
    beneath = Box(box.x, box.bottom, box.w, pitch)

    def free(place: Box) -> bool:
        there = page.near(place.x, place.y, place.right, place.bottom)
        taken = any(line.box.overlap(place) > 0.2 * line.box.area for line in there)
        return not taken and place.y >= 0 and place.bottom <= page.height

    return (above if free(above) else box), (beneath if free(beneath) else box)


def _is_row(line: Line) -> bool:
    text = "".join(plain(line.text).split())
    return _base64(text) and (len(line.words) < 8 or changes(text) >= 16)


def _base64(text: str) -> bool:
    """Return whether letters are those of a whole row of a key, a few of them misread."""
    if re.search(r"=[^=]", text) or len(re.findall(r"[_\-]", text)) > 1:
        return False  # a name to which something is given, or base64url, which is in no such key
    known = len(re.findall(ROW, text))
    return 40 <= len(text) <= 80 and known > 0.92 * len(text) and entropy(text) > 4.2


def _dashes(text: str, at: int) -> int:
    while at and text[at - 1] in "-—–~ _=":
        at -= 1
    return at + (len(text[at:]) - len(text[at:].lstrip()))


def _body(text: str, first: bool) -> bool:
    """Return whether a line may be one of base64, or of the head of a key in PEM."""
    longest = max((len(token.group()) for token in tokens(text)), default=0)
    if first and re.match(r"(?:Proc-Type|DEK-Info|Version|Comment)", text):
        return True
    joined = "".join(text.split())
    if _base64(joined) or (LAST.fullmatch(joined) and joined.endswith("=")):
        return True
    return (
        longest >= 4
        and len(text.split()) <= 4
        and (longest >= 16 or len(text.split()) == 1)
        and bool(re.search("[A-Za-z0-9+/=]", text))
    )


FURTHEST = 20
"""Heights of a line above a row of a key from which on there is no further row of it."""


def _upwards(page: Page, place: int) -> list[Line]:
    last = page.lines[place]
    held, top = [last], last.box.y
    for number in range(place - 1, -1, -1):
        line = page.lines[number]
        if top - line.box.y > FURTHEST * last.height:
            break
        if (
            line.box.y >= last.box.y - 0.4 * last.height
            or top - line.box.bottom > 1.6 * last.height
        ):
            continue
        if BEGIN.search(plain(line.text)):
            return []
        if abs(line.box.x - last.box.x) < 2 * last.height and _body(plain(line.text), first=False):
            held.append(line)
            top = line.box.y
    return held


def _joined(lines: list[Line]) -> str:
    # The first and last lines say only that it is a key.
    return "".join("".join(line.text.split()) for line in lines[1:])
