"""All detectors of one's own, and what they find together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from helpa_redaction.detect import (
    addresses,
    codes,
    columns,
    emails,
    keys,
    links,
    names,
    numbers,
    passwords,
    phones,
    private_keys,
    separated,
)
from helpa_redaction.detect.page import CATEGORIES, Detector, Finding, Page
from helpa_redaction.detect.places import Places
from helpa_redaction.detect.words import Box

DETECTORS: tuple[Detector, ...] = (
    Detector("private_keys", ("private_key",), private_keys.find),
    Detector("jwts", ("jwt",), keys.jwts),
    Detector("links", ("url_secret",), links.find),
    Detector("api_keys", ("api_key",), keys.api_keys),
    Detector("passwords", ("api_key",), passwords.find),
    Detector("ibans", ("iban",), numbers.ibans),
    Detector("cards", ("card",), numbers.cards),
    Detector("emails", ("email",), emails.find),
    Detector("addresses", ("ip",), addresses.find),
    Detector("phones", ("phone",), phones.find),
    Detector("names", ("name",), names.find),
    Detector("separated", ("name",), separated.find),
    Detector("codes", ("code",), codes.find),
    Detector("faces", ("face",), codes.faces),
)

SAME = 0.5
"""Of two findings, the lower of which shares as much of its area with the other, one is dropped."""


def find(
    page: Page,
    wanted: Collection[str] | None = None,
    detectors: Sequence[Detector] = DETECTORS,
) -> list[Finding]:
    """Return what is found in a page, each place once, from top to bottom.

    Args:
        page: what was read.
        wanted: categories; all where it is not given.
        detectors: which are asked; a third party's may stand behind one's own. All are asked, since
            what lies in an unwanted finding (an address within a private key) is no other's.
    """
    found = [each for detector in detectors for each in detector.find(page)]
    found += columns.cells(page, found)
    kept = [_grown(each, page) for each in once(found)]
    if wanted is not None:
        kept = [each for each in kept if each.category in wanted]
    return sorted(kept, key=lambda each: (each.box.y, each.box.x))


ROUND, MOST_ROUND = 0.2, 6.0
"""What boxes around letters grow by above and beneath, in parts of their height and in pixels: the
reader's end with the ink, and where it lost a dot or a tail, within it."""


def _grown(each: Finding, page: Page) -> Finding:
    if each.category in ("code", "face"):
        return each
    boxes = []
    letter = sum(box.w for box in each.boxes) / max(1, len(each.text))
    for box in each.boxes:
        # A box that holds the side of a button as well is high enough.
        free = max(0.0, 1.2 * letter - box.h / 2 + 1)
        more = min(ROUND * box.h + 1, MOST_ROUND, free if len(each.boxes) == 1 else MOST_ROUND)
        x, y = max(0.0, box.x - more / 2), max(0.0, box.y - more)
        right, bottom = min(page.width, box.right + more / 2), min(page.height, box.bottom + more)
        boxes.append(Box(x, y, max(right - x, 1.0), max(bottom - y, 1.0)))
    return replace(each, boxes=tuple(boxes))


def once(found: Iterable[Finding]) -> list[Finding]:
    """Return the findings without those that lie in another one of a category named earlier."""
    order = {category: place for place, category in enumerate(CATEGORIES)}
    kept: list[Finding] = []
    places = Places()
    # Of a number that goes on in the next line, the whole stays and not one of its halves.
    for each in sorted(
        found, key=lambda f: (order.get(f.category, len(order)), -len(f.boxes), -f.confidence)
    ):
        near: set[int] = set()
        for box in each.boxes:
            near.update(places.near(box.x, box.y, box.right, box.bottom))
        if not any(_shared(each, kept[number]) > SAME for number in sorted(near)):
            for box in each.boxes:
                places.add(len(kept), box)
            kept.append(each)
    return kept


def _shared(low: Finding, high: Finding) -> float:
    """Return the share of one finding's area that lies in another one."""
    area = sum(box.area for box in low.boxes)
    return sum(a.overlap(b) for a in low.boxes for b in high.boxes) / area if area else 1.0
