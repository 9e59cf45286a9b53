"""Geometry seen in pixels: sizes against the oracle, places by a picture that tells its own."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.geometry import answer, geometries, queries
from operations.seeing import show
from pictures import animation, encode
from serving import Server

WIDTH, HEIGHT = 250, 200
Pixels = npt.NDArray[np.int_]
SHARED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


PIXELS = 4_000_000
"""More is within the limits, and takes its time."""


def coordinates() -> Image.Image:
    """Return a picture whose red says how far right a pixel stands, whose green how far down."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    pixels = np.stack([x, y, np.full_like(x, 255)], axis=-1)
    return Image.fromarray(pixels.astype(np.uint8), "RGB")


@pytest.fixture(scope="module")
def image_id(server: Server) -> str:
    return str(server.upload(encode(coordinates(), "PNG"))["id"])


@pytest.fixture(scope="module")
def moving(server: Server) -> str:
    return str(server.upload(animation(width=60, height=40, frames=3), "a.gif")["id"])


def pixels(server: Server, image_id: str, query: str) -> Pixels:
    """Return the answer as an array of rows of RGBA."""
    shown = show(server, image_id, f"{query}&fmt=png").convert("RGBA")
    return np.asarray(shown).astype(int)


@SHARED
@given(st.data(), geometries())
def test_every_answer_has_the_size_the_rules_say(
    server: Server, image_id: str, data: st.DataObject, pieces: dict[str, str]
) -> None:
    width, height = answer(pieces, (WIDTH, HEIGHT))
    assume(width * height <= PIXELS)
    query = data.draw(queries(pieces))
    assert show(server, image_id, f"{query}&fmt=png").size == (width, height)


@settings(SHARED, max_examples=10)
@given(st.data(), geometries())
def test_every_frame_has_it_too(
    server: Server, moving: str, data: st.DataObject, pieces: dict[str, str]
) -> None:
    width, height = answer(pieces, (60, 40))
    assume(3 * width * height <= PIXELS)
    query = data.draw(queries(pieces))
    shown = show(server, moving, f"{query}&fmt=webp&lossless=1")
    assert (shown.size, shown.n_frames) == ((width, height), 3)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "corner"),
    [
        # One side is that of the picture, so that nothing is resampled: red and green of the
        # first pixel are the margins that were cut.
        ("w=100&h=200", (75, 0)),
        ("w=101&h=200", (74, 0)),  # 74.5: the pixel that cannot be shared is cut at the right
        ("w=101&h=200&g=center", (74, 0)),
        ("w=101&h=200&fp=0.5,0.5", (74, 0)),
        ("w=100&h=200&g=left", (0, 0)),
        ("w=100&h=200&g=top-left", (0, 0)),
        ("w=100&h=200&g=east", (150, 0)),
        ("w=100&h=200&g=bottom", (75, 0)),
        ("w=250&h=80&g=top", (0, 0)),
        ("w=250&h=80&gravity=s", (0, 120)),
        ("w=250&h=81&a=middle", (0, 59)),
        ("w=250&h=80&crop_gravity=bottom-right", (0, 120)),
        ("w=100&h=200&fp=0.4,0.9", (50, 0)),
        ("w=100&h=200&fp-x=0.4&fp-y=0", (50, 0)),
        ("w=100&h=200&fpx=0.6&fpy=0", (100, 0)),
        ("w=100&h=200&fp=0.1,0", (0, 0)),
        ("w=100&h=200&fp=0.99,0", (150, 0)),
        ("w=250&h=80&fp=0,0.3", (0, 20)),
        ("ar=1:1", (25, 0)),
        ("ar=1:1&g=right", (50, 0)),
        ("ar=5:1&fp=0,0.75", (0, 125)),
        ("ar=1:2&h=200&pos=left", (0, 0)),
        # Inside a cut, or after a turn: places speak of what is left.
        ("rect=10,20,100,100&w=50&h=100", (35, 20)),
        ("rect=10p,10p,50p,50p&w=25&h=100&g=left", (25, 20)),
        ("rect=10%25,10%25,50%25,50%25", (25, 20)),
        ("cx=10&cy=20&cw=30&ch=40", (10, 20)),
        ("rect=33.3p,0,10p,100p", (83, 0)),
        ("rot=180&w=100&h=200&g=left", (249, 199)),
        ("rot=90&w=200&h=100&g=top", (0, 199)),
        ("rotate=-90&w=200&h=100&g=top", (249, 0)),
        ("flip=h&w=100&h=200&g=left", (249, 0)),
        ("flop=hv&w=100&h=200&g=left", (249, 199)),
        ("rot=90&flip=h", (0, 0)),
        ("ro=270&flip=v", (0, 0)),
    ],
)
def test_the_first_pixel_tells_what_was_cut(
    server: Server, image_id: str, query: str, corner: tuple[int, int]
) -> None:
    fit = "" if "ar=" in query or "w=" not in query else "&fit=cover"
    found = pixels(server, image_id, query + fit)
    assert tuple(found[0, 0]) == (*corner, 255, 255)


