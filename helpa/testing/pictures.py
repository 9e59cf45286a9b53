"""Pictures made for tests: the same every time, and nothing read from anywhere."""

from __future__ import annotations

import io
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
from PIL import Image

Kind: TypeAlias = Literal["gradient", "screenshot", "photograph", "grey", "alpha", "animated"]

KINDS: tuple[Kind, ...] = get_args(Kind)
FRAMES = 4


def picture(
    width: int = 320, height: int = 200, kind: Kind = "gradient", *, seed: int = 1
) -> Image.Image:
    """Return a picture.

    Args:
        width: in pixels.
        height: in pixels.
        kind: ``gradient`` smooth colours; ``screenshot`` flat areas and sharp edges;
            ``photograph`` soft shapes with noise everywhere; ``grey`` one channel; ``alpha``
            a gradient that fades out to the right; ``animated`` a GIF of four different frames.
        seed: of the noise of a photograph.

    Raises:
        ValueError: there is no such kind.
    """
    if kind == "gradient":
        return Image.fromarray(_gradient(width, height), "RGB")
    if kind == "screenshot":
        return Image.fromarray(_screenshot(width, height), "RGB")
    if kind == "photograph":
        noise = np.random.default_rng(seed).normal(0, 4, (height, width, 3))
        soft = _gradient(width, height) * 0.8 + 20 + noise
        return Image.fromarray(np.clip(soft, 0, 255).astype(np.uint8), "RGB")
    if kind == "grey":
        return Image.fromarray(_gradient(width, height)[:, :, 1], "L")
    if kind == "alpha":
        fade = np.linspace(255, 0, width).astype(np.uint8)
        alpha = np.broadcast_to(fade, (height, width))[:, :, None]
        return Image.fromarray(np.concatenate([_gradient(width, height), alpha], axis=2), "RGBA")
    if kind == "animated":
        shift = max(1, width // FRAMES)
        frames = [
            Image.fromarray(np.roll(_gradient(width, height), number * shift, axis=1), "RGB")
            for number in range(FRAMES)
        ]
        buffer = io.BytesIO()
        frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)
        return Image.open(buffer)
    raise ValueError(f"kind={kind!r}: expected one of {', '.join(KINDS)}")


def encode(image: Image.Image, format: str | None = None, **options: object) -> bytes:  # noqa: A002
    """Return the bytes of a picture.

    Args:
        image: the picture.
        format: as Pillow names it; unset takes GIF for an animation and PNG for the rest.
        options: handed on to Pillow.
    """
    animated = getattr(image, "n_frames", 1) > 1
    chosen = format or ("GIF" if animated else "PNG")
    buffer = io.BytesIO()
    image.save(buffer, chosen, **({"save_all": True} if animated else {}), **options)
    return buffer.getvalue()


def _gradient(width: int, height: int) -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    across, down = x / max(1, width - 1), y / max(1, height - 1)
    channels = (across, down, 0.5 + 0.5 * np.sin(6 * across + 4 * down))
    return np.round(np.stack(channels, axis=-1) * 235 + 10).astype(np.uint8)


def _screenshot(width: int, height: int) -> npt.NDArray[np.uint8]:
    pixels = np.full((height, width, 3), 245, np.uint8)
    pixels[: max(1, height // 10)] = (40, 44, 52)
    pixels[:, : max(1, width // 6)] = (230, 232, 236)
    left, right = width // 5, width - width // 10
    for row in range(height // 8, height - height // 10, 14):
        for column in range(left, right, 9):
            if (row * 31 + column * 17) % 5:
                pixels[row : row + 8, column : column + 6 : 2] = (30, 30, 34)
    middle = height // 2
    pixels[middle : middle + height // 12, width // 2 : width // 2 + width // 7] = (200, 30, 40)
    return pixels
