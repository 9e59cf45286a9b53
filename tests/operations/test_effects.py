"""What holds for every effect: nothing for nothing, order, animations, formats, refusals."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from operations.effects import answer, levels_off, picture, uploaded
from operations.seeing import over, show
from operations.test_radius import shape
from pictures import encode
from serving import Server

NEUTRAL = (
    "blur=0", "blur=0.1", "px=0", "px=1", "sharp=0", "bri=0", "con=-0", "sat=0.0", "hue=0",
    "hue=360", "hue=-360", "gam=1", "gamma=1.0", "gray=0", "invert=0", "normalize=0", "sepia=0",
    "tint=transparent", "tint=f000", "radius=0", "radius=0,0,0,0", "border=0", "border=0,red",
    "shadow=0", "shadow=0,0,0",
    "shadow=20,3,4,transparent",
)  # fmt: skip

EVERY = (
    "normalize=1&invert=1&gam=1.5&bri=20&con=-10&hue=40&sat=30&sepia=20&tint=3060c080&blur=2&sharp=2&"
    "px=3&radius=9&border=3,fa0&shadow=6&pad=4"
)


def test_neutral_values_are_no_step_and_share_the_plain_answer(server: Server) -> None:
    image_id = uploaded(server)
    with server.client(None) as client:
        plain = client.get(f"/img/{image_id}?fmt=png")
        for query in NEUTRAL:
            reply = client.get(f"/img/{image_id}?fmt=png&{query}")
            assert reply.headers["etag"] == plain.headers["etag"], query
            assert reply.content == plain.content, query


def test_other_names_and_spellings_share_an_answer(server: Server) -> None:
    same = (
        ("pixelate=4", "px=4"), ("sharpen=2", "sharp=2.0"), ("brightness=5", "bri=5"),
        ("contrast=5", "con=5"), ("saturation=5", "sat=5"),
        ("gamma=2", "gam=2"), ("grey=1", "gray=1"),
        ("normalise=1", "normalize=1"), ("hue=-90", "hue=270"), ("tint=fff", "tint=WHITE"),
        ("corner_radius=7", "radius=7,7,7,7"),
        ("border=3", "border=3,000"), ("shadow=8", "shadow=8,0,4"),
    )  # fmt: skip
    with server.client(None) as client:
        for one, other in same:
            tags = {
                client.get(f"/img/{uploaded(server)}?fmt=png&{q}").headers["etag"]
                for q in (one, other)
            }
            assert len(tags) == 1, one


def test_margins_stand_around_corners_border_and_shadow(server: Server) -> None:
    shown = show(server, uploaded(server), "radius=max&border=5,f00&pad=10&bg=00f&fmt=png")
    assert shown.size == (230, 150)
    seen = shown.convert("RGB")
    assert seen.getpixel((0, 75)) == (0, 0, 255)
    assert seen.getpixel((12, 75)) == (255, 0, 0)
    assert seen.getpixel((11, 11)) == (0, 0, 255)
    described = server.get(
        f"/img/{uploaded(server)}?border=5&shadow=10,0,20&pad=10&fmt=json"
    ).json()
    # 15 px of shadow to the left and right, 35 below; above, the shift takes it all.
    assert (described["width"], described["height"]) == (200 + 10 + 30 + 20, 120 + 10 + 35 + 20)


def test_effects_come_after_the_size(server: Server) -> None:
    image_id = uploaded(server)
    small = answer(server, image_id, "w=60&rect=0,0,50p,50p")
    shown = answer(server, image_id, "w=60&rect=0,0,50p,50p&invert=1&border=2,fff")
    assert levels_off(shown[2:-2, 2:-2, :3], 1 - small[..., :3]) < 0.01


def test_every_effect_at_once_on_pictures_of_all_kinds(server: Server) -> None:
    size = (200 + 6 + 18 + 8, 120 + 6 + 18 + 8)
    for kind, formats in (("RGB", "png jpg"), ("RGBA", "webp gif"), ("L", "avif"), ("LA", "png")):
        for fmt in formats.split():
            assert show(server, uploaded(server, kind), f"{EVERY}&fmt={fmt}").size == size
    pixel = server.upload(encode(Image.new("RGBA", (1, 1), (9, 8, 7, 99)), "PNG"))["id"]
    assert show(server, pixel, f"{EVERY}&fmt=png").size == (1 + 6 + 18 + 8, 1 + 6 + 18 + 8)


def test_effects_hold_in_every_frame_of_an_animation(server: Server) -> None:
    frames = [Image.new("RGB", (60, 40), c) for c in ((200, 30, 60), (20, 180, 90), (90, 90, 90))]
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    image_id = server.upload(data, "three.webp")["id"]
    alpha = np.pad(shape((60, 40), (20,) * 4), ((0, 2), (2, 0), (0, 0)))
    mask = Image.fromarray(np.round(alpha[..., 0] * 255).astype("u1"), "L")
    reply = server.get(f"/img/{image_id}?invert=1&radius=max&shadow=0,-2,2,000&fmt=webp&lossless=1")
    shown = [f.convert("RGBA").copy() for f in ImageSequence.Iterator(_opened(reply.content))]
    assert len(shown) == 3
    for frame, source in zip(shown, frames, strict=True):
        inverted = np.round(255 - np.asarray(source, np.float64)).astype("u1")
        expected = Image.fromarray(np.pad(inverted, ((0, 2), (2, 0), (0, 0))), "RGB").convert(
            "RGBA"
        )
        expected.putalpha(mask)
        # The middle: above the picture alone, whatever shadow its rim casts.
        seen = np.asarray(over(frame, (255, 255, 255)))[5:35, 25:40]
        assert (
            np.abs(seen - np.asarray(expected.convert("RGB"), np.float64)[5:35, 25:40]).max() <= 2
        )
        assert frame.size == (62, 42)
        assert np.asarray(frame)[41, 61, 3] == 0
    gif = server.get(f"/img/{image_id}?px=4&blur=2&normalize=1&sepia=50&border=2,red&fmt=gif")
    sizes = [f.size for f in ImageSequence.Iterator(_opened(gif.content))]
    assert sizes == [(64, 44)] * 3


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("blur=251", "a number of 0–250 px"), ("blur=-1", "0–250"), ("px=1001", "0–1000"),
        ("px=1.5", "a whole number"), ("pixelate=x", "0–1000"), ("sharp=11", "0–10"),
        ("bri=101", "-100–100"), ("con=-101", "-100–100"), ("sat=1e1", "-100–100"),
        ("hue=361", "-360–360 degrees"), ("gam=0", "0.1–10"), ("gam=10.1", "0.1–10"),
        ("gray=yes", "0 or 1"), ("invert=2", "0 or 1"), ("normalize=", "0 or 1"),
        ("sepia=101", "0–100 percent"), ("tint=nocolour", "CSS colour name"),
        ("radius=-1", "max, or n"), ("radius=10001", "0–10000"), ("radius=1,2", "tl,tr,br,bl"),
        ("radius=1.5", "pixels"), ("border=red", "width,colour"), ("border=1001", "0–1000"),
        ("border=3,", "width,colour"), ("border=3,red,blue", "width,colour"),
        ("shadow=251", "0–250"), ("shadow=-1", "0–250"), ("shadow=3,4", "blur,dx,dy"),
        ("shadow=3,501,0", "-500–500"), ("shadow=3,1,1,", "blur,dx,dy"),
        ("shadow=red", "blur,dx,dy"),
        ("shadow=3,1,1,red,2", "blur,dx,dy"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_refused_with_what_is(server: Server, query: str, allowed: str) -> None:
    name, _, given = query.partition("=")
    reply = server.get(f"/img/{uploaded(server)}?{query}")
    said = reply.json()
    assert (reply.status_code, said["field"], said["given"]) == (400, name, given)
    assert allowed in said["allowed"]


def test_what_grows_beyond_the_limit_is_refused(server: Server) -> None:
    reply = server.get(f"/img/{uploaded(server)}?border=1000&dpr=5")
    assert (reply.status_code, reply.json()["field"]) == (400, "border")


def test_blur_and_mosaic_say_that_they_hide_nothing(server: Server) -> None:
    text = server.get("/api/openapi.json").json()["paths"]
    (asked,) = (path["get"] for name, path in text.items() if name == "/img/{id}")
    said = {p["name"]: p["description"] for p in asked["parameters"]}
    for name in ("blur", "px"):
        assert "Cosmetic" in said[name]
        assert "redaction" in said[name]


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_the_chart_is_what_the_tests_take_it_for(server: Server) -> None:
    assert show(server, uploaded(server, "LA"), "fmt=png").mode == picture("LA").mode
