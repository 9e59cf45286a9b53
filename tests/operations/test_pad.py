"""``pad`` and ``bg``: what stands around and behind."""

from __future__ import annotations

import pytest
from PIL import Image

from operations.seeing import chart, difference, over, resized, rgb, show
from pictures import encode
from serving import Server

SIZE = (200, 120)


def padded(
    image: Image.Image, sides: tuple[int, int, int, int], colour: tuple[int, int, int, int]
) -> Image.Image:
    top, right, bottom, left = sides
    size = (image.width + left + right, image.height + top + bottom)
    result = Image.new("RGBA", size, colour)
    result.paste(image, (left, top))
    return result


@pytest.mark.parametrize(
    ("pad", "sides"),
    [
        ("10", (10,) * 4),
        ("5,20", (5, 20, 5, 20)),
        ("1,2,3,4", (1, 2, 3, 4)),
        ("0,0,30,0", (0, 0, 30, 0)),
    ],
)
def test_margins_are_added(server: Server, pad: str, sides: tuple[int, int, int, int]) -> None:
    image = rgb(chart(*SIZE))
    document = server.upload(encode(image, "PNG"))
    for query, colour in (("", (0, 0, 0, 0)), ("&bg=a01040", (160, 16, 64, 255)),
                          ("&bg=a0104080", (160, 16, 64, 128))):  # fmt: skip
        shown = show(server, document["id"], f"pad={pad}&fmt=png{query}")
        assert difference(shown, padded(image, sides, colour)) <= 0.1, query
    white = show(server, document["id"], f"pad={pad}&fmt=jpg&q=95")
    expected = padded(image, sides, (255, 255, 255, 255)).convert("RGB")
    assert difference(white, expected) <= 2.0


def test_margins_come_after_the_size_and_grow_with_dpr(server: Server) -> None:
    image = rgb(chart(*SIZE))
    document = server.upload(encode(image, "PNG"))
    shown = show(server, document["id"], "w=50&dpr=2&pad=5&bg=000&fmt=png")
    expected = padded(resized(image, 100, 60), (10,) * 4, (0, 0, 0, 255)).convert("RGB")
    assert difference(shown, expected) <= 2.0


def test_a_grey_picture_gets_coloured_margins(server: Server) -> None:
    grey = rgb(chart(*SIZE)).convert("L")
    document = server.upload(encode(grey, "PNG"))
    for bg, colour in (("f00", (255, 0, 0, 255)), ("808080", (128, 128, 128, 255))):
        shown = show(server, document["id"], f"pad=10&bg={bg}&fmt=png")
        expected = padded(grey.convert("RGB"), (10,) * 4, colour).convert("RGB")
        assert difference(shown, expected) <= 0.1, bg
    clear = show(server, document["id"], "pad=10&fmt=png")
    assert difference(clear, padded(grey.convert("RGB"), (10,) * 4, (0, 0, 0, 0))) <= 0.1


def test_a_background_stands_behind_transparency_and_changes_nothing_else(server: Server) -> None:
    image = rgb(chart(*SIZE)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(SIZE))
    document = server.upload(encode(image, "PNG"))
    for bg, colour in (("000", (0, 0, 0)), ("white", (255, 255, 255)), ("20c0a0", (32, 192, 160))):
        for fmt, within in (("png", 0.6), ("jpg&q=95", 2.0), ("webp&lossless=1", 0.6)):
            shown = show(server, document["id"], f"bg={bg}&fmt={fmt}")
            assert not shown.has_transparency_data
            assert difference(shown, over(image, colour)) <= within, (bg, fmt)
    assert difference(show(server, document["id"], "fmt=png"), image) <= 0.1
    opaque = rgb(chart(*SIZE))
    document = server.upload(encode(opaque, "PNG"))
    assert difference(show(server, document["id"], "bg=f00&fmt=png"), opaque) == 0


def test_a_grey_picture_with_alpha_over_a_colour_is_coloured(server: Server) -> None:
    grey = rgb(chart(*SIZE)).convert("L")
    image = Image.merge("LA", (grey, Image.linear_gradient("L").resize(SIZE)))
    document = server.upload(encode(image, "PNG"))
    for bg, colour in (("f00", (255, 0, 0)), ("808080", (128, 128, 128))):
        shown = show(server, document["id"], f"bg={bg}&fmt=png")
        assert difference(shown.convert("RGB"), over(image.convert("RGBA"), colour)) <= 0.6


@pytest.mark.parametrize(
    "query", ["pad=1,2,3", "pad=-1", "pad=4097", "pad=10p", "bg=#fff", "bg=nocolour"]
)
def test_what_is_no_margin_or_colour_is_refused(server: Server, query: str) -> None:
    document = server.upload(encode(Image.new("RGB", (9, 9)), "PNG"))
    reply = server.get(f"/img/{document['id']}?{query.replace('#', '%23')}")
    assert reply.status_code == 400
    assert reply.json()["field"] == query.partition("=")[0]
