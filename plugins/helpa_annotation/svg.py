"""Our own SVG of a layer: numbers, colours and outlines; no text of anybody stands in it.

Words are outlines of glyphs, colours are hex digits, and everything else is numbers, so that there
is nothing in it that could be read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from helpa import Affine, Size
from helpa_annotation import inking, paths
from helpa_annotation.boxes import PAD_X, block_of, feet
from helpa_annotation.fonts import Fonts
from helpa_annotation.geometry import aligned, turn_of
from helpa_annotation.inking import Sheet
from helpa_annotation.lettering import laid_out
from helpa_annotation.outlines import MARK, STEP, middle, rotation
from helpa_annotation.paths import n
from helpa_annotation.shapes import (
    Arrow,
    Callout,
    Ellipse,
    Highlighter,
    Label,
    Line,
    Magnifier,
    Measure,
    Outlined,
    Pen,
    Rectangle,
    Shape,
    Spotlight,
    Stamp,
    Step,
)
from helpa_annotation.signs import DRAWINGS

Layered = Literal["", "under", "mask", "over"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A shape, or a part of one.

    Args:
        shape: completed, and a step with its number.
        part: ``mask`` is where it is, in white: the ink of a highlighter, the part a spotlight
            leaves, the lens of a magnifier. ``under`` and ``over`` are what lies below and above
            that lens. Else all of it.
    """

    shape: Shape
    part: Layered = ""


def svg(
    pieces: Iterable[Piece],
    size: Size,
    transform: Affine,
    view: tuple[int, int, int, int],
    fonts: Fonts,
) -> str:
    """Return a window of a layer as SVG.

    Args:
        pieces: what is drawn, from the bottom to the top.
        size: of the upright picture, in pixels.
        transform: where a point of it lands in the output.
        view: left, top, width and height of the window in the output, in pixels.
        fonts: to write with.
    """
    sheet = Sheet(size, turn_of(transform), fonts)
    body = "".join(_drawn(piece, sheet) for piece in pieces)
    left, top, width, height = view
    t = transform
    matrix = " ".join(map(n, (t.a, t.d, t.b, t.e, t.c - left, t.f - top)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{sheet.definitions()}'
        f'<g transform="matrix({matrix})">{body}</g></svg>'
    )


def polygon(corners: Sequence[tuple[float, float]], view: tuple[int, int, int, int]) -> str:
    """Return a window of a white polygon as SVG.

    Args:
        corners: in pixels of the output.
        view: left, top, width and height of the window in the output, in pixels.
    """
    left, top, width, height = view
    points = " ".join(f"{n(x - left)},{n(y - top)}" for x, y in corners)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><polygon points="{points}" fill="#fff"/></svg>'
    )


def _drawn(piece: Piece, sheet: Sheet) -> str:
    shape = piece.shape
    if isinstance(shape, Highlighter):
        width = sheet.length(shape.stroke_width)
        body = "".join(inking.stroke(d, "ffffff", width) for d in paths.by_hand(shape.points))
    elif isinstance(shape, Spotlight | Magnifier) and piece.part == "mask":
        body = inking.fill(_form(shape, sheet), "ffffff")
    elif isinstance(shape, Magnifier):
        body = _magnifier(shape, piece.part, sheet)
    elif isinstance(shape, Arrow):
        body = _arrow(shape, sheet)
    elif isinstance(shape, Line):
        d = paths.path("M", (shape.x1, shape.y1)) + paths.path("L", (shape.x2, shape.y2))
        width = sheet.length(shape.stroke_width)
        body = sheet.shadow(shape, [(d, width, False)]) + inking.turned(
            shape, inking.stroke(d, shape.stroke, width, shape.dash)
        )
    elif isinstance(shape, Pen):
        body = _pen(shape, sheet)
    elif isinstance(shape, Outlined):
        body = _outlined(shape, sheet)
    elif isinstance(shape, Label):
        body = _label(shape, sheet)
    elif isinstance(shape, Callout):
        body = _callout(shape, sheet)
    elif isinstance(shape, Step):
        body = _step(shape, sheet)
    elif isinstance(shape, Stamp):
        body = _stamp(shape, sheet)
    elif isinstance(shape, Measure):
        body = _measure(shape, sheet)
    else:
        raise TypeError(shape)
    if isinstance(shape, Highlighter | Spotlight) or piece.part == "mask":
        return inking.turned(shape, body)
    return inking.faded(body, shape.opacity)


def _form(shape: Spotlight | Magnifier, sheet: Sheet) -> str:
    x, y, w, h = shape.x, shape.y, shape.w, shape.h
    zoom = 1.0
    if isinstance(shape, Magnifier):
        zoom = shape.zoom
        cx, cy = _lens(shape)
        x, y, w, h = cx - w * zoom / 2, cy - h * zoom / 2, w * zoom, h * zoom
    if shape.form == "ellipse":
        return paths.ellipse(x, y, w, h)
    return paths.rounded(x, y, w, h, sheet.length(shape.radius) * zoom)


