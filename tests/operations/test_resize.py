"""``w``, ``h``, ``ar``, ``dpr``, ``fit``, ``enlarge``, ``g`` and ``fp``, seen in pixels."""

from __future__ import annotations

import pytest
from PIL import Image

from operations.seeing import chart, difference, over, resized, rgb, show, upload
from pictures import encode
from serving import Server

Box = tuple[int, int, int, int]
SIZE = (600, 400)


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    return rgb(chart(*SIZE))


@pytest.fixture(scope="module")
def image_id(server: Server, scene: Image.Image) -> str:
    return str(server.upload(encode(scene, "PNG"))["id"])


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("w=300", (300, 200)),
        ("h=100", (150, 100)),
        ("w=150&h=300", (150, 100)),
        ("w=100&dpr=2", (200, 133)),
        ("w=200&h=200&fit=outside", (300, 200)),
        ("w=120&h=200&fit=fill", (120, 200)),
        ("w=900&h=100&fit=fill", (900, 100)),
        ("w=900&enlarge=1", (900, 600)),
        ("w=900", (600, 400)),
        ("", (600, 400)),
        ("w=1", (1, 1)),
        ("w=7&h=400&fit=fill", (7, 400)),
    ],
)
def test_the_whole_picture_is_resampled(
    server: Server, scene: Image.Image, image_id: str, query: str, size: tuple[int, int]
) -> None:
    shown = show(server, image_id, f"{query}&fmt=png")
    assert shown.size == size
    # A pixel or two that stand for all average over what each resampler thinks is near.
    within = 2.0 if min(size) > 10 else 5.0
    assert difference(shown, resized(scene, *size)) <= within


@pytest.mark.parametrize(
    ("query", "box"),
    [
        # Of the picture at 300×200, the 200×200 that is kept.
        ("g=center", (50, 0, 250, 200)),
        ("", (50, 0, 250, 200)),
        ("g=left", (0, 0, 200, 200)),
        ("g=right", (100, 0, 300, 200)),
        ("g=top", (50, 0, 250, 200)),
        ("g=top-left", (0, 0, 200, 200)),
        ("g=bottom-right", (100, 0, 300, 200)),
        ("gravity=east", (100, 0, 300, 200)),
        ("a=nw", (0, 0, 200, 200)),
        ("fp=0.5,0.5", (50, 0, 250, 200)),
        ("fp=0,0", (0, 0, 200, 200)),
        ("fp=1,1", (100, 0, 300, 200)),
        ("fp=0.4,0.9", (20, 0, 220, 200)),
        ("fp-x=0.4&fp-y=0.9", (20, 0, 220, 200)),
    ],
)
def test_cover_keeps_the_part_asked_for(
    server: Server, scene: Image.Image, image_id: str, query: str, box: Box
) -> None:
    shown = show(server, image_id, f"w=200&h=200&fit=cover&{query}&fmt=png")
    assert difference(shown, resized(scene, 300, 200).crop(box)) <= 2.0


@pytest.mark.parametrize(
    ("query", "top"),
    [("g=top", 0), ("g=center", 50), ("g=bottom", 100), ("fp=0.5,0", 0), ("fp=0.1,1", 100)],
)
def test_cover_of_a_wide_box_keeps_the_height_asked_for(
    server: Server, scene: Image.Image, image_id: str, query: str, top: int
) -> None:
    shown = show(server, image_id, f"w=300&h=100&fit=cover&{query}&fmt=png")
    assert difference(shown, resized(scene, 300, 200).crop((0, top, 300, top + 100))) <= 2.0


def test_cover_enlarges_what_is_too_small(
    server: Server, scene: Image.Image, image_id: str
) -> None:
    shown = show(server, image_id, "w=900&h=900&fit=cover&fmt=png")
    assert difference(shown, resized(scene, 1350, 900).crop((225, 0, 1125, 900))) <= 2.0


@pytest.mark.parametrize(
    ("query", "box"),
    [
        ("", (100, 0, 500, 400)),
        ("&g=left", (0, 0, 400, 400)),
        ("&fp=1,0", (200, 0, 600, 400)),
    ],
)
def test_cover_that_must_not_enlarge_cuts_to_the_ratio_of_the_box(
    server: Server, scene: Image.Image, image_id: str, query: str, box: Box
) -> None:
    shown = show(server, image_id, f"w=900&h=900&fit=cover&enlarge=0{query}&fmt=png")
    assert difference(shown, scene.crop(box)) == 0


