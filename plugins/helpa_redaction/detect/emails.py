"""Finds e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.text import finding, goes_on, plain

LOCAL = r"[A-Za-z0-9_À-ɏ][A-Za-z0-9À-ɏ._%+\-'|#&=~*/]*"
AT = r"\s?[@©®]\s?@?"
LABEL = r"[A-Za-z0-9À-ɏ|!](?:[A-Za-z0-9À-ɏ|!\-_]*[A-Za-z0-9À-ɏ|!])?"

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

SLASHED = re.compile(r"\S*@(?=\S*@\S+\.)")
"""What stands before the last @ of a word: others are slashed zeros."""

WHOLE = re.compile(rf"(?<![\w@])({LOCAL}){AT}((?:{LABEL}\.)+[A-Za-z|!1]{{2,24}})(?![\w@])")
SPLIT = re.compile(
    rf"(?<![\w@])({LOCAL}){AT}({LABEL}(?:\s?[.,]\s?{LABEL}){{0,3}}\s?[.,]\s?[A-Za-z|!1]{{2,10}})(?![\w@])"
)
NO_DOT = re.compile(rf"(?<![\w@])({LOCAL})[@©®]({LABEL})(?![\w@.])")
HALF = re.compile(rf"(?<![\w@])({LOCAL})(?:[@©®][A-Za-z0-9.\-]*)$")
REST = re.compile(r"@?[A-Za-z0-9.\-]*[A-Za-z0-9]")
ENDING = re.compile(r"(?:com|org|net|info|[a-z]o|de|fr|es|it|nl|uk|xyz|pt|eu|io)$")


def find(page: Page) -> Iterator[Finding]:
    """Return the e-mail addresses of a page."""
    for place, line in enumerate(page.lines):
        text = plain(line.text)
        if not re.search("[@©®]", text):
            continue
        text = SLASHED.sub(lambda match: match.group().replace("@", "0"), text)
        taken: list[tuple[int, int]] = []
        for pattern, sure in ((WHOLE, 0.97), (SPLIT, 0.85), (NO_DOT, 0.7)):
            for match in pattern.finditer(text):
                start, end = match.span()
                if any(start < b and a < end for a, b in taken) or not _address(match, pattern):
                    continue
                taken.append((start, end))
                why = "an e-mail address"
                if pattern is not WHOLE:
                    why += ", with what the reader of letters may have lost put back"
                yield finding(line, start, end, "email", sure, why)
        half = HALF.search(text)
        if half and not any(half.start() < b for _, b in taken):
            boxes, rest = goes_on(page, place, REST)
            whole = WHOLE.fullmatch(text[half.start() :] + rest)
            if boxes and whole and _address(whole, WHOLE):
                why = "an e-mail address over two lines"
                yield finding(line, *half.span(), "email", 0.85, why, boxes, rest)


def _address(match: re.Match[str], pattern: re.Pattern[str]) -> bool:
    local, domain = match.group(1), re.sub(r"\s", "", match.group(2)).replace(",", ".")
    top = re.sub(r"[|!1]", "l", domain.rpartition(".")[2]).lower()
    behind = match.string[match.end() : match.end() + 1]
    if local == "git" and behind in ":/":
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
    return pattern is WHOLE or top in COMMON