def _lens(shape: Magnifier) -> tuple[float, float]:
    """Return the middle of a lens before it and its part are turned about the part's middle."""
    return rotation(-shape.rotation, *middle(shape)).apply(shape.to_x, shape.to_y)


def _arrow(shape: Arrow, sheet: Sheet) -> str:
    width = sheet.length(shape.stroke_width)
    d = paths.arrow((shape.x1, shape.y1), (shape.x2, shape.y2), shape.bend, width, shape.heads)
    if not d or width == 0:
        return ""
    around = width * paths.ROUND
    colour, opacity = inking.opaque(shape.stroke)
    body = (
        f'<path d="{d}" fill="#{colour}" stroke="#{colour}" stroke-width="{n(around)}" '
        'stroke-linejoin="round"/>'
    )
    shadow = sheet.shadow(shape, [(d, around, True)])
    return shadow + inking.turned(shape, inking.faded(body, opacity))


def _pen(shape: Pen, sheet: Sheet) -> str:
    lines = paths.by_hand(shape.points)
    width = sheet.length(shape.stroke_width)
    colour, opacity = inking.opaque(shape.stroke)
    # Where paths join they lie over each other: together they are as opaque as one.
    body = inking.faded("".join(inking.stroke(d, colour, width) for d in lines), opacity)
    shadow = sheet.shadow(shape, [(d, width, False) for d in lines])
    return shadow + inking.turned(shape, body)


def _outlined(shape: Outlined, sheet: Sheet) -> str:
    if isinstance(shape, Rectangle):
        d = paths.rounded(shape.x, shape.y, shape.w, shape.h, sheet.length(shape.radius))
    else:
        assert isinstance(shape, Ellipse)
        d = paths.ellipse(shape.x, shape.y, shape.w, shape.h)
    width = sheet.length(shape.stroke_width) if shape.stroke is not None else 0.0
    body = inking.fill(d, shape.fill) if shape.fill is not None else ""
    if shape.stroke is not None:
        body += inking.stroke(d, shape.stroke, width, shape.dash)
    return sheet.shadow(shape, [(d, width, shape.fill is not None)]) + inking.turned(shape, body)


def _label(shape: Label, sheet: Sheet) -> str:
    assert shape.w is not None
    assert shape.h is not None
    body = shadow = ""
    if shape.fill is not None:
        d = paths.rounded(shape.x, shape.y, shape.w, shape.h, sheet.length(shape.radius))
        shadow = sheet.shadow(shape, [(d, 0.0, True)])
        body = inking.fill(d, shape.fill)
    halo = shape.halo and shape.fill is None
    return shadow + inking.turned(shape, body + _words(shape, sheet, halo))


def _callout(shape: Callout, sheet: Sheet) -> str:
    assert shape.w is not None
    assert shape.h is not None
    tip = rotation(-shape.rotation, *middle(shape)).apply(shape.tip_x, shape.tip_y)
    box = (shape.x, shape.y, shape.w, shape.h)
    d = paths.balloon(box, sheet.length(shape.radius), 1.1 * sheet.length(shape.size), tip)
    width = sheet.length(shape.stroke_width) if shape.stroke is not None else 0.0
    body = inking.fill(d, shape.fill)
    if shape.stroke is not None:
        body += inking.stroke(d, shape.stroke, width)
    body += _words(shape, sheet, halo=False)
    return sheet.shadow(shape, [(d, width, True)]) + inking.turned(shape, body)


def _words(shape: Label | Callout, sheet: Sheet, halo: bool) -> str:
    """Return the words of a box, unmirrored in it."""
    assert shape.w is not None
    block = block_of(shape, sheet.size, sheet.fonts)
    em = sheet.length(shape.size)
    across, down = aligned(shape, sheet.turn)
    share = {"left": 0.0, "center": 0.5, "right": 1.0}[across]
    left, room = shape.x + PAD_X * em, shape.w - 2 * PAD_X * em
    placed = [
        (line, left + (room - line.width * em) * share, shape.y + foot)
        for line, foot in zip(block.lines, feet(block, shape, sheet.size, down), strict=True)
    ]
    words = sheet.letters(placed, em, shape.color, halo)
    return sheet.unmirrored(words, *middle(shape))


def _step(shape: Step, sheet: Sheet) -> str:
    em = sheet.length(shape.size)
    line = laid_out(str(shape.number or 0), sheet.fonts, bold=shape.bold).lines[0]
    radius = em * max(STEP, line.width / 2 + 0.4)
    d = paths.ellipse(shape.x - radius, shape.y - radius, 2 * radius, 2 * radius)
    foot = shape.y + sheet.fonts.asked(shape.bold)[0].cap_height * em / 2
    colour = shape.color or inking.readable_on(shape.fill)
    digits = sheet.letters([(line, shape.x - line.width * em / 2, foot)], em, colour, halo=False)
    body = inking.fill(d, shape.fill)
    edge = 0.13 * em if shape.stroke is not None else 0.0
    if shape.stroke is not None:
        body += inking.stroke(d, shape.stroke, edge)
    body += sheet.unmirrored(digits, shape.x, shape.y)
    return sheet.shadow(shape, [(d, edge, True)]) + inking.turned(shape, body)


