"""Outlines of shapes as SVG path data, in pixels of the picture before shapes are turned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from helpa_annotation.outlines import HEAD, Point, bow

MOST = 1e7
"""Farther than any place is drawn; renderers compute with numbers of this size exactly enough."""


def n(value: float) -> str:
    """Return a number as it stands in SVG: plain decimals, six places at most.

    Raises:
        ValueError: it is no number.
    """
    if not math.isfinite(value):
        raise ValueError(value)
    text = f"{min(MOST, max(-MOST, value)):.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def path(letter: str, *points: Sequence[float]) -> str:
    """Return a command of a path and its points."""
    return letter + " ".join(n(value) for point in points for value in point)


def polygon(points: Sequence[Point]) -> str:
    """Return a closed path through some points."""
    return path("M", points[0]) + "".join(path("L", point) for point in points[1:]) + "z"


def rounded(x: float, y: float, w: float, h: float, radius: float) -> str:
    """Return a rectangle with round corners."""
    return _around(x, y, w, h, min(radius, w / 2, h / 2), None)


def ellipse(x: float, y: float, w: float, h: float) -> str:
    """Return the ellipse that fills a box."""
    rx, ry = w / 2, h / 2
    arc = f"a{n(rx)} {n(ry)} 0 1 1 "
    return f"M{n(x)} {n(y + ry)}{arc}{n(w)} 0{arc}{n(-w)} 0z"


def balloon(box: tuple[float, float, float, float], radius: float, foot: float, tip: Point) -> str:
    """Return a rectangle with round corners and a tip.

    Args:
        box: left, top, width and height.
        radius: of its corners.
        foot: breadth of the tip where it leaves the box.
        tip: where it points; inside of the box there is none.
    """
    x, y, w, h = box
    radius = min(radius, w / 2, h / 2)
    across, down = tip[0] - x - w / 2, tip[1] - y - h / 2
    if abs(across) <= w / 2 and abs(down) <= h / 2:
        return rounded(x, y, w, h, radius)
    level = abs(across) / w <= abs(down) / h  # whether it leaves at the top or at the foot
    side = w if level else h
    half = min(foot, side - 2 * radius) / 2
    if half < foot / 8:
        half = side / 4  # a pill has no straight edge; its corners then begin at the tip
        radius = min(radius, side / 4)
    # It leaves on the way from the box's middle, drawn towards the tip.
    ratio = abs((h if level else w) / 2 / (down if level else across))
    at = side / 2 + (across if level else down) * (0.35 * ratio + 0.65 * ratio**0.5)
    at = min(max(at, radius + half), side - radius - half)
    edge = ("top" if down < 0 else "bottom") if level else ("left" if across < 0 else "right")
    return _around(x, y, w, h, radius, (edge, at, half, tip))


def _around(
    x: float,
    y: float,
    w: float,
    h: float,
    r: float,
    tail: tuple[str, float, float, Point] | None,
) -> str:
    """Return the way around a box, clockwise from the end of its top left corner."""

    def leave(edge: str) -> str:
        if tail is None or tail[0] != edge:
            return ""
        _, at, half, tip = tail
        first, last = at - half, at + half
        if edge == "top":
            feet = (x + first, y), (x + last, y)
        elif edge == "right":
            feet = (x + w, y + first), (x + w, y + last)
        elif edge == "bottom":
            feet = (x + last, y + h), (x + first, y + h)
        else:
            feet = (x, y + last), (x, y + first)
        return path("L", feet[0]) + path("L", tip) + path("L", feet[1])

    def corner(dx: float, dy: float) -> str:
        return f"a{n(r)} {n(r)} 0 0 1 {n(dx)} {n(dy)}" if r > 0 else ""

    return (
        path("M", (x + r, y)) + leave("top") + path("L", (x + w - r, y)) + corner(r, r)
        + leave("right") + path("L", (x + w, y + h - r)) + corner(-r, r)
        + leave("bottom") + path("L", (x + r, y + h)) + corner(-r, -r)
        + leave("left") + path("L", (x, y + r)) + corner(r, -r) + "z"
    )  # fmt: skip


TOGETHER = 32
"""Points of a line by hand that are drawn as one path.

Renderers look for where a path crosses itself: 2,000 points all over a picture took 1.6 s as one
path.
"""


def by_hand(points: Sequence[Sequence[float]]) -> list[str]:
    """Return a smooth line through the middles between points, as paths that join."""
    if len(points) == 1:
        return [path("M", points[0]) + "h0.001"]  # a dot, by its round ends
    found = []
    for start in range(0, max(1, len(points) - 2), TOGETHER):
        part = points[start : start + TOGETHER + 2]
        begin, end = part[0], part[-1]
        if start > 0:
            begin = _half(part[0], part[1])
        if start + TOGETHER + 2 < len(points):
            end = _half(part[-2], part[-1])
        found.append(_curve(begin, part[1:-1], end))
    return found


def _half(a: Sequence[float], b: Sequence[float]) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def _curve(begin: Sequence[float], points: Sequence[Sequence[float]], end: Sequence[float]) -> str:
    parts = [path("M", begin)]
    for point, following in pairwise(points):
        parts.append(path("Q", point, _half(point, following)))
    if points:
        return "".join(parts) + path("Q", points[-1], end)
    return parts[0] + path("L", end)


NECK, BACK = 3.6, 4.3
"""From an arrow's tip to where its shaft ends and to the ends of its barbs, in its widths."""

