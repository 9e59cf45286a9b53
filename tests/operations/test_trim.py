"""``trim``: a border of one colour is cut off."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from operations.seeing import chart, difference, rgb, show, upload
from pictures import encode
from serving import Server

BOX = (40, 30, 240, 150)


def framed(colour: tuple[int, int, int], noise: int = 0) -> Image.Image:
    """Return colours in a frame whose pixels stray from its colour by ``noise`` at the most."""
    rng = np.random.default_rng(3)
    pixels = np.tile(np.array(colour, np.int16), (200, 300, 1))
    if noise:
        pixels = pixels + rng.integers(-noise, noise + 1, pixels.shape)
        pixels[0, 0] = colour
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB")
    inner = chart(BOX[2] - BOX[0], BOX[3] - BOX[1]) * 0.5
    image.paste(rgb(inner), BOX[:2])
    return image


@pytest.mark.parametrize("colour", [(255, 255, 255), (240, 200, 255), (0, 200, 255)])
@pytest.mark.parametrize(("noise", "tolerance"), [(0, 0), (0, 10), (4, 20)])
def test_a_border_of_the_colour_of_the_corner_goes(
    server: Server, colour: tuple[int, int, int], noise: int, tolerance: int
) -> None:
    image = framed(colour, noise)
    document = server.upload(encode(image, "PNG"))
    shown = show(server, document["id"], f"trim={tolerance}&fmt=png")
    assert difference(shown, image.crop(BOX)) == 0


def test_a_border_over_the_tolerance_stays(server: Server) -> None:
    image = framed((230, 230, 230), noise=12)
    document = server.upload(encode(image, "PNG"))
    assert show(server, document["id"], "trim=3&fmt=png").size == image.size


def test_a_border_of_a_named_colour_goes_and_no_other(server: Server) -> None:
    image = framed((250, 240, 10))
    document = server.upload(encode(image, "PNG"))
    assert show(server, document["id"], "trim=5,faf00a&fmt=png").size == (200, 120)
    assert show(server, document["id"], "trim=5,white&fmt=png").size == image.size


def test_transparency_is_a_border(server: Server) -> None:
    image = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    inner = rgb(chart(200, 120) * 0.5)
    image.paste(inner, BOX[:2])
    document = server.upload(encode(image, "PNG"))
    shown = show(server, document["id"], "trim=0&fmt=png")
    assert difference(shown, inner) == 0


@pytest.mark.parametrize("ink", [(255, 255, 255), (0, 0, 0), (127, 127, 127)])
def test_ink_of_any_colour_on_nothing_is_kept(server: Server, ink: tuple[int, int, int]) -> None:
    image = Image.new("RGBA", (120, 90), (*ink, 0))
    image.paste((*ink, 255), (20, 30, 70, 60))
    document = server.upload(encode(image, "PNG"))
    shown = show(server, document["id"], "trim=10&fmt=png")
    assert difference(shown, image.crop((20, 30, 70, 60))) == 0
    # A named colour is border together with what is transparent.
    named = "".join(f"{channel:02x}" for channel in ink)
    assert show(server, document["id"], f"trim=10,{named}&fmt=png").size == image.size


def test_a_line_of_one_pixel_in_a_drawing_is_no_noise(server: Server) -> None:
    image = Image.new("RGB", (300, 200), "white")
    image.paste((40, 40, 40), (30, 20, 250, 170))
    image.paste((255, 255, 255), (31, 21, 249, 169))
    document = server.upload(encode(image, "PNG"))
    assert document["kind"] == "graphic"
    assert difference(show(server, document["id"], "trim=10&fmt=png"),
                      image.crop((30, 20, 250, 170))) == 0  # fmt: skip


def test_a_colour_is_no_grey(server: Server) -> None:
    image = Image.new("L", (90, 60), 255)
    image.paste(80, (20, 20, 40, 40))
    document = server.upload(encode(image, "PNG"))
    assert show(server, document["id"], "trim=10,ff0000&fmt=png").size == (90, 60)
    assert show(server, document["id"], "trim=10,fff&fmt=png").size == (20, 20)


@pytest.mark.parametrize("value", ["auto", "10", ",e6e6e6", "10,E6E6E6"])
def test_the_tolerance_may_be_left_to_the_server(server: Server, value: str) -> None:
    image = framed((230, 230, 230), noise=8)
    document = server.upload(encode(image, "PNG"))
    assert show(server, document["id"], f"trim={value}&fmt=png").size == (200, 120)


def test_a_grey_border_goes(server: Server) -> None:
    image = framed((200, 200, 200)).convert("L")
    document = server.upload(encode(image, "PNG"))
    assert difference(show(server, document["id"], "trim=5&fmt=png"), image.crop(BOX)) == 0


def test_a_picture_that_is_all_border_stays(server: Server) -> None:
    document = server.upload(encode(Image.new("RGB", (90, 60), (9, 99, 200)), "PNG"))
    assert show(server, document["id"], "trim=10&fmt=png").size == (90, 60)
    assert show(server, document["id"], "trim=10&fmt=png&w=30").size == (30, 20)


def test_a_cut_comes_first_and_the_size_last(server: Server) -> None:
    image = framed((255, 255, 255))
    document = server.upload(encode(image, "PNG"))
    shown = show(server, document["id"], "rect=0,0,150,200&trim=0&fmt=png")
    assert difference(shown, image.crop((40, 30, 150, 150))) == 0
    assert show(server, document["id"], "trim=0&w=100&fmt=png").size == (100, 60)


def test_a_large_picture_is_trimmed_at_its_full_size(server: Server) -> None:
    image = Image.new("RGB", (1500, 1000), (255, 255, 255))
    inner = rgb(chart(1001, 701) * 0.6)
    image.paste(inner, (203, 107))
    document = upload(server, encode(image, "PNG"))
    assert difference(show(server, document["id"], "trim=0&fmt=png"), inner) == 0
    small = show(server, document["id"], "trim=0&w=250&fmt=png")
    assert small.size == (250, 175)
    assert difference(small, inner.resize((250, 175), Image.Resampling.LANCZOS)) <= 2.0


@pytest.mark.parametrize("value", ["", ",", "256", "-1", "10,", "x", "10,nocolour"])
def test_what_is_no_tolerance_is_refused(server: Server, value: str) -> None:
    document = server.upload(encode(Image.new("RGB", (9, 9)), "PNG"))
    reply = server.get(f"/img/{document['id']}?trim={value}")
    assert reply.status_code == 400
    assert reply.json()["field"] == "trim"


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (2, 9)])
def test_a_picture_smaller_than_the_noise_filter_is_trimmed_too(
    server: Server, size: tuple[int, int]
) -> None:
    picture = Image.new("RGB", size, "white")
    picture.putpixel((size[0] - 1, size[1] - 1), (200, 0, 0))
    image_id = server.upload(encode(picture, "PNG"))["id"]
    shown = show(server, image_id, "trim=10&fmt=png")
    assert shown.size == (1, 1)
    if size != (1, 1):
        assert shown.convert("RGB").getpixel((0, 0)) == (200, 0, 0)
