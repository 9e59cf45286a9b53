"""Thousands of damaged pictures: each is taken or refused with a reason, and nothing else ends."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from hostile import damage
from hostile.attacking import Attack
from hostile.cases import Case, Outcome
from hostile.formats import whole

pytestmark = pytest.mark.hostile


def attacked(attack: Attack, cases: list[Case], each: int = 1) -> list[Outcome]:
    with attack.unharmed():
        outcomes = attack.upload(cases)
        attack.draw(outcomes, each)
    return outcomes


def test_whole_pictures_of_every_kind_are_taken_and_drawn_without_what_they_carry(
    attack: Attack,
) -> None:
    cases = [Case(name, data, name) for name, data in whole().items()]
    with attack.unharmed():
        outcomes = attack.upload(cases)
        refused = {each.case.name for each in outcomes if not each.accepted}
        assert refused == {"12bit.jpg"}  # says 12 bits and holds 8
        assert attack.draw(outcomes, 15).keys() <= {200, 400}
    removed = {o.case.name: o.answer.get("removed_metadata", []) for o in outcomes}
    for name in ("baseline.jpg", "rgb.png", "lossy.webp"):
        assert {"exif", "gps"} <= set(removed[name]), name


def test_pictures_cut_off_at_every_percent_are_refused_or_whole_enough(attack: Attack) -> None:
    cases = [case for name, data in whole().items() for case in damage.truncated(name, data)]
    assert len(cases) > 2000
    outcomes = attacked(attack, cases)
    taken = Counter(o.case.name.split(" cut")[0] for o in outcomes if o.accepted)
    # The first picture of these is whole in the front part of the file, and all that is shown.
    assert taken.pop("animated.png") < 75
    assert taken.pop("pages.tiff") < 40
    # A few trailing bytes of a file may say nothing of its pixels.
    assert all(count < 6 for count in taken.values()), taken


def test_pictures_with_flipped_bits_harm_nothing(attack: Attack) -> None:
    cases = [case for name, data in whole().items() for case in damage.flipped(name, data)]
    outcomes = attacked(attack, cases)
    assert 0 < sum(each.accepted for each in outcomes) < len(cases)


@pytest.mark.parametrize("half", [0, 1])
def test_enormous_numbers_and_zeros_anywhere_in_a_head_harm_nothing(
    attack: Attack, half: int
) -> None:
    chosen = itertools.islice(whole().items(), half, None, 2)
    cases = [case for name, data in chosen for case in damage.lying(name, data)]
    assert len(cases) > 500
    attacked(attack, cases)


def test_chunks_segments_and_boxes_of_wrong_lengths_harm_nothing(attack: Attack) -> None:
    ways = {
        ".png": damage.rechunked,
        ".jpg": damage.resegmented,
        ".webp": damage.reriffed,
        ".avif": damage.reboxed,
        ".heic": damage.reboxed,
    }
    cases = [
        case
        for name, data in whole().items()
        for ending, way in ways.items()
        if name.endswith(ending)
        for case in way(name, data)
    ]
    assert len(cases) > 400
    attacked(attack, cases)
