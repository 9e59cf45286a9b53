"""Every readable format goes in, every format comes out; animations keep their time."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from operations.seeing import chart, difference, resized, rgb, show
from pictures import encode, opened
from serving import Server

SIZE = (240, 150)
OUTPUTS = ("jpg", "png", "webp", "avif", "gif")
PILLOW = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF", "gif": "GIF"}
MEDIA = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif",
         "gif": "image/gif"}  # fmt: skip


WITHIN = {"png": 2.0, "jpg": 2.5, "avif": 2.5, "webp": 3.2, "gif": 3.0}
"""Mean ΔE by format: GIF has 256 colours, the others lose a little even at q=95, and WebP and HEIC
halve the resolution of colour, which shows at the hard edges of so small a picture."""


def scene() -> Image.Image:
    """Return a picture with room for 256 colours."""
    return rgb(chart(*SIZE)).quantize(200, dither=Image.Dither.NONE).convert("RGB")


def heic(image: Image.Image) -> bytes:
    pillow_heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=95)
    return buffer.getvalue()


def tiff_of_pages(image: Image.Image) -> bytes:
    return encode(image, "TIFF", save_all=True, append_images=[Image.new("RGB", SIZE, (9, 9, 200))])


def svg(image: Image.Image) -> bytes:
    return (
        b"<svg xmlns='http://www.w3.org/2000/svg' width='240' height='150'>"
        b"<rect width='240' height='150' fill='#20a040'/>"
        b"<rect width='120' height='75' fill='#f00'/></svg>"
    )


def svg_looks() -> Image.Image:
    image = Image.new("RGB", SIZE, (0x20, 0xA0, 0x40))
    image.paste((255, 0, 0), (0, 0, 120, 75))
    return image


READ: dict[str, Callable[[Image.Image], bytes]] = {
    "jpg": lambda image: encode(image, "JPEG", quality=95, subsampling=0),
    "png": lambda image: encode(image, "PNG"),
    "webp": lambda image: encode(image, "WEBP", lossless=True),
    "gif": lambda image: encode(image.quantize(200, dither=Image.Dither.NONE), "GIF"),
    "avif": lambda image: encode(image, "AVIF", quality=95, subsampling="4:4:4", speed=8),
    "tiff": lambda image: encode(image, "TIFF"),
    "tiff of pages": tiff_of_pages,
    "bmp": lambda image: encode(image, "BMP"),
    "ico": lambda image: encode(image, "ICO", sizes=[SIZE]),
    "heic": heic,
    "svg": svg,
}


@pytest.mark.parametrize("name", READ)
def test_every_readable_format_renders_to_every_output(server: Server, name: str) -> None:
    image = scene()
    looks = svg_looks() if name == "svg" else image
    document = server.upload(READ[name](image), f"picture.{name}")
    assert document["format"] == name.partition(" ")[0]
    assert (document["width"], document["height"]) == SIZE
    assert document["frames"] == (2 if name == "tiff of pages" else 1)
    for fmt in OUTPUTS:
        for query in ("", "w=100"):
            reply = server.get(f"/img/{document['id']}?fmt={fmt}&q=95&{query}")
            assert reply.status_code == 200, reply.text
            assert reply.headers["content-type"] == MEDIA[fmt]
            shown = opened(reply.content)
            assert shown.format == PILLOW[fmt]
            expected = resized(looks, *shown.size)
            assert shown.size == (SIZE if not query else (100, 63))
            within = WITHIN[fmt] + (1.5 if name == "heic" else 0)
            assert difference(shown, expected) <= within, (fmt, query)


# Animations

DELAYS = [40, 120, 70, 250]
COLOURS = [(230, 30, 40), (20, 200, 60), (30, 50, 220), (240, 230, 20)]


def moving(kind: str, loop: int = 0) -> bytes:
    frames = []
    for number, colour in enumerate(COLOURS):
        frame = Image.new("RGB", (120, 80), (255, 255, 255))
        frame.paste(colour, (20 * number, 10, 20 * number + 40, 70))
        frames.append(frame)
    options: dict[str, object] = {"lossless": True} if kind == "WEBP" else {}
    return encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=DELAYS,
                  loop=loop, disposal=2, **options)  # fmt: skip


def frames_of(data: bytes) -> list[tuple[Image.Image, int]]:
    image = Image.open(io.BytesIO(data))
    found = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        found.append((image.convert("RGB"), int(image.info.get("duration", 0))))
    return found


@pytest.mark.parametrize("output", ["webp", "gif"])
@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_keeps_its_frames_and_delays(server: Server, kind: str, output: str) -> None:
    document = server.upload(moving(kind))
    assert (document["width"], document["height"], document["frames"]) == (120, 80, 4)
    source = frames_of(moving(kind))
    for query in ("w=60", "w=60&h=60&fit=cover", "rot=90", "flip=h", "rect=0,0,50p,100p", ""):
        exact = "lossless=1" if output == "webp" else "q=95"
        reply = server.get(f"/img/{document['id']}?fmt={output}&{exact}&{query}")
        assert reply.status_code == 200, reply.text
        shown = frames_of(reply.content)
        assert [delay for _, delay in shown] == DELAYS, query
        for (frame, _), (original, _) in zip(shown, source, strict=True):
            expected = {
                "w=60": resized(original, 60, 40),
                "w=60&h=60&fit=cover": resized(original, 90, 60).crop((15, 0, 75, 60)),
                "rot=90": original.transpose(Image.Transpose.ROTATE_270),
                "flip=h": original.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
                "rect=0,0,50p,100p": original.crop((0, 0, 60, 80)),
                "": original,
            }[query]
            assert difference(frame, expected) <= 2.0, query


@pytest.mark.parametrize("loop", [0, 3])
def test_an_animation_plays_as_often_as_before(server: Server, loop: int) -> None:
    document = server.upload(moving("WEBP", loop))
    for output in ("webp", "gif"):
        image = opened(server.get(f"/img/{document['id']}?fmt={output}&w=60").content)
        # Pillow counts the repetitions of GIF after the first play, those of WebP with it.
        plays = image.info.get("loop", 1)
        assert plays in ((0,) if loop == 0 else (loop, loop - 1)), output


def test_auto_answers_animations_as_webp_or_gif(server: Server) -> None:
    document = server.upload(moving("GIF"))
    for accept, kind in [
        ("image/avif,image/webp,*/*", "WEBP"),
        ("*/*", "GIF"),
        ("image/avif", "GIF"),
    ]:
        shown = show(server, document["id"], "w=60", accept=accept)
        assert shown.format == kind
        assert shown.n_frames == 4  # type: ignore[attr-defined]


def test_one_frame_can_be_taken(server: Server) -> None:
    for kind in ("GIF", "WEBP"):
        document = server.upload(moving(kind))
        source = frames_of(moving(kind))
        for query, number in [("page=0", 0), ("page=2", 2), ("page=3", 3), ("anim=0", 0)]:
            for fmt in ("png", "webp", "gif"):
                shown = show(server, document["id"], f"fmt={fmt}&q=95&{query}")
                assert getattr(shown, "n_frames", 1) == 1
                assert difference(shown.convert("RGB"), source[number][0]) <= 2.5, (query, fmt)
        still = show(server, document["id"], "fmt=jpg&q=95")
        assert difference(still, source[0][0]) <= 2.5
        assert server.get(f"/img/{document['id']}?page=4").status_code == 400
        assert server.get(f"/img/{document['id']}?anim=1&fmt=jpg").status_code == 400


def test_pages_of_a_tiff_can_be_taken(server: Server) -> None:
    document = server.upload(tiff_of_pages(scene()))
    second = Image.new("RGB", SIZE, (9, 9, 200))
    for query, expected in [("page=0", scene()), ("page=1", second), ("", scene())]:
        assert difference(show(server, document["id"], f"lossless=1&{query}"), expected) <= 0.5
        assert difference(show(server, document["id"], f"fmt=png&{query}"), expected) <= 1.5


def test_transparent_animations_stay_transparent(server: Server) -> None:
    frames = []
    for number in range(3):
        frame = Image.new("RGBA", (80, 60), (0, 0, 0, 0))
        # Round, for encoders crop a rectangle out and then need no alpha in the frame.
        ImageDraw.Draw(frame).ellipse((20 * number, 10, 20 * number + 30, 50), (200, 30, 40, 255))
        frames.append(frame)
    for kind in ("GIF", "WEBP"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=50,
                      disposal=2, **options)  # fmt: skip
        document = server.upload(data)
        for fmt in ("gif", "webp"):
            image = Image.open(io.BytesIO(server.get(f"/img/{document['id']}?fmt={fmt}").content))
            assert image.n_frames == 3  # type: ignore[attr-defined]
            for number in range(3):
                image.seek(number)
                assert difference(image.convert("RGBA"), frames[number]) <= 1.5, (kind, fmt, number)


def test_an_svg_that_reads_other_files_shows_none_of_them(server: Server) -> None:
    secret = server.data_dir / "secret.png"
    secret.write_bytes(encode(Image.new("RGB", (240, 150), (255, 0, 255)), "PNG"))
    for link in (f"file://{secret}", str(secret), "secret.png"):
        data = (
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' "
            "width='240' height='150'><rect width='240' height='150' fill='#0a0'/>"
            f"<image width='240' height='150' href='{link}' xlink:href='{link}'/></svg>"
        ).encode()
        document = server.upload(data)
        shown = show(server, document["id"], "fmt=png")
        assert difference(shown.convert("RGB"), Image.new("RGB", SIZE, (0, 0xAA, 0))) < 1
