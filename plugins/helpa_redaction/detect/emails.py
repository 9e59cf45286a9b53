"""Finds e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpa_redaction.detect.labels import column
from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.text import crosses, finding, plain
from helpa_redaction.detect.words import Box, Line

LOCAL = r"[A-Za-z0-9_À-ɏ][A-Za-z0-9À-ɏ._%+\-'|#&=~*/]*"
AT = r"\s?[@©®]\s?@?(?:(?P<twice>[a-z])\s(?=(?P=twice)))?"
"""The sign, with what a reader makes of it: one more, or the first letter behind it twice."""

LABEL = r"[A-Za-z0-9À-ɏ|!](?:[A-Za-z0-9À-ɏ|!\-_~]*[A-Za-z0-9À-ɏ|!])?"

COMMON = frozenset(
    [
        "com",
        "org",
        "net",
        "edu",
        "gov",
        "info",
        "biz",
        "io",
        "dev",
        "app",
        "ai",
        "co",
        "me",
        "eu",
        "de",
        "at",
        "ch",
        "fr",
        "es",
        "it",
        "pt",
        "nl",
        "be",
        "uk",
        "us",
        "ca",
        "br",
        "mx",
        "in",
        "jp",
        "cn",
        "au",
        "nz",
        "se",
        "no",
        "dk",
        "fi",
        "pl",
        "cz",
        "ru",
        "ua",
        "tr",
        "gr",
        "ie",
        "hu",
        "ro",
        "xyz",
        "tech",
        "cloud",
        "online",
        "shop",
        "site",
        "test",
        "example",
        "local",
        "lan",
        "internal",
        "invalid",
        "localhost",
    ]
)

FILES = frozenset(
    [
        "png",
        "jpg",
        "jpeg",
        "gif",
        "svg",
        "webp",
        "avif",
        "bmp",
        "ico",
        "js",
        "mjs",
        "ts",
        "tsx",
        "jsx",
        "css",
        "scss",
        "json",
        "yaml",
        "yml",
        "toml",
        "html",
        "htm",
        "py",
        "rb",
        "go",
        "rs",
        "java",
        "txt",
        "md",
        "csv",
        "pdf",
        "zip",
        "gz",
        "tar",
        "log",
        "exe",
        "dll",
    ]
)
"""Ends of files; ``logo@2x.png`` and ``lib@4.js`` are no addresses."""

WHOLE = re.compile(rf"(?<![\w@])({LOCAL}){AT}((?:{LABEL}\.)+[A-Za-z|!1]{{2,24}})(?![A-Za-z0-9@])")
SPLIT = re.compile(
    rf"(?<![\w@])({LOCAL}){AT}({LABEL}(?:-\s[A-Za-z0-9]+)?(?:\s?[.,]\s?{LABEL}){{0,3}}\s?[.,]\s?[A-Za-z|!1]{{2,10}})(?![\w@])"
)
TORN = re.compile(rf"(?<![\w@])({LOCAL}){AT}((?:{LABEL}\.)+(?:[a-z]{{2,3}}|info))(?=[\d_*'\"])")
"""With the end of a chip, or a mark behind it, that was read as a letter."""

NEXT = 0.3
"""Heights of a line below which a gap before an address is none: a space is more."""

NO_DOT = re.compile(rf"(?<![\w@])({LOCAL})[@©®]({LABEL})(?![\w@]|\.\w)")
SIGN = "[gGdqQ0aO©BS8E&€6]"
"""What the sign is read as in letters in which it is hardly round."""

NO_SIGN = re.compile(
    rf"(?<![\w@])([\w.,+\-]{{3,64}}?){SIGN}((?:gmail|googlemail|yahoo|hotmail|outlook|icloud|proton|"
    r"protonmail|gmx|live|fastmail|comcast|btinternet|t-online|freenet|web|orange|laposte|libero|"
    r"wanadoo|ziggo|onet|wp|o2|interia|sapo|telia|bredband)\.[a-z]{2,3}(?:\.[a-z]{2})?)(?!\w)"
)
"""With the sign read as a letter, before the host of a provider that many use."""

LABELLED = re.compile(
    r"(?<![A-Za-z])[\"']?(?:(?:e-?)?mail(?:[ _]address)?|user)[\"']?\s?[:=]\s?[\"']?"
    rf"([\w.+\-]{{3,64}})({SIGN}(?:[\w\-]{{1,63}}\.){{1,5}}[a-z]{{2,6}})(?!\w|\.\w|/)",
    re.IGNORECASE,
)
"""The same behind a word for an address."""

ANGLED = re.compile(rf"<([\w.+\-]{{3,64}})({SIGN}(?:[\w\-]{{1,63}}\.){{1,5}}[a-z]{{2,6}})>")
"""The same in the brackets behind a name."""

ALONE = re.compile(rf"([\w.,+\-]{{2,64}}?)({SIGN}\s?(?:[\w\-]{{1,63}}\s?\.){{1,5}}[a-z]{{2,6}})")
"""The same in a cell of its own, in a column of addresses."""

HEADS = re.compile(r"e?-?mail\b|e-post|courriel|correo|s[äa]hk[öo]posti")
TAG = re.compile(r"\+[\w.\-]{1,40}@((?:[\w\-]+\.)+[A-Za-z]{2,24})(?!\w)")
"""An address from the plus sign before its tag on."""

MISREAD = re.compile(r"(?<![\w?.\-])[\w.\-]*\w\?$")
"""What stands before a sign that is in no address, and was a digit."""

BEFORE = frozenset(
    ("mail", "email", "use", "write", "contact", "from", "login", "address", "user", "reply",
    "account", "please", "with", "for", "and", "the", "via", "user", "is", "at", "to")
)  # fmt: skip
"""Words that stand before an address and are none of it."""

PROSE = re.compile(r"[A-Za-zÀ-ɏ]+|[A-ZÀ-ɏ][a-zÀ-ɏ]+-[A-ZÀ-ɏ][a-zÀ-ɏ]+|[\d()+\-./]+")
"""The end of a row that goes on in no address beneath: a word, a name or a number."""

GIVEN = re.compile(r"[A-Z][A-Z0-9_]+=(?=\w)|[A-Za-z_][\w.]*=(?=\w)")
"""A name to which an address is given."""

ENDING = re.compile(r"(?:com|org|net|info|[a-z]o|de|fr|es|it|nl|uk|xyz|pt|eu|io)$")


def find(page: Page) -> Iterator[Finding]:
    """Return the e-mail addresses of a page."""
    for place, line in enumerate(page.lines):
        text = plain(line.text)
        if not re.search("[@©®]", text):
            yield from _unsigned(page, place, text)
            continue
        text = re.sub(r"\S+", _unslashed, re.sub(r"(?<=[a-z])!(?=@)", "l", text))
        taken: list[tuple[int, int]] = []
        for pattern, sure in ((WHOLE, 0.97), (SPLIT, 0.85), (TORN, 0.75), (NO_DOT, 0.7)):
            for match in pattern.finditer(text):
                start, end = match.span()
                if any(start < b and a < end for a, b in taken) or not _address(match, pattern):
                    continue
                taken.append((start, end))
                why = "an e-mail address"
                if pattern is not WHOLE:
                    why += ", with what the reader of letters may have lost put back"
                start = _earlier(line, text, start)
                if given := GIVEN.match(text, start, match.end(1)):
                    start = given.end()
                more = _tail(page, place) if end == len(text) else ()
                yield finding(line, start, end, "email", sure, why, more)
    yield from _over_rows(page)
    yield from _tagged(page)


def _unsigned(page: Page, place: int, text: str) -> Iterator[Finding]:
    """Return the addresses whose sign was read as a letter."""
    line = page.lines[place]
    alone = ALONE.fullmatch(text)
    alone = alone if alone and _headed(page, place) else None
    for pattern in (NO_SIGN, LABELLED, ANGLED):
        for match in (*pattern.finditer(text), *([alone] if alone else ())):
            if not _common(match.group(2).rpartition(".")[2].lower()):
                continue
            why = "an e-mail address, with what the reader of letters may have lost put back"
            yield finding(line, match.start(1), match.end(2), "email", 0.7, why)
            return


def _headed(page: Page, place: int) -> bool:
    """Return whether the head of a cell's column names addresses."""
    heads = column(page, place, page.lines[place].box.x)
    return any(HEADS.search(top.text.lower()) for top in heads if "." not in top.text)