def _stamp(shape: Stamp, sheet: Sheet) -> str:
    if shape.sign is None:
        return ""  # another picture; it is drawn as pixels
    sign = DRAWINGS[shape.sign]
    scale = min(shape.w, shape.h) / 100
    x, y = middle(shape)
    placed = f"translate({n(x - 50 * scale)} {n(y - 50 * scale)}) scale({n(scale)})"
    main, _ = inking.opaque(shape.fill or sign.colour)
    colours = {"main": f"#{main}", "on": "#ffffff", "dark": "#1c2024"}
    if inking.readable_on(main) != "ffffff" and shape.fill is not None:
        colours["on"] = "#1c2024"
    body = (
        f'<path d="{sign.outline}" fill="#ffffff" stroke="#ffffff" stroke-width="9" '
        f'stroke-linejoin="round"/><path d="{sign.outline}" fill="#{main}"/>'
        + sign.inside.format(**colours)
    )
    body = sheet.unmirrored(f'<g transform="{placed}">{body}</g>', x, y)
    shadow = sheet.shadow(shape, [(sign.outline, 9.0, True)], placed, scale)
    return shadow + inking.turned(shape, body)


def _measure(shape: Measure, sheet: Sheet) -> str:
    ends = (shape.x1, shape.y1), (shape.x2, shape.y2)
    em, width = sheet.length(shape.size), sheet.length(shape.stroke_width)
    dx, dy = ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]
    length = (dx * dx + dy * dy) ** 0.5
    label = shape.label if shape.label is not None else f"{round(length)} px"
    along = (dx / length, dy / length) if length else (1.0, 0.0)
    half = MARK * em / 2
    d = paths.path("M", ends[0]) + paths.path("L", ends[1])
    for x, y in ends:
        mark = (along[1] * half, -along[0] * half)
        d += paths.path("M", (x + mark[0], y + mark[1]))
        d += paths.path("L", (x - mark[0], y - mark[1]))
    # Edged, so that it is seen on any picture.
    edge = inking.readable_on(shape.stroke)
    body = inking.stroke(d, edge + "cc", 2.2 * width) + inking.stroke(d, shape.stroke, width)
    block = laid_out(label, sheet.fonts, bold=True)
    w, h = (block.width + 1.0) * em, (block.height + 0.2) * em
    x, y = middle(shape)
    if w > 0.8 * (abs(along[0]) * length + abs(along[1]) * length * w / h):
        # No room on the line: beside it, on the upper or the left side.
        side = 1 if (along[0], along[1]) > (0, 0) or along[0] > 0 else -1
        away = abs(along[1]) * w / 2 + abs(along[0]) * h / 2 + half
        x, y = x + along[1] * away * side, y - along[0] * away * side
    pill = paths.rounded(x - w / 2, y - h / 2, w, h, 0.35 * em)
    tops = y - block.height * em / 2
    placed = [
        (line, x - line.width * em / 2, tops + (0.935 + 1.25 * number) * em)
        for number, line in enumerate(block.lines)
    ]
    colour = shape.color or inking.readable_on(shape.stroke)
    words = sheet.letters(placed, em, colour, halo=False)
    body += inking.fill(pill, shape.stroke) + sheet.unmirrored(words, x, y)
    return sheet.shadow(shape, [(pill, 0.0, True)]) + inking.turned(shape, body)


def _magnifier(shape: Magnifier, part: Layered, sheet: Sheet) -> str:
    width = sheet.length(shape.stroke_width)
    lens = _form(shape, sheet)
    if part == "over":
        # A thin light line inside of the outline sets it off from what is enlarged.
        body = inking.stroke(lens, "ffffff", 2 * width) + inking.stroke(lens, shape.stroke, width)
        return inking.turned(shape, body)
    box = (shape.x, shape.y, shape.w, shape.h)
    if shape.form == "ellipse":
        d = paths.ellipse(*box)
    else:
        d = paths.rounded(*box, sheet.length(shape.radius))
    for start, end in paths.links(box, _lens(shape), shape.zoom, shape.form):
        d += paths.path("M", start) + paths.path("L", end)
    edge = inking.readable_on(shape.stroke)
    body = inking.stroke(d, edge + "99", 1.5 * width) + inking.stroke(d, shape.stroke, 0.6 * width)
    return inking.turned(shape, body) + sheet.shadow(shape, [(lens, width, True)])


def numbered(shapes: Sequence[Shape]) -> list[Shape]:
    """Return the shapes with the number of every step: one more than the step before it."""
    found: list[Shape] = []
    number = 0
    for shape in shapes:
        if isinstance(shape, Step):
            number = number + 1 if shape.number is None else shape.number
            shape = shape.model_copy(update={"number": number})
        found.append(shape)
    return found
