"""Looks through pictures with known secrets and counts what was found, and what missed."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.redaction.windows import FREE
from helpa_redaction.detect import Box, Finding, find
from helpa_redaction.draw.reading import prepare
from helpa_redaction.reading import Prepared, look

COVERED = 0.9
"""Share of a secret's boxes that findings must cover."""


@dataclass
class Score:
    """Counts of a category."""

    found: int = 0
    missed: int = 0
    right: int = 0
    wrong: int = 0
    other: int = 0


@dataclass
class Result:
    """Of one picture."""

    path: Path
    seconds: float
    scores: dict[str, Score]
    notes: list[str] = field(default_factory=list)


def load(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return what a worker would make of a file."""
    import pyvips

    image = pyvips.Image.new_from_file(str(path))
    return prepare(image, {})


def judge(
    truths: Sequence[dict[str, Any]], found: Sequence[Finding]
) -> tuple[dict[str, Score], list[str]]:
    """Return the scores of a picture by category and notes on what went wrong."""
    scores: dict[str, Score] = defaultdict(Score)
    notes = []
    for truth in truths:
        if truth["part"] or truth["category"] == FREE:
            continue
        boxes = [Box(x, y + 0.15 * h, w, 0.7 * h) for x, y, w, h in truth["boxes"]]
        area = sum(box.area for box in boxes)
        same = [b for f in found if f.category == truth["category"] for b in f.boxes]
        every = [b for f in found for b in f.boxes]
        score = scores[truth["category"]]
        if _covered(boxes, same) > COVERED * area:
            score.found += 1
        else:
            score.missed += 1
            covered = _covered(boxes, every) > COVERED * area
            score.other += covered
            share = _covered(boxes, every) / area
            notes.append(
                f"missed {truth['category']} ({share:.0%} covered{', other' if covered else ''}): "
                f"{truth['text']!r}"
            )
    for each in found:
        held = [Box(*box) for truth in truths for box in truth["boxes"]]
        area = sum(box.area for box in each.boxes)
        free = [Box(*box) for t in truths if t["category"] == FREE for box in t["boxes"]]
        if sum(a.overlap(b) for a in each.boxes for b in free) > 0.4 * area:
            continue
        if sum(a.overlap(b) for a in each.boxes for b in held) > 0.4 * area:
            scores[each.category].right += 1
        else:
            scores[each.category].wrong += 1
            notes.append(f"wrong {each.category} {each.confidence}: {each.text!r} {each.why}")
    return scores, notes


def _covered(boxes: Sequence[Box], by: Sequence[Box]) -> float:
    """Return the area of boxes that others cover; those of one text hardly overlap."""
    total = 0.0
    for box in boxes:
        shares = [
            (max(box.x, other.x), min(box.right, other.right))
            for other in by
            if min(box.bottom, other.bottom) - max(box.y, other.y) > 0.75 * box.h
            and other.x < box.right
            and box.x < other.right
        ]
        reached = box.x
        width = 0.0
        for left, right in sorted(shares):
            if right > reached:
                width += right - max(left, reached)
                reached = right
        total += width * box.h
    return total


async def score(paths: Sequence[Path]) -> list[Result]:
    """Return how it went for each picture."""
    results = []
    for path in paths:
        truths = json.loads(path.with_suffix(".json").read_text())["truths"]
        began = time.perf_counter()
        facts, pixels = load(path)
        prepared_in = time.perf_counter() - began
        seen = await look(Prepared.of(facts, pixels))
        read_in = time.perf_counter() - began
        found = find(seen.page)
        seconds = time.perf_counter() - began
        scores, notes = judge(truths, found)
        notes.append(
            f"{prepared_in:.2f} s prepared, {read_in - prepared_in:.2f} s read, "
            f"{seconds - read_in:.2f} s judged; {'; '.join(seen.unread)}"
        )
        results.append(Result(path, seconds, scores, notes))
    return results


def table(results: Sequence[Result]) -> str:
    """Return recall and precision by category, and times, as a table."""
    sums: dict[str, Score] = defaultdict(Score)
    for result in results:
        for category, one in result.scores.items():
            for name in ("found", "missed", "right", "wrong", "other"):
                setattr(sums[category], name, getattr(sums[category], name) + getattr(one, name))
                setattr(sums["all"], name, getattr(sums["all"], name) + getattr(one, name))
    head = ("category", "secrets", "recall", "covered", "findings", "precision")
    lines = ["{:12} {:>7} {:>7} {:>8} {:>8} {:>9}".format(*head)]
    for category in sorted(sums, key=lambda name: (name == "all", name)):
        one = sums[category]
        secrets, findings = one.found + one.missed, one.right + one.wrong
        recall = f"{one.found / secrets:7.1%}" if secrets else "      –"
        covered = f"{(one.found + one.other) / secrets:8.1%}" if secrets else "       –"
        precision = f"{one.right / findings:9.1%}" if findings else "        –"
        lines.append(f"{category:12} {secrets:7} {recall} {covered} {findings:8} {precision}")
    times = sorted(result.seconds for result in results)
    lines.append(f"seconds a picture: median {times[len(times) // 2]:.2f}, longest {times[-1]:.2f}")
    return "\n".join(lines)


def main(folder: Path, step: int = 1) -> None:
    """Print the table of a folder, and write notes beside it."""
    results = asyncio.run(score(sorted(folder.glob("*.png"))[::step]))
    print(table(results))
    notes = "".join(
        f"{r.path.name}\n" + "".join(f"  {note}\n" for note in r.notes) for r in results
    )
    (folder / "notes.txt").write_text(notes)
