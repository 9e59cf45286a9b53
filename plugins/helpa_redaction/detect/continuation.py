"""Follows words that a reader cut with spaces, or that go on in the rows beneath."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpa_redaction.detect.page import Page
from helpa_redaction.detect.rows import of_next, of_table, room
from helpa_redaction.detect.text import ENDS, TOKEN, UUID, changes, is_random, plain, trimmed
from helpa_redaction.detect.words import Box, Line

NARROW = frozenset("jilIJf1trT|")
"""Letters beside which the reader puts spaces, where all letters have one width."""

HEX = re.compile(r"[0-9a-f]+")
"""Letters that look like a word and may be a piece of a number."""

DIGEST = re.compile(r"[0-9a-fO@l]*\d[0-9a-fO@l]*")
"""Letters of a long number in hexadecimal digits."""

PARAMETER = re.compile(r"[&?][\w\-]+=|\S*%[0-9A-F]{2}|request&")
"""How the next parameter of an address begins, or a piece of one."""

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
        random = random or bool(PARAMETER.match(bare))
        ahead = text[max(text.rfind(" ", 0, at), text.rfind("=", 0, at)) + 1 : at]
        random = random or (len(ahead) >= 12 and bool(DIGEST.fullmatch(ahead + bare)))
        if piece.start() > at + 1 or bare in ("", "="):  # the side of a cell
            break
        if not letters.fullmatch(bare.rstrip(",;:")):
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


WORD = re.compile(r"[A-Za-z]?[a-zà-ÿ]{2,}")
"""How one begins that is text: with a word before others."""

OWN = re.compile(
    r"(?:[srp]k[_-](?:live|test|proj|ant)|gh[pousr]_|github_pat_|xox[abprs]-|AKIA|AIza|glpat-|npm_"
    r"|dop_v1_|whsec_|shpat_|https?:"
    r"|[\w.+\-]{1,40}@(?:[\w\-]{1,40}\.)+[a-z]{2,10}\b|\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{1,4}:){3})"
)
"""How one begins that is a secret of its own."""

ASSIGNED = re.compile(r"[A-Z][A-Z0-9_ ]{3,}=(?=[\w\"'])|[A-Za-z_][\w\-]*[\"']?:(?!/)")
"""How a further row begins that is one of its own: with a name to which something is given."""

TOKEN_START = re.compile(r"ey[JI]\S{12}")
"""How a part of a JSON Web Token begins: another token, but for behind a dot."""

NUMBERED = re.compile(r"\d{1,4} [A-Za-z_][\w.\-]*\s?[=:]")
"""How a row begins that is the next one of a file, with its number."""

LONG_REST, MIXED = 16, 12
"""Letters behind a word that looks like one of a text, from which on it is a piece of a token; and
changes of kinds of letters from which on a piece with an @ is no address."""

MOST_ROWS = 40
"""Rows in which a word may go on."""

LONG = 30
"""Letters of a piece from which on it was broken wherever the row ended."""

FULL = 1.6
"""Letters of room behind a row up to which nothing more would have fitted."""

ROOM, BREAKS = 4, "-/?&=.,;"
"""Letters of room behind a row beyond which it is not one that a word fills, and the signs behind
which rows are broken earlier."""

SURE = 8
"""Letters that a word lacks at least for it to go on in any case where its row is full."""

WIDER = 1.35
"""Times the distance of two rows of a word from which on the next row is a cell of its own."""

APART = 0.9
"""Heights of a line between two rows from which on they are cells of their own."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a word goes on with.

    Args:
        letters: pattern that the whole first word of a further row matches.
        random: where given, that word must also hold a digit, a sign, or a capital within, or be
            at least as long.
        filled: whether a row must be filled by the word for it to go on.
    """

    letters: re.Pattern[str]
    random: int = 0
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Seam:
    """Two rows, and the word with which the lower one begins.

    Args:
        above: the upper row, at whose end a word stands.
        below: the lower one.
        text: of the lower one, with plain dashes and quotes.
        word: up to its first space.
        end: of what the word may go on with, by that space.
        reached: where it ends if the reader put spaces into it; else up to the first one.
        lacking: letters that the word still lacks, 0 or less for none that is known.
        free: pixels of room behind the upper row.
        letter: width of a letter of the upper row in pixels.
    """

    above: Line
    below: Line
    text: str
    word: str
    end: int
    reached: int
    lacking: int
    free: float
    letter: float

    @property
    def down(self) -> float:
        """Pixels from row to row."""
        return self.below.box.bottom - self.above.box.bottom

    @property
    def full(self) -> bool:
        """Whether the upper row had no room for another letter."""
        return self.free < FULL * self.letter

    @property
    def torn(self) -> bool:
        """Whether the reader put spaces into the piece."""
        return self.reached > len(self.word)


def goes_on(
    page: Page,
    place: int,
    letters: re.Pattern[str],
    *,
    random: int = 0,
    least: int = 0,
    filled: bool = False,
) -> tuple[tuple[Box, ...], str]:
    """Return the boxes and text in which a word at the end of a line goes on in those beneath it.

    Args:
        page: that holds the lines.
        place: of the line in ``page.lines``.
        letters: as :class:`Wanted` takes them.
        random: as :class:`Wanted` takes it.
        least: letters that it should still have; the reader may have cut it with spaces.
        filled: as :class:`Wanted` takes it.
    """
    wanted = Wanted(letters, random, filled)
    boxes: list[Box] = []
    text = ""
    pitch = edge = 0.0
    while len(boxes) < MOST_ROWS and (following := page.below.get(place)) is not None:
        seam = _seam(page, place, following, wanted, least - len(text), edge)
        if seam is None or not (_reaches(seam, page, wanted, pitch) and _is_rest(seam, wanted)):
            break
        end = trimmed(seam.text, 0, seam.reached, ENDS.replace("?", "")) if seam.torn else seam.end
        boxes.append(seam.below.part(0, end))
        text += "".join(seam.text[:end].split())
        cut = seam.text[end : len(seam.word)]  # of the word's end, where it was no part of it
        if seam.reached < len(seam.text) or (cut and not (random and cut in (".", ","))):
            break
        place, pitch, edge = following, seam.down, seam.above.box.right
    return tuple(boxes), text


def _seam(
    page: Page, place: int, following: int, wanted: Wanted, lacking: int, edge: float
) -> Seam | None:
    """Return what is to be known of two rows, or None where the lower one is empty.

    Args:
        page: that holds them.
        place: of the upper one.
        following: of the lower one.
        wanted: what is looked for.
        lacking: letters that the word lacks, the lower row not counted.
        edge: where the row above both ends, 0 for none.
    """
    above, below = page.lines[place], page.lines[following]
    text = plain(below.text)
    first = TOKEN.match(text)
    if first is None:
        return None
    end = trimmed(text, 0, first.end(), ENDS.replace("?", ""))
    lacking -= end
    reached = stretch(text, first.end(), lacking, wanted.letters) if wanted.random else 0
    free, letter = room(page.lines, above, page.places), above.box.w / len(above.text)
    # Rows of a word that are as long as one another are full, however long others around are.
    ends = [edge, below.box.right if len(first.group()) >= LONG else 0.0]
    if any(abs(end - above.box.right) < FULL * letter for end in ends):
        free = min(free, 0.0)
    return Seam(
        above, below, text, first.group(), end, max(first.end(), reached), lacking, free, letter
    )


def _reaches(seam: Seam, page: Page, wanted: Wanted, pitch: float) -> bool:
    """Return whether the lower row stands where a word goes on that the upper one had no room for.

    Args:
        seam: of the rows.
        page: that holds them.
        wanted: what is looked for.
        pitch: pixels from row to row up to here, 0 for none yet.
    """
    if pitch and seam.down > WIDER * pitch + 0.35 * seam.below.height:
        return False
    if wanted.filled and not seam.full:
        return False
    known = seam.lacking > 0 or wanted.filled
    if seam.full and wanted.random:
        alike = is_random(seam.word, LONG_REST)
        known = known or seam.lacking + seam.end > SURE
        known = known or (alike and not of_next(page.lines, page.places, seam.above, seam.below))
    if not known and of_table(page.lines, page.places, seam.above, seam.below):
        return False
    # What would have fitted behind the upper row is a word of its own.
    if seam.below.part(0, seam.reached).w < seam.free and len(seam.word) < LONG:
        return False
    # A word that goes on from row to row leaves no room, unless it is broken at a sign.
    broken = plain(seam.above.text[-1]) in BREAKS or seam.word[0] in "?&"
    if seam.free <= ROOM * seam.letter or broken:
        return True
    apart = seam.below.box.y - seam.above.box.bottom > APART * seam.above.height
    return not pitch and not apart


def _is_rest(seam: Seam, wanted: Wanted) -> bool:
    """Return whether the word with which the lower row begins may be the rest of the one above."""
    word = seam.word
    if not wanted.letters.fullmatch(seam.text[: seam.end]) or NUMBERED.match(seam.text):
        return False
    if TOKEN_START.match(word) and seam.above.text[-1] not in ".,=":
        return False
    more = seam.reached > len(word) + LONG_REST  # letters of it behind a space
    long = len(word) >= wanted.random or more
    if wanted.random and not (seam.full or _is_mixed(word) or long):
        return False
    of_text = PROSE.fullmatch(word) and not more
    if seam.full and seam.lacking > 0 and re.search("[A-Za-z]", word) and not of_text:
        # It must go on; only what is plainly something else stands against that.
        return not (ASSIGNED.match(word) or (OWN.match(word) and changes(word) < MIXED))
    alone = len(word) == len(seam.text)
    of_sentence = not alone and not (more and len(word) < 4) and WORD.fullmatch(word)
    if ASSIGNED.match(word) or of_sentence:
        return False
    if not wanted.random:
        return True
    if OWN.match(word) or not re.search("[A-Za-z]", seam.text[: seam.reached]):
        return False
    return alone or seam.torn or len(word) >= wanted.random  # a short word before others is text


def _is_mixed(word: str) -> bool:
    """Return whether a word holds what few words of a text do."""
    return bool(re.search(r"\d|[=&_%/]|[a-z][A-Z]", word)) and len(word) >= 3
