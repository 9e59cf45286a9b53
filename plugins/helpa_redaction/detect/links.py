"""Finds addresses on the web that are a key in themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpa_redaction.detect.continuation import ASSIGNED, goes_on, stretch
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.rows import BREAKS
from helpa_redaction.detect.text import UUID, crosses, finding, is_random, plain, tokens, trimmed
from helpa_redaction.detect.words import Box

SCHEME = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.\-|@\]]{1,20}\s?[:;]\s?/\s?/(?:\s(?=[\w.\-]{1,30}\s?:))?|www\.|(?<![\w/])[a-z0-9\-]+(?:\.[a-z0-9\-]+)+/)",
    re.IGNORECASE,
)
REST = re.compile(r"[\w\-.~:/?#\[\]@!$&'()*+,;=%|{}<>®£¢]+")

SECRETS = (
    "token", "access_token", "refresh_token", "id_token", "auth_token", "authtoken", "auth", "key",
    "apikey", "api_key",
    "api-key", "access_key", "accesskey", "secret", "client_secret", "sig", "signature", "password",
    "passwd", "pwd",
    "pass", "code", "otp", "pin", "hash", "hmac", "mac", "ticket", "session", "sessionid",
    "session_id", "sid", "jwt",
    "credential", "x-amz-signature", "x-amz-credential", "x-amz-security-token", "x-goog-signature",
    "sharedaccesssignature",
    "invite", "invitation", "magic", "nonce", "confirmation_token", "reset_password_token",
    "reset_token", "appid", "t", "k", "s",
)  # fmt: skip
"""Names of parameters whose value opens something."""

ANY = re.compile(r"[?&#;][£¢€]?([A-Za-z][\w.\-]*(?:\[\w*\])?)\s?=\s?([^&#\s]*)")
USER = re.compile(r"//([^/\s:@?#]{0,64}):([^/\s?#]{1,128})@[\w\[]")
SLASHED = re.compile(r"//[^/\s:@?#]{1,64}:(?!\d+/)[^\s@?]{4,128}@[\w\-]+\.")
"""The same with a slash in the password, or what was read as one."""

NO_COLON = re.compile(r"://([^/\s:@?#]{12,128})@[\w\[]")
NO_AT = re.compile(r"[a-z+]{3,}://\w*:(?!\d+(?:[/?#]|$))([^/\s@]{8,})(?=[/:]|$)", re.IGNORECASE)
"""The same where the reader lost the colon, or took the sign before the host for a letter."""

FAR = 300
"""Letters before a gap in which the beginning of its address is looked for."""

GIVEN = re.compile(r"(?:token|key|sig|auth|secret|code)=\S*$")
"""A parameter that opens something, at the end of what was read."""

PARAMETER = re.compile(r"[?&](?:access|refresh|id|auth|api|client|reset)$")
"""The first word of the name of a parameter."""

HOST_REST = re.compile(r"\.?\s?[\w\-@]+(?:\s?\.\s?[\w\-@]+){1,6}\s?[:/]")
"""The rest of a host's name, torn at its dots."""

HOST_AHEAD = re.compile(r"(?:[^\s@]{1,20} ){0,3}[^\s@]{1,40}@[\w\-]+\s?\.")
"""The rest of a password, torn, and the host."""

OPEN_HOST = re.compile(r"://[^\s@]{0,30}\s?:\s?[^\s@]{4,60}@[\w.\- @]{1,60}$")
"""A user, a password and what was read of the host."""

OPEN = re.compile(r":\s?//\s?[\w.\-]*(?: ?: ?[^\s@/]*)?$")
"""A user and perhaps the beginning of a password, without the host."""

TRUSTED = (
    "reset", "invite", "invitation", "join", "verify", "confirm", "activate", "magic", "login",
    "share", "shared", "s",
    "services", "hooks", "webhook", "webhooks", "unsubscribe", "token", "auth", "api", "setup",
    "accept", "password",
)  # fmt: skip
NUMBERED = re.compile(
    r"(?:pi|ch|cus|in|sub|evt|req|acct|price|prod|pm|seti|txn|re|po|cs)_[A-Za-z0-9]"
)
"""How the numbers of what a shop of Stripe's keeps begin, which open nothing by themselves."""

PUBLIC = (
    "commit",
    "commits",
    "blob",
    "tree",
    "sha256",
    "compare",
    "static",
    "assets",
    "dist",
    "watch",
    "images",
    "img",
    "media",
)


