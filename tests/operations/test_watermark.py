"""``wm``: another picture over the picture, once or all over, and the rights to it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from api.asking import encodes, problem, wait_until
from api.signing import by_hand, make
from operations.seeing import chart, difference, resized, rgb, show, upload
from pictures import animation, encode, png
from serving import Server

SIZE = (240, 160)
MARK = (60, 40)


def mark(width: int = MARK[0], height: int = MARK[1]) -> Image.Image:
    """Return a mark whose every corner differs, half transparent in its middle."""
    image = Image.new("RGBA", (width, height), (250, 210, 20, 255))
    image.paste((20, 60, 220, 255), (0, 0, width // 3, height // 2))
    image.paste((255, 255, 255, 120), (width // 3, height // 4, 2 * width // 3, 3 * height // 4))
    image.paste((0, 0, 0, 0), (2 * width // 3, height // 2, width, height))
    return image


def stamped(
    below: Image.Image, layer: Image.Image, x: int, y: int, opacity: float = 1.0
) -> Image.Image:
    """Return what Pillow draws."""
    layer = layer.copy()
    layer.putalpha(layer.getchannel("A").point(lambda a: round(a * opacity)))
    above = Image.new("RGBA", below.size, (0, 0, 0, 0))
    above.paste(layer, (x, y))
    return Image.alpha_composite(below.convert("RGBA"), above)


@pytest.fixture(scope="module")
def base(server: Server) -> tuple[str, Image.Image]:
    image = rgb(chart(*SIZE))
    return str(server.upload(encode(image, "PNG"))["id"]), image


@pytest.fixture(scope="module")
def overlay(server: Server) -> str:
    return str(server.upload(encode(mark(), "PNG"))["id"])


@pytest.mark.parametrize(
    ("gravity", "x", "y"),
    [
        ("", 180, 120), ("&wm_g=top-left", 0, 0), ("&wm_g=n", 90, 0), ("&wm_g=ne", 180, 0),
        ("&wm_g=west", 0, 60), ("&wm_g=center", 90, 60), ("&wm_g=e", 180, 60),
        ("&wm_g=southwest", 0, 120), ("&wm_g=bottom", 90, 120),
        ("&wm_g=sw&wm_pad=10", 10, 110), ("&wm_g=c&wm_pad=10", 90, 60), ("&wm_pad=7", 173, 113),
    ],
)  # fmt: skip
def test_a_watermark_stands_where_its_gravity_says(
    server: Server, base: tuple[str, Image.Image], overlay: str, gravity: str, x: int, y: int
) -> None:
    shown = show(server, base[0], f"wm={overlay}&fmt=png{gravity}")
    assert shown.mode == "RGB"
    assert difference(shown, stamped(base[1], mark(), x, y).convert("RGB")) <= 0.05


@pytest.mark.parametrize("opacity", [100, 50, 7.5, 1])
def test_opacity_is_that_of_alpha_compositing(
    server: Server, base: tuple[str, Image.Image], overlay: str, opacity: float
) -> None:
    shown = show(server, base[0], f"wm={overlay}&wm_o={opacity}&fmt=png")
    expected = stamped(base[1], mark(), 180, 120, opacity / 100).convert("RGB")
    off = np.abs(np.asarray(shown, int) - np.asarray(expected, int))
    assert off.max() <= 2


def test_an_opacity_or_a_width_of_nothing_draws_nothing(
    server: Server, base: tuple[str, Image.Image], overlay: str
) -> None:
    for query in ("wm_o=0", "wm_s=0"):
        assert difference(show(server, base[0], f"wm={overlay}&{query}&fmt=png"), base[1]) == 0


def test_a_watermark_is_as_wide_as_it_is_told_but_within_the_picture(
    server: Server, base: tuple[str, Image.Image], overlay: str
) -> None:
    for query, size in (
        ("wm_s=0.5", (120, 80)),
        ("wm_s=0.1", (24, 16)),
        ("wm_s=1", (240, 160)),
        ("wm_s=1&wm_pad=20", (180, 120)),  # as high as there is room
        ("dpr=2", (120, 80)),
        ("dpr=2&wm_s=0.25", (60, 40)),
        ("w=120&dpr=2&wm_pad=5", (120, 80)),
        ("dpr=5", (240, 160)),
    ):
        shown = show(server, base[0], f"wm={overlay}&wm_g=c&fmt=png&{query}")
        x, y = (SIZE[0] - size[0]) // 2, (SIZE[1] - size[1]) // 2
        expected = stamped(base[1], resized(mark(), *size), x, y).convert("RGB")
        assert difference(shown, expected) <= 2.0, query


def test_a_watermark_is_placed_on_what_was_made_of_the_picture(
    server: Server, base: tuple[str, Image.Image], overlay: str
) -> None:
    query = "rot=90&w=80&pad=10&bg=204060"
    bare = show(server, base[0], f"{query}&fmt=png")
    shown = show(server, base[0], f"{query}&wm={overlay}&wm_g=nw&fmt=png")
    assert shown.size == bare.size == (100, 140)
    assert difference(shown, stamped(bare, mark(), 0, 0).convert("RGB")) <= 0.05


def test_tiles_cover_the_picture_and_are_counted_from_their_gravity(
    server: Server, base: tuple[str, Image.Image], overlay: str
) -> None:
    for gravity, pad in (("nw", 0), ("se", 0), ("c", 0), ("ne", 12)):
        shown = show(
            server, base[0], f"wm={overlay}&wm_g={gravity}&wm_pad={pad}&wm_tile=1&wm_s=0.1&fmt=png"
        )
        tile = resized(mark(), 24, 16)
        across, down = tile.width + pad, tile.height + pad
        start = {
            "nw": (0, 0), "se": (SIZE[0] - 24, SIZE[1] - 16),
            "c": ((SIZE[0] - 24) // 2, (SIZE[1] - 16) // 2), "ne": (SIZE[0] - 24 - pad, pad),
        }[gravity]  # fmt: skip
        above = Image.new("RGBA", (SIZE[0] + 2 * across, SIZE[1] + 2 * down))
        for x in range(start[0] % across, above.width, across):
            for y in range(start[1] % down, above.height, down):
                above.paste(tile, (x, y))
        above = above.crop((across, down, across + SIZE[0], down + SIZE[1]))
        expected = Image.alpha_composite(base[1].convert("RGBA"), above).convert("RGB")
        assert difference(shown, expected) <= 1.0, gravity


def test_a_picture_with_alpha_keeps_it_beside_the_watermark(server: Server, overlay: str) -> None:
    image = rgb(chart(*SIZE)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(SIZE))
    below = server.upload(encode(image, "PNG"))["id"]
    for opacity in (100, 40):
        shown = show(server, below, f"wm={overlay}&wm_g=n&wm_o={opacity}&fmt=png")
        assert difference(shown, stamped(image, mark(), 90, 0, opacity / 100)) <= 0.3
    white = show(server, below, f"wm={overlay}&wm_g=n&fmt=jpg&q=95&bg=fff")
    assert white.getpixel((95, 5))[2] > 180  # type: ignore[index]


def test_grey_stays_grey_under_grey_and_takes_colour_of_a_watermark(
    server: Server, overlay: str
) -> None:
    grey = rgb(chart(*SIZE)).convert("L")
    below = server.upload(encode(grey, "PNG"))["id"]
    shown = show(server, below, f"wm={overlay}&fmt=png")
    assert difference(shown, stamped(grey.convert("RGB"), mark(), 180, 120).convert("RGB")) <= 0.05
    seal = Image.merge("LA", (Image.new("L", MARK, 200), Image.linear_gradient("L").resize(MARK)))
    on = server.upload(encode(seal, "PNG"))["id"]
    shown = show(server, below, f"wm={on}&fmt=png")
    assert shown.mode == "L"
    expected = stamped(grey.convert("RGB"), seal.convert("RGBA"), 180, 120).convert("RGB")
    assert difference(shown.convert("RGB"), expected) <= 0.3
    coloured = server.upload(encode(rgb(chart(*SIZE)), "PNG"))["id"]
    expected = stamped(rgb(chart(*SIZE)), seal.convert("RGBA"), 180, 120).convert("RGB")
    assert difference(show(server, coloured, f"wm={on}&fmt=png"), expected) <= 0.3


def test_every_frame_of_an_animation_bears_the_watermark(server: Server, overlay: str) -> None:
    moving = server.upload(animation("GIF", 6, 90, 60))["id"]
    query = f"wm={overlay}&wm_s=0.4&wm_g=nw"
    shown = show(server, moving, f"{query}&fmt=webp&lossless=1")
    assert shown.n_frames == 6  # type: ignore[attr-defined]
    colours = set()
    for number in range(6):
        shown.seek(number)
        frame = shown.convert("RGB")
        red, green, blue = frame.getpixel((3, 3))  # type: ignore[misc]
        assert (red < 40, green < 80, blue > 200) == (True,) * 3, number
        colours.add(frame.getpixel((80, 50)))
    assert len(colours) == 6


def test_of_an_animated_or_turned_watermark_the_first_frame_is_drawn_upright(
    server: Server, base: tuple[str, Image.Image]
) -> None:
    moving = server.upload(animation("GIF", 3, 60, 40))["id"]
    shown = show(server, base[0], f"wm={moving}&fmt=png")
    assert shown.getpixel((200, 140)) == (0, 255, 80)
    tags = Image.Exif()
    tags[0x0112] = 6
    photo = Image.new("RGB", (80, 48), (240, 20, 20))
    turned = server.upload(encode(photo, "JPEG", exif=tags, quality=95))["id"]
    red = np.asarray(show(server, base[0], f"wm={turned}&wm_g=nw&fmt=png"), int)[..., 0] > 230
    assert red[40, 10:40].all()
    assert red[70, 10:40].all()
    assert not red[10, 60:70].any()


def test_a_large_watermark_is_opened_from_a_level_that_serves(server: Server) -> None:
    large = mark(2400, 1600)
    over = upload(server, encode(large.convert("RGB"), "PNG"))["id"]
    below = server.upload(encode(rgb(chart(*SIZE)), "PNG"))["id"]
    shown = show(server, below, f"wm={over}&wm_s=0.5&wm_g=nw&fmt=png")
    expected = stamped(
        rgb(chart(*SIZE)), resized(large.convert("RGB"), 120, 80).convert("RGBA"), 0, 0
    )
    assert difference(shown, expected.convert("RGB")) <= 1.0
    # The level is what was read: without the original it is drawn just as well.
    for path in (server.data_dir / "originals").rglob("*"):
        if path.is_file() and path.stat().st_size == len(encode(large.convert("RGB"), "PNG")):
            hidden = path.with_suffix(".hidden")
            path.rename(hidden)
            try:
                again = show(server, below, f"wm={over}&wm_s=0.5&wm_g=ne&fmt=png")
            finally:
                hidden.rename(path)
            break
    else:
        raise AssertionError("the original is not where it was looked for")
    assert again.getpixel((125, 5)) == (20, 60, 220)


def test_a_picture_may_be_its_own_watermark(server: Server, base: tuple[str, Image.Image]) -> None:
    shown = show(server, base[0], f"wm={base[0]}&wm_s=0.25&fmt=png")
    small = resized(base[1], 60, 40).convert("RGBA")
    assert difference(shown, stamped(base[1], small, 180, 120).convert("RGB")) <= 1.0


@pytest.mark.parametrize(
    ("query", "field"),
    [("wm=x", "wm"), ("wm_o=101", "wm_o"), ("wm_s=1.5", "wm_s"), ("wm_g=up", "wm_g"),
     ("wm_tile=2", "wm_tile"), ("wm_pad=-1", "wm_pad")],
)  # fmt: skip
def test_what_is_no_watermark_is_refused(
    server: Server, base: tuple[str, Image.Image], query: str, field: str
) -> None:
    assert problem(server.get(f"/img/{base[0]}?{query}"), 400)["field"] == field


# Rights


def test_a_watermark_must_be_allowed_to_the_viewer(server: Server) -> None:
    below = server.upload(png(111, 80))["id"]
    assert problem(server.get(f"/img/{below}?wm={'A' * 22}"), 404)["field"] == "wm"
    for visibility in ("signed", "private"):
        over = server.upload(png(51, 30), visibility=visibility)["id"]
        path = f"/img/{below}?wm={over}"
        problem(server.get(path), 404)
        with server.client() as client:
            reply = client.get(path)
            assert (reply.status_code, reply.headers["cache-control"]) == (200, "private, no-store")
        problem(server.get(path), 404)
        signed = server.get(by_hand(server, below, wm=over))
        assert signed.status_code == (200 if visibility == "signed" else 404)


def test_a_view_link_refuses_a_watermark(server: Server) -> None:
    below, over = (server.upload(png(n, 80))["id"] for n in (112, 52))
    path = by_hand(server, below, "v")
    assert server.get(path).status_code == 200
    assert problem(server.get(path.replace("?", f"?wm={over}&")), 403)["field"] == "wm"
    made, _ = make(server, below, params={"wm": over})
    assert server.get(made).status_code == 200


def composites(server: Server) -> set[str]:
    """Return the groups of composites on disk."""
    return {path.name for path in (server.data_dir / "cache" / "++").glob("*")}


@pytest.mark.parametrize("deleted", ["the watermark", "the picture"])
def test_a_composite_is_gone_with_any_of_its_pictures(server: Server, deleted: str) -> None:
    below, over = (server.upload(png(n, 80))["id"] for n in (120, 60))
    path = f"/img/{below}?wm={over}&wm_s=0.3&fmt=png"
    before = composites(server)
    for query in ("", "&wm_o=50"):
        assert server.get(path + query).status_code == 200
    (group,) = composites(server) - before
    drawn = encodes(server)
    with server.client() as client:  # what the table of ready answers does not hold
        assert client.get(f"/img/{below}?fmt=png&wm_s=0.30&wm={over}").status_code == 200
        assert encodes(server) == drawn
        gone, left = (over, below) if deleted == "the watermark" else (below, over)
        assert client.delete(f"/api/images/{gone}").status_code in (200, 202, 204)
        for ask in (server.get, client.get):
            problem(ask(path), 404)
    assert wait_until(lambda: group not in composites(server))
    assert server.get(f"/img/{left}?fmt=png").status_code == 200


def test_a_composite_is_refused_at_once_when_its_watermark_is_narrowed(server: Server) -> None:
    below, over = (server.upload(png(n, 80))["id"] for n in (160, 60))
    path = f"/img/{below}?wm={over}&fmt=png"
    for _ in range(2):
        reply = server.get(path)
        assert (reply.status_code, "public" in reply.headers["cache-control"]) == (200, True)
    with server.client() as client:
        client.patch(f"/api/images/{over}", json={"visibility": "private"})
        problem(server.get(path), 404)
        problem(server.get(path, If_None_Match=reply.headers["etag"]), 404)
        assert client.get(path).headers["cache-control"] == "private, no-store"
        problem(server.get(path), 404)
        client.patch(f"/api/images/{over}", json={"visibility": "public"})
        assert server.get(path).content == reply.content


def test_nobody_else_gets_what_is_kept_for_who_may_see_both(server: Server) -> None:
    below = server.upload(png(170, 80))["id"]
    over = server.upload(png(70, 30), visibility="private")["id"]
    path = f"/img/{below}?wm={over}&fmt=png"
    with server.client() as client:
        bodies = {client.get(path).content for _ in range(2)}
    assert len(bodies) == 1
    assert Image.open(io.BytesIO(bodies.pop())).size == (170, 80)
    problem(server.get(path), 404)
