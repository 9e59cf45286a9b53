"""Our own SVG: well formed, and of nothing but numbers, colours and outlines."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.layers import EVERY, SIZE, shapes, stored
from helpa import Affine, Size
from helpa_annotation.document import Annotation
from helpa_annotation.fonts import fonts
from helpa_annotation.outlines import hulls
from helpa_annotation.paths import arrow, by_hand, links, n
from helpa_annotation.shapes import Magnifier
from helpa_annotation.svg import Layered, Piece, numbered, svg

ELEMENTS = {"svg", "g", "path", "circle", "defs", "use"}
VALUES = {
    "xmlns": r"http://www\.w3\.org/2000/svg",
    "href": r"#g\d+",
    "id": r"g\d+",
    "fill": r"none|#[0-9a-f]{6}",
    "stroke": r"none|#[0-9a-f]{6}",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "transform": r"((matrix|rotate|translate|scale)\([-0-9. ]+\) ?)+",
    "d": r"[-MLQCAazhvlcHVSsqZ0-9. ]*",
}
NUMBER = r"-?[0-9]+(\.[0-9]+)?( -?[0-9]+(\.[0-9]+)?)*"


def text_of(content: dict[str, Any], transform: Affine, size: Size = SIZE) -> str:
    pieces = []
    for shape in numbered(Annotation.model_validate(content).shapes):
        parts: list[Layered] = ["under", "mask", "over"] if isinstance(shape, Magnifier) else [""]
        if shape.type == "spotlight":  # type: ignore[attr-defined]
            parts = ["mask"]
        pieces += [Piece(shape, part) for part in parts]
    return svg(pieces, size, transform, (0, 0, size.width, size.height), fonts())


def check(text: str) -> None:
    """Find nothing in it but what we write."""
    root = ET.fromstring(text)
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in ELEMENTS
        assert not (element.text or "").strip()
        assert not (element.tail or "").strip()
        for name, value in element.attrib.items():
            pattern = VALUES.get(name, NUMBER)
            assert re.fullmatch(pattern, value), (name, value)
    assert text.isascii()
    assert len(re.findall(r"<!|<\?|&|nan|inf", text, re.IGNORECASE)) == 0


hostile = st.text(
    st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=60
).filter(str.strip)
maps = st.sampled_from(
    [
        Affine(),
        Affine(a=-1, c=400),
        Affine(a=0.3, e=1.7),
        Affine(0.7, -0.7, 100, 0.7, 0.7, -20),
        Affine(a=1e-4, e=16000.0),
    ]
)


@settings(max_examples=80, deadline=None)
@given(hostile, maps)
def test_nothing_of_a_text_stands_in_the_svg(written: str, transform: Affine) -> None:
    drawn = [
        {"type": "text", "x": 5, "y": 5, "text": written, "id": "a"},
        {"type": "callout", "x": 5, "y": 5, "text": written, "tip_x": 0, "tip_y": 90, "id": "b"},
        {"type": "measure", "x1": 5, "y1": 5, "x2": 90, "y2": 5, "label": written, "id": "c"},
    ]
    check(text_of(stored(drawn), transform))


@pytest.mark.parametrize("text", ["</svg><image href='http://x/'/>", "&lt;&#x3c;]]>", "<!--"])
def test_markup_is_drawn_as_the_characters_it_is(text: str) -> None:
    found = text_of(stored([{"type": "text", "x": 5, "y": 5, "text": text}]), Affine())
    check(found)
    assert "http://x" not in found
    drawn = len(re.findall("<use ", found))
    assert drawn == 2 * len(text.replace(" ", ""))  # an edge and the letter


@settings(max_examples=60, deadline=None)
@given(shapes, maps)
def test_every_shape_is_well_formed(drawn: list[dict[str, Any]], transform: Affine) -> None:
    check(text_of(stored(drawn), transform))


def test_equal_layers_are_written_alike() -> None:
    assert text_of(stored(EVERY), Affine(a=0.5)) == text_of(stored(EVERY), Affine(a=0.5))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-1e-9, "0"),
        (1.5, "1.5"),
        (1e-7, "0"),
        (1e20, "10000000"),
        (7, "7"),
    ],
)
def test_numbers_are_plain(value: float, text: str) -> None:
    assert n(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"nan|inf"):
        n(value)


whole = st.integers(0, 99).map(float)


def points_of(d: str) -> list[tuple[float, float]]:
    numbers = [float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", d)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(*[st.integers(0, 500)] * 4).filter(lambda p: p[:2] != p[2:]),
    st.sampled_from([-0.7, 0.0, 0.4]),
    st.floats(0.5, 30),
    st.sampled_from(["end", "start", "both"]),
)
def test_an_arrow_reaches_its_ends_and_stays_in_its_polygons(
    ends: tuple[int, int, int, int], bend: float, width: float, heads: str
) -> None:
    start, end = ends[:2], ends[2:]
    d = arrow(start, end, bend, width, heads)
    found = points_of(d)
    reach = max(width, 1) * 1.3
    for point in (start, end):
        assert min(abs(x - point[0]) + abs(y - point[1]) for x, y in found) <= reach
    shape = {"type": "arrow", "bend": bend, "stroke_width": width / 3, "heads": heads}
    shape |= {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    (model,) = Annotation.model_validate({"shapes": [shape]}).shapes
    polygons = hulls(model, SIZE)
    assert all(any(inside(point, hull) for hull in polygons) for point in found)


def inside(point: tuple[float, float], polygon: Any) -> bool:
    sides = [
        (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
        for a, b in zip(polygon, [*polygon[1:], polygon[0]], strict=True)
    ]
    return bool(min(sides) >= -1e-2 or max(sides) <= 1e-2)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(whole, whole), min_size=1, max_size=150))
def test_a_line_by_hand_is_one_line_from_end_to_end(points: list[tuple[float, float]]) -> None:
    pieces = [points_of(d) for d in by_hand(points) if "h" not in d]
    for piece, following in pairwise(pieces):
        assert piece[-1] == following[0]
    if pieces:
        assert pieces[0][0] == points[0]
        assert pieces[-1][-1] == points[-1]


@pytest.mark.parametrize("form", ["rectangle", "ellipse"])
def test_a_part_and_its_lens_are_linked_by_two_lines_that_touch_both(form: str) -> None:
    assert len(links((0, 0, 20, 10), (100, 70), 3, form)) == 2
    assert links((0, 0, 20, 10), (10, 5), 3, form) == []
