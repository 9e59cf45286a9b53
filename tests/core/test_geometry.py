"""Sizes and places against an oracle that shares no code with the planner."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.geometry import answer, geometries, queries
from core.language import GRAMMAR, picture, planned, planner
from helpa import InvalidValue
from helpa.core.plan import Measurement

SIDES = st.one_of(st.integers(10, 60), st.integers(10, 5000))
PLACES = {
    "": (0.5, 0.5),
    "g=center": (0.5, 0.5),
    "g=top": (0.5, 0.0),
    "g=ne": (1.0, 0.0),
    "g=right": (1.0, 0.5),
    "g=bottom-left": (0.0, 1.0),
}


@settings(max_examples=200)
@given(st.data(), geometries(), SIDES, SIDES)
def test_the_size_is_what_the_rules_say_whatever_the_spelling(
    data: st.DataObject, pieces: dict[str, str], width: int, height: int
) -> None:
    query = data.draw(queries(pieces))
    plan = planned(f"{query}&fmt=png", picture(width, height))
    assert (plan.size.width, plan.size.height) == answer(pieces, (width, height)), query


@pytest.mark.parametrize(
    ("query", "source", "size"),
    [
        # Twice the pixels of a picture that has not so many.
        ("w=400&dpr=2", (600, 400), (600, 400)),
        ("w=400&h=300&dpr=2", (600, 400), (600, 400)),
        ("w=400&h=300&dpr=2&fit=outside", (600, 400), (600, 400)),
        ("w=400&h=300&dpr=2&enlarge=1", (600, 400), (800, 533)),
        ("w=400&h=300&dpr=2&fit=cover", (600, 400), (800, 600)),
        ("w=400&h=300&dpr=2&fit=fill", (600, 400), (800, 600)),
        ("w=400&h=300&dpr=2&fit=contain", (600, 400), (800, 600)),
        ("w=333&h=333&dpr=1.5&fit=cover", (600, 400), (500, 500)),
        # A box that shrinks in its own ratio until nothing is enlarged.
        ("w=400&h=300&dpr=2&fit=cover&enlarge=0", (600, 400), (533, 400)),
        ("w=400&h=100&dpr=2&fit=cover&enlarge=0", (600, 400), (600, 150)),
        ("w=400&h=300&dpr=2&fit=fill&enlarge=0", (600, 400), (533, 400)),
        ("w=400&h=300&dpr=2&fit=contain&enlarge=0", (600, 400), (800, 600)),
        ("w=400&h=300&fit=cover&enlarge=0", (600, 400), (400, 300)),
        ("w=900&h=600&fit=cover&enlarge=0", (600, 400), (600, 400)),
        ("w=9000&h=1&fit=fill&enlarge=0", (600, 400), (600, 1)),
        ("ar=1:1&w=900&enlarge=0", (600, 400), (400, 400)),
        ("w=900&fit=cover&enlarge=0", (600, 400), (600, 400)),
        # A ratio alone.
        ("ar=1:1", (600, 400), (400, 400)),
        ("ar=1:1&dpr=2", (600, 400), (400, 400)),
        ("ar=1:1&fit=cover", (600, 400), (400, 400)),
        ("ar=1:1&fit=contain", (600, 400), (600, 600)),
        ("ar=3:2&fit=contain", (600, 400), (600, 400)),
        ("ar=4:1&fit=contain", (600, 400), (1600, 400)),
        ("ar=1:1&fit=fill", (600, 400), (400, 400)),
        ("ar=1:1&fit=inside", (600, 400), (600, 400)),
        ("ar=1:1&fit=outside", (600, 400), (600, 400)),
        # Halves go up.
        ("w=100", (1440, 900), (100, 63)),
        ("w=200", (400, 3), (200, 2)),
        ("w=1", (1000, 3), (1, 1)),
    ],
)
def test_where_vendors_differ(query: str, source: tuple[int, int], size: tuple[int, int]) -> None:
    plan = planned(f"{query}&fmt=png", picture(*source))
    assert (plan.size.width, plan.size.height) == size


@given(SIDES, SIDES, st.integers(1, 900), st.integers(1, 900), st.sampled_from(sorted(PLACES)))
def test_cover_keeps_the_share_of_the_room_that_gravity_says(
    width: int, height: int, w: int, h: int, place: str
) -> None:
    plan = planned(f"w={w}&h={h}&fit=cover&{place}", picture(width, height))
    scale = max(Fraction(w, width), Fraction(h, height))
    left, top = (-c for c in plan.transform.apply(0, 0))
    for cut, of, shown, share in zip(
        (left, top), (width, height), (w, h), PLACES[place], strict=True
    ):
        # The scaled side is rounded to whole pixels, and so is the margin.
        assert abs(cut - float(of * scale - shown) * share) <= 0.5 * share + 0.5 + 1e-6
        assert cut >= 0
        assert cut + shown <= max(shown, float(of * scale) + 0.5)


@given(SIDES, SIDES, st.integers(1, 900), st.integers(1, 900), st.floats(0, 1), st.floats(0, 1))
def test_a_focal_point_comes_as_near_to_the_middle_as_the_edges_allow(
    width: int, height: int, w: int, h: int, x: float, y: float
) -> None:
    point = f"{x:.4f},{y:.4f}"
    plan = planned(f"w={w}&h={h}&fit=cover&fp={point}", picture(width, height))
    fractions = [float(part) for part in point.split(",")]
    lands = plan.transform.apply(fractions[0] * width, fractions[1] * height)
    corners = plan.transform.apply(0, 0), plan.transform.apply(width, height)
    for n, shown in enumerate((w, h)):
        near, far = corners[0][n], corners[1][n]
        if abs(near) > 1e-6 and abs(far - shown) > 1e-6:
            assert abs(lands[n] - shown / 2) <= 0.5 + 1e-6
        elif abs(near) <= 1e-6 and abs(far - shown) > 1e-6:
            assert lands[n] <= shown / 2 + 0.5 + 1e-6
        elif abs(near) > 1e-6:
            assert lands[n] >= shown / 2 - 0.5 - 1e-6


@given(SIDES, SIDES, st.integers(1, 900), st.integers(1, 900))
def test_the_focal_point_in_the_middle_is_the_centre(
    width: int, height: int, w: int, h: int
) -> None:
    box = f"w={w}&h={h}&fit=cover"
    of = picture(width, height)
    assert planned(f"{box}&fp=0.5,0.5", of).key == planned(f"{box}&g=center", of).key


# Interest


def wish(query: str, **measured: object) -> Measurement | None:
    """Return what must be measured for a square picture's plan, if anything."""
    found = {"resize": measured} if measured else {}
    plan = planner().plan(GRAMMAR.parse(query.encode()), picture(1000, 1000), measured=found)
    return plan if isinstance(plan, Measurement) else None


