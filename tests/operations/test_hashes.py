"""``fmt=thumbhash``, ``blurhash`` and ``palette``: data of a rendition's pixels."""

from __future__ import annotations

import base64
import math
from typing import Any

import blurhash
import numpy as np
import pytest
from PIL import Image

from api.asking import problem
from operations.seeing import Floats, chart, lab, levels_of, over, rgb, show, upload
from pictures import animation, encode, photograph
from serving import Server


@pytest.fixture(scope="module")
def wide(server: Server) -> dict[str, Any]:
    """A chart of many colours, wider than high, with levels."""
    return upload(server, encode(rgb(chart(1200, 750)), "PNG"), "chart.png")


def text(server: Server, image_id: str, query: str) -> str:
    reply = server.get(f"/img/{image_id}?{query}")
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    return reply.text


def palette(server: Server, image_id: str, query: str = "") -> list[dict[str, Any]]:
    reply = server.get(f"/img/{image_id}?fmt=palette&{query}")
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/json"
    found: list[dict[str, Any]] = reply.json()
    return found


def drawn(hashed: str) -> Image.Image:
    """Return what a page draws from a ThumbHash: an independent reading of its format."""
    data = base64.b64decode(hashed)
    head = int.from_bytes(data[:3], "little")
    tail = int.from_bytes(data[3:5], "little")
    l_dc, p_dc, q_dc = (head & 63) / 63, (head >> 6 & 63) / 31.5 - 1, (head >> 12 & 63) / 31.5 - 1
    l_scale, has_alpha = (head >> 18 & 31) / 31, head >> 23
    p_scale, q_scale, landscape = (tail >> 3 & 63) / 63, (tail >> 9 & 63) / 63, tail >> 15
    most = 5 if has_alpha else 7
    lx, ly = (most, tail & 7) if landscape else (tail & 7, most)
    nibbles = [n for byte in data[6 if has_alpha else 5 :] for n in (byte & 15, byte >> 4)]
    ratio = lx / ly
    width, height = (32, round(32 / ratio)) if ratio > 1 else (round(32 * ratio), 32)
    y, x = np.mgrid[0:height, 0:width]

    def channel(mean: float, scale: float, across: int, down: int) -> Floats:
        values: Floats = np.full((height, width), mean)
        for cy in range(down):
            for cx in range(across):
                if (cx or cy) and cx * down < across * (down - cy):
                    wave = np.cos(np.pi / width * (x + 0.5) * cx)
                    wave = wave * np.cos(np.pi / height * (y + 0.5) * cy)
                    values = values + (nibbles.pop(0) / 7.5 - 1) * scale * wave * 2
        return values

    light = channel(l_dc, l_scale, max(3, lx), max(3, ly))
    yellow = channel(p_dc, p_scale * 1.25, 3, 3)
    red_green = channel(q_dc, q_scale * 1.25, 3, 3)
    bands = [np.zeros_like(light)] * 3
    bands[2] = light - 2 / 3 * yellow
    bands[0] = (3 * light - bands[2] + red_green) / 2
    bands[1] = bands[0] - red_green
    if has_alpha:
        bands.append(channel((data[5] & 15) / 15, (data[5] >> 4) / 15, 5, 5))
    values = np.clip(np.stack(bands, axis=-1), 0, 1)
    return Image.fromarray(np.round(values * 255).astype(np.uint8), "RGBA" if has_alpha else "RGB")


def far(one: Image.Image, other: Image.Image) -> float:
    """Return the mean ΔE of two pictures, both blurred to a few pixels, over white."""
    shape = (6, 4) if one.width > one.height else (4, 6)
    seen = [
        lab(over(each, (255, 255, 255)).resize(shape, Image.Resampling.BOX))
        for each in (one, other)
    ]
    return float(np.sqrt(((seen[0] - seen[1]) ** 2).sum(axis=-1)).mean())


def test_a_thumbhash_looks_like_the_rendition_and_has_its_shape(
    server: Server, wide: dict[str, Any]
) -> None:
    for query in ("", "w=300", "rot=90", "rect=0,0,50p,50p", "w=90&h=200&fit=cover", "flip=h"):
        stand_in = drawn(text(server, wide["id"], f"fmt=thumbhash&{query}"))
        shown = show(server, wide["id"], f"fmt=png&{query}")
        assert (stand_in.width > stand_in.height) == (shown.width > shown.height)
        assert far(stand_in, shown) <= 28, query  # it keeps few waves of such colours
    other = drawn(text(server, wide["id"], "fmt=thumbhash&flip=h"))
    assert far(other, show(server, wide["id"], "fmt=png")) > 60, "the measure tells pictures apart"