def _unslashed(match: re.Match[str]) -> str:
    """Return a word whose signs before the last one that a host follows are zeros: slashed ones."""
    word = match.group()
    at = word.rfind("@", 0, max(0, word.rfind(".") - 1))
    return word[:at].replace("@", "0") + word[at:] if at > 0 else word


def _earlier(line: Line, text: str, start: int) -> int:
    """Return where an address begins of whose head the reader cut a piece with a space."""
    if misread := MISREAD.search(text, 0, start):
        start = misread.start()
    ahead = re.search(r"(?<![^\s<(\"'=])([A-Za-z0-9À-ɏ._%+\-]+)( ?[._+\-]| )$", text[:start])
    if ahead is None:
        return start
    word, between = ahead.groups()
    if between != " ":
        return ahead.start(1)
    gap = line.gap(start)
    # The room behind a full stop in a text is wider than that within an address.
    if gap < NEXT * line.height or text[start] in "._+-":
        return ahead.start(1)
    if word[-1] in "._%+-":
        return ahead.start(1) if gap < 0.5 * line.height else start
    if word[-1].isdigit() and text[start].isdigit() and re.match("[a-z]", word):
        return ahead.start(1)
    # An underscore that was not seen leaves more room than a space does.
    letter = line.part(start, len(text)).w / max(1, len(text) - start)
    lost = gap > 0.8 * letter and re.fullmatch(r"[a-z]{3,}", word) and word not in BEFORE
    return ahead.start(1) if lost else start