@pytest.mark.parametrize(
    "query",
    [
        "g=smart", "w=300&g=smart", "w=300&h=200&g=smart", "w=300&h=200&g=smart&fit=contain",
        "w=300&h=200&g=smart&fit=fill", "w=300&h=300&g=smart&fit=cover",
        "w=300&g=face&fit=cover", "ar=1:1&g=entropy", "w=300&h=200&fit=outside&g=entropy",
    ],
)  # fmt: skip
def test_nothing_is_measured_where_nothing_can_move(query: str) -> None:
    assert wish(query) is None
    for word in ("smart", "entropy", "face"):
        query = query.replace(f"g={word}", "g=center")
    centred = planned(query, picture(1000, 1000)).key
    assert planned(query.replace("center", "smart"), picture(1000, 1000)).key == centred


def test_equal_boxes_are_measured_once() -> None:
    one = wish("w=300&h=200&fit=cover&g=smart")
    assert one is not None
    for same in ("w=300&h=200&dpr=2&fit=cover&g=attention", "ar=3:2&gravity=auto",
                 "w=301&h=201&dpr=3&fit=cover&a=smart&fmt=webp&q=3",
                 "w=450&ar=3:2&pos=smart"):  # fmt: skip
        other = wish(same)
        assert other is not None
        assert (other.key == one.key) is ("301" not in same), same
    for else_ in ("ar=3:2&g=entropy", "ar=2:3&g=smart", "ar=3:2&g=face", "ar=3:2&g=smart&rot=90"):
        other = wish(else_)
        assert other is not None
        assert other.key != one.key


