"""PNG of few colours: a palette, and every pixel as it was."""

from __future__ import annotations

import io

import numpy as np
import pytest
import pyvips
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpa_basics.encode import indexed
from pictures import encode, opened, photograph, screenshot
from serving import Server


def coloured(colours: int, bands: int, seed: int = 5) -> Image.Image:
    """Return a picture of exactly so many colours."""
    rng = np.random.default_rng(seed)
    table = rng.choice(256**3, colours, replace=False)
    pixels = np.stack([table >> 16, table >> 8 & 255, table & 255], axis=-1)
    if bands == 4:
        alphas = np.where(np.arange(colours) % 3, 255, rng.integers(0, 256, colours))
        pixels = np.concatenate([pixels, alphas[:, None]], axis=-1)
    numbers = np.concatenate([np.arange(colours), rng.integers(0, colours, 61 * 47 - colours)])
    return Image.fromarray(pixels[rng.permutation(numbers)].reshape(47, 61, bands).astype(np.uint8))


def rendered(server: Server, image: Image.Image, query: str = "fmt=png") -> bytes:
    document = server.upload(encode(image, "PNG"))
    reply = server.get(f"/img/{document['id']}?{query}")
    assert reply.status_code == 200, reply.text
    return bytes(reply.content)


@pytest.mark.parametrize("bands", [3, 4])
@pytest.mark.parametrize(
    ("colours", "bits"), [(1, 1), (2, 1), (3, 2), (16, 4), (17, 8), (256, 8), (257, 0)]
)
def test_up_to_256_colours_become_a_palette_and_stay_what_they_are(
    server: Server, colours: int, bits: int, bands: int
) -> None:
    image = coloured(colours, bands)
    data = rendered(server, image)
    assert (data[24], data[25] == indexed.INDEXED) == (bits or 8, bits > 0)
    shown = opened(data)
    assert np.array_equal(np.asarray(shown.convert("RGBA")), np.asarray(image.convert("RGBA")))


def test_auto_makes_palettes_too_and_they_take_fewer_bytes(server: Server) -> None:
    image = screenshot(600, 400)
    data = rendered(server, image, "")
    assert opened(data).mode == "P"
    assert len(data) < len(encode(image, "PNG", optimize=True))


def test_photographs_keep_all_their_colours(server: Server) -> None:
    image = photograph(200, 150)
    shown = opened(rendered(server, image))
    assert shown.mode == "RGB"
    assert np.array_equal(np.asarray(shown), np.asarray(image))


def test_a_palette_comes_in_passes_where_asked(server: Server) -> None:
    image = coloured(40, 3)
    data = rendered(server, image, "fmt=png&progressive=1")
    assert (data[25], data[28]) == (indexed.INDEXED, 1)
    assert np.array_equal(np.asarray(opened(data).convert("RGB")), np.asarray(image))


def test_greys_of_few_shades_take_less_than_a_byte_a_pixel(server: Server) -> None:
    for shades, indexes in ((16, True), (17, False)):
        values = (np.arange(47 * 61) % shades * 15).reshape(47, 61).astype(np.uint8)
        data = rendered(server, Image.fromarray(values, "L"))
        assert (data[25] == indexed.INDEXED) == indexes
        assert np.array_equal(np.asarray(opened(data).convert("L")), values)


def test_a_palette_keeps_the_copyright_notice(server: Server) -> None:
    exif = Image.Exif()
    exif[0x8298] = "Ada Lovelace"
    image = coloured(9, 3)
    document = server.upload(encode(image, "PNG", exif=exif))
    shown = opened(bytes(server.get(f"/img/{document['id']}?fmt=png&meta=copyright").content))
    assert shown.mode == "P"
    assert shown.getexif()[0x8298] == "Ada Lovelace"
    plain = opened(bytes(server.get(f"/img/{document['id']}?fmt=png").content))
    assert not plain.getexif()


@settings(max_examples=60)
@given(st.data(), st.integers(1, 70), st.integers(1, 9), st.sampled_from([1, 2, 3, 4]))
def test_every_palette_is_exact(data: st.DataObject, width: int, height: int, bands: int) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    colours = rng.integers(0, 256, (data.draw(st.integers(1, 300)), bands), dtype=np.uint8)
    pixels = colours[rng.integers(0, len(colours), (height, width))]
    image = pyvips.Image.new_from_array(pixels)
    image = image.copy(interpretation="b-w" if bands < 3 else "srgb")
    found = indexed.save(image, compression=1, interlace=False, keep="none")
    seen = len(np.unique(pixels.reshape(-1, bands), axis=0))
    assert (found is None) == (seen > (indexed.GREYS if bands == 1 else indexed.COLOURS))
    if found is not None:
        mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[bands]
        expected = Image.fromarray(pixels[..., 0] if bands == 1 else pixels, mode).convert("RGBA")
        shown = Image.open(io.BytesIO(found)).convert("RGBA")
        assert np.array_equal(np.asarray(shown), np.asarray(expected))
