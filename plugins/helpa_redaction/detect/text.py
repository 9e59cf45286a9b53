"""Helps detectors with letters: what a reader mixes up, and how random a word looks."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from helpa_redaction.detect.page import Finding, Page
from helpa_redaction.detect.rows import Rows, of_table, room
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


NARROW = frozenset("jilIJf1trT|")
"""Letters beside which the reader puts spaces, where all letters have one width."""

HEX = re.compile(r"[0-9a-f]+")
"""Letters that look like a word and may be a piece of a number."""

DIGEST = re.compile(r"[0-9a-fO@l]*\d[0-9a-fO@l]*")
"""Letters of a long number in hexadecimal digits."""

PROSE = re.compile(r"(?:[A-Za-z]?[a-zà-ÿ]{2,}|[a-zà-ÿ])[.,;:!?]*")


def stretch(text: str, at: int, least: int, letters: re.Pattern[str]) -> int:
    """Return where a random word ends that the reader may have cut with spaces.

    Args:
        text: of the line.
        at: where the word ends by the first space.
        least: letters that it should still have; words that look random are taken beyond it too.
        letters: that a whole piece matches.
    """
    taken = at
    while at < len(text) and text[at - 1] not in "\"'<>;" and (piece := TOKEN.search(text, at)):
        word = piece.group()
        bare = re.split("[\"'<>]", word)[0]
        random = len(bare) >= 5 and changes(bare) >= 2 and not UUID.search(bare)
        ahead = text[text.rfind(" ", 0, at) + 1 : at]
        random = random or (len(ahead) >= 12 and bool(DIGEST.fullmatch(ahead + bare)))
        if piece.start() > at + 1 or not bare or not letters.fullmatch(bare.rstrip(",;:")):
            break
        # A few letters of a key stand alone between the spaces that the reader puts beside them.
        part = bare in NARROW or HEX.fullmatch(bare) or not PROSE.fullmatch(bare)
        if len(bare) < 5 and (part or least > 0):
            further = TOKEN.findall(text[piece.end() : piece.end() + 80])[:3]
            least_long = 5 if bare in NARROW else 8
            random = any(len(each) >= least_long and changes(each) > 1 for each in further)
        if not random and (least <= 0 or (len(word) > 3 and PROSE.fullmatch(word))):
            break
        at = piece.start() + len(bare)
        least -= len(bare)
        taken = at
        if len(bare) < len(word):
            break
    return taken


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


WORD = re.compile(r"[A-Za-z]?[a-zà-ÿ]{2,}")
"""How one begins that is text: with a word before others."""

OWN = re.compile(
    r"(?:[srp]k[_-](?:live|test|proj|ant)|gh[pousr]_|github_pat_|xox[abprs]-|AKIA|AIza|glpat-|https?:"
    r"|[\w.+\-]{1,40}@(?:[\w\-]{1,40}\.)+[a-z]{2,10}\b|\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{1,4}:){3})"
)
"""How one begins that is a secret of its own."""

ASSIGNED = re.compile(r"[A-Z][A-Z0-9_ ]{3,}=(?=[\w\"'])|[A-Za-z_][\w\-]*[\"']?:(?!/)")
"""How a further row begins that is one of its own: with a name to which something is given."""


LONG_REST, MIXED = 16, 12
"""Letters behind a word that looks like one of a text, from which on it is a piece of a token; and
changes of kinds of letters from which on a piece with an @ is no address."""

WIDER = 1.35
"""Times the distance of two rows of a word from which on the next row is a cell of its own."""

APART = 0.9
"""Heights of a line between two rows from which on they are cells of their own."""

ROOM, BREAKS = 4, "-/?&=.,;"
"""Letters of room behind a row beyond which it is not one that a word fills, and the signs behind
which rows are broken earlier."""


def goes_on(
    page: Page,
    place: int,
    pattern: re.Pattern[str],
    *,
    random: int = 0,
    least: int = 0,
    filled: bool = False,
) -> tuple[tuple[Box, ...], str]:
    """Return the boxes and text in which a word at the end of a line goes on in those beneath it.

    Args:
        page: that holds the lines.
        place: of the line in ``page.lines``.
        pattern: that the whole first word of a further line matches.
        random: where given, that word must also hold a digit, a sign, or a capital within, or be
            at least as long.
        least: letters that it should still have; the reader may have cut it with spaces.
        filled: whether a row must be filled by the word for it to go on.
    """
    boxes: list[Box] = []
    text = ""
    pitch = 0.0
    while (following := page.below.get(place)) is not None and len(boxes) < 40:
        before, line = page.lines[place], page.lines[following]
        said = plain(line.text)
        first = TOKEN.match(said)
        if first is None:
            break
        word = first.group()
        end = trimmed(said, 0, first.end(), ENDS.replace("?", ""))
        down = line.box.bottom - before.box.bottom
        if pitch and down > WIDER * pitch + 0.35 * line.height:
            break
        # Where the word would have fitted behind the line before, it is one of its own.
        free = room(page.lines, before, page.places)
        lacking = least - len(text) - end
        enough = lacking <= 0 and not filled
        if enough and of_table(page.lines, page.places, before, line):
            break
        reached = stretch(said, first.end(), lacking, pattern) if random else 0
        if line.part(0, max(first.end(), reached)).w < free and len(word) < 30:
            break
        # A word that goes on from row to row leaves no room, unless it is broken at a sign.
        letter = before.box.w / len(before.text)
        if free > ROOM * letter and before.text[-1] not in BREAKS:
            apart = line.box.y - before.box.bottom > APART * before.height
            if boxes or apart:
                break
        full = free < 1.6 * letter
        whole = pattern.fullmatch(said[:end])
        text_like = PROSE.fullmatch(word) and reached <= first.end() + LONG_REST
        needed = lacking > 0 and bool(re.search("[A-Za-z]", word)) and not text_like
        if not whole or _is_other(said, word, reached, random, sure=needed and full):
            break
        if filled and not full:
            break
        if random and not full and not _mixed(word) and len(word) < random:
            break
        if reached > first.end():
            end = trimmed(said, 0, reached, ENDS.replace("?", ""))
        boxes.append(line.part(0, end))
        text += "".join(said[:end].split())
        stopped = end < first.end() and not (random and said[end : first.end()] in (".", ","))
        if max(first.end(), reached) < len(said) or stopped:
            break
        place, pitch = following, down
    return tuple(boxes), text


def _is_other(said: str, word: str, reached: int, random: int, *, sure: bool) -> bool:
    """Return whether a row beneath begins with something else than the rest of what is above.

    Args:
        said: its text.
        word: with which it begins.
        reached: where a random word ends there.
        random: letters of a word that is looked for by its randomness, else 0.
        sure: whether the word above fills its row and must go on.
    """
    alone = len(word) == len(said)
    if sure:
        return bool(ASSIGNED.match(word) or (OWN.match(word) and changes(word) < MIXED))
    if ASSIGNED.match(word) or (not alone and WORD.fullmatch(word)):
        return True
    if not random:
        return False
    if OWN.match(word) or not re.search("[A-Za-z]", said[: max(len(word), reached)]):
        return True
    return not alone and reached <= len(word) < random  # a short word before others: text


def _mixed(word: str) -> bool:
    return bool(re.search(r"\d|[=&_%/]|[a-z][A-Z]", word)) and len(word) >= 3
