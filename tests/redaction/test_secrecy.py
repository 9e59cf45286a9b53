"""Pictures that differ only under what is redacted are told apart by nothing afterwards."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from api.asking import wait_until
from pictures import encode, photograph
from redaction.pairs import SCOPES, assert_alike, redact
from redaction.remains import SECRET, make_due, remains, shows_secret
from serving import Server

SIZE = (320, 240)
REGION = {"x": 100, "y": 60, "w": 90, "h": 40}
SHAPES: dict[str, dict[str, Any]] = {
    "rect": REGION,
    "ellipse": {"shape": "ellipse", "x": 90, "y": 50, "w": 110, "h": 60},
    "polygon": {"points": [[95, 55], [195, 55], [200, 105], [90, 105]]},
}
QUERIES = (
    "", "fmt=png", "fmt=jpg", "fmt=webp", "fmt=avif", "fmt=gif", "fmt=json", "fmt=thumbhash",
    "fmt=blurhash", "fmt=palette", "w=160", "w=100&fmt=webp&lossless=1", "rect=90,50,110,60",
    "rect=96,56,100,50&w=400&enlarge=1&fmt=png", "trim=10", "w=60&h=60&fit=cover&g=smart",
    "w=60&h=60&fit=cover&g=entropy", "q=auto&fmt=jpg", "max_bytes=4k&fmt=jpg", "normalize=1",
    "blur=3", "rot=7", "anim=0", "page=0",
)  # fmt: skip
ACCEPTS = ("image/avif,image/webp,*/*",)


def picture(secret: int, mode: str = "RGB") -> Image.Image:
    """Return a picture whose secret part is one of two."""
    image = Image.effect_mandelbrot(SIZE, (-2, -1.2, 1, 1.2), 60).convert("RGB")
    inside = Image.new("RGB", (84, 34), (250, 240, 30) if secret else (10, 20, 120))
    inside.paste((255, 0, 0) if secret else (0, 90, 0), (10 + 30 * secret, 8, 40 + 30 * secret, 26))
    image.paste(inside, (103, 63))
    return image.convert(mode)


def uploads(kind: str) -> tuple[bytes, bytes]:
    """Return both files of a kind."""
    made = []
    for secret in (0, 1):
        into = io.BytesIO()
        if kind.startswith("jpg"):
            _, sampling, orientation = kind.split("-")
            exif = Image.Exif()
            exif[0x0112] = int(orientation)
            upright = picture(secret)
            turned = upright.transpose(Image.Transpose.ROTATE_90) if orientation == "6" else upright
            turned.save(into, "JPEG", quality=70, subsampling=int(sampling), exif=exif)
        elif kind == "cmyk":
            picture(secret, "CMYK").save(into, "JPEG", quality=80)
        elif kind == "gif":
            frames = [picture(secret).point(lambda v, n=n: (v + 20 * n) % 256) for n in range(3)]
            palette = Image.new("P", (1, 1))
            palette.putpalette(
                [v for n in range(256) for v in (n & 224, (n << 3) & 224, n << 6 & 192)]
            )
            flat = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
            flat[0].save(
                into, "GIF", save_all=True, append_images=flat[1:], duration=80, optimize=False
            )
        elif kind == "alpha":
            image = picture(secret, "RGBA")
            image.putalpha(Image.linear_gradient("L").resize(SIZE))
            image.paste((9, 9, 9, 0 if secret else 255), (110, 70, 130, 90))
            image.save(into, "PNG")
        else:
            picture(secret, "L" if kind == "grey" else "RGB").save(into, "PNG")
        made.append(into.getvalue())
    return made[0], made[1]


@pytest.mark.parametrize(
    ("kind", "shape", "style"),
    [
        ("png", "rect", "solid"),
        ("png", "polygon", "decoy"),
        ("jpg-2-1", "rect", "solid"),
        ("jpg-2-6", "ellipse", "solid"),
        ("jpg-1-1", "rect", "decoy"),
        ("cmyk", "polygon", "solid"),
        ("grey", "ellipse", "decoy"),
        ("alpha", "rect", "solid"),
        ("gif", "rect", "decoy"),
    ],
)
def test_no_rendition_header_or_document_depends_on_what_was_there(
    server: Server, kind: str, shape: str, style: str
) -> None:
    one, other = (server.upload(data, "same.png")["id"] for data in uploads(kind))
    with server.client(server.make_token(*SCOPES)) as client:
        for image in (one, other):
            assert server.get(f"/img/{image}?fmt=png").status_code == 200
            redact(client, image, SHAPES[shape], style)
        assert_alike(server, client, one, other, QUERIES, ACCEPTS)


def test_what_the_data_directory_holds_is_nothing_of_the_upload(server: Server) -> None:
    photo = photograph(1000, 800, seed=3)
    photo.paste(SECRET, (400, 300, 600, 420))
    data = encode(photo, "PNG")
    image = server.upload(data, "held.png")["id"]
    for query in ("", "w=160", "fmt=webp", "fmt=png", "fmt=avif&w=300", "fmt=gif&w=300"):
        assert shows_secret(server.get(f"/img/{image}?{query}").content), query
    before = remains(server, data)
    kinds = {path.relative_to(server.data_dir).parts[0] for path in before}
    assert kinds >= {"originals", "levels", "cache"}
    assert sum("cache" in path.parts for path in before) == 6
    with server.client() as client:
        redact(client, image, {"x": 400, "y": 300, "w": 200, "h": 120})

    def left() -> list[Path]:
        make_due(server, "scrub")
        return remains(server, data)

    assert wait_until(lambda: not left(), 30), left()
