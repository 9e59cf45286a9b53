"""The size of an answer from first principles, in exact fractions: an oracle beside the planner.

It follows the rules of docs/urls.md word by word and shares no code with the operations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from hypothesis import strategies as st

Box = tuple[int, int]
HALF = Fraction(1, 2)

SPELLINGS: dict[str, list[str | tuple[str, ...]]] = {
    "w": ["w", "width"],
    "h": ["h", "height"],
    "ar": ["ar", "aspect_ratio"],
    "g": ["g", "gravity", "a", "pos", "position", "crop_gravity"],
    "rot": ["rot", "rotate", "ro", "or"],
    "flip": ["flip", "flop"],
    "bg": ["bg", "background"],
    "rect": ["rect", ("cx", "cy", "cw", "ch")],
    "fp": ["fp", ("fp-x", "fp-y"), ("fpx", "fpy")],
}
"""Every name a parameter of geometry goes by; a tuple spells it together."""

PERCENT = st.sampled_from(["10p", "25p", "33.3p", "50%25"])

GEOMETRY: dict[str, st.SearchStrategy[str]] = {
    "w": st.one_of(st.integers(1, 60), st.integers(1, 900)).map(str),
    "h": st.one_of(st.integers(1, 60), st.integers(1, 900)).map(str),
    "ar": st.sampled_from(["16:9", "1:1", "3:4", "1.5", "2", "0.5", "5:1", "1:7"]),
    "dpr": st.sampled_from(["1", "1.5", "2", "2.25", "3", "5"]),
    "fit": st.sampled_from(["inside", "cover", "contain", "fill", "outside"]),
    "enlarge": st.sampled_from(["0", "1"]),
    "g": st.sampled_from(["center", "top", "bottom-right", "nw", "west", "smart", "entropy"]),
    "fp": st.sampled_from(["0,0", "0.5,0.5", "0.3,0.7", "1,1", ".25,.125"]),
    "rect": st.one_of(
        st.sampled_from(["0,0,1,1", "1,2,3,4", "2,1,7p,50%25"]),
        st.builds("{},{},{},{}".format, PERCENT, PERCENT, PERCENT, PERCENT),
    ),
    "rot": st.sampled_from(["0", "90", "180", "-90", "270", "45", "12.5", "-200"]),
    "flip": st.sampled_from(["h", "v", "hv"]),
    "pad": st.sampled_from(["0", "3", "1,2", "1,2,3,4"]),
    "bg": st.sampled_from(["fff", "0080ff80"]),
}


@st.composite
def geometries(draw: st.DrawFn) -> dict[str, str]:
    """Return parameters that may stand together, by canonical name."""
    pieces = draw(st.fixed_dictionaries({}, optional=GEOMETRY))
    if {"w", "h", "ar"} <= pieces.keys():
        del pieces[draw(st.sampled_from(["w", "h", "ar"]))]
    if {"g", "fp"} <= pieces.keys():
        del pieces[draw(st.sampled_from(["g", "fp"]))]
    return pieces


@st.composite
def queries(draw: st.DrawFn, pieces: Mapping[str, str]) -> str:
    """Return the pieces as a query, each under any of its names, in any order."""
    pairs: list[str] = []
    for name, value in pieces.items():
        spellings: list[str | tuple[str, ...]] = SPELLINGS.get(name, [name])
        spelling = draw(st.sampled_from(spellings))
        if isinstance(spelling, str):
            pairs.append(f"{spelling}={value}")
        else:
            pairs += [f"{n}={v}" for n, v in zip(spelling, value.split(","), strict=True)]
    return "&".join(draw(st.permutations(pairs)))


def whole(value: Fraction) -> int:
    """Return the nearest whole number; halves go up."""
    return math.floor(value + HALF)


def side(value: Fraction) -> int:
    """Return a side in whole pixels."""
    return max(1, whole(value))


def answer(pieces: Mapping[str, str], size: Box) -> Box:
    """Return width and height of the answer."""
    if "rect" in pieces:
        size = _rect(pieces["rect"], size)
    size = _turned(float(pieces.get("rot", "0")), size)
    size = _resized(pieces, size)
    top, right, bottom, left = _margins(pieces)
    return size[0] + left + right, size[1] + top + bottom


def _rect(text: str, size: Box) -> Box:
    def pixels(part: str, of: int) -> Fraction:
        number = part.removesuffix("%25").removesuffix("p")
        return Fraction(number) if number == part else Fraction(number) * of / 100

    x, y, w, h = (pixels(part, size[n % 2]) for n, part in enumerate(text.split(",")))
    left, top = min(whole(x), size[0] - 1), min(whole(y), size[1] - 1)
    return max(1, whole(x + w) - left), max(1, whole(y + h) - top)


def _turned(angle: float, size: Box) -> Box:
    width, height = size
    if angle % 180 == 0:
        return size
    if angle % 90 == 0:
        return height, width
    turn = math.radians(angle)
    cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
    box = (width * cos + height * sin, width * sin + height * cos)
    return max(1, math.floor(box[0] + 0.5)), max(1, math.floor(box[1] + 0.5))


def _resized(pieces: Mapping[str, str], size: Box) -> Box:
    width, height = size
    dpr = Fraction(pieces.get("dpr", "1"))
    w = side(int(pieces["w"]) * dpr) if "w" in pieces else None
    h = side(int(pieces["h"]) * dpr) if "h" in pieces else None
    fit = pieces.get("fit", "cover" if "ar" in pieces else "inside")
    if "ar" in pieces:
        over, _, under = pieces["ar"].partition(":")
        ratio = Fraction(over) / Fraction(under or "1")
        if w is not None:
            h = side(w / ratio)
        elif h is not None:
            w = side(h * ratio)
        elif fit in ("inside", "contain"):  # the smallest box around the picture
            w, h = max(width, side(height * ratio)), max(height, side(width / ratio))
        else:  # the largest box inside it
            w, h = min(width, side(height * ratio)), min(height, side(width / ratio))
    if w is None and h is None:
        return size
    if w is not None and h is not None and fit in ("cover", "contain", "fill"):
        if fit != "contain" and pieces.get("enlarge") == "0":  # the box shrinks, in its ratio
            least = min(Fraction(width, w), Fraction(height, h), Fraction(1))
            return side(w * least), side(h * least)
        return w, h
    scales = [Fraction(given, of) for given, of in ((w, width), (h, height)) if given is not None]
    scale = max(scales) if fit == "outside" else min(scales)
    if pieces.get("enlarge", "0") == "0":
        scale = min(scale, Fraction(1))
    return side(width * scale), side(height * scale)


def _margins(pieces: Mapping[str, str]) -> tuple[int, int, int, int]:
    sides = pieces.get("pad", "0").split(",")
    t, r, b, left = sides * (4 // len(sides))
    dpr = Fraction(pieces.get("dpr", "1"))
    top, right, bottom, left_ = (whole(int(text) * dpr) for text in (t, r, b, left))
    return top, right, bottom, left_
