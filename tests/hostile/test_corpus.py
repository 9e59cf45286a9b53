"""The test pictures of Pillow: over a thousand odd and hostile files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from helpa.core.sniff import HEAD_BYTES, READABLE, sniff
from hostile.attacking import Attack
from hostile.cases import Case

pytestmark = pytest.mark.hostile

PICTURES = Path(__file__).parents[1] / ".corpus" / "pictures"
LARGEST = 6_000_000


@pytest.fixture(scope="module")
def corpus() -> list[Case]:
    """The files as cases."""
    files = sorted(path for path in PICTURES.rglob("*") if path.is_file())
    if len(files) < 1000:
        reason = "there are no pictures of Pillow's; `bash tests/hostile/corpus.sh` fetches them"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason.upper())
    return [
        Case(path.name, path.read_bytes(), path.name)
        for path in files
        if path.stat().st_size <= LARGEST
    ]


def test_each_of_a_thousand_odd_pictures_is_shown_or_refused_with_a_reason(
    attack: Attack, corpus: list[Case]
) -> None:
    assert len(corpus) > 1000
    with attack.unharmed():
        outcomes = attack.upload(corpus)
        statuses = attack.draw(outcomes, 1)
    foreign = [o for o in outcomes if sniff(o.case.data[:HEAD_BYTES]) not in READABLE]
    assert len(foreign) > 150
    assert {o.status for o in foreign} <= {415, 422}  # 422 is an empty file
    taken = sum(o.accepted for o in outcomes)
    # Most are sound; were they refused, the other counts would say little.
    assert taken > 550, taken
    assert statuses[200] > 0.97 * taken, statuses