def test_the_thumbhash_of_the_whole_picture_is_that_of_its_document(
    server: Server, wide: dict[str, Any]
) -> None:
    photo = server.upload(encode(photograph(700, 900), "JPEG"), "photo.jpg")
    for document in (wide, photo):
        one = drawn(document["thumbhash"])
        other = drawn(text(server, document["id"], "fmt=thumbhash"))
        assert one.size == other.size
        assert np.abs(np.asarray(one, float) - np.asarray(other, float)).mean() <= 2


@pytest.fixture(scope="module")
def clear(server: Server) -> str:
    """A red disc on nothing."""
    y, x = np.mgrid[0:200, 0:300]
    pixels = np.zeros((200, 300, 4), np.uint8)
    pixels[(x - 150) ** 2 + (y - 100) ** 2 < 80**2] = (220, 20, 30, 255)
    found: str = server.upload(encode(Image.fromarray(pixels, "RGBA"), "PNG"), "disc.png")["id"]
    return found


def test_transparency_is_kept_by_thumbhash_and_palette_and_white_in_blurhash(
    server: Server, clear: str
) -> None:
    stand_in = drawn(text(server, clear, "fmt=thumbhash"))
    assert stand_in.mode == "RGBA"
    alpha = np.asarray(stand_in)[..., 3]
    assert alpha[0, 0] < 60
    assert alpha[alpha.shape[0] // 2, alpha.shape[1] // 2] > 200
    assert drawn(text(server, clear, "fmt=thumbhash&bg=fff")).mode == "RGB"
    assert palette(server, clear) == [{"hex": "dc141e", "share": 1.0}]
    white, red = palette(server, clear, "bg=white")[:2]
    assert (white["hex"], red["hex"]) == ("ffffff", "dc141e")
    assert red["share"] == pytest.approx(math.pi * 80**2 / (200 * 300), abs=0.03)
    plain = np.asarray(blurhash.decode(text(server, clear, "fmt=blurhash"), 30, 20))
    assert plain[0, 0].min() > 200
    assert text(server, clear, "fmt=blurhash") == text(server, clear, "fmt=blurhash&bg=fff")


@pytest.mark.parametrize(
    "query",
    ["w=48", "w=40&rot=90", "w=33&h=33&fit=cover", "w=20&h=48&fit=fill", "w=7&h=3&fit=fill",
     "w=1&h=1&fit=fill"],
)  # fmt: skip
def test_a_blurhash_is_what_the_reference_makes_of_the_same_pixels(
    server: Server, wide: dict[str, Any], query: str
) -> None:
    shown = show(server, wide["id"], f"fmt=png&{query}").convert("RGB")
    across, down = (4, 3) if shown.width >= shown.height else (3, 4)
    found = text(server, wide["id"], f"fmt=blurhash&{query}")
    assert found == blurhash.encode(np.asarray(shown), across, down)


def test_a_blurhash_of_a_large_rendition_decodes_to_what_the_reference_s_does(
    server: Server, wide: dict[str, Any]
) -> None:
    found = text(server, wide["id"], "fmt=blurhash&w=400")
    shown = show(server, wide["id"], "fmt=png&w=400").convert("RGB")
    reference = blurhash.encode(np.asarray(shown), 4, 3)
    one, other = (np.asarray(blurhash.decode(each, 32, 20), float) for each in (found, reference))
    assert np.abs(one - other).mean() <= 3


def test_grey_pictures_have_hashes_and_palettes_without_colour(server: Server) -> None:
    grey = rgb(chart(300, 200)).convert("L")
    image = server.upload(encode(grey, "PNG"), "grey.png")["id"]
    stand_in = np.asarray(drawn(text(server, image, "fmt=thumbhash")), float)
    assert np.ptp(stand_in, axis=-1).max() <= 12
    assert all(len(set(bytes.fromhex(each["hex"]))) == 1 for each in palette(server, image))
    found = text(server, image, "fmt=blurhash&w=50")
    shown = show(server, image, "fmt=png&w=50").convert("RGB")
    assert found == blurhash.encode(np.asarray(shown), 4, 3)


def test_a_palette_names_flat_colours_exactly_and_how_much_of_each(server: Server) -> None:
    flag = Image.new("RGB", (600, 300), (255, 255, 255))
    flag.paste((0, 57, 166), (0, 0, 600, 150))
    flag.paste((213, 43, 30), (0, 0, 150, 150))
    image = server.upload(encode(flag, "PNG"), "flag.png")["id"]
    for query in ("", "w=240", "rot=180"):
        found = palette(server, image, query)
        named = {each["hex"]: each["share"] for each in found if each["share"] > 0.05}
        assert list(named) == ["ffffff", "0039a6", "d52b1e"], query
        assert named == pytest.approx({"ffffff": 0.5, "0039a6": 0.375, "d52b1e": 0.125}, abs=0.03)
    (only,) = palette(server, image, "rect=0,200,100,100")
    assert only == {"hex": "ffffff", "share": 1.0}


def test_a_palette_is_short_ordered_and_near_every_pixel(
    server: Server, wide: dict[str, Any]
) -> None:
    found = palette(server, wide["id"])
    shares = [each["share"] for each in found]
    assert len(found) <= 8
    assert shares == sorted(shares, reverse=True)
    assert 0.97 <= sum(shares) <= 1.001
    colours = Image.new("RGB", (len(found), 1))
    colours.putdata([tuple(bytes.fromhex(each["hex"])) for each in found])
    shown = lab(show(server, wide["id"], "fmt=png&w=60")).reshape(-1, 1, 3)
    nearest = np.sqrt(((shown - lab(colours).reshape(1, -1, 3)) ** 2).sum(axis=-1)).min(axis=1)
    assert nearest.mean() <= 18


def test_what_is_all_transparent_has_no_colours(server: Server) -> None:
    nothing = encode(Image.new("RGBA", (90, 60), (1, 2, 3, 0)), "PNG")
    image = server.upload(nothing, "nothing.png")
    assert palette(server, image["id"]) == []
    assert text(server, image["id"], "fmt=thumbhash")
    described = server.get(f"/img/{image['id']}?fmt=json").json()
    assert described["palette"] == []
    assert described["dominant_color"] == image["dominant_color"] == "ffffff"


def test_of_an_animation_the_first_frame_counts_or_the_page_asked_for(server: Server) -> None:
    image = server.upload(animation("GIF", frames=4), "a.gif")["id"]
    assert palette(server, image) == palette(server, image, "page=0")
    first, third = palette(server, image)[0]["hex"], palette(server, image, "page=2")[0]["hex"]
    assert first != third
    shown = show(server, image, "page=2&fmt=png").convert("RGB").getpixel((9, 9))
    assert bytes.fromhex(third) == bytes(shown)  # type: ignore[arg-type]
    members = problem(server.get(f"/img/{image}?fmt=thumbhash&anim=1"), 400)
    assert members["field"] == "anim"


def test_extensions_and_downloads_of_data_have_names_that_open(
    server: Server, wide: dict[str, Any]
) -> None:
    for word, name in (("thumbhash", "chart.thumbhash.txt"), ("blurhash", "chart.blurhash.txt"),
                       ("palette", "chart.palette.json")):  # fmt: skip
        plain = server.get(f"/img/{wide['id']}.{word}?w=60")
        saved = server.get(f"/img/{wide['id']}?w=60&fmt={word}&dl=1")
        assert (plain.status_code, plain.content) == (200, saved.content)
        assert f'filename="{name}"' in saved.headers["content-disposition"]
        assert plain.headers["etag"] == saved.headers["etag"]
        again = server.get(f"/img/{wide['id']}.{word}?w=60", If_None_Match=plain.headers["etag"])
        assert again.status_code == 304
        assert "vary" not in plain.headers


@pytest.mark.parametrize("fmt", ["thumbhash", "blurhash", "palette"])
def test_what_data_cannot_hold_is_refused(server: Server, wide: dict[str, Any], fmt: str) -> None:
    members = problem(server.get(f"/img/{wide['id']}?fmt={fmt}&lossless=1"), 400)
    assert members["field"] == "lossless"
    assert fmt not in members["detail"].split("cannot")[1]
    assert (
        problem(server.get(f"/img/{wide['id']}?fmt={fmt}&meta=copyright"), 400)["field"] == "meta"
    )


def test_auto_never_takes_a_format_of_data(server: Server, wide: dict[str, Any]) -> None:
    for accept in ("text/plain", "application/json", "*/*", ""):
        kind = server.get(f"/img/{wide['id']}?w=61", Accept=accept).headers["content-type"]
        assert kind.startswith("image/")


def test_levels_change_no_hash(server: Server, wide: dict[str, Any]) -> None:
    assert levels_of(server, wide["id"])
    # The mean of each channel has 6 bits or fewer: a step is 4, and half a level may cross one.
    for query in ("w=100", "w=700"):
        one = drawn(text(server, wide["id"], f"fmt=thumbhash&{query}"))
        other = drawn(wide["thumbhash"])
        assert np.abs(np.asarray(one, float) - np.asarray(other, float)).mean() <= 6, query
