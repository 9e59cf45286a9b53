"""Plans: the size of every answer, where its points come from, and what cannot be done."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.language import GRAMMAR, WIDE, basics, picture, planned, planner
from helpa import Affine, InvalidValue, Size, Step
from helpa.core.levels import MARGIN, SMALLEST, Level, choose_level, first_factor, next_factor
from helpa.core.operations import Measure, Operation, Stage
from helpa.core.plan import Measurement, OutputLimits, Plan, Planner
from helpa.core.query import Grammar
from helpa_basics.settings import OutputSettings

ANIMATION = picture(60, 40, format="gif", frames=5, animated=True, graphic=True, lossless=True)
PAGES = picture(60, 40, format="tiff", frames=3)
DRAWING = picture(format="png", graphic=True, lossless=True)
CLEAR = picture(format="png", graphic=True, lossless=True, alpha=True)


def size(query: str, width: int = 1440, height: int = 900) -> tuple[int, int]:
    """Return the size of an answer, checked against where its corners come from."""
    plan = planned(query, picture(width, height))
    return plan.size.width, plan.size.height


def refused(query: str, **options: object) -> InvalidValue:
    with pytest.raises(InvalidValue) as caught:
        planned(query, **options)  # type: ignore[arg-type]
    return caught.value


# The numbers below are worked out by hand from the descriptions in the design.
TABLE = [
    # query, source, answer
    ("", (1440, 900), (1440, 900)),
    ("w=720", (1440, 900), (720, 450)),
    ("h=450", (1440, 900), (720, 450)),
    ("w=100", (1440, 900), (100, 63)),  # 62.5: halves go up
    ("w=720&h=720", (1440, 900), (720, 450)),
    ("w=1000&h=90", (1440, 900), (144, 90)),
    ("w=5000", (1440, 900), (1440, 900)),
    ("h=5000", (1440, 900), (1440, 900)),
    ("w=5000&h=5000", (1440, 900), (1440, 900)),
    ("w=5000&h=450", (1440, 900), (720, 450)),
    ("w=2880&enlarge=1", (1440, 900), (2880, 1800)),
    ("w=2880&h=2880&enlarge=1", (1440, 900), (2880, 1800)),
    ("w=2880&enlarge=0", (1440, 900), (1440, 900)),
    ("w=200&dpr=2", (1440, 900), (400, 250)),
    ("w=200&h=200&dpr=2", (1440, 900), (400, 250)),
    ("w=100&dpr=1.5", (1440, 900), (150, 94)),
    ("w=1000&dpr=5", (1440, 900), (1440, 900)),
    ("dpr=2", (1440, 900), (1440, 900)),
    # cover and fill are exactly the box, larger or not
    ("w=300&h=300&fit=cover", (1440, 900), (300, 300)),
    ("w=3000&h=3000&fit=cover", (1440, 900), (3000, 3000)),
    ("w=300&h=300&fit=cover&dpr=2", (1440, 900), (600, 600)),
    ("w=300&h=300&fit=fill", (1440, 900), (300, 300)),
    ("w=3000&h=10&fit=fill", (1440, 900), (3000, 10)),
    # unless they must not enlarge: then the box shrinks in its ratio
    ("w=3000&h=3000&fit=cover&enlarge=0", (1440, 900), (900, 900)),
    ("w=3000&h=300&fit=cover&enlarge=0", (1440, 900), (1440, 144)),
    ("w=300&h=300&fit=cover&enlarge=0", (1440, 900), (300, 300)),
    ("w=3000&h=10&fit=fill&enlarge=0", (1440, 900), (1440, 5)),
    ("w=3000&h=3000&fit=contain&enlarge=0", (1440, 900), (3000, 3000)),
    # contain is the box as well; only what stands in it is never enlarged
    ("w=300&h=300&fit=contain", (1440, 900), (300, 300)),
    ("w=3000&h=3000&fit=contain", (1440, 900), (3000, 3000)),
    ("w=3000&h=3000&fit=contain&enlarge=1", (1440, 900), (3000, 3000)),
    # outside keeps the ratio around the box
    ("w=300&h=300&fit=outside", (1440, 900), (480, 300)),
    ("w=720&h=100&fit=outside", (1440, 900), (720, 450)),
    ("w=2000&h=100&fit=outside", (1440, 900), (1440, 900)),
    ("w=2880&h=100&fit=outside&enlarge=1", (1440, 900), (2880, 1800)),
    # one side: the other follows, whatever the fit
    ("w=300&fit=cover", (1440, 900), (300, 188)),
    ("w=300&fit=contain", (1440, 900), (300, 188)),
    ("h=90&fit=fill", (1440, 900), (144, 90)),
    ("h=90&fit=outside", (1440, 900), (144, 90)),
    ("w=5000&fit=cover", (1440, 900), (1440, 900)),
    # a ratio gives the missing side, and cover
    ("ar=1:1", (1440, 900), (900, 900)),
    ("ar=16:9", (1440, 900), (1440, 810)),
    ("ar=9:16", (1440, 900), (506, 900)),
    ("ar=16:10", (1440, 900), (1440, 900)),
    ("ar=1:1&w=300", (1440, 900), (300, 300)),
    ("ar=2:1&h=100", (1440, 900), (200, 100)),
    ("ar=2:1&h=100&dpr=2", (1440, 900), (400, 200)),
    ("ar=1:1&w=300&fit=inside", (1440, 900), (300, 188)),
    ("ar=1:1&w=300&fit=contain", (1440, 900), (300, 300)),
    ("ar=1:1&w=300&fit=fill", (1440, 900), (300, 300)),
    ("ar=1:1&w=300&fit=outside", (1440, 900), (480, 300)),
    ("ar=1:1&w=2000", (1440, 900), (2000, 2000)),
    # tiny pictures and extreme ratios
    ("w=400", (1, 1), (1, 1)),
    ("w=400&enlarge=1", (1, 1), (400, 400)),
    ("w=400&h=100&fit=cover", (1, 1), (400, 100)),
    ("w=400&h=100&fit=contain", (1, 1), (400, 100)),
    ("w=1&h=1", (1440, 900), (1, 1)),
    ("w=10", (16000, 1), (10, 1)),
    ("h=1", (16000, 3), (5333, 1)),
    ("h=10", (1, 16000), (1, 10)),
    ("w=1&h=1&fit=outside", (16000, 1), (16000, 1)),
    ("w=1&h=1&fit=cover", (16000, 1), (1, 1)),
    ("ar=1000:1", (3, 3), (3, 1)),
    # cut, turn, frame
    ("rect=10,20,300,200", (1440, 900), (300, 200)),
    ("rect=10p,10p,50p,50p", (1440, 900), (720, 450)),
    ("rect=0,0,100p,100p", (1440, 900), (1440, 900)),
    ("rect=10,20,300,200&w=150", (1440, 900), (150, 100)),
    ("rect=10,20,300,200&w=600", (1440, 900), (300, 200)),
    ("rot=90", (1440, 900), (900, 1440)),
    ("rot=-90", (1440, 900), (900, 1440)),
    ("rot=180", (1440, 900), (1440, 900)),
    ("rot=90&w=450", (1440, 900), (450, 720)),
    ("rot=45", (100, 100), (141, 141)),
    ("rot=30", (100, 50), (112, 93)),
    ("flip=hv", (1440, 900), (1440, 900)),
    ("pad=10", (1440, 900), (1460, 920)),
    ("pad=10&dpr=2", (1440, 900), (1480, 940)),
    ("pad=1,2,3,4", (1440, 900), (1446, 904)),
    ("w=720&pad=10,20", (1440, 900), (760, 470)),
    ("rect=0,0,200,100&rot=90&w=50&pad=1", (1440, 900), (52, 102)),
]


@pytest.mark.parametrize(("query", "source", "answer"), TABLE)
def test_the_size_of_an_answer(
    query: str, source: tuple[int, int], answer: tuple[int, int]
) -> None:
    assert size(query, *source) == answer


SIDE = st.one_of(st.integers(1, 40), st.integers(1, 8000))
JPEG_SIDE = 65535


def near(value: int, exact: Fraction) -> bool:
    """Whether a whole number is the exact one rounded, and at least 1."""
    return value == 1 if exact < 1 else abs(value - exact) <= Fraction(1, 2)


@given(SIDE, SIDE, SIDE, SIDE, st.sampled_from(["inside", "outside"]), st.booleans())
def test_inside_and_outside_keep_the_ratio(
    width: int, height: int, w: int, h: int, fit: str, enlarge: bool
) -> None:
    scales = (Fraction(w, width), Fraction(h, height))
    scale = min(scales) if fit == "inside" else max(scales)
    if not enlarge:
        scale = min(scale, Fraction(1))
    assume(max(width, height) * scale < JPEG_SIDE)
    got = size(f"w={w}&h={h}&fit={fit}&enlarge={enlarge:d}", width, height)
    assert near(got[0], width * scale)
    assert near(got[1], height * scale)
    if fit == "inside":
        assert got[0] <= w or got == (width, height)
        assert got[1] <= h or got == (width, height)
    if scale < 1 or enlarge:
        assert got[0] == w or got[1] == h
    else:
        assert got == (width, height)


@given(SIDE, SIDE, SIDE, st.sampled_from("wh"), st.sampled_from(["inside", "cover", "fill"]))
def test_one_side_gives_the_other(
    width: int, height: int, given_side: int, name: str, fit: str
) -> None:
    got = size(f"{name}={given_side}&fit={fit}", width, height)
    scale = min(Fraction(given_side, width if name == "w" else height), Fraction(1))
    assert near(got[0], width * scale)
    assert near(got[1], height * scale)


@given(
    SIDE,
    SIDE,
    st.integers(1, 3000),
    st.integers(1, 3000),
    st.sampled_from(["cover", "fill", "contain"]),
    st.sampled_from(["1", "2", "2.5"]),
)
def test_cover_fill_and_contain_are_exactly_the_box(
    width: int, height: int, w: int, h: int, fit: str, dpr: str
) -> None:
    got = size(f"w={w}&h={h}&fit={fit}&dpr={dpr}", width, height)
    assert near(got[0], w * Fraction(dpr))
    assert near(got[1], h * Fraction(dpr))


@given(SIDE, SIDE, st.floats(-360, 360).map(lambda angle: f"{angle:.3f}"))
def test_a_turned_picture_takes_its_bounding_box(width: int, height: int, angle: str) -> None:
    got = size(f"rot={angle}", width, height)
    turn = math.radians(float(angle))
    corners = [
        (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
        for x in (0, width)
        for y in (0, height)
    ]
    box = [max(c[i] for c in corners) - min(c[i] for c in corners) for i in (0, 1)]
    assert abs(got[0] - max(1, box[0])) <= 0.5 + 1e-6
    assert abs(got[1] - max(1, box[1])) <= 0.5 + 1e-6


# Where points go

PIECES = {
    "rect": st.sampled_from(["10,20,300,200", "25p,25p,50p,50p", "0,0,1,1"]),
    "rot": st.sampled_from(["90", "180", "270", "-90"]),
    "flip": st.sampled_from(["h", "v", "hv"]),
    "w": st.integers(20, 3000).map(str),
    "h": st.integers(20, 3000).map(str),
    "fit": st.sampled_from(["inside", "cover", "contain", "fill", "outside"]),
    "enlarge": st.sampled_from(["0", "1"]),
    "g": st.sampled_from(["top-left", "center", "bottom-right", "left"]),
    "pad": st.sampled_from(["3", "1,2,3,4"]),
}


@given(st.fixed_dictionaries({}, optional=PIECES))
def test_the_transform_maps_the_middle_of_the_answer_into_the_part_shown(
    pieces: dict[str, str],
) -> None:
    plan = planned("&".join(f"{name}={value}" for name, value in pieces.items()))
    back = plan.transform.inverse()
    for x, y in ((0.0, 0.0), (1440.0, 0.0), (0.0, 900.0), (720.0, 450.0)):
        there = plan.transform.apply(x, y)
        again = back.apply(*there)
        assert abs(again[0] - x) < 1e-6 * 1440
        assert abs(again[1] - y) < 1e-6 * 900


@given(st.fixed_dictionaries({}, optional={n: PIECES[n] for n in ("rot", "flip", "w")}))
def test_the_corners_of_a_whole_picture_land_on_the_corners_of_the_answer(
    pieces: dict[str, str],
) -> None:
    plan = planned("&".join(f"{name}={value}" for name, value in pieces.items()))
    width, height = plan.size.width, plan.size.height
    landed = {
        (round(x), round(y))
        for x, y in (plan.transform.apply(x, y) for x in (0, 1440) for y in (0, 900))
    }
    assert landed == {(0, 0), (width, 0), (0, height), (width, height)}


@pytest.mark.parametrize(
    ("query", "point", "lands"),
    [
        ("rot=90", (0, 0), (900, 0)),
        ("rot=90", (1440, 0), (900, 1440)),
        ("rot=180", (0, 0), (1440, 900)),
        ("rot=270", (0, 0), (0, 1440)),
        ("rot=-90", (1440, 0), (0, 0)),
        ("flip=h", (100, 50), (1340, 50)),
        ("flip=v", (100, 50), (100, 850)),
        ("rect=10,20,300,200", (10, 20), (0, 0)),
        ("w=720", (1440, 900), (720, 450)),
        ("pad=1,2,3,4", (0, 0), (4, 1)),
        ("w=300&h=300&fit=contain", (0, 0), (0, 56)),
        ("w=300&h=300&fit=contain&g=bottom", (0, 900), (0, 300)),
        ("w=300&h=300&fit=cover&g=left", (0, 0), (0, 0)),
        ("w=300&h=300&fit=cover&g=right", (1440, 900), (300, 300)),
        ("w=300&h=300&fit=cover&g=center", (720, 450), (150, 150)),
        ("w=300&h=300&fit=cover&fp=0,0.5", (0, 0), (0, 0)),
        ("w=300&h=300&fit=cover&fp=0.4,0.5", (576, 450), (150, 150)),
        ("rot=45&rect=0,0,100,100", (50, 50), (70.5, 70.5)),
        ("rot=90&flip=h", (0, 0), (0, 0)),
    ],
)
def test_where_a_point_lands(
    query: str, point: tuple[float, float], lands: tuple[float, float]
) -> None:
    x, y = planned(query).transform.apply(*point)
    assert (x, y) == pytest.approx(lands, abs=0.51)


AFFINES = st.builds(
    Affine, *(st.floats(-4, 4) for _ in range(2)), st.floats(-99, 99),
    *(st.floats(-4, 4) for _ in range(2)), st.floats(-99, 99),
)  # fmt: skip


@given(AFFINES, AFFINES, st.floats(-99, 99), st.floats(-99, 99))
def test_maps_follow_each_other(one: Affine, other: Affine, x: float, y: float) -> None:
    assert one.then(other).apply(x, y) == pytest.approx(other.apply(*one.apply(x, y)), abs=1e-6)


@given(AFFINES, st.floats(-99, 99), st.floats(-99, 99))
def test_an_inverse_leads_back(one: Affine, x: float, y: float) -> None:
    assume(abs(one.a * one.e - one.b * one.d) > 0.01)
    assert one.inverse().apply(*one.apply(x, y)) == pytest.approx((x, y), abs=1e-4)


# Limits


def test_an_answer_over_the_limit_is_refused_before_any_work() -> None:
    tight = OutputLimits(1_000_000, 1_000_000)
    assert planned("w=1000&h=1000&fit=fill", limits=tight).size == Size(1000, 1000)
    error = refused("w=1001&h=1000&fit=fill", limits=tight)
    assert error.field == "w"
    assert refused("height=2000&fit=cover&enlarge=1", limits=tight).field == "height"
    assert "1001×1000" in str(error.given)
    assert "1000000" in str(error.allowed)
    assert refused("w=900&pad=400", limits=tight).field == "pad"
    assert refused("rect=0,0,999,800&rot=45", limits=tight).field == "rot"


def test_all_frames_together_count() -> None:
    limits = OutputLimits(10_000, 5 * 60 * 40)
    assert planned("fmt=gif", ANIMATION, limits=limits).frames == 5
    error = refused("fmt=gif&w=61&h=40&fit=fill", of=ANIMATION, limits=limits)
    assert "5 frames" in str(error.given)
    assert planned("w=61&h=40&fit=fill&anim=0", ANIMATION, limits=limits).frames == 1


def test_a_side_longer_than_the_format_holds_is_refused() -> None:
    wide = picture(20000, 100)
    assert planned("fmt=jpg", wide).size.width == 20000
    error = refused("fmt=webp", of=wide)
    assert (error.field, error.given) == ("fmt", "webp")
    assert "16383" in str(error.allowed)
    assert planned("fmt=webp&w=16383", wide).size.width == 16383


@pytest.mark.parametrize(
    "query",
    ["rect=0,0,1441,10", "rect=0,0,10,901", "rect=1440,0,1,1", "rect=0,900,1,1", "rect=1,0,100p,1",
     "rect=60p,0,50p,1", "rect=1000000,0,1,1"],
)  # fmt: skip
def test_a_rectangle_outside_the_picture_is_refused(query: str) -> None:
    error = refused(query)
    assert error.field == "rect"
    assert "1440×900" in str(error.allowed)


@given(st.integers(1, 9999), st.integers(1, 9999), st.integers(0, 99_999), st.integers(1, 99_999))
def test_a_rectangle_in_percent_that_ends_at_the_edge_is_inside(
    width: int, height: int, x: int, w: int
) -> None:
    assume(x + w <= 100_000)
    text = f"rect={x / 1000:.3f}p,0,{w / 1000:.3f}p,100p"
    plan = planned(text, picture(width, height))
    assert 1 <= plan.size.width <= width
    assert plan.size.height == height
    assert abs(plan.size.width - w * width / 100_000) <= 1.01


def test_a_place_and_a_focal_point_together_are_refused() -> None:
    assert refused("w=10&h=10&fit=cover&g=top&fp=0,0").field == "fp"


def test_a_ratio_beside_both_sides_is_refused() -> None:
    assert refused("w=10&h=10&ar=1:1").field == "ar"


# Formats, frames and losslessness


@pytest.mark.parametrize(
    ("of", "query", "accept", "format_", "lossless", "frames"),
    [
        (picture(), "", 0, "jpg", False, 1),
        (picture(), "", 1, "avif", False, 1),
        (picture(), "", 2, "webp", False, 1),
        (picture(), "", 3, "avif", False, 1),
        (DRAWING, "", 0, "png", True, 1),
        (DRAWING, "", 1, "png", True, 1),
        (DRAWING, "", 3, "webp", True, 1),
        (DRAWING, "lossless=0", 0, "jpg", False, 1),
        (DRAWING, "lossless=0", 3, "avif", False, 1),
        (DRAWING, "fmt=webp", 0, "webp", False, 1),
        (CLEAR, "lossless=0", 0, "png", False, 1),
        (picture(alpha=True), "", 0, "png", False, 1),
        (picture(), "lossless=1", 0, "png", True, 1),
        (picture(), "lossless=1", 3, "webp", True, 1),
        (picture(), "lossless=1&fmt=avif", 0, "avif", True, 1),
        (ANIMATION, "", 0, "gif", True, 5),
        (ANIMATION, "", 1, "gif", True, 5),
        (ANIMATION, "", 3, "webp", True, 5),
        (ANIMATION, "anim=1", 3, "webp", True, 5),
        (ANIMATION, "anim=0", 0, "png", True, 1),
        (ANIMATION, "fmt=png", 3, "png", False, 1),
        (ANIMATION, "fmt=webp", 0, "webp", False, 5),
        (ANIMATION, "page=2", 0, "png", True, 1),
        (ANIMATION, "fmt=gif&page=2", 0, "gif", False, 1),
        (PAGES, "", 0, "jpg", False, 1),
        (PAGES, "fmt=gif", 0, "gif", False, 1),
    ],
)
def test_format_losslessness_and_frames_of_an_answer(
    of: object, query: str, accept: int, format_: str, lossless: bool, frames: int
) -> None:
    plan = planned(query, of, accept)  # type: ignore[arg-type]
    assert (plan.encoder.name, plan.lossless, plan.frames) == (format_, lossless, frames)


def test_only_auto_varies_with_accept() -> None:
    assert planned("").varies
    assert planned("fmt=auto").varies
    assert planned("fmt=json").varies
    assert not planned("fmt=png").varies


def test_a_page_is_taken_or_refused() -> None:
    assert planned("page=2", PAGES).page == 2
    assert planned("page=2", ANIMATION).page == 2
    error = refused("page=3", of=PAGES)
    assert (error.field, error.given) == ("page", "3")
    assert "0–2" in str(error.allowed)
    assert "one frame" in str(refused("page=1").allowed)
    assert planned("page=0").page == 0
    assert refused("page=1&anim=1", of=ANIMATION).field == "anim"


def test_animation_in_a_format_that_holds_none_is_refused_where_it_was_insisted_on() -> None:
    error = refused("anim=1&fmt=png", of=ANIMATION)
    assert error.field == "anim"
    assert "webp" in error.detail
    assert "gif" in error.detail
    assert planned("anim=1&fmt=webp", ANIMATION).frames == 5


@pytest.mark.parametrize("fmt", ["jpg", "gif"])
def test_lossless_in_a_format_that_cannot_is_refused(fmt: str) -> None:
    error = refused(f"lossless=1&fmt={fmt}")
    assert error.field == "lossless"
    assert "png" in error.detail
    assert planned(f"lossless=0&fmt={fmt}").encoder.name == fmt


def test_a_description_is_planned_as_what_it_describes() -> None:
    plan, shown = planned("fmt=json&w=720", DRAWING, 2), planned("w=720", DRAWING, 2)
    assert plan.describe
    assert (plan.format, plan.encoder.name) == ("json", "webp")
    assert (plan.size, plan.steps, plan.scale) == (shown.size, shown.steps, shown.scale)


def test_transparency_is_kept_where_it_can_be_and_white_where_not() -> None:
    def fill(query: str) -> list[list[int]]:
        steps = planned(query, CLEAR).steps
        return [list(p.step.args["fill"]) for p in steps if p.operation.name == "background"]

    assert fill("fmt=png") == []
    assert fill("fmt=jpg") == [[255, 255, 255]]
    assert fill("fmt=png&bg=f00") == [[255, 0, 0]]
    assert fill("fmt=png&bg=f008") == [[255, 0, 0, 136]]
    assert fill("fmt=png&bg=transparent") == []
    assert fill("fmt=jpg&bg=ff000080") == [[255, 127, 127]]
    assert fill("fmt=jpg&bg=transparent") == [[255, 255, 255]]


# Scale and levels


@pytest.mark.parametrize(
    ("query", "scale"),
    [
        ("", 1),
        ("w=720", 0.5),
        ("w=360", 0.25),
        ("w=720&h=90&fit=fill", 0.5),
        ("w=72&h=900&fit=fill", 1),
        ("rot=90&w=450", 0.5),
        ("rot=45&w=100", 100 / 1655),
        ("rect=0,0,720,450&w=360", 0.5),
        ("w=360&pad=100", 0.25),
        ("w=90&h=90&fit=contain", 0.0625),
        ("w=90&h=90&fit=cover", 0.1),
        ("flip=h&w=144", 0.1),
        ("w=2880&enlarge=1", 2),
    ],
)
def test_the_scale_of_a_plan_is_the_largest_any_part_needs(query: str, scale: float) -> None:
    assert planned(query).scale == pytest.approx(scale, rel=2e-3)


LEVELS = (Level(2, "jpg"), Level(4, "jpg"), Level(8, "jpg"))


@pytest.mark.parametrize(
    ("larger", "factor"),
    [(1, None), (1.99, None), (2, 2), (3.99, 2), (4, 4), (7.9, 4), (8, 8), (100, 8)],
)
def test_the_smallest_level_that_serves_is_chosen(larger: float, factor: int | None) -> None:
    # The source is this many times larger than a level with its margin need be.
    level = choose_level(LEVELS, 1 / larger / MARGIN, lossless=False, frames=1, page=0)
    assert (level.factor if level else None) == factor


def test_a_whole_level_serves_every_scale() -> None:
    whole = (Level(1, "jpg"), *LEVELS)
    for scale in (2, 1, 0.9):
        assert choose_level(whole, scale, lossless=False, frames=1, page=0) == Level(1, "jpg")


def test_jpeg_levels_serve_no_lossless_answer_and_no_frame_but_the_first() -> None:
    assert choose_level(LEVELS, 0.1, lossless=True, frames=1, page=0) is None
    assert choose_level(LEVELS, 0.1, lossless=False, frames=2, page=0) is None
    assert choose_level(LEVELS, 0.1, lossless=False, frames=1, page=1) is None
    assert choose_level((), 0.1, lossless=False, frames=1, page=0) is None
    kept = (Level(2, "png"), Level(4, "png"))
    assert choose_level(kept, 0.1, lossless=True, frames=1, page=0) == Level(4, "png")


@given(st.integers(1, 16384), st.integers(1, 16384))
def test_no_level_is_smaller_than_the_smallest(width: int, height: int) -> None:
    whole = Size(width, height)
    factor = first_factor("jpg", whole, animated=False)
    if factor is None:
        assert max(width, height) / 2 <= SMALLEST
        return
    assert factor == 2
    while factor is not None:
        assert math.ceil(max(width, height) / factor) >= SMALLEST
        last, factor = factor, next_factor(factor, whole)
    assert max(width, height) / (last * 2) <= SMALLEST


def test_what_is_slow_to_decode_gets_a_whole_level_and_animations_none() -> None:
    for name in ("heic", "avif", "svg", "tiff", "bmp", "ico"):
        assert first_factor(name, Size(10, 10), animated=False) == 1
    assert first_factor("gif", Size(5000, 5000), animated=True) is None
    assert first_factor("jpg", Size(10, 10), animated=False) is None


# Measurements


def test_trim_measures_first_and_then_cuts() -> None:
    parsed = GRAMMAR.parse(b"rect=0,0,1000,800&trim=12,f00&w=100")
    wish = planner().plan(parsed, picture())
    assert isinstance(wish, Measurement)
    assert wish.operation.name == "trim"
    assert wish.args == {"tolerance": 12, "colour": [255, 0, 0], "exact": False}
    assert [p.operation.name for p in wish.steps] == ["rect"]
    measured = {"trim": {"rect": [100, 50, 400, 200]}}
    plan = planner().plan(parsed, picture(), measured=measured)
    assert isinstance(plan, Plan)
    assert [p.operation.name for p in plan.steps] == ["rect", "trim", "resize"]
    assert plan.size == Size(100, 50)
    assert plan.transform.apply(100, 50) == pytest.approx((0, 0))
    assert plan.transform.apply(500, 250) == pytest.approx((100, 50))


def test_a_picture_that_is_all_border_stays_as_it_is() -> None:
    for rect in ([0, 0, 0, 0], [7, 7, 0, 3], [0, 0, 1440, 900]):
        plan = planned("trim=10&w=720", measured={"trim": {"rect": rect}})
        assert plan.size == Size(720, 450)
        assert [p.operation.name for p in plan.steps] == ["resize"]


# Operations of others


def double(frame: object, *, n: object = None) -> Step | Measure | None:
    """Never called: its signature is refused."""
    raise AssertionError


def test_an_operation_stands_where_its_stage_says() -> None:
    seen: list[Size] = []

    def look(frame: object) -> Step | None:
        """Look at the size there is."""
        seen.append(frame.size)  # type: ignore[attr-defined]
        return None

    vocabulary = basics(
        Operation("before", stage=Stage.CUT, rank=1, plan=look),
        Operation("between", stage=Stage.EFFECT, plan=look),
        Operation("after", stage=Stage.OVERLAY, plan=look),
    )
    query = Grammar(vocabulary).parse(b"w=720&pad=10")
    Planner(vocabulary, WIDE, {"basics": OutputSettings()}).plan(query, picture())
    assert seen == [Size(1440, 900), Size(720, 450), Size(740, 470)]


def test_a_bad_operation_is_refused_when_it_is_declared() -> None:
    with pytest.raises(TypeError, match="not Annotated"):
        Operation("double", stage=Stage.EFFECT, plan=double)
    with pytest.raises(ValueError, match="expected lower case"):
        Operation("Bad Name", stage=Stage.EFFECT, plan=lambda frame: None)
    with pytest.raises(ValueError, match="module:function"):
        Operation("fine", stage=Stage.EFFECT, plan=lambda frame: None, draw="no.colon")
