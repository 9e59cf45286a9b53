"""Helps detectors with letters: what a reader mixes up, and how random a word looks."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.rows import Rows
from helpa_redaction.detect.words import Box, Line

_PLAIN = str.maketrans("‐‑‒–—−“”„‟«»‘’‚‛´`：；，．＠", "------\"\"\"\"\"\"''''''" + ":;,.@")

_DIGITS = str.maketrans("OoQD@Il|!i]SsBZzg", "00000111111558229")

CONFUSED = {
    "0": "0OoQD@", "1": "1Il|!i]L", "O": "O0QD@", "o": "o0O", "I": "Il1|!T", "l": "lI1|!iL",
    "S": "S5s$", "5": "5S",
    "i": "ilI1|!", "B": "B8", "8": "8B", "Z": "Z2z", "z": "zZ2", "A": "A4", "g": "g9q", "k": "kK",
    "K": "Kk",
    "s": "sS5", "p": "pP", "P": "Pp", "x": "xX", "X": "Xx", "v": "vV", "w": "wW", "c": "cC¢",
    "C": "CcG", "G": "GC6",
    "e": "e¢c", "b": "b6h", "h": "hb", "t": "tf+", "f": "fF", "y": "yv", "J": "JI]}|", "j": "j]i;",
    "n": "n", "N": "N",
}  # fmt: skip
"""What a letter may be read as; from the mistakes that Tesseract made in ``bench/redaction``."""

ENDS = ".,;:!?)]}>\"'|”’"
"""What may stand behind a word and is no part of it."""


def plain(text: str) -> str:
    """Return the text with plain dashes, quotes and colons; every letter keeps its place."""
    return text.translate(_PLAIN)


def folded(text: str) -> str:
    """Return the text in small letters without accents, which readers lose."""
    return "".join(unicodedata.normalize("NFD", c)[0] for c in text.lower())


def as_digits(text: str) -> str:
    """Return the text with letters that look like digits as those digits."""
    return text.translate(_DIGITS)


def loose(text: str) -> str:
    """Return a pattern that takes ``text`` and what a reader may have made of it."""
    parts = []
    for c in text:
        if c == "_":
            parts.append(r"[_\-. ]{0,2}")
        elif c == "-":
            parts.append(r"[-_~. ]{0,2}")
        elif c == ".":
            parts.append(r"\s?[.,]\s?")
        elif c == " ":
            parts.append(r"[\s_\-]{0,2}")
        else:
            # The reader sometimes reads a tall letter twice.
            parts.append("[" + re.escape(CONFUSED.get(c, c)) + "]" + ("L?" if c == "l" else ""))
    return "".join(parts)


def entropy(text: str) -> float:
    """Return the bits a letter carries, from how often each occurs in the text itself."""
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values()) if size else 0.0


def changes(text: str) -> int:
    """Return how often the kind of letter changes: lower case, capital, digit."""

    def kind(c: str) -> str:
        return "d" if c.isdigit() else "u" if c.isupper() else "l" if c.islower() else "o"

    kinds = [kind(c) for c in text]
    pairs = itertools.pairwise(kinds)
    # A capital in front of small letters begins a word, it is no change of its own.
    return sum(a != b and (a, b) != ("u", "l") for a, b in pairs if "o" not in (a, b))


def is_random(text: str, size: int = 16) -> bool:
    """Return whether a word looks drawn by lot: long, mixed, and not made of words and numbers."""
    bare = re.sub(r"[^A-Za-z0-9]", "", text)
    if len(bare) < size or UUID.search(text):
        return False
    longest = max((len(piece) for piece in re.split(r"[^A-Za-z0-9]", text)), default=0)
    if longest < min(size, 12) * 0.6:
        return False
    if entropy(bare) < 2.9:
        return False
    has = (
        any(c.isdigit() for c in bare),
        any(c.isupper() for c in bare),
        any(c.islower() for c in bare),
    )
    return sum(has) >= 2 and changes(bare) >= max(3, len(bare) // 8)


UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{8,12}")

MAC = re.compile(r"(?:[0-9a-fA-F]{2}[:\-]){5}[0-9a-fA-F]{2}")
"""The number of a network card."""

TOKEN = re.compile(r"\S+")


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Return the words of a text with their places."""
    return TOKEN.finditer(text)


def trimmed(text: str, start: int, end: int, ends: str = ENDS) -> int:
    """Return ``end`` moved before what ends a sentence or a bracket."""
    while end > start and text[end - 1] in ends:
        if text[end - 1] in ")]}" and text[start:end].count(
            {")": "(", "]": "[", "}": "{"}[text[end - 1]]
        ):
            break
        end -= 1
    return end


def finding(
    line: Line,
    start: int,
    end: int,
    category: str,
    confidence: float,
    why: str,
    more: tuple[Box, ...] = (),
    further: str = "",
) -> Finding:
    """Return what was found in a line between two places.

    Args:
        line: that holds it.
        start: of it in the line's text.
        end: of it.
        category: of it.
        confidence: of the rule; a third of what the reader doubts is taken off.
        why: what kind of rule found it.
        more: boxes in further lines.
        further: the text in them.
    """
    doubt = (1 - line.confidence(start, end)) / 3
    text = "".join(line.text[start:end].split()) + further
    sure = round(max(0.05, confidence - doubt), 3)
    return Finding(category, (*line.parts(start, end), *more), sure, why, text)


def readings(page: Page) -> Iterator[Rows]:
    """Return every line, then those that may go on beneath as one, with and without a space."""
    for place, line in enumerate(page.lines):
        yield Rows(line, (), (place,))
    yield from page.abreast
    yield from page.wrapped
    yield from page.glued


def crosses(start: int, end: int, rows: Rows) -> bool:
    """Return whether a match is to be taken: of several rows it must reach from first to last."""
    borders = rows.borders
    return not borders or (start < borders[0] and borders[-1] < end)
