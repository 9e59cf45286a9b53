"""Which pixels a redaction fills: its regions, a margin, and whole blocks of the source's codec.

Every region grows by the margin, as if a square were drawn along it; every block of the grid that
shares any area with that is filled whole, and what is filled grows by the grid's bleed. All of it
is computed by strips, each a row of blocks: what of a shape lies in the strip and within the margin
of it is cast upon the x axis, widened by the margin and rounded outward to blocks.

Crossings are computed in floating point; their error, some 1e-10 px, is a trifle of the margin,
which is at least 1 px.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from helpa import Grid, Size
from helpa_redaction.shapes import Region

LEAST_MARGIN = 2
"""Pixels. Text drawn at fractions of pixels and lines of one pixel reach so far beyond the box that
a person draws or a reader of text reports."""

MARGIN_SHARE = 500
"""The shorter side of a picture over its margin: the halo of a picture that was enlarged or blurred
before it came to us grows with it, as does the hand that draws. 2160 px are 5 px of margin."""

MOST_MARGIN = 16

PIECES = 80_000
"""So many edges and arcs in strips are computed, some 0.1 s; regions of more are computed in strips
of more than one block, and so fill a little more."""


class Bar(NamedTuple):
    """A filled rectangle by its edges, in pixels: right and bottom are the first not filled."""

    top: int
    bottom: int
    left: int
    right: int


class Band(NamedTuple):
    """Rows that are filled alike: edges in pixels, and the filled spans from left to right."""

    top: int
    bottom: int
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The pixels that are filled.

    Args:
        size: of the picture.
        bands: rows that are filled alike, from top to bottom; disjoint, and inside the picture.
    """

    size: Size
    bands: tuple[Band, ...]

    @property
    def rects(self) -> list[list[int]]:
        """Disjoint rectangles that make it up: x, y, width and height in pixels."""
        return [
            [left, band.top, right - left, band.bottom - band.top]
            for band in self.bands
            for left, right in band.spans
        ]

    @property
    def pixels(self) -> int:
        """How many there are."""
        return sum(w * h for _, _, w, h in self.rects)

    @property
    def share(self) -> float:
        """Share of the picture, 0–1."""
        return self.pixels / self.size.pixels

    def holds(self, x: int, y: int) -> bool:
        """Whether the pixel in column x and row y is filled."""
        return any(
            band.top <= y < band.bottom and any(left <= x < right for left, right in band.spans)
            for band in self.bands
        )


def margin_of(size: Size) -> int:
    """Return the pixels by which regions grow where nobody says otherwise."""
    side = min(size.width, size.height)
    return min(MOST_MARGIN, max(LEAST_MARGIN, math.ceil(side / MARGIN_SHARE)))


def covered(
    regions: Sequence[Region], size: Size, grid: Grid | None = None, margin: int | None = None
) -> Coverage:
    """Return the pixels that a redaction fills.

    Args:
        regions: in pixels of the upright picture; what lies outside of it is left out.
        size: of the upright picture.
        grid: blocks of the lossy codec its pixels have come through.
        margin: pixels by which regions grow, at least 1; None leaves it to the picture's size.

    Raises:
        ValueError: the margin is less than 1.
    """
    grid = grid or Grid()
    margin = margin_of(size) if margin is None else margin
    if margin < 1:
        # Of touching at a corner and of lines without width nothing would be left.
        raise ValueError(f"margin {margin}: at least 1 px")
    return _covered(regions, size, grid, margin)


def meets(region: Region, size: Size) -> bool:
    """Whether any of a region's area lies in the picture."""
    return bool(_covered([region], size, Grid(), 0).bands)


def _covered(regions: Sequence[Region], size: Size, grid: Grid, margin: int) -> Coverage:
    work, edges = _work(regions, size)
    blocks = 1
    while (work + edges * 2 * margin) / (grid.h * blocks) + edges > PIECES and (
        grid.h * blocks < size.height
    ):
        blocks *= 2
    strips = _Strips(size, grid, margin, blocks)
    return Coverage(size, tuple(_union(list(strips.bars(regions)))))


def _work(regions: Sequence[Region], size: Size) -> tuple[float, int]:
    """Return the height of all edges and arcs together, in pixels, and how many there are."""
    heights = [
        min(bottom, size.height) - max(top, 0)
        for region in regions
        if region.shape != "rect"
        for top, bottom in (
            [(min(y, to_y), max(y, to_y)) for (_, y), (_, to_y) in region.edges]
            or [(region.y, region.y + region.h)]
        )
    ]
    return sum(max(0.0, height) for height in heights), len(heights)