def _tail(page: Page, place: int) -> tuple[Box, ...]:
    """Return the box of the last letters of an address, cut off at the end of a narrow row."""
    following = page.below.get(place)
    if following is None or len(page.lines[following].text) > 5:
        return ()
    if (place, following) in page.cuts:
        return (page.lines[following].box,)
    return ()


def _over_rows(page: Page) -> Iterator[Finding]:
    """Return addresses that are cut at the ends of rows."""
    for rows in page.glued:
        text = plain(rows.line.text)
        if not re.search("[@©®]", text):
            continue
        for match in WHOLE.finditer(text):
            start, end = match.span()
            if not crosses(start, end, rows) or not _address(match, WHOLE):
                continue
            if not _common(re.sub(r"[|!1]", "l", _host(match).rpartition(".")[2]).lower()):
                continue
            first = text[start : rows.borders[0]]
            rest = WHOLE.match(text[rows.borders[0] :])
            # A word at the end of a line of prose is none of an address beneath.
            if rest and "@" not in first and ("/" in first or PROSE.fullmatch(first)):
                continue
            start = _earlier(rows.line, text, start)
            yield finding(rows.line, start, end, "email", 0.85, "an e-mail address over two lines")


def _tagged(page: Page) -> Iterator[Finding]:
    """Return addresses that are cut before the tag behind a plus sign."""
    for place, following in page.below.items():
        line, beneath = page.lines[place], page.lines[following]
        rest = TAG.match(plain(beneath.text))
        if rest is None:
            continue
        head = re.search(rf"(?<![\w@.])({LOCAL})$", plain(line.text))
        if head and _common(rest.group(1).rpartition(".")[2].lower()):
            boxes = (beneath.part(0, rest.end()),)
            why = "an e-mail address over two lines"
            yield finding(line, *head.span(1), "email", 0.85, why, boxes, rest.group())


def _address(match: re.Match[str], pattern: re.Pattern[str]) -> bool:
    local, domain = match.group(1), re.sub(r"\s", "", _host(match)).replace(",", ".")
    top = re.sub(r"[|!1]", "l", domain.rpartition(".")[2]).lower()
    behind = match.string[match.end() : match.end() + 1]
    if local == "git" and behind in ":/":
        return False
    if len(local) < 3 and "@" not in match.group():
        return False
    if "://" in local or local.startswith("//"):
        return False
    if pattern is NO_DOT:
        low = domain.lower()
        return len(local) > 2 and len(low) > 6 and bool(ENDING.search(low)) and not low[0].isdigit()
    if top in FILES or re.fullmatch(r"\d+x", domain.split(".")[0]):
        return False
    if re.fullmatch(r"[\d.]+", domain):
        return False
    return pattern is WHOLE or _common(top)


def _host(match: re.Match[str]) -> str:
    """Return the last group."""
    return match.group(match.lastindex or 0)


def _common(top: str) -> bool:
    return top in COMMON or top.replace("l", "i") in COMMON
