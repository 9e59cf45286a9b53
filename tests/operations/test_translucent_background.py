"""``bg`` with alpha: it lies behind the whole picture, once."""

from __future__ import annotations

import numpy as np
import pytest

from operations.effects import SIZE, answer, numbers, picture, uploaded
from operations.seeing import Floats
from operations.test_radius import shape
from serving import Server

RED = np.array([255, 0, 0, 128]) / 255


def on_red(values: Floats) -> Floats:
    """Return the light (colours times alpha) and alpha of a picture above half red."""
    above = np.concatenate([values[..., :3] * values[..., 3:], values[..., 3:]], axis=-1)
    below = np.array([*(RED[:3] * RED[3]), RED[3]])
    result: Floats = above + below * (1 - above[..., 3:])
    return result


@pytest.mark.parametrize("kind", ["RGB", "RGBA", "L", "LA"])
def test_margins_corners_and_transparency_get_it_alike(server: Server, kind: str) -> None:
    values = numbers(picture(kind))
    rounded = values * np.concatenate([np.ones((*values.shape[:2], 3)), shape(SIZE, (30,) * 4)], -1)
    margin = ((9, 9), (9, 9), (0, 0))
    for query, expected in (
        ("", values),
        ("&radius=30", rounded),
        ("&pad=9", np.pad(values, margin)),
        ("&radius=30&pad=9", np.pad(rounded, margin)),
        ("&w=200&h=140&fit=contain", np.pad(values, ((10, 10), (0, 0), (0, 0)))),
    ):
        shown = answer(server, uploaded(server, kind), f"bg=ff000080{query}")
        light = np.concatenate([shown[..., :3] * shown[..., 3:], shown[..., 3:]], axis=-1)
        assert np.abs(light - on_red(expected)).mean() * 255 <= 1, query
        assert np.abs(light - on_red(expected)).max() * 255 <= 30, query
