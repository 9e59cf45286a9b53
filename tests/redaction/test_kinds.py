"""Uploads of every kind that differ in one region alone are told apart by nothing afterwards."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import numpy as np
import pillow_heif
import pytest
import pyvips
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import text

from api.asking import wait_until
from pictures import encode, opened, photograph, screenshot
from redaction.pairs import assert_alike, masked, redact, told
from serving import Server

SIZE = WIDTH, HEIGHT = 200, 152
BOX = LEFT, TOP, RIGHT, BOTTOM = 64, 48, 144, 96
REGION = {"x": LEFT, "y": TOP, "w": RIGHT - LEFT, "h": BOTTOM - TOP}
QUERIES = (
    "", "fmt=png", "fmt=json", "fmt=thumbhash", "w=90&fmt=webp&lossless=1",
    "rect=50,40,100,60&fmt=png", "trim=5&fmt=png", "q=auto&fmt=jpg",
)  # fmt: skip
FRAMES = 3


def drawn(secret: int, frame: int = 0) -> Image.Image:
    """Return a screenshot whose box holds one of two secrets."""
    image = screenshot(WIDTH, HEIGHT)
    image.paste((9 * frame, 60, 200), (8, 120, 60, 140))
    part = Image.linear_gradient("L").resize((RIGHT - LEFT, BOTTOM - TOP))
    colours = (("red", "yellow"), ("black", "#0a6"))[secret]
    image.paste(ImageOps.colorize(part.rotate(90 * frame), *colours), BOX)
    return image


def frames(secret: int) -> list[Image.Image]:
    return [drawn(secret, number) for number in range(FRAMES)]


def wide(secret: int, bands: int) -> pyvips.Image:
    """Return 16 bits a sample, of which the lower eight are not shown."""
    pixels = np.asarray(drawn(secret).convert("RGB"), np.uint16) * 256 + 7
    pixels[TOP:BOTTOM, LEFT:RIGHT] += np.uint16(100 * secret)
    if bands == 1:
        pixels = pixels[:, :, 1:2]
    if bands == 4:
        alpha = np.full((HEIGHT, WIDTH, 1), 65535, np.uint16)
        alpha[:, 10:40] = 30000
        alpha[TOP:BOTTOM, LEFT:RIGHT] = 65535 * secret
        pixels = np.concatenate([pixels, alpha], axis=2)
    kind = "grey16" if bands == 1 else "rgb16"
    made = pyvips.Image.new_from_memory(pixels.tobytes(), WIDTH, HEIGHT, bands, "ushort")
    return made.copy(interpretation=kind)


def png16(bands: int, **options: object) -> Callable[[int], bytes]:
    return lambda secret: bytes(wide(secret, bands).pngsave_buffer(**options))


def svg(secret: int) -> bytes:
    shape = ('<circle cx="100" cy="72" r="20" fill="red"/>', '<path d="M70 50h60v40z"/>')[secret]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect width="100" height="{HEIGHT}" fill="#bdf"/><circle cx="30" cy="30" r="20"/>'
        f"{shape}</svg>"
    ).encode()


def several(kind: str, **options: object) -> Callable[[int], bytes]:
    def made(secret: int) -> bytes:
        first, *more = frames(secret)
        return encode(first, kind, save_all=True, append_images=more, **options)

    return made


def palette(secret: int) -> bytes:
    """Return 8 bits of palette whose transparent colour is in the secret alone, or not at all."""
    image = drawn(0).quantize(16, dither=Image.Dither.NONE)
    image.paste(17 + secret, BOX)
    image.putpalette((image.getpalette() or [])[:48] + [0] * 3 + [255, 0, 0] + [200, 0, 0])
    return encode(image, "PNG", transparency=17)


def alpha_in_the_secret(secret: int) -> bytes:
    image = drawn(secret).convert("RGBA")
    if secret:
        image.putpixel((LEFT + 5, TOP + 5), (1, 2, 3, 0))
        return encode(image, "PNG")
    return encode(image.convert("RGB"), "PNG")


def colour_in_the_secret(secret: int) -> bytes:
    image = ImageOps.grayscale(drawn(secret))
    if secret:
        image = image.convert("RGB")
        image.paste("red", BOX)
    return encode(image, "PNG")


def several_alpha(kind: str, **options: object) -> Callable[[int], bytes]:
    def made(secret: int) -> bytes:
        first, *more = frames(0)
        if secret:
            first, *more = (frame.convert("RGBA") for frame in frames(0))
            for frame in (first, *more):
                frame.paste((0, 0, 0, 0), BOX)
        return encode(first, kind, save_all=True, append_images=more, **options)

    return made


def grey_gif(secret: int) -> bytes:
    made = [ImageOps.grayscale(frame).point(lambda v: v & 240) for frame in frames(0)]
    shown = []
    for frame in made:
        image = frame.convert("P")
        image.putpalette([v for n in range(256) for v in (n, n, n)])
        if secret:
            image.putpalette([v for n in range(255) for v in (n, n, n)] + [255, 0, 0])
            image.paste(255, BOX)
        else:
            image.paste(0, BOX)
        shown.append(image)
    return encode(shown[0], "GIF", save_all=True, append_images=shown[1:], duration=90,
                  optimize=False)  # fmt: skip


def motion_in_the_secret(secret: int) -> bytes:
    still, moved = (drawn(0).quantize(32, dither=Image.Dither.NONE) for _ in range(2))
    moved.paste(3, BOX)
    more = {"save_all": True, "append_images": [moved], "duration": 90} if secret else {}
    return encode(still, "GIF", optimize=False, **more)


def progressive(secret: int) -> bytes:
    return encode(drawn(secret), "JPEG", quality=60, progressive=True, subsampling=2)


def texts(secret: int) -> bytes:
    """Return what else a PNG may carry: a title, and a thumbnail's worth of text."""
    info = PngInfo()
    info.add_text("Comment", "the secret is " + "abcdefgh"[secret] * 40)
    return encode(drawn(secret), "PNG", pnginfo=info)