@pytest.mark.parametrize(
    ("query", "box"),
    [
        # left, top, right, bottom of the picture in the answer
        ("w=400&h=200", (75, 0, 325, 200)),
        ("w=401&h=200", (75, 0, 325, 200)),
        ("w=400&h=300&g=top-left", (0, 0, 250, 200)),
        ("w=400&h=300&g=se", (150, 100, 400, 300)),
        ("w=400&h=300&fp=1,0", (150, 0, 400, 200)),
        ("w=400&h=300&g=smart", (75, 50, 325, 250)),
        ("ar=1:1", (0, 25, 250, 225)),
        ("ar=2:1&g=left", (0, 0, 250, 200)),
        ("w=125&h=200", (0, 50, 125, 150)),
        ("w=400&h=300&pad=1,2,3,4", (79, 51, 329, 251)),
        ("w=200&h=150&dpr=2&pad=5", (85, 60, 335, 260)),
    ],
)
def test_contain_stands_where_gravity_says(
    server: Server, image_id: str, query: str, box: tuple[int, int, int, int]
) -> None:
    alpha = pixels(server, image_id, f"{query}&fit=contain")[..., 3]
    shown = Image.fromarray(alpha.astype(np.uint8), "L")
    assert shown.getbbox() == box
    assert (alpha[box[1] : box[3], box[0] : box[2]] == 255).all()


