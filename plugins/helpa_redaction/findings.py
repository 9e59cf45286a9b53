"""Statements on suggestions, and on what was looked for; no text of a picture is in them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select, update

from helpa.api import new_id, now_ms
from helpa_redaction.tables import scans, suggestions

PENDING, ACCEPTED, DISMISSED = "pending", "accepted", "dismissed"
SAME = 0.5
"""Share of the smaller box from which on two findings of a category are one."""

Box = tuple[int, int, int, int]
State = Literal["pending", "accepted", "dismissed"]
ScanState = Literal["queued", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Found:
    """Something found.

    Args:
        category: what it is.
        boxes: of each line that it stands in: x, y, w, h in pixels of the upright picture.
        confidence: 0 to 1.
        why: what tells it, in words; never what it says.
    """

    category: str
    boxes: tuple[Box, ...]
    confidence: float
    why: str

    @property
    def box(self) -> Box:
        """The smallest box around all of it."""
        x, y = min(b[0] for b in self.boxes), min(b[1] for b in self.boxes)
        right, bottom = max(b[0] + b[2] for b in self.boxes), max(b[1] + b[3] for b in self.boxes)
        return x, y, right - x, bottom - y


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A finding that somebody may decide about."""

    id: str
    image: str
    revision: int
    found: Found
    state: State
    created_at: int


@dataclass(frozen=True, slots=True)
class Scan:
    """How looking went; see :mod:`helpa_redaction.tables`."""

    job: str
    state: ScanState
    revision: int
    report: Mapping[str, Any]
    changed_at: int


def of(connection: Connection, image_id: str) -> list[Suggestion]:
    """Return what was found in a picture, from its top to its bottom."""
    rows = connection.execute(
        select(suggestions)
        .where(suggestions.c.image == image_id)
        .order_by(suggestions.c.y, suggestions.c.x, suggestions.c.id)
    )
    return [
        Suggestion(
            row.id,
            row.image,
            row.revision,
            Found(row.category, _boxes(row.boxes), row.confidence, row.why),
            row.state,
            row.created_at,
        )
        for row in rows
    ]


def replace(
    connection: Connection,
    image_id: str,
    revision: int,
    found: Sequence[Found],
    looked_for: Collection[str],
) -> None:
    """Put what was found in the place of what was pending; what was dismissed stays so.

    Args:
        connection: a writing connection.
        image_id: which picture.
        revision: that was looked at.
        found: what was found.
        looked_for: the categories that were looked for; others stay as they are.
    """
    kept = [each for each in of(connection, image_id) if each.state == DISMISSED]
    connection.execute(
        delete(suggestions).where(
            suggestions.c.image == image_id,
            suggestions.c.state == PENDING,
            suggestions.c.category.in_(list(looked_for)),
        )
    )
    for each in found:
        if any(
            old.found.category == each.category and overlap(old.found.box, each.box) >= SAME
            for old in kept
        ):
            continue
        x, y, w, h = each.box
        connection.execute(
            insert(suggestions).values(
                id=new_id(),
                image=image_id,
                revision=revision,
                category=each.category,
                x=x,
                y=y,
                w=w,
                h=h,
                boxes=json.dumps(each.boxes),
                confidence=each.confidence,
                why=each.why,
                state=PENDING,
                actor="",
                created_at=now_ms(),
            )
        )


def decide(connection: Connection, ids: Sequence[str], state: str, actor: str) -> None:
    """Note what was decided about some suggestions."""
    for start in range(0, len(ids), 500):
        connection.execute(
            update(suggestions)
            .where(suggestions.c.id.in_(ids[start : start + 500]))
            .values(state=state, actor=actor)
        )


def covered(connection: Connection, image_id: str, rects: Sequence[Sequence[int]], by: str) -> None:
    """Note that what is pending was accepted where filled rectangles cover it whole."""
    inside = [
        each.id
        for each in of(connection, image_id)
        if each.state == PENDING
        and all(_area_in(box, rects) >= box[2] * box[3] for box in each.found.boxes)
    ]
    decide(connection, inside, ACCEPTED, by)


def scan_of(connection: Connection, image_id: str) -> Scan | None:
    """Return how looking at a picture went last, or None."""
    row = connection.execute(select(scans).where(scans.c.image == image_id)).one_or_none()
    if row is None:
        return None
    return Scan(row.job, row.state, row.revision, json.loads(row.report), row.changed_at)


def note_scan(
    connection: Connection,
    image_id: str,
    *,
    job: str,
    state: str,
    revision: int,
    report: Mapping[str, Any],
) -> None:
    """Note how looking at a picture goes."""
    connection.execute(delete(scans).where(scans.c.image == image_id))
    connection.execute(
        insert(scans).values(
            image=image_id,
            job=job,
            state=state,
            revision=revision,
            report=json.dumps(dict(report), ensure_ascii=False),
            changed_at=now_ms(),
        )
    )


def forget(connection: Connection, image_id: str) -> None:
    """Forget what was found in a picture that is gone."""
    for table in (suggestions, scans):
        connection.execute(delete(table).where(table.c.image == image_id))


def overlap(one: Box, other: Box) -> float:
    """Return which share of the smaller of two boxes lies in the other."""
    smaller = min(one[2] * one[3], other[2] * other[3])
    return _area_in(one, [other]) / smaller if smaller else 0.0


def _area_in(box: Box, rects: Sequence[Sequence[int]]) -> int:
    """Return the area of a box that lies in disjoint rectangles."""
    left, top, right, bottom = box[0], box[1], box[0] + box[2], box[1] + box[3]
    area = 0
    for x, y, w, h in rects:
        width = min(right, x + w) - max(left, x)
        height = min(bottom, y + h) - max(top, y)
        if width > 0 and height > 0:
            area += width * height
    return area


def _boxes(text: str) -> tuple[Box, ...]:
    return tuple((x, y, w, h) for x, y, w, h in json.loads(text))
