"""What was read in a picture, and what a detector says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from helpa_redaction.detect.cells import apart
from helpa_redaction.detect.lines import lines_of
from helpa_redaction.detect.places import Places
from helpa_redaction.detect.rows import Rows, abreast, continuations, glued, wrapped
from helpa_redaction.detect.words import Box, Line, Word, union

CATEGORIES = (
    "private_key", "jwt", "url_secret", "api_key", "iban", "card", "email", "ip", "phone", "name",
    "code", "face",
)  # fmt: skip
"""What is looked for; where two findings lie on one text, the one named first here stays."""


@dataclass(frozen=True, slots=True)
class Code:
    """A QR or bar code.

    Args:
        kind: of the code as its reader calls it, for instance ``QRCode``.
        text: that it holds.
        box: around it.
    """

    kind: str
    text: str = field(repr=False)
    box: Box


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be seen by everybody.

    Args:
        category: one of ``CATEGORIES``, or a word of a third party's own.
        boxes: one for each line that it stands in.
        confidence: 0 to 1.
        why: the kind of rule that found it; never any of the text.
        text: what was found, without spaces, for the check that it is gone afterwards; kept in
            memory alone, so it is in no ``repr`` and goes into no log, document or table.
    """

    category: str
    boxes: tuple[Box, ...]
    confidence: float
    why: str
    text: str = field(default="", repr=False, compare=False)

    @property
    def box(self) -> Box:
        """The smallest box around all of it."""
        return union(self.boxes)


@dataclass
class Page:
    """A picture's size and everything that was read in it.

    Args:
        width: of the upright picture, in pixels.
        height: of it.
        words: in any order.
        codes: QR and bar codes.
        faces: boxes of faces.
    """

    width: int
    height: int
    words: Sequence[Word] = ()
    codes: Sequence[Code] = ()
    faces: Sequence[Box] = ()

    @cached_property
    def lines(self) -> list[Line]:
        """The words in lines, from top to bottom; a wide gap begins another line."""
        return apart(lines_of(self.words))

    @cached_property
    def wrapped(self) -> list[Rows]:
        """Lines with those they go on in, as one, with a space where a row begins."""
        return wrapped(self.lines, self.below)

    @cached_property
    def glued(self) -> list[Rows]:
        """Lines with those they go on in, as one whose words are cut where a row ends."""
        return glued(self.lines, self.below, self.places)

    @cached_property
    def abreast(self) -> list[Rows]:
        """Lines with the next one on their right, as one."""
        return abreast(self.lines, self.places)

    @cached_property
    def below(self) -> dict[int, int]:
        """Which line goes on in which other one beneath it, both by their places in ``lines``."""
        return continuations(self.lines, self.places)

    @cached_property
    def places(self) -> Places:
        """Where the lines are, by their places in ``lines``."""
        return Places(line.box for line in self.lines)

    @cached_property
    def heads(self) -> list[tuple[Line, list[float]]]:
        """Lines in rows of three and more, the lowest first, each with its row's left edges."""
        found = []
        for line in self.lines:
            middle, reach = line.box.y + line.box.h / 2, 0.6 * line.height
            row = sorted(
                other.box.x
                for other in self.near(0, middle - reach, self.width, middle + reach)
                if abs(other.box.y + other.box.h / 2 - middle) < reach
            )
            if len(row) >= 3:
                found.append((line, row))
        return sorted(found, key=lambda head: -head[0].box.bottom)

    @cached_property
    def cuts(self) -> frozenset[tuple[int, ...]]:
        """The lines that :attr:`glued` puts together, by their places."""
        return frozenset(rows.places for rows in self.glued)

    def near(self, left: float, top: float, right: float, bottom: float) -> list[Line]:
        """Return all lines that touch a rectangle, and some beside it, from top to bottom."""
        return [self.lines[place] for place in self.places.near(left, top, right, bottom)]


@dataclass(frozen=True, slots=True)
class Detector:
    """A way to find something.

    Args:
        name: of it.
        categories: of what it may find.
        find: what finds it; it must neither keep nor log the text of the page.
    """

    name: str
    categories: tuple[str, ...]
    find: Callable[[Page], Iterable[Finding]]