def test_fill_that_must_not_enlarge_shrinks_the_longer_side(
    server: Server, scene: Image.Image, image_id: str
) -> None:
    shown = show(server, image_id, "w=900&h=300&fit=fill&enlarge=0&fmt=png")
    assert difference(shown, resized(scene, 600, 200)) <= 2.0


@pytest.mark.parametrize(
    ("query", "inner", "at"),
    [
        ("w=300&h=300", (300, 200), (0, 50)),
        ("w=300&h=300&g=top", (300, 200), (0, 0)),
        ("w=300&h=300&g=bottom", (300, 200), (0, 100)),
        ("w=500&h=200&g=right", (300, 200), (200, 0)),
        ("w=800&h=800", SIZE, (100, 200)),
        ("w=800&h=800&enlarge=1", (800, 533), (0, 133)),
    ],
)
def test_contain_stands_the_picture_in_the_box(
    server: Server,
    scene: Image.Image,
    image_id: str,
    query: str,
    inner: tuple[int, int],
    at: tuple[int, int],
) -> None:
    size = (int(query.split("&")[0][2:]), int(query.split("&")[1][2:]))
    expected = Image.new("RGBA", size, (0, 0, 0, 0))
    expected.paste(resized(scene, *inner), at)
    backgrounds = [
        ("fmt=png", None),
        ("fmt=png&bg=103070", (16, 48, 112)),
        ("fmt=jpg&q=95", (255, 255, 255)),
        ("fmt=jpg&q=95&bg=f80", (255, 136, 0)),
    ]
    for more, colour in backgrounds:
        shown = show(server, image_id, f"{query}&fit=contain&{more}")
        assert shown.size == size
        assert difference(shown, over(expected, colour) if colour else expected) <= 2.0, more


def test_a_ratio_covers_unless_told_otherwise(
    server: Server, scene: Image.Image, image_id: str
) -> None:
    square = show(server, image_id, "ar=1:1&fmt=png")
    assert difference(square, scene.crop((100, 0, 500, 400))) <= 2.0
    small = show(server, image_id, "ar=1:1&w=100&fmt=png")
    assert difference(small, resized(scene, 150, 100).crop((25, 0, 125, 100))) <= 2.0
    stretched = show(server, image_id, "ar=1:1&w=100&fit=fill&fmt=png")
    assert difference(stretched, resized(scene, 100, 100)) <= 2.0


def test_transparent_edges_take_no_colour_from_what_is_hidden(server: Server) -> None:
    image = Image.new("RGBA", (400, 400), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (103, 103, 297, 297))
    document = server.upload(encode(image, "PNG"))
    for w in (200, 57):
        shown = show(server, document["id"], f"w={w}&fmt=png")
        assert difference(shown, resized(image, w, w)) <= 1.0
        reds = [r for r, _, _, a in shown.convert("RGBA").get_flattened_data() if a > 30]  # type: ignore[misc]
        assert max(reds) <= 4


def test_levels_and_the_direct_path_agree_in_every_fit(server: Server) -> None:
    image = rgb(chart(1400, 875))
    document = upload(server, encode(image, "PNG"))
    for query, expected in [
        ("w=300&h=100&fit=cover&g=left", resized(image, 300, 188).crop((0, 44, 300, 144))),
        ("w=100&h=300&fit=cover&fp=1,0", resized(image, 480, 300).crop((380, 0, 480, 300))),
        ("w=300&h=300&fit=fill", resized(image, 300, 300)),
        ("w=300&h=300&fit=outside", resized(image, 480, 300)),
        ("w=31&h=700&fit=fill", resized(image, 31, 700)),
    ]:
        assert difference(show(server, document["id"], f"{query}&fmt=png"), expected) <= 2.0, query


@pytest.mark.parametrize("side", ["1x1", "1x300", "300x1", "2x2", "3x5"])
def test_tiny_and_thin_pictures_are_resized_too(server: Server, side: str) -> None:
    width, height = map(int, side.split("x"))
    image = Image.new("RGB", (width, height), (200, 60, 20))
    document = server.upload(encode(image, "PNG"))
    for query, size in [
        ("w=1", (1, max(1, round(height / width)))),
        ("w=50&h=50&fit=cover", (50, 50)),
        ("w=50&h=40&fit=contain&bg=c83c14", (50, 40)),
        ("w=50&h=40&fit=fill", (50, 40)),
    ]:
        shown = show(server, document["id"], f"{query}&fmt=png")
        assert shown.size == size, query
        assert difference(shown.convert("RGB"), Image.new("RGB", size, (200, 60, 20))) <= 1.0, query
