"""``px``: a mosaic."""

from __future__ import annotations

import numpy as np
from PIL import Image

from operations.effects import answer, levels_off, numbers, picture, uploaded
from operations.seeing import Floats
from pictures import encode
from serving import Server


def mosaic(values: Floats, side: int) -> Floats:
    """Return the mean of every block, weighted by alpha."""
    result = values.copy()
    for y in range(0, values.shape[0], side):
        for x in range(0, values.shape[1], side):
            block = values[y : y + side, x : x + side]
            alpha = block[..., 3:]
            total = alpha.sum()
            colour = (block[..., :3] * alpha).sum((0, 1)) / total if total else np.zeros(3)
            result[y : y + side, x : x + side] = (*colour, alpha.mean())
    return result


def test_every_block_is_the_mean_of_its_pixels(server: Server) -> None:
    for kind in ("RGB", "RGBA", "L", "LA"):
        values = numbers(picture(kind))
        for side in (2, 7, 40, 64, 500):
            shown = answer(server, uploaded(server, kind), f"px={side}")
            expected = mosaic(values, side)
            assert levels_off(shown[..., 3], expected[..., 3]) <= 1
            seen = shown[..., 3] > 0.02
            assert levels_off(shown[seen], expected[seen]) <= 1.01, (kind, side)


def test_blocks_grow_with_dpr(server: Server) -> None:
    image_id = uploaded(server)
    shown = answer(server, image_id, "w=50&dpr=2&pixelate=5")
    assert levels_off(shown, mosaic(answer(server, image_id, "w=100"), 10)) <= 1.01


def test_a_block_beyond_the_picture_is_all_of_it(server: Server) -> None:
    image_id = uploaded(server)
    tags = {server.get(f"/img/{image_id}?px={n}&fmt=png").headers["etag"] for n in (200, 201, 999)}
    assert len(tags) == 1
    assert np.ptp(answer(server, image_id, "px=200"), axis=(0, 1)).max() == 0
    pixel = server.upload(encode(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG"))["id"]
    assert levels_off(answer(server, pixel, "px=9&dpr=5"), np.array([[[1, 2, 3, 255]]]) / 255) == 0


def test_blocks_are_crisp_after_a_blur(server: Server) -> None:
    shown = answer(server, uploaded(server), "px=20&blur=6")
    assert np.ptp(shown[:20, :20], axis=(0, 1)).max() == 0
    assert levels_off(shown, mosaic(answer(server, uploaded(server), "blur=6"), 20)) <= 1.01
