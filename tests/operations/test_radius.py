"""``radius``: rounded corners."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from operations.effects import SIZE, answer, levels_off, numbers, picture, uploaded
from operations.seeing import Floats, over, show
from pictures import encode
from serving import Server

FINE = 16


def shape(size: tuple[int, int], corners: tuple[float, float, float, float]) -> Floats:
    """Return how much of each pixel lies inside, drawn by Pillow 16 times as large."""
    wide, high = size[0] * FINE, size[1] * FINE
    drawn = Image.new("L", (wide, high), 255)
    pen = ImageDraw.Draw(drawn)
    for index, corner in enumerate(corners):
        r = round(corner * FINE)
        if not r:
            continue
        left, top = index in (0, 3), index in (0, 1)
        x, y = (0 if left else wide - r), (0 if top else high - r)
        pen.rectangle((x, y, x + r - 1, y + r - 1), fill=0)
        a, b = (0 if left else wide - 2 * r), (0 if top else high - 2 * r)
        pen.pieslice((a, b, a + 2 * r - 1, b + 2 * r - 1), 180 + 90 * index, 270 + 90 * index, 255)
    return np.asarray(drawn.resize(size, Image.Resampling.BOX), np.float64)[..., None] / 255


CORNERS: dict[str, tuple[float, float, float, float]] = {
    "24": (24, 24, 24, 24),
    "3": (3, 3, 3, 3),
    "max": (60, 60, 60, 60),
    "999": (60, 60, 60, 60),
    "30,0,10,50": (30, 0, 10, 50),
    "100,0,0,100": (60, 0, 0, 60),
}


@pytest.mark.parametrize("kind", ["RGB", "RGBA", "L", "LA"])
def test_corners_are_transparent_with_smooth_edges(server: Server, kind: str) -> None:
    image_id, values = uploaded(server, kind), numbers(picture(kind))
    for radius, corners in CORNERS.items():
        shown = answer(server, image_id, f"radius={radius}")
        alpha = values[..., 3:] * shape(SIZE, corners)
        assert levels_off(shown[..., 3:], alpha) <= 30, radius  # of 255: a ninth of a pixel
        assert np.abs(shown[..., 3:] - alpha).mean() * 255 <= 0.35, radius
        seen = shown[..., 3] > 0
        assert levels_off(shown[seen][:, :3], values[seen][:, :3]) == 0, radius


def test_corners_show_the_background_where_nothing_shines_through(server: Server) -> None:
    image = picture()
    image.putalpha(
        Image.fromarray(np.round(shape(SIZE, (24,) * 4)[..., 0] * 255).astype("u1"), "L")
    )
    red = (160, 16, 64)
    for query, colour in (
        ("fmt=jpg&q=95", (255, 255, 255)),
        *((f"fmt={fmt}&bg=a01040", red) for fmt in ("jpg&q=95", "png", "gif", "webp&lossless=1")),
        ("fmt=avif&q=90&bg=a01040", red),
    ):
        shown = show(server, uploaded(server), f"radius=24&{query}").convert("RGBA")
        assert np.asarray(shown)[..., 3].min() == 255, query
        expected = np.asarray(over(image, colour), np.float64)
        difference = np.abs(np.asarray(shown.convert("RGB")) - expected)
        assert difference.mean() <= 5, query
        assert difference[0, 0].max() <= 12, query
    for fmt in ("webp", "avif", "gif", "png"):
        shown = show(server, uploaded(server), f"radius=24&fmt={fmt}").convert("RGBA")
        alpha = np.asarray(shown)[..., 3]
        assert (alpha[0, 0], alpha[60, 100]) == (0, 255), fmt


def test_radii_grow_with_dpr_and_never_beyond_a_circle(server: Server) -> None:
    image_id = uploaded(server)
    shown = answer(server, image_id, "w=100&h=60&fit=fill&dpr=2&radius=12")
    assert np.abs(shown[..., 3:] - shape(SIZE, (24,) * 4)).mean() * 255 <= 0.35
    tags = {
        server.get(f"/img/{image_id}?radius={r}&fmt=png").headers["etag"]
        for r in ("max", "60", "61", "10000", "60,60,60,60", "MAX")
    }
    assert len(tags) == 1
    pixel = server.upload(encode(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG"))["id"]
    assert answer(server, pixel, "radius=max").shape == (1, 1, 4)
