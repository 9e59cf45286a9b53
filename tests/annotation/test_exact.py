"""Shapes lie on what they were drawn on, whatever a URL does to the picture.

Nothing is computed here: a disc of the picture itself goes the picture's way, and a smaller disc of
the layer has to stay in its middle.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from annotation.drawing import encoded, save, seen
from serving import Server

WIDTH, HEIGHT = 480, 360
PLACES = [(90, 80), (380, 110), (240, 190), (120, 290), (400, 300)]
LARGE, SMALL = 22, 11


@pytest.fixture(scope="module")
def image(server: Server) -> str:
    picture = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    shapes = []
    for x, y in PLACES:
        # Pixels are counted from their middles there, and from their edges in a layer.
        draw.ellipse((x - LARGE, y - LARGE, x + LARGE - 1, y + LARGE - 1), fill=(0, 0, 255))
        box = {"x": x - SMALL, "y": y - SMALL, "w": 2 * SMALL, "h": 2 * SMALL}
        shapes.append({"type": "ellipse", "fill": "f00", "stroke": None, **box})
    name: str = server.upload(encoded(picture))["id"]
    save(server, name, *shapes)
    return name


def discs(picture: Image.Image) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Return the middles of each disc of the picture that is seen whole, and of that in it."""
    pixels = np.asarray(picture).astype(int)
    red, green, blue = (pixels[..., band] for band in range(3))
    ink = (green < 110) & ((red > 140) | (blue > 140))
    found = []
    left = ink.copy()
    height, width = ink.shape
    while left.any():
        row, column = np.argwhere(left)[0]
        part = flooded(left, int(row), int(column))
        left &= ~part
        rows, columns = np.nonzero(part)
        whole = rows.min() > 1 and columns.min() > 1
        whole &= rows.max() < height - 2 and columns.max() < width - 2
        inner = part & (red > 140)
        if whole and part.sum() > 60 and inner.sum() > 15:
            there = np.nonzero(inner)
            found.append(((columns.mean(), rows.mean()), (there[1].mean(), there[0].mean())))
    return found


def flooded(ink: Any, row: int, column: int) -> Any:
    part = np.zeros_like(ink)
    part[row, column] = True
    while True:
        grown = part.copy()
        grown[1:] |= part[:-1]
        grown[:-1] |= part[1:]
        grown[:, 1:] |= part[:, :-1]
        grown[:, :-1] |= part[:, 1:]
        grown &= ink
        if (grown == part).all():
            return part
        part = grown


def sometimes(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *values])


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rect=sometimes("rect=30,20,420,320", "rect=40,30,250,300", "rect=5p,5p,60p,90p"),
    size=sometimes("w=300", "h=500&enlarge=1", "w=333&h=222", "w=301&h=407", "w=700&enlarge=1"),
    fit=sometimes("fit=cover", "fit=contain", "fit=fill", "fit=outside", "fit=cover&g=top-left"),
    turn=sometimes("rot=90", "rot=180", "rot=270", "rot=12", "rot=-33"),
    flip=sometimes("flip=h", "flip=v", "flip=hv"),
    frame=sometimes("pad=20", "pad=3,40,0,11", "border=9,0a0"),
    dpr=sometimes("dpr=2", "dpr=1.5"),
)
def test_a_layer_goes_the_way_of_its_picture(server: Server, image: str, **given_: str) -> None:
    assume(given_["size"] or not given_["fit"])
    # Discs that are cut have their middles elsewhere, and lie off the edges once there are margins.
    margins = given_["frame"] or given_["turn"] in ("rot=12", "rot=-33")
    assume(not (margins and "cover" in given_["fit"]))
    query = "&".join(filter(None, ["fmt=png", "bg=fff", *given_.values()]))
    pairs = discs(seen(server.get(f"/img/{image}?{query}")))
    assume(pairs)
    for outer, inner in pairs:
        assert inner == pytest.approx(outer, abs=0.5), query
