"""Pictures, regions and URLs by chance: what was hidden changes no byte of any answer."""

from __future__ import annotations

from typing import Any

import httpx2
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from pictures import encode
from redaction.pairs import redact, told
from serving import Server

PARTS = st.integers(0, 100)
KINDS: dict[str, dict[str, Any]] = {
    "RGB": {"format": "PNG"},
    "RGBA": {"format": "PNG"},
    "L": {"format": "PNG"},
    "P": {"format": "GIF"},
    "RGB 4:2:0": {"format": "JPEG", "quality": 40, "subsampling": 2},
    "RGB 4:4:4": {"format": "JPEG", "quality": 80, "subsampling": 0, "progressive": True},
    "CMYK": {"format": "JPEG", "quality": 60},
}


@st.composite
def regions(draw: st.DrawFn) -> tuple[str, list[int]]:
    """A shape, and numbers in percent of the picture."""
    shape = draw(st.sampled_from(["rect", "ellipse", "polygon"]))
    if shape == "polygon":
        points = draw(st.lists(st.tuples(PARTS, PARTS), min_size=3, max_size=6, unique=True))
        numbers = [number for point in points for number in point]
        (x, y), (a, b), (c, d) = points[:3]
        if (a - x) * (d - y) == (c - x) * (b - y):  # on a line
            numbers = [10, 10, 60, 20, 30, 80]
        return shape, numbers
    x, y = draw(st.integers(-10, 95)), draw(st.integers(-10, 95))
    return shape, [x, y, draw(st.integers(11, 110)), draw(st.integers(11, 110))]


@st.composite
def queries(draw: st.DrawFn) -> str:
    wanted: dict[str, st.SearchStrategy[object]] = {
        "w": st.integers(1, 250),
        "h": st.integers(1, 250),
        "fit": st.sampled_from(["contain", "cover", "fill", "inside", "scale-down", "pad"]),
        "g": st.sampled_from(["smart", "entropy", "center", "north"]),
        "dpr": st.sampled_from([1, 1.5, 2]),
        "rot": st.sampled_from([90, 180, 7, -33]),
        "rect": st.tuples(PARTS, PARTS, PARTS, PARTS).map(lambda r: ",".join(f"{n}p" for n in r)),
        "blur": st.sampled_from([0.5, 2, 9]),
        "px": st.integers(2, 20),
        "sharp": st.sampled_from([1, 3]),
        "trim": st.integers(1, 60),
        "flip": st.sampled_from(["h", "v"]),
        "enlarge": st.just(1),
        "normalize": st.just(1),
        "fmt": st.sampled_from(["png", "jpg", "webp", "gif", "json", "thumbhash", "palette"]),
    }
    names = draw(st.lists(st.sampled_from(sorted(wanted)), max_size=5, unique=True))
    return "&".join(f"{name}={draw(wanted[name])}" for name in names)


def body(shape: str, numbers: list[int], size: tuple[int, int], percent: bool) -> dict[str, Any]:
    """Return a region as a client sends it: in percent, or in pixels."""
    sides = [size[place % 2] for place in range(len(numbers))]
    sent = [f"{n}%" if percent else n * side / 100 for n, side in zip(numbers, sides, strict=True)]
    if shape == "polygon":
        return {"points": [sent[at : at + 2] for at in range(0, len(sent), 2)]}
    return {"shape": shape, **dict(zip("xywh", sent, strict=True))}


def drawn(
    kind: str, seed: int, size: tuple[int, int], shape: str, numbers: list[int]
) -> list[bytes]:
    """Return two files that differ in the region alone."""
    rng = np.random.default_rng(seed)
    mode, bands = kind.split()[0], 4
    soft = Image.fromarray(rng.integers(0, 256, (9, 9, bands), np.uint8), "RGBA").resize(size)
    hole = Image.new("L", size)
    ends = [number * size[place % 2] / 100 for place, number in enumerate(numbers)]
    pen = ImageDraw.Draw(hole)
    if shape == "polygon":
        pen.polygon(ends, fill=255)
    else:
        x, y, w, h = ends
        draw = pen.rectangle if shape == "rect" else pen.ellipse
        draw((x, y, max(x, x + w - 1), max(y, y + h - 1)), fill=255)
    palette = Image.new("P", (1, 1))
    palette.putpalette([v for n in range(256) for v in (n & 224, (n << 3) & 224, n << 6 & 192)])
    files = []
    for _ in range(2):
        secret = rng.integers(0, 256, (size[1], size[0], bands), np.uint8)
        secret[rng.random(size[::-1]) < 0.3] = 0
        image = Image.composite(Image.fromarray(secret, "RGBA"), soft, hole)
        if mode == "P":
            image = image.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)
        elif mode != "RGBA":
            image = image.convert("RGB").convert(mode)
        options = dict(KINDS[kind])
        files.append(encode(image, options.pop("format"), **options))
    return files


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    seed=st.integers(0, 10**6),
    size=st.tuples(st.integers(16, 140), st.integers(16, 140)),
    region=regions(),
    percent=st.booleans(),
    style=st.sampled_from(["solid", "decoy"]),
    asked=st.lists(queries(), min_size=3, max_size=3),
)
def test_no_answer_depends_on_what_was_hidden(
    server: Server,
    client: httpx2.Client,
    kind: str,
    seed: int,
    size: tuple[int, int],
    region: tuple[str, list[int]],
    percent: bool,
    style: str,
    asked: list[str],
) -> None:
    files = drawn(kind, seed, size, *region)
    one, other = (server.upload(data, "a.bin")["id"] for data in files)
    sent = body(*region, size, percent)
    assert redact(client, one, sent, style) == redact(client, other, sent, style)
    for query in ("fmt=png", *asked):
        answer = told(server, one, query)
        assert answer == told(server, other, query), query
        assert answer[0] == 200 or (answer[0] == 400 and query != "fmt=png"), answer