ROUND = 0.4
"""Width of the line around an arrow that rounds its corners, in its widths."""

THIN = 0.28
"""Width of an arrow where it begins, in its widths."""


def arrow(start: Point, end: Point, bend: float, width: float, heads: str) -> str:
    """Return an arrow's outline, which wants a line of :data:`ROUND` widths around it."""
    way = bow(start, end, bend, 1 if bend == 0 else 40)
    total = sum(math.dist(a, b) for a, b in pairwise(way))
    if total < 1e-6:
        return ""
    width = min(width, total / (BACK * (2.4 if heads == "both" else 1.3)))
    inset = width * ROUND / 2
    first = NECK * width if heads in ("start", "both") else inset
    last = total - (NECK * width if heads in ("end", "both") else inset)
    left, right = [], []
    for at, point, (dx, dy) in _along(way, first, last):
        share = (at - first) / (last - first)
        wide = 1.0
        if heads == "end":
            wide = THIN + (1 - THIN) * share
        elif heads == "start":
            wide = 1 - (1 - THIN) * share
        half = width * max(0.02, wide - ROUND) / 2
        left.append((point[0] + dy * half, point[1] - dx * half))
        right.append((point[0] - dy * half, point[1] + dx * half))
    there = _head(way, width) if heads in ("end", "both") else []
    back = _head(way[::-1], width) if heads in ("start", "both") else []
    return polygon([*left, *there, *right[::-1], *back])


def _head(way: Sequence[Point], width: float) -> list[Point]:
    """Return barb, tip and barb of the head at the end of a way, left one first."""
    tip = way[-1]
    base = _point_before(way, BACK * width)
    length = math.dist(base, tip) or 1.0
    dx, dy = (tip[0] - base[0]) / length, (tip[1] - base[1]) / length
    half, inset = width * (HEAD - ROUND / 2), width * ROUND / 2
    x, y = tip[0] - dx * BACK * width, tip[1] - dy * BACK * width
    return [
        (x + dy * half, y - dx * half),
        # A round tip reaches as far as the line around it.
        (tip[0] - dx * inset, tip[1] - dy * inset),
        (x - dy * half, y + dx * half),
    ]


def _point_before(way: Sequence[Point], distance: float) -> Point:
    """Return the point of a way some distance before its end, along it."""
    for after, before in zip(way[::-1], way[-2::-1], strict=False):
        length = math.dist(before, after)
        if length >= distance:
            share = distance / length
            return (
                after[0] + (before[0] - after[0]) * share,
                after[1] + (before[1] - after[1]) * share,
            )
        distance -= length
    return way[0]


def _along(
    way: Sequence[Point], first: float, last: float
) -> list[tuple[float, Point, tuple[float, float]]]:
    """Return distance, point and direction of a way at two distances and its corners between."""
    found, at = [], 0.0
    for a, b in pairwise(way):
        length = math.dist(a, b)
        if length == 0:
            continue
        dx, dy = (b[0] - a[0]) / length, (b[1] - a[1]) / length
        stops = [max(at, first)] if at <= last and at + length >= first else []
        if at <= last <= at + length:
            stops.append(last)
        found += [(s, (a[0] + dx * (s - at), a[1] + dy * (s - at)), (dx, dy)) for s in stops]
        at += length
    return found


def links(
    part: tuple[float, float, float, float], lens: Point, zoom: float, form: str
) -> list[tuple[Point, Point]]:
    """Return the lines that touch a part of the picture and its lens, from the first to the second.

    Args:
        part: left, top, width and height.
        lens: its middle.
        zoom: how many times larger it is.
        form: of both, rectangle or ellipse.
    """
    x, y, w, h = part[0] + part[2] / 2, part[1] + part[3] / 2, part[2] / 2, part[3] / 2
    if form == "ellipse":
        # In a space where both are circles.
        dx, dy = (lens[0] - x) / w, (lens[1] - y) / h
        far = math.hypot(dx, dy)
        if far <= zoom - 1 + 1e-9:
            return []
        found = []
        spread = math.acos(-(zoom - 1) / far)
        for sign in (-1, 1):
            angle = math.atan2(dy, dx) + sign * spread
            cos, sin = math.cos(angle), math.sin(angle)
            found.append(
                (
                    (x + w * cos, y + h * sin),
                    (lens[0] + w * zoom * cos, lens[1] + h * zoom * sin),
                )
            )
        return found
    corners = [(-w, -h), (w, -h), (w, h), (-w, h)]
    near = [(x + cx, y + cy) for cx, cy in corners]
    far_corners = [(lens[0] + zoom * cx, lens[1] + zoom * cy) for cx, cy in corners]
    found = []
    for start, end in zip(near, far_corners, strict=True):
        dx, dy = end[0] - start[0], end[1] - start[1]
        sides = [dx * (py - start[1]) - dy * (px - start[0]) for px, py in (*near, *far_corners)]
        slack = 1e-9 * (abs(dx) + abs(dy) + 1) * (abs(w) + abs(h)) * zoom
        if min(sides) >= -slack or max(sides) <= slack:
            found.append((start, end))
    return found
