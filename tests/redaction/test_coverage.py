"""Which pixels are filled, against a computation by clipping each pixel's square on its own."""

from __future__ import annotations

import math
import random
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpa import Grid, Size
from helpa_redaction.coverage import Coverage, covered, margin_of, meets
from helpa_redaction.shapes import Region

TRIFLE = 1e-6

Vertex = tuple[float, float]

COORDINATES = st.one_of(
    st.integers(-12, 52).map(float),
    st.integers(-48, 208).map(lambda n: n / 4),
    st.floats(-12, 52, allow_nan=False, width=16),
)
GRIDS = st.one_of(
    st.just(Grid()),
    st.builds(
        lambda w, h, x, y, bleed: Grid(w, h, x % w, y % h, bleed),
        st.sampled_from([1, 8, 16]),
        st.sampled_from([1, 8, 16, 32]),
        st.integers(0, 31),
        st.integers(0, 31),
        st.integers(0, 5),
    ),
)
SIZES = st.builds(Size, st.integers(1, 32), st.integers(1, 32))


def clipped(points: list[Vertex], axis: int, line: float, sign: int) -> list[Vertex]:
    """Return a polygon's corners on one side of a line (Sutherland and Hodgman)."""
    kept: list[Vertex] = []
    for p, q in zip(points, points[1:] + points[:1], strict=True):
        here, there = sign * (p[axis] - line), sign * (q[axis] - line)
        if here >= 0:
            kept.append(p)
        if here * there < 0:
            share = here / (here - there)
            kept.append((p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])))
    return kept


def winding(points: list[Vertex], x: float, y: float) -> int:
    """Return how often a polygon winds around a point that is on none of its edges."""
    number = 0
    for (px, py), (qx, qy) in zip(points, points[1:] + points[:1], strict=True):
        left = (qx - px) * (y - py) - (x - px) * (qy - py)
        if py <= y < qy and left > 0:
            number += 1
        elif qy <= y < py and left < 0:
            number -= 1
    return number


def touches(region: Region, left: float, top: float, right: float, bottom: float) -> bool:
    """Whether a region has a point inside of an open box."""
    if region.shape == "rect":
        x, y, w, h = (region.x, region.y, region.w, region.h)
        return x < right and x + w > left and y < bottom and y + h > top
    if region.shape == "ellipse":
        rx, ry = region.w / 2, region.h / 2
        cx, cy = region.x + rx, region.y + ry
        near_x = min(max(cx, left), right)
        near_y = min(max(cy, top), bottom)
        far = ((near_x - cx) / rx) ** 2 + ((near_y - cy) / ry) ** 2
        return far < 1  # the measure is a sum of one part for each axis: no other point is nearer
    points = list(region.points)
    for p, q in zip(points, points[1:] + points[:1], strict=True):
        # The middle of what an edge has in the closed box: on its border, all of it is.
        inside = [p, q]
        for axis, line, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, bottom, -1)):
            inside = clipped(inside, axis, line, sign)
            if not inside:
                break
        if not inside:
            continue
        x = sum(each[0] for each in inside) / len(inside)
        y = sum(each[1] for each in inside) / len(inside)
        if left < x < right and top < y < bottom:
            return True
    return winding(points, (left + right) / 2, (top + bottom) / 2) != 0


def expected(regions: list[Region], size: Size, grid: Grid, margin: float) -> set[tuple[int, int]]:
    """Return the pixels, block by block."""
    found: set[tuple[int, int]] = set()
    for by in range(grid.y - grid.h, size.height, grid.h):
        for bx in range(grid.x - grid.w, size.width, grid.w):
            box = (bx - margin, by - margin, bx + grid.w + margin, by + grid.h + margin)
            inside = bx + grid.w > 0 and by + grid.h > 0
            if inside and any(touches(region, *box) for region in regions):
                found |= {
                    (x, y)
                    for x in range(bx - grid.bleed, bx + grid.w + grid.bleed)
                    for y in range(by - grid.bleed, by + grid.h + grid.bleed)
                }
    return {(x, y) for x, y in found if 0 <= x < size.width and 0 <= y < size.height}


def filled(coverage: Coverage) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for x, y, w, h in coverage.rects:
        each = {(i, j) for i in range(x, x + w) for j in range(y, y + h)}
        assert each, "an empty rectangle"
        assert not each & found, "a pixel twice"
        found |= each
    assert coverage.pixels == len(found)
    return found


def regions() -> st.SearchStrategy[Region]:
    sides = st.one_of(st.integers(1, 40).map(float), st.floats(2**-6, 40, width=16))
    boxes = st.builds(
        Region, st.sampled_from(["rect", "ellipse"]), COORDINATES, COORDINATES, sides, sides
    )
    corners = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=7)
    return st.one_of(boxes, corners.map(lambda points: Region.polygon(tuple(points))))


def polygon(*points: tuple[float, float]) -> Region:
    return Region.polygon(points)


SPIKE = polygon((2, 2), (10, 2), (10, 10), (30, 10), (10, 10), (2, 10))
STAR = polygon((15, 0), (24, 28), (0, 10), (30, 10), (6, 28))
EIGHT = polygon((0, 0), (30, 30), (30, 0), (0, 30))