class _Strips:
    """The picture cut into strips.

    Args:
        size: of the picture.
        grid: its blocks.
        margin: in pixels.
        blocks: height of a strip in blocks.
    """

    def __init__(self, size: Size, grid: Grid, margin: int, blocks: int) -> None:
        self.size, self.grid, self.margin = size, grid, margin
        self.high = grid.h * blocks
        self.first = -grid.y // self.high
        self.end = -(-(size.height - grid.y) // self.high)

    def bars(self, regions: Sequence[Region]) -> Iterator[Bar]:
        """Return what is filled."""
        strips: dict[int, list[tuple[int, int]]] = {}
        for region in regions:
            if region.shape == "rect":
                reach = self._reach(region.y, region.y + region.h)
                span = self._span(region.x, region.x + region.w)
                if reach and span:
                    yield self._bar(reach.start, reach.stop, *span)
                continue
            found = self._ellipse(region) if region.shape == "ellipse" else self._polygon(region)
            for number, left, right in found:
                span = self._span(left, right)
                if span:
                    strips.setdefault(number, []).append(span)
        for number, spans in strips.items():
            for begin, end in _merged(sorted(spans)):
                yield self._bar(number, number + 1, begin, end)

    def _reach(self, top: float, bottom: float) -> range:
        """Return the numbers of the strips within the margin of some height."""
        first = math.floor((top - self.margin - self.grid.y) / self.high)
        end = math.ceil((bottom + self.margin - self.grid.y) / self.high)
        return range(max(first, self.first), min(end, self.end))

    def _span(self, left: float, right: float) -> tuple[int, int] | None:
        """Return the edges of the blocks between two points, where they are in the picture."""
        w, x = self.grid.w, self.grid.x
        begin = math.floor((left - self.margin - x) / w) * w + x
        end = math.ceil((right + self.margin - x) / w) * w + x
        return (begin, end) if begin < end and begin < self.size.width and end > 0 else None

    def _bar(self, first: int, end: int, left: int, right: int) -> Bar:
        bleed = self.grid.bleed
        return Bar(
            max(0, first * self.high + self.grid.y - bleed),
            min(self.size.height, end * self.high + self.grid.y + bleed),
            max(0, left - bleed),
            min(self.size.width, right + bleed),
        )

    def _window(self, number: int) -> tuple[int, int]:
        top = number * self.high + self.grid.y
        return top - self.margin, top + self.high + self.margin

    def _ellipse(self, region: Region) -> Iterator[tuple[int, float, float]]:
        """Return the extent across of an ellipse by strip: it is widest nearest its middle."""
        radius, half = region.w / 2, region.h / 2
        across, down = region.x + radius, region.y + half
        for number in self._reach(region.y, region.y + region.h):
            top, bottom = self._window(number)
            away = max(0.0, top - down, down - bottom) / half
            reach = radius * math.sqrt(max(0.0, 1 - away * away))
            yield number, across - reach, across + reach

    def _polygon(self, region: Region) -> Iterator[tuple[int, float, float]]:
        """Return the extents across of a polygon by strip.

        Between two of its edges in a strip lies no edge, and so a part that is inside of it or
        outside as a whole: inside by the rule of non-zero winding, counted along the strip's
        middle from the left.
        """
        strips: dict[int, list[tuple[float, float, int]]] = {}
        high, margin, line, both = self.high, self.margin, self.grid.y, self.high + 2 * self.margin
        for (x, y), (to_x, to_y) in region.edges:
            sign = 1
            if y > to_y:
                x, y, to_x, to_y, sign = to_x, to_y, x, y, -1
            slope = (to_x - x) / (to_y - y) if to_y > y else 0.0
            falls = x > to_x
            for number in self._reach(y, to_y):
                top = number * high + line - margin
                bottom = top + both
                begin, end = x, to_x
                # Rounding may carry a crossing past the end of its edge, by less than the margin.
                if y < top:
                    begin = x + (top - y) * slope
                if to_y > bottom:
                    end = x + (bottom - y) * slope
                winds = sign if y <= top + both / 2 < to_y else 0
                edge = (end, begin, winds) if falls else (begin, end, winds)
                if number in strips:
                    strips[number].append(edge)
                else:
                    strips[number] = [edge]
        for number, edges in strips.items():
            edges.sort()
            for left, right in _spans(edges):
                yield number, left, right


def _spans(edges: list[tuple[float, float, int]]) -> Iterator[tuple[float, float]]:
    left, right, winding = edges[0]
    for begin, end, winds in edges[1:]:
        if begin > right and not winding:
            yield left, right
            left = begin
        right = max(right, end)
        winding += winds
    yield left, right


def _union(bars: list[Bar]) -> Iterator[Band]:
    """Return all that any bar fills, each pixel once."""
    lines = sorted({line for bar in bars for line in (bar.top, bar.bottom)})
    waiting = sorted(bars, reverse=True)
    active: list[Bar] = []
    last: Band | None = None
    for top, bottom in itertools.pairwise(lines):
        active = [bar for bar in active if bar.bottom > top]
        while waiting and waiting[-1].top == top:
            active.append(waiting.pop())
        if not active:
            continue
        active.sort(key=lambda bar: bar.left)
        spans = tuple(_merged([(bar.left, bar.right) for bar in active]))
        if last and last.bottom == top and last.spans == spans:
            last = Band(last.top, bottom, spans)
            continue
        if last:
            yield last
        last = Band(top, bottom, spans)
    if last:
        yield last


def _merged(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Return sorted spans, of which there is one at least, with those that touch made one."""
    begin, end = spans[0]
    for left, right in spans:
        if left > end:
            yield begin, end
            begin = left
        end = max(end, right)
    yield begin, end