def find(page: Page) -> Iterator[Finding]:
    """Return the addresses of a page that hold a secret."""
    for place, line in enumerate(page.lines):
        text = plain(line.text)
        at = 0
        for match in SCHEME.finditer(text):
            if match.start() < at:
                continue
            end = _end(text, match.end())
            boxes: tuple[Box, ...] = ()
            rest = ""
            if end == len(text):
                boxes, rest = goes_on(page, place, REST, random=12)
                if not boxes and USER_CUT.search(text, match.start()):
                    boxes, rest = _password_beneath(page, place)
            end = trimmed(text, match.start(), end) if not boxes else end
            found = secret_of(re.sub(r"\s", "", text[match.start() : end]) + rest)
            at = end
            if found:
                sure, why = found
                yield finding(line, match.start(), end, "url_secret", sure, why, boxes, rest)
    yield from _over_rows(page)


USER_CUT = re.compile(r"://[\w.\-]{1,60}-$")
"""A user whose name is broken at a dash."""

PASSWORD = re.compile(r"[\w.\-]{0,60}:[^\s@/]{4,128}@[\w\-]+\.\S+")
"""The rest of it, the password and the host."""


def _password_beneath(page: Page, place: int) -> tuple[tuple[Box, ...], str]:
    """Return the box and text of the rest of a user, the password and the host in the next row."""
    following = page.below.get(place)
    if following is None:
        return (), ""
    line = page.lines[following]
    found = PASSWORD.match(plain(line.text))
    return ((line.part(0, found.end()),), found.group()) if found else ((), "")


def _over_rows(page: Page) -> Iterator[Finding]:
    """Return the addresses that are cut at the ends of rows and torn in the next one."""
    for rows in page.glued:
        text, border = plain(rows.line.text), rows.borders[0]
        broken = text[border - 1] in BREAKS or OPEN.search(text[:border])
        if not broken or ASSIGNED.match(text, border):
            continue  # where a word alone goes on, that is seen without its being torn
        for match in SCHEME.finditer(text):
            if match.start() > border:
                break
            end = trimmed(text, match.start(), _end(text, match.end()))
            found = secret_of(re.sub(r"\s", "", text[match.start() : end]))
            if found and crosses(match.start(), end, rows):
                sure, why = found
                yield finding(rows.line, match.start(), end, "url_secret", min(sure, 0.85), why)


def _end(text: str, at: int) -> int:
    """Return where the address ends that has begun: at a space, unless the reader put it there."""
    while True:
        while at < len(text) and not text[at].isspace() and text[at] not in '"<>`':
            at += 1
        following = next(tokens(text[at:]), None) if at < len(text) and text[at] == " " else None
        if following is None or following.start() != 1:
            return at
        word, piece = following.group(), text[text.rfind(" ", 0, at) + 1 : at]
        if len(piece) >= 20 and re.search(r"[\w/=)\]!-]$", piece):
            further = stretch(text, at, 0, REST)
            if further > at:
                at = further
                continue
        if not _stands_between(text, at, piece, word):
            word = re.split("[\"'<>]", word)[0]
            if not _joins(text, at, piece, word):
                return at
        at += 1 + len(word)


def _stands_between(text: str, at: int, piece: str, word: str) -> bool:
    """Return whether a short word is one between two pieces of an address.

    Args:
        text: of the line.
        at: where the address ends by the space before the word.
        piece: of the address before that space.
        word: after it: a colon, a dash, or a part of the host's or the file's name.
    """
    before = text[max(0, at - FAR) : at]
    if OPEN_HOST.search(before):
        before = re.sub(r"\s", "", before)  # the reader tore what stands before it, too
    if word == ":":
        return bool(re.search(r":\s?//[\w.\-]+$", before))
    if re.fullmatch(r":\d{2,5}(?:/\S*)?", word):
        return bool(re.search(r"://\S+\.[\w\-]+$", before))
    if re.search(r"://\S+@[\w\-]{0,12}$", before):
        return bool(re.match(r"[\w\-®]+(?:\.[\w\-]+)+[:/]", word))
    if word in ("-", "_"):
        return len(piece) >= 20
    named = (piece[-1:] == "." or word[0] == ".") and re.fullmatch(r"\.?[a-z\-]{2,20}\.?", word)
    after = text[at + 1 + len(word) : at + FAR]
    return bool(named and re.match(r" \.?[a-z]{2,6}[.:/]\s?\S| \S+:\d{2,5}/| \?\S", after))