@SHARED
@given(st.integers(1, 500), st.integers(1, 400), st.sampled_from(["", "g=left", "fp=0.3,0.8"]))
def test_cover_shows_what_an_exact_map_of_the_corners_says(
    server: Server, image_id: str, w: int, h: int, place: str
) -> None:
    found = pixels(server, image_id, f"w={w}&h={h}&fit=cover&{place}")
    assert found.shape == (h, w, 4)
    scale = max(w / WIDTH, h / HEIGHT)
    for axis, (side, of) in enumerate(((w, WIDTH), (h, HEIGHT))):
        room = of * scale - side
        if place.startswith("fp"):
            left = min(max((0.3, 0.8)[axis] * of * scale - side / 2, 0), room)
        else:
            left = room * (0.0 if place and axis == 0 else 0.5)
        middle = found[h // 2, w // 2, axis]
        expected = (left + side // 2 + 0.5) / scale - 0.5
        # Margin and scaled side are rounded to whole pixels of the answer, values to whole ones.
        assert abs(middle - expected) <= 1.0 / scale + 1.0, (axis, middle, expected)


@pytest.mark.parametrize("query", ["w=16384&h=1", "w=900&h=2", "w=16384&h=1&g=top", "w=9&h=300"])
def test_a_strip_covers_a_box_across_it(server: Server, query: str) -> None:
    strip = Image.new("RGB", (1, 16000), (10, 200, 30))
    strip.paste((250, 40, 60), (0, 0, 1, 7000))
    strip_id = server.upload(encode(strip, "PNG"))["id"]
    shown = show(server, strip_id, f"{query}&fit=cover&fmt=png")
    w, h = (int(part.partition("=")[2]) for part in query.split("&")[:2])
    assert shown.size == (w, h)
    expected = (250, 40, 60) if "top" in query else (10, 200, 30)
    assert shown.convert("RGB").getpixel((w // 2, h // 2)) == expected


ORIENTED: dict[int, Callable[[Image.Image], Image.Image]] = {
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}
"""How a file of each EXIF orientation stores an upright picture."""


@pytest.mark.parametrize("orientation", ORIENTED)
def test_cuts_and_places_speak_of_the_upright_picture(server: Server, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = ORIENTED[orientation](coordinates())
    upright = server.upload(encode(stored, "PNG", exif=exif))["id"]
    for query, corner in (
        ("rect=10,20,100,100&w=50&h=100&fit=cover", (35, 20)),
        ("w=100&h=200&fit=cover&g=right", (150, 0)),
        ("rot=90&w=200&h=100&fit=cover&g=top", (0, 199)),
        ("flip=v", (0, 199)),
    ):
        assert tuple(pixels(server, upright, query)[0, 0]) == (*corner, 255, 255), query
    assert show(server, upright, "w=125&fmt=png").size == (125, 100)


@pytest.mark.parametrize("angle", [30, -17.5, 100, 225])
def test_the_middle_stays_in_the_middle_of_what_is_turned(
    server: Server, image_id: str, angle: float
) -> None:
    found = pixels(server, image_id, f"or={angle}")
    height, width = found.shape[:2]
    turn = math.radians(angle)
    for by_x, by_y in ((0, 0), (40, 10), (-30, 55)):
        x = width / 2 + by_x * math.cos(turn) - by_y * math.sin(turn)
        y = height / 2 + by_x * math.sin(turn) + by_y * math.cos(turn)
        red, green, _, alpha = found[int(y), int(x)]
        assert alpha == 255
        # The pixel's own middle is up to 0.7 px from the point, and values are whole.
        assert abs(red + 0.5 - (WIDTH / 2 + by_x)) <= 1.21
        assert abs(green + 0.5 - (HEIGHT / 2 + by_y)) <= 1.21


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("w=0", "w", "1–16384"),
        ("h=-5", "h", "1–16384"),
        ("width=100.5", "width", "whole number"),
        ("w=10&width=10", "width", "once"),
        ("dpr=6", "dpr", "1–5"),
        ("dpr=0.5", "dpr", "1–5"),
        ("ar=0:1", "ar", "16:9"),
        ("aspect_ratio=16x9", "aspect_ratio", "16:9"),
        ("w=9&h=9&ar=1:1", "ar", "not with both"),
        ("fit=crop&w=9", "fit", "cover"),
        ("g=smrt", "g", "smart"),
        ("g=top&fp=0,0", "fp", "either"),
        ("fp=1.1,0", "fp", "0–1"),
        ("fp=50,50", "fp", "0–1"),
        ("fp-x=0.5", "fp-y", "fp-x"),
        ("rect=0,0,10", "rect", "x,y,w,h"),
        ("rect=0,0,251,10", "rect", "250×200"),
        ("cx=1&cy=1&cw=1", "ch", "cw"),
        ("trim=300", "trim", "0–255"),
        ("pad=1,2,3", "pad", "t,r,b,l"),
        ("rot=400", "rot", "-360–360"),
        ("flip=x", "flip", "hv"),
        ("enlarge=yes", "enlarge", "0 or 1"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    server: Server, image_id: str, query: str, field: str, words: str
) -> None:
    reply = server.get(f"/img/{image_id}?{query}")
    assert reply.status_code == 400
    problem = reply.json()
    assert problem["field"] == field
    assert words in f"{problem['detail']} {problem.get('allowed')}"
