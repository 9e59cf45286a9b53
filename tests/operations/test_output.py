"""``fmt``, ``q``, ``lossless``, ``progressive`` and what each encoder writes."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from operations.seeing import chart, difference, resized, rgb, show
from pictures import animation, encode, opened, photograph, png
from serving import Server

SIZE = (400, 250)
CHROME = "image/avif,image/webp,image/apng,*/*;q=0.8"


@pytest.fixture(scope="module")
def photo(server: Server) -> str:
    return str(server.upload(encode(photograph(*SIZE), "JPEG", quality=95))["id"])


@pytest.fixture(scope="module")
def smooth(server: Server) -> str:
    return str(server.upload(encode(rgb(chart(*SIZE)), "PNG"))["id"])


def body(server: Server, image_id: str, query: str, **headers: str) -> bytes:
    reply = server.get(f"/img/{image_id}?{query}", **headers)
    assert reply.status_code == 200, reply.text
    return bytes(reply.content)


@pytest.mark.parametrize(
    ("fmt", "kind", "within"),
    [
        ("jpg", "JPEG", 2.0),
        ("webp", "WEBP", 2.0),
        ("avif", "AVIF", 2.0),
        ("png", "PNG", 0),
        ("gif", "GIF", 2.0),
    ],
)
def test_every_format_shows_the_picture(
    server: Server, smooth: str, fmt: str, kind: str, within: float
) -> None:
    for data in (body(server, smooth, f"fmt={fmt}&q=90"),
                 bytes(server.get(f"/img/{smooth}.{fmt}?q=90").content)):  # fmt: skip
        shown = opened(data)
        assert shown.format == kind
        seen, expected = shown.convert("RGB"), rgb(chart(*SIZE))
        if fmt == "gif":  # 256 colours mix to the others when seen from afar
            seen, expected = (resized(image, 100, 63) for image in (seen, expected))
        assert difference(seen, expected) <= within


@pytest.mark.parametrize("fmt", ["jpg", "webp", "avif"])
def test_quality_costs_bytes_and_brings_likeness(server: Server, smooth: str, fmt: str) -> None:
    sizes, errors = [], []
    for q in (10, 50, 90):
        data = body(server, smooth, f"fmt={fmt}&q={q}")
        sizes.append(len(data))
        errors.append(difference(opened(data), rgb(chart(*SIZE))))
    assert sizes == sorted(set(sizes))
    assert errors == sorted(set(errors), reverse=True)


@pytest.mark.parametrize("fmt", ["jpg", "webp", "avif"])
def test_words_for_quality_rise(server: Server, smooth: str, fmt: str) -> None:
    sizes = [len(body(server, smooth, f"fmt={fmt}&q={word}")) for word in ("low", "medium", "high")]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("fmt", ["png", "webp", "avif"])
def test_lossless_keeps_every_pixel(server: Server, smooth: str, fmt: str) -> None:
    shown = opened(body(server, smooth, f"fmt={fmt}&lossless=1"))
    assert difference(shown, rgb(chart(*SIZE))) == 0


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_lossless_avif_keeps_greys_and_transparency_too(server: Server, mode: str) -> None:
    image = photograph(99, 61).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    document = server.upload(encode(image, "PNG"))
    shown = opened(body(server, document["id"], "fmt=avif&lossless=1"))
    assert np.array_equal(np.asarray(shown.convert(mode)), np.asarray(image))


def test_lossless_takes_a_format_that_can(server: Server, photo: str) -> None:
    assert opened(body(server, photo, "lossless=1", accept="*/*")).format == "PNG"
    assert opened(body(server, photo, "lossless=1", accept=CHROME)).format == "WEBP"
    for fmt in ("jpg", "gif"):
        reply = server.get(f"/img/{photo}?lossless=1&fmt={fmt}")
        assert reply.status_code == 400
        assert reply.json()["field"] == "lossless"


@pytest.mark.parametrize(
    ("accept", "photo_is", "drawing_is"),
    [
        ("*/*", "JPEG", "PNG"),
        ("image/*", "JPEG", "PNG"),
        ("", "JPEG", "PNG"),
        (CHROME, "AVIF", "WEBP"),
        ("image/webp,*/*", "WEBP", "WEBP"),
        ("image/avif,*/*", "AVIF", "PNG"),
        ("image/webp;q=0,image/avif;q=0", "JPEG", "PNG"),
    ],
)
def test_auto_takes_what_the_client_shows_and_the_picture_is(
    server: Server, photo: str, accept: str, photo_is: str, drawing_is: str
) -> None:
    drawing = str(server.upload(png(*SIZE))["id"])
    assert opened(body(server, photo, "", accept=accept)).format == photo_is
    assert opened(body(server, drawing, "", accept=accept)).format == drawing_is
    assert opened(body(server, photo, "fmt=auto", accept=accept)).format == photo_is


def test_a_screenshot_stays_exact_in_auto(server: Server) -> None:
    data = png(*SIZE)
    document = server.upload(data)
    for accept in ("*/*", CHROME):
        shown = opened(body(server, document["id"], "", accept=accept))
        assert difference(shown, opened(data)) == 0


def test_only_auto_varies(server: Server, photo: str) -> None:
    for query, varies in (
        ("", True),
        ("fmt=auto", True),
        ("fmt=jpg", False),
        ("fmt=webp&w=9", False),
    ):
        reply = server.get(f"/img/{photo}?{query}")
        named = [part.strip().lower() for part in reply.headers.get("vary", "").split(",")]
        assert ("accept" in named) == varies, query


def test_jpeg_comes_in_passes_or_in_one(server: Server, photo: str) -> None:
    assert "progressive" in opened(body(server, photo, "fmt=jpg&progressive=1")).info
    assert "progressive" not in opened(body(server, photo, "fmt=jpg&progressive=0")).info


def test_large_jpeg_comes_in_passes_by_default(server: Server, photo: str) -> None:
    for height, passes in ((999, False), (1000, True)):
        shown = opened(body(server, photo, f"fmt=jpg&w=2000&h={height}&fit=fill"))
        assert ("progressive" in shown.info) == passes


def test_png_is_interlaced_where_asked(server: Server, photo: str) -> None:
    assert body(server, photo, "fmt=png&progressive=1")[28] == 1
    assert body(server, photo, "fmt=png&progressive=0")[28] == 0
    assert body(server, photo, "fmt=png")[28] == 0


def test_coloured_text_keeps_its_colour_in_jpeg(server: Server) -> None:
    data = png(*SIZE)
    document = server.upload(data)
    image = Image.open(io.BytesIO(body(server, document["id"], "fmt=jpg")))
    assert [component[1:3] for component in image.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]


def test_transparency_goes_out_where_the_format_holds_it(server: Server) -> None:
    image = rgb(chart(*SIZE)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(SIZE))
    document = server.upload(encode(image, "PNG"))
    for query, within in (
        ("png", 0.1),
        ("webp&lossless=1", 0.1),
        ("webp&q=95", 3.0),
        ("avif&q=95", 3.0),
    ):
        shown = show(server, document["id"], f"fmt={query}")
        assert shown.has_transparency_data, query
        assert difference(shown, image) <= within, query
    hard = rgb(chart(*SIZE)).convert("RGBA")
    hard.paste((0, 0, 0, 0), (0, 0, 200, 125))
    document = server.upload(encode(hard, "PNG"))
    assert difference(show(server, document["id"], "fmt=gif"), hard) <= 3.0


def test_a_description_agrees_with_the_answer(server: Server, photo: str) -> None:
    for query in ("w=200", "w=200&h=200&fit=cover", "rot=90&w=100", "pad=7", "rot=30"):
        said = server.get(f"/img/{photo}?{query}&fmt=json").json()
        shown = show(server, photo, query)
        assert (said["width"], said["height"]) == shown.size
        assert said["format"] == {"JPEG": "jpg", "PNG": "png"}[str(shown.format)]


def test_an_answer_too_large_for_its_format_is_refused(server: Server) -> None:
    document = server.upload(encode(Image.new("RGB", (17000, 3), (9, 200, 90)), "PNG"))
    for fmt in ("webp", "avif"):
        reply = server.get(f"/img/{document['id']}?fmt={fmt}")
        assert reply.status_code == 400
        assert reply.json()["field"] == "fmt"
        assert (
            server.get(f"/img/{document['id']}?fmt={fmt}&w=16000&h=3&fit=fill").status_code == 200
        )
    assert show(server, document["id"], "fmt=png").size == (17000, 3)


def test_equal_queries_get_equal_bytes_and_tags(server: Server, photo: str) -> None:
    one = server.get(f"/img/{photo}?w=200&fmt=webp&q=80")
    for query in ("quality=80&width=200&f=webp", "fm=WEBP&w=0200&q=80&fit=inside"):
        other = server.get(f"/img/{photo}?{query}")
        assert other.content == one.content
        assert other.headers["etag"] == one.headers["etag"]
    assert server.get(f"/img/{photo}.webp?w=200&q=80").content == one.content


def test_auto_takes_another_format_for_what_one_cannot_hold(server: Server, photo: str) -> None:
    long = server.upload(encode(Image.new("RGB", (17000, 3), (9, 200, 90)), "PNG"))["id"]
    shown = opened(body(server, long, "", accept=CHROME))
    assert (shown.format, shown.size) == ("PNG", (17000, 3))
    assert server.get(f"/img/{long}?fmt=json", accept=CHROME).json()["format"] == "png"


def test_auto_takes_no_avif_for_large_answers(server: Server, photo: str) -> None:
    small, large = "w=400&h=100&fit=fill", "w=4100&h=1000&fit=fill"
    for query, accept, kind in (
        (small, CHROME, "avif"),
        (large, CHROME, "webp"),
        (large, "image/avif", "jpg"),
    ):
        reply = server.get(f"/img/{photo}?{query}&fmt=json", accept=accept)
        assert reply.json()["format"] == kind
    assert server.get(f"/img/{photo}?{large}&fmt=json", accept=CHROME).headers["vary"]


def test_an_avif_that_would_take_too_long_is_refused(server: Server, photo: str) -> None:
    reply = server.get(f"/img/{photo}?fmt=avif&w=5000&h=4000&fit=fill")
    assert reply.status_code == 400
    problem = reply.json()
    assert (problem["field"], problem["given"]) == ("fmt", "avif")
    assert "avif_max_pixels" in problem["detail"]


@pytest.mark.parametrize("frames", [1, 3])
def test_frames_are_chosen_alike_in_every_format(server: Server, frames: int) -> None:
    document = server.upload(animation(frames=frames) if frames > 1 else png(60, 40))
    formats = ("auto", "jpg", "png", "webp", "avif", "gif")
    choices = ("", "&anim=0", "&anim=1", "&page=0", "&page=0&anim=0", "&page=0&anim=1",
               f"&page={frames - 1}", f"&page={frames}")  # fmt: skip
    with server.client(None) as client:
        for fmt, choice in itertools.product(formats, choices):
            moves = frames > 1 and fmt in ("auto", "webp", "gif")
            refused = choice in ("&page=0&anim=1", f"&page={frames}") or (
                choice == "&anim=1" and frames > 1 and not moves
            )
            expected = frames if moves and choice in ("", "&anim=1") else 1
            reply = client.get(
                f"/img/{document['id']}?fmt={fmt}{choice}", headers={"accept": CHROME}
            )
            status = 400 if refused else 200
            assert reply.status_code == status, (fmt, choice, reply.text[:300])
            if status == 200:
                shown = Image.open(io.BytesIO(reply.content))
                assert getattr(shown, "n_frames", 1) == expected, (fmt, choice)
            else:
                assert reply.json()["field"] in ("anim", "page")


def test_a_moving_photograph_takes_far_fewer_bytes_as_webp(server: Server) -> None:
    frames = [photograph(120, 80, seed) for seed in range(3)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=70, loop=0)
    image_id = server.upload(data)["id"]
    moving = body(server, image_id, "", accept=CHROME)
    assert getattr(opened(moving), "n_frames", 1) == 3
    assert len(moving) < 0.5 * len(body(server, image_id, "", accept="*/*"))