def _joins(text: str, at: int, piece: str, word: str) -> bool:
    """Return whether a word goes on with the address that ends by the space before it."""
    if word in ("", "="):
        return False  # a quote, or the side of a cell
    before = text[max(0, at - FAR) : at]
    if OPEN.search(before) and HOST_AHEAD.match(text, at + 1):
        return True
    solid = re.sub(r"\s", "", before)
    named = piece[-1:] == "." or word[0] == "."  # the host's name, cut
    named = named or (piece[-1:] == "-" and "@" in piece)
    if named and "://" in solid and HOST_REST.match(text, at + 1):
        return True
    if named and "@" in solid and re.match(r"[\w\-]+:\d{2,5}(?:/|$)", word):
        return True
    if named and re.match(r"\.?[A-Za-z][a-z]{1,20}(?:[.:/?]\S|[/?:])", word):
        return True
    if piece.endswith(("aws4", "goog4")) and word.startswith("request&"):
        return True
    if PARAMETER.search(piece) and re.match(r"(?:token|key|secret|code)=", word):
        return True  # the line between its words was not read
    if re.search(r"://\S*[\w.\-]+:$", solid) and re.match(r"[\d@O]{2,5}(?:/|$)", word):
        return True
    if re.search(r"://\S+/\d+$", solid) and re.match(r"\d+(?:/\S|$)", word):
        return True
    if not re.search(r"[=&?/%_]|\d|^@.*\.", word) or not REST.fullmatch(word):
        return False
    if piece[-1:] in "=&?/_%-@" or word[0] in "=&?%_/@":
        return True
    if "?" not in piece and re.match(r"[\w\-./]{0,40}\?[\w\-]+=\S", word):
        return True
    if re.search(r":\s?//[\w.\-]+ ?:$", before) or ("@" in word and OPEN.search(before)):
        return True
    # What has a parameter in it, behind a question mark, is no word of a sentence.
    asked = "?" in piece or re.search(r"\?\S*=", text[:at])
    if GIVEN.search(before) and re.search("[a-z][A-Z]", word):
        return True
    return bool(asked and re.search("[&=]", word))


def secret_of(url: str) -> tuple[float, str] | None:
    """Return how sure it is that an address is a key in itself, and why; None where it is none.

    Args:
        url: without spaces; letters may be misread.
    """
    if re.search(r"sha(?:256|512):[0-9a-f]", url):
        return None  # a digest
    user = USER.search(url)
    if user and not set(user.group(2)) <= set("*•x.·"):
        return 0.95, "an address on the web with a password before its host"
    if (lost := NO_COLON.search(url)) and is_random(lost.group(1), 12):
        return 0.75, "an address on the web with a password before its host"
    if SLASHED.search(url) or NO_AT.match(url):
        return 0.8, "an address on the web with a password before its host"
    for name, value in ANY.findall(url):
        low = name.lower().replace("~", "-")
        if _placeholder(value):
            continue
        known = low in SECRETS or any(part in SECRETS[:20] for part in re.split(r"[_\-.]", low))
        known = known or low.endswith(("token", "secret", "password", "apikey", "signature"))
        size = 16 if len(low) == 1 or low == "code" else 6
        if known and len(value) >= size and (re.search(r"\d", value) or is_random(value, 12)):
            return 0.95, "an address on the web with a secret parameter"
        if known and len(value) >= 16 and "-" not in value and "." not in value:
            return 0.85, "an address on the web with a secret parameter"
        if is_random(value, 24):
            return 0.7, "an address on the web with a long random parameter"
    bare = re.split(r"[?#]", re.sub(r"^[^/]*//", "", url))[0]
    parts = [part for part in bare.split("/")[1:] if part]
    for number, part in enumerate(parts):
        around = {piece.lower() for piece in parts[:number]} | {
            bare.split("/")[0].split(".")[0].lower()
        }
        if (
            around & set(PUBLIC)
            or re.search(r"\.(?:js|css|png|jpe?g|svg|html?)$", part)
            or UUID.search(part)
            or NUMBERED.match(part)
        ):
            continue
        if around & set(TRUSTED) and is_random(part, 14):
            return 0.9, "an address on the web whose path ends with a random key"
        if is_random(part, 20) and not re.fullmatch(r"[0-9a-f]{40}", part):
            return 0.75, "an address on the web with a long random part"
    return None


def _placeholder(value: str) -> bool:
    low = value.lower()
    return (
        not value
        or value[0] in "<{[$%*•"
        or "xxxx" in low
        or low.startswith(("your", "my_", "example", "redacted"))
    )
