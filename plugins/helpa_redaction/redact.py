"""``redact``: regions that one signed link hides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from helpa import Frame, Needs, Parameter, Rect, Step, invalid
from helpa_redaction.coverage import covered, meets
from helpa_redaction.shapes import Region

MOST = 50

REFUSAL = (
    "Here it would hide nothing, for whoever has the link can leave it out. To hide something for "
    "good, store a redaction: POST /api/images/{id}/redactions."
)

BLACK = [0, 0, 0]

LEVEL_BLOCK = 8
"""Pixels of a level: levels that are JPEG keep their colours in full size."""


@dataclass(frozen=True, slots=True)
class Rects:
    """Rectangles, separated by semicolons."""

    rects: tuple[Rect, ...]

    expects: ClassVar[str] = f"1 to {MOST} rectangles x,y,w,h in pixels or percent, separated by ;"
    pattern: ClassVar[str] = r"^[0-9.,p%]+(;[0-9.,p%]+)*$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the rectangles.

        Raises:
            ValueError: one is none, or there are too many.
        """
        parts = re.split(";", text)
        if len(parts) > MOST:
            raise ValueError(text)
        return cls(tuple(Rect.parse(part) for part in parts))

    def __str__(self) -> str:
        return ";".join(map(str, self.rects))


def redact(
    frame: Frame,
    *,
    redact: Annotated[
        Rects | None,
        Parameter(
            "Fills rectangles of the upright picture with black, before anything else is done. "
            "Only in a link that was signed for exactly this, to a picture that is not public; to "
            "hide something for good, store a redaction.",
            example="10p,10p,30p,5p",
        ),
    ] = None,
) -> Step | None:
    """Hide rectangles in one signed link.

    The picture itself stays as it is: whoever manages it sees all of it, and other links hide what
    they say themselves.
    """
    if redact is None:
        return None
    size, regions = frame.size, []
    for rect in redact.rects:
        x, y = rect.x.of(size.width), rect.y.of(size.height)
        region = Region("rect", x, y, rect.w.of(size.width), rect.h.of(size.height))
        if not meets(region, size):
            allowed = f"rectangles that lie in the picture of {size.width}×{size.height} px"
            raise invalid("redact", str(rect), allowed)
        regions.append(region)
    rects = covered(regions, size, frame.picture.grid).rects
    # A level may be JPEG, whose blocks hold what lies beside a rectangle, too.
    return Step({"rects": rects, "style": "solid", "colour": BLACK, "snap": LEVEL_BLOCK}, size)


def needs(*, redact: Rects | None) -> Needs:
    """Say that it needs a signature of exactly this URL, and a picture that is not public."""
    return Needs.NOTHING if redact is None else Needs.GRANT