@settings(max_examples=120, deadline=None)
@given(st.lists(regions(), min_size=1, max_size=3), SIZES, GRIDS, st.integers(1, 4))
@example([SPIKE], Size(40, 40), Grid(), 1)
@example([STAR], Size(40, 40), Grid(), 1)
@example([EIGHT], Size(40, 40), Grid(8, 8, 3, 5, 2), 1)
@example([polygon((5, 5), (5, 30), (5, 5))], Size(40, 40), Grid(), 1)
@example([polygon((5, 5), (35, 5.001), (5, 5.002))], Size(40, 40), Grid(), 1)
def test_every_pixel_that_a_region_touches_is_filled_and_no_other(
    drawn: list[Region], size: Size, grid: Grid, margin: int
) -> None:
    found = filled(covered(drawn, size, grid, margin))
    # Only rounding in the last places is allowed for.
    assert expected(drawn, size, grid, margin - TRIFLE) <= found
    assert found <= expected(drawn, size, grid, margin + TRIFLE)


@pytest.mark.parametrize("box", [(3, 4, 11, 9), (0.5, 0.5, 30, 12.25), (-8, 5, 20, 21)])
def test_an_ellipse_fills_what_lies_within_the_margin_of_it(
    box: tuple[float, float, float, float],
) -> None:
    x, y, w, h = box
    found = filled(covered([Region("ellipse", *box)], Size(40, 40), Grid(), 2))
    steps = [2 * math.pi * n / 20_000 for n in range(20_000)]
    rim = [(x + w / 2 * (1 + math.cos(a)), y + h / 2 * (1 + math.sin(a))) for a in steps]
    least = set()
    for px, py in rim:
        least |= {
            (i, j)
            for i in range(math.floor(px - 2), math.ceil(px + 2))
            for j in range(math.floor(py - 2), math.ceil(py + 2))
        }
    middle = {
        (i, j)
        for i in range(40)
        for j in range(40)
        if ((i + 0.5 - x - w / 2) / (w / 2)) ** 2 + ((j + 0.5 - y - h / 2) / (h / 2)) ** 2 < 1
    }
    assert found == {(i, j) for i, j in least | middle if 0 <= i < 40 and 0 <= j < 40}


def test_the_middle_of_a_star_is_filled() -> None:
    found = covered([STAR], Size(40, 40), Grid(), 1)
    assert found.holds(15, 15)
    assert not found.holds(1, 30)


def test_a_rectangle_of_whole_pixels_grows_by_the_margin_alone() -> None:
    coverage = covered([Region("rect", 10, 20, 30, 5)], Size(100, 100), Grid(), 2)
    assert coverage.rects == [[8, 18, 34, 9]]
    assert coverage.share == 34 * 9 / 10_000


def test_blocks_are_filled_whole_and_the_bleed_goes_beyond_them() -> None:
    coverage = covered([Region("rect", 20, 20, 2, 2)], Size(100, 100), Grid(16, 16, 0, 0, 2), 2)
    assert coverage.rects == [[14, 14, 20, 20]]
    near = covered([Region("rect", 31, 20, 2, 2)], Size(100, 100), Grid(16, 16, 0, 0, 2), 2)
    assert near.rects == [[14, 14, 36, 20]]
    moved = covered([Region("rect", 20, 20, 2, 2)], Size(100, 100), Grid(16, 8, 5, 3), 2)
    assert moved.rects == [[5, 11, 32, 16]]


def test_what_lies_outside_of_the_picture_is_left_out() -> None:
    size = Size(50, 40)
    assert covered([Region("rect", -100, -100, 500, 500)], size, Grid(8, 8)).rects == [
        [0, 0, 50, 40]
    ]
    assert not meets(Region("rect", 50, 0, 5, 5), size)
    assert not meets(Region("rect", -5, 0, 5, 5), size)
    assert meets(Region("rect", 49.5, 0, 5, 5), size)
    assert not meets(polygon((-5, 1), (-5, -5), (1, -5)), size)
    assert not meets(polygon((-9, 1), (-5, -5), (8, -9)), size)


def test_a_margin_is_at_least_a_pixel() -> None:
    with pytest.raises(ValueError, match="margin 0"):
        covered([STAR], Size(40, 40), Grid(), 0)


def test_the_margin_grows_with_the_picture() -> None:
    assert margin_of(Size(1440, 900)) == 2
    assert margin_of(Size(3840, 2160)) == 5
    assert margin_of(Size(1, 1)) == 2
    assert margin_of(Size(20_000, 20_000)) == 16


def many(kind: str) -> list[Region]:
    draw = random.Random(kind)
    found = []
    for _ in range(200):
        x, y, reach = draw.uniform(0, 8192), draw.uniform(0, 8192), draw.uniform(50, 2000)
        if kind == "rounded":
            found.append(Region("ellipse", x - reach, y - reach, reach, reach))
            continue
        angles = [2 * math.pi * n / 100 for n in range(100)]
        if kind == "tangled":
            draw.shuffle(angles)
        found.append(polygon(*((x + reach * math.cos(a), y + reach * math.sin(a)) for a in angles)))
    return found


@pytest.mark.parametrize("kind", ["rounded", "convex", "tangled"])
def test_two_hundred_regions_of_a_hundred_corners_take_no_time(kind: str) -> None:
    drawn, times = many(kind), []
    for _ in range(3):
        began = time.process_time()
        coverage = covered(drawn, Size(8192, 8192), Grid(), 5)
        times.append(time.process_time() - began)
        assert len(coverage.rects) < 20_000
    assert min(times) < 0.6  # 0.15 s where nothing else runs


def test_regions_too_many_to_be_exact_fill_more_and_nothing_less() -> None:
    drawn = many("tangled")
    coverage = covered(drawn, Size(8192, 8192), Grid(), 1)
    for region in drawn[::67]:
        alone = covered([region], Size(8192, 8192), Grid(), 1)
        for x, y, w, h in alone.rects[::300]:
            assert coverage.holds(x, y)
            assert coverage.holds(x + w - 1, y + h - 1)