def test_faces_are_looked_for_once_whatever_the_box() -> None:
    one, other = wish("ar=3:2&g=face"), wish("w=100&h=300&fit=cover&g=faces")
    assert one is not None
    assert other is not None
    assert one.key == other.key


def test_where_no_face_is_found_the_crop_is_that_of_smart() -> None:
    first = wish("ar=3:2&g=face")
    assert first is not None
    assert first.args == {"find": "face"}
    second, smart = wish("ar=3:2&g=face", faces=[]), wish("ar=3:2&g=smart")
    assert second is not None
    assert smart is not None
    assert second.key == smart.key
    found = {"resize": {"at": [0.5, 0.9]}}
    keys = {planned(f"ar=3:2&g={g}", measured=found).key for g in ("face", "smart")}
    assert len(keys) == 1


def crop(query: str, *faces: tuple[float, float, float, float]) -> tuple[float, float]:
    """Return the edges of what is kept of a picture 1000 px wide, in fractions of its width."""
    plan = planned(query, picture(1000, 500), measured={"resize": {"faces": list(faces)}})
    back = plan.transform.inverse()
    return back.apply(0, 0)[0] / 1000, back.apply(plan.size.width, 0)[0] / 1000


@pytest.mark.parametrize(
    ("faces", "kept"),
    [
        ([(0.6, 0.2, 0.1, 0.2)], (0.4, 0.9)),
        ([(0.0, 0.2, 0.1, 0.2)], (0.0, 0.5)),
        ([(0.9, 0.2, 0.1, 0.2)], (0.5, 1.0)),
        # Two that fit stand around the middle.
        ([(0.3, 0.2, 0.1, 0.2), (0.6, 0.2, 0.1, 0.2)], (0.25, 0.75)),
        # Of two that do not fit together, the larger.
        ([(0.0, 0.2, 0.1, 0.2), (0.7, 0.2, 0.12, 0.24)], (0.5, 1.0)),
        ([(0.1, 0.2, 0.14, 0.24), (0.8, 0.2, 0.12, 0.24)], (0.0, 0.5)),
        # Of three, the two neighbours that fit and are more.
        ([(0.0, 0.2, 0.1, 0.2), (0.5, 0.2, 0.1, 0.2), (0.8, 0.2, 0.1, 0.2)], (0.45, 0.95)),
        # One too large for the box is seen around its middle.
        ([(0.2, 0.0, 0.5, 1.0)], (0.2, 0.7)),
    ],
)
def test_the_crop_stands_around_the_faces(
    faces: list[tuple[float, float, float, float]], kept: tuple[float, float]
) -> None:
    assert crop("ar=1:1&g=face", *faces) == pytest.approx(kept, abs=0.002)


def test_a_face_has_more_room_above_than_below() -> None:
    plan = planned(
        "ar=2:1&g=face", picture(500, 1000), measured={"resize": {"faces": [[0.4, 0.4, 0.2, 0.1]]}}
    )
    top = -plan.transform.apply(0, 0)[1]
    # Eyes stand at two fifths of a face's box; they come to the middle of what is kept.
    assert top == pytest.approx(440 - 125, abs=1)


def test_without_the_package_faces_are_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of OpenCV's name without cascades, as OpenCV 5 is, is found first."""
    from helpa_basics.interest import cascade

    assert cascade() is not None
    folder = tmp_path_factory.mktemp("packages")
    (folder / "cv2").mkdir()
    (folder / "cv2" / "__init__.py").write_text("raise SystemExit('it must not be loaded')")
    monkeypatch.syspath_prepend(folder)
    cascade.cache_clear()
    try:
        for query in ("w=9&h=5&fit=cover&g=face", "g=faces", "w=9&fit=contain&g=face"):
            with pytest.raises(InvalidValue) as caught:
                planned(query)
            assert (caught.value.field, caught.value.given) == ("g", "face")
            assert "helpa[faces]" in str(caught.value)
            assert "smart" in str(caught.value.allowed)
        assert planned("w=9&h=5&fit=cover&g=smart").size.width == 9
    finally:
        cascade.cache_clear()