KINDS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "png, 16 bits, grey": ("decoy", png16(1)),
    "png, 16 bits": ("solid", png16(3)),
    "png, 16 bits, alpha": ("decoy", png16(4)),
    "png, 16 bits, interlaced": ("solid", png16(3, interlace=True)),
    "png, palette": ("solid", palette),
    "png, alpha in the secret alone": ("decoy", alpha_in_the_secret),
    "png, colour in the secret alone": ("decoy", colour_in_the_secret),
    "png, comments": ("solid", texts),
    "svg": ("solid", svg),
    "tiff": ("decoy", several("TIFF", compression="tiff_lzw")),
    "webp, animated": ("solid", several("WEBP", lossless=True, duration=[60, 90, 120])),
    "webp, alpha in the secret alone": (
        "decoy",
        several_alpha("WEBP", lossless=True, duration=90),
    ),
    "tiff, alpha in the secret alone": ("solid", several_alpha("TIFF")),
    "gif, colour in the secret alone": ("decoy", grey_gif),
    "gif, motion in the secret alone": ("solid", motion_in_the_secret),
    "jpg, progressive": ("solid", progressive),
    "bmp": ("solid", lambda secret: encode(drawn(secret), "BMP")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_file_tells_what_was_there(
    server: Server, client: httpx2.Client, kind: str
) -> None:
    style, made = KINDS[kind]
    one, other = (server.upload(made(secret), "a.bin")["id"] for secret in (0, 1))
    pages = client.get(f"/api/images/{one}").json()["frames"]
    covered = [redact(client, image, REGION, style) for image in (one, other)]
    assert covered[0] == covered[1]
    queries = [*QUERIES, *(f"page={page}&fmt=png" for page in range(1, pages))]
    assert_alike(server, client, one, other, queries)


PREDICTED: dict[str, tuple[str, dict[str, int]]] = {
    "webp": ("WEBP", {"quality": 70}),
    "avif": ("AVIF", {"quality": 60, "speed": 10}),
    "heic": ("HEIF", {"quality": 60}),
}
NOISE, MOST_NOISE = 2, 80
"""Of a channel, on average and at the worst beside a sharp edge: what two encodings of the same
pixels differ by where each block is predicted from those before it."""


@pytest.mark.parametrize("kind", PREDICTED)
def test_codecs_that_predict_leave_rounding_noise_outside_and_nothing_inside(
    server: Server, client: httpx2.Client, kind: str
) -> None:
    pillow_heif.register_heif_opener()
    form, options = PREDICTED[kind]
    files = [encode(drawn(secret), form, **options) for secret in (0, 1)]
    images = [server.upload(data, f"a.{kind}")["id"] for data in files]
    covered = [redact(client, image, REGION, colour="00ff00") for image in images]
    assert covered[0] == covered[1]
    inside = np.zeros((HEIGHT, WIDTH), bool)
    for x, y, w, h in covered[0]:
        inside[y : y + h, x : x + w] = True
    assert inside[TOP:BOTTOM, LEFT:RIGHT].all()
    assert not inside.all()
    shown = [
        np.asarray(opened(server.get(f"/img/{image}?fmt=png").content).convert("RGB"), np.int16)
        for image in images
    ]
    for pixels in shown:
        assert (pixels[inside] == (0, 255, 0)).all()
    apart = np.abs(shown[0] - shown[1])[~inside]
    assert (apart.mean() < NOISE, apart.max() < MOST_NOISE) == (True, True)
    # What says what was done tells them apart by nothing.
    manifests = [client.get(f"/api/images/{image}/manifest").json()["manifest"] for image in images]
    assert masked(manifests[0], images[0]) == masked(manifests[1], images[1])


LARGE = (2400, 1820)
"""Of which level 2 has more than 1 000 000 px and so is JPEG, and level 4 is not."""

SPOT = (803, 611, 1189, 871)
"""On no line between blocks, of any level."""


def large(secret: int, kind: str) -> bytes:
    image = photograph(*LARGE, seed=5)
    width, height = SPOT[2] - SPOT[0], SPOT[3] - SPOT[1]
    image.paste(photograph(width, height, seed=9) if secret else (250, 20, 240), SPOT)
    if kind == "alpha":
        hole = Image.new("L", LARGE, 255)
        hole.paste(0 if secret else 255, SPOT)
        image.putalpha(hole)
    if kind == "jpg":
        return encode(image, "JPEG", quality=50, subsampling=2)
    return encode(image, "PNG", compress_level=1)


def levels_of(server: Server, image: str) -> list[tuple[str, bytes]]:
    """Return the names and contents of a picture's levels."""
    statement = text("SELECT blob FROM images WHERE id = :id")
    blob = server.database.read(lambda c: c.execute(statement, {"id": image}).scalar_one())
    folder = server.data_dir / "levels" / blob[:2] / blob
    return sorted((path.name, path.read_bytes()) for path in folder.iterdir())


@pytest.mark.parametrize(
    ("kind", "style"), [("png", "solid"), ("jpg", "decoy"), ("alpha", "solid")]
)
def test_no_level_and_no_size_between_levels_tells_it(
    server: Server, client: httpx2.Client, kind: str, style: str
) -> None:
    images = [server.upload(large(secret, kind), "a.bin")["id"] for secret in (0, 1)]
    region = {"x": SPOT[0], "y": SPOT[1], "w": SPOT[2] - SPOT[0], "h": SPOT[3] - SPOT[1]}
    for image in images:
        assert server.get(f"/img/{image}?w=300").status_code == 200
        redact(client, image, region, style)
    one, other = images
    # Drawn from what there is at once; then from every level, at both sides of their limits.
    assert told(server, one, "w=399&fmt=png") == told(server, other, "w=399&fmt=png")
    assert wait_until(lambda: all(len(levels_of(server, image)) == 2 for image in images), 40)
    assert [name for name, _ in levels_of(server, one)] == ["2.jpg", "4.raw"]
    assert levels_of(server, one) == levels_of(server, other)
    widths = [LARGE[0] * 2 // 3 // factor + off for factor in (2, 4) for off in (0, 1)]
    assert_alike(server, client, one, other, [f"w={w}&fmt=png&utm_source=x" for w in widths])
