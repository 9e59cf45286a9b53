"""``invert``, ``gam``, ``bri``, ``con``, ``hue``, ``sat``, ``gray``, ``sepia``, ``tint``."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from operations.effects import answer, colours, levels_off, numbers, picture, uploaded
from operations.seeing import Floats, show
from serving import Server

LUMA = np.array([0.2126, 0.7152, 0.0722])


def filtered(*rows: tuple[float, float, float]) -> Callable[[Floats], Floats]:
    def change(values: Floats) -> Floats:
        result: Floats = values @ np.array(rows).T
        return result

    return change


def saturate(s: float) -> Callable[[Floats], Floats]:
    """feColorMatrix type="saturate", as the specification writes it out."""
    return filtered(
        (0.213 + 0.787 * s, 0.715 - 0.715 * s, 0.072 - 0.072 * s),
        (0.213 - 0.213 * s, 0.715 + 0.285 * s, 0.072 - 0.072 * s),
        (0.213 - 0.213 * s, 0.715 - 0.715 * s, 0.072 + 0.928 * s),
    )


def turned(degrees: float) -> Callable[[Floats], Floats]:
    """feColorMatrix type="hueRotate", as the specification writes it out."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return filtered(
        (0.213 + c * 0.787 - s * 0.213, 0.715 - c * 0.715 - s * 0.715, 0.072 * (1 - c) + s * 0.928),
        (0.213 - c * 0.213 + s * 0.143, 0.715 + c * 0.285 + s * 0.140, 0.072 * (1 - c) - s * 0.283),
        (
            0.213 - c * 0.213 - s * 0.787,
            0.715 - c * 0.715 + s * 0.715,
            0.072 + c * 0.928 + s * 0.072,
        ),
    )


def sepia(amount: float) -> Callable[[Floats], Floats]:
    """sepia() of Filter Effects, as the specification writes it out."""
    a = 1 - amount
    return filtered(
        (0.393 + 0.607 * a, 0.769 - 0.769 * a, 0.189 - 0.189 * a),
        (0.349 - 0.349 * a, 0.686 + 0.314 * a, 0.168 - 0.168 * a),
        (0.272 - 0.272 * a, 0.534 - 0.534 * a, 0.131 + 0.869 * a),
    )


def gray(values: Floats) -> Floats:
    return np.repeat((values @ LUMA)[..., None], 3, axis=-1)


def tinted(colour: tuple[int, int, int], share: float = 1.0) -> Callable[[Floats], Floats]:
    target = np.array(colour) / 255
    middle = float(target @ LUMA)

    def change(values: Floats) -> Floats:
        light = (values @ LUMA)[..., None]
        dark = target * light / max(middle, 1e-9)
        bright = target + (1 - target) * (light - middle) / max(1 - middle, 1e-9)
        result: Floats = np.where(light <= middle, dark, bright) * share + values * (1 - share)
        return result

    return change


CASES: dict[str, Callable[[Floats], Floats]] = {
    "invert=1": lambda v: 1 - v,
    "gam=2.2": lambda v: v ** (1 / 2.2),
    "gamma=0.5": lambda v: v**2,
    "gam=0.1": lambda v: v**10,
    "gam=10": lambda v: v**0.1,
    "bri=40": lambda v: v * 1.4,
    "brightness=100": lambda v: v * 2,
    "bri=-30.5": lambda v: v * 0.695,
    "bri=-100": lambda v: v * 0,
    "con=60": lambda v: (v - 0.5) * 1.6 + 0.5,
    "contrast=-50": lambda v: (v - 0.5) * 0.5 + 0.5,
    "con=-100": lambda v: v * 0 + 0.5,
    "hue=90": turned(90),
    "hue=-45": turned(-45),
    "hue=315": turned(-45),
    "sat=80": saturate(1.8),
    "saturation=-40": saturate(0.6),
    "sat=-100": saturate(0),
    "gray=1": gray,
    "grey=1": gray,
    "grayscale=1": gray,
    "greyscale=1": gray,
    "sepia=100": sepia(1),
    "sepia=35": sepia(0.35),
    "tint=3060c0": tinted((0x30, 0x60, 0xC0)),
    "tint=ffcc0080": tinted((255, 0xCC, 0), 0x80 / 255),
    "tint=black": gray,
    "tint=white": gray,
    "tint=red": tinted((255, 0, 0)),
    "tint=00f": tinted((0, 0, 255)),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["RGB", "RGBA", "L", "LA"])
def test_each_adjustment_is_its_formula_on_colours_alone(server: Server, kind: str) -> None:
    image_id, values = uploaded(server, kind), colours(kind)
    alpha = numbers(picture(kind))[..., 3:]
    for query, change in CASES.items():
        shown = answer(server, image_id, query)
        assert levels_off(shown[..., 3:], alpha) == 0, query
        seen = np.broadcast_to(alpha > 0, values.shape)  # what is behind nothing may be anything
        expected = np.where(seen, change(values), shown[..., :3])
        assert levels_off(shown[..., :3], expected) <= 1.01, (query, kind)


def test_a_grey_answer_has_one_channel(server: Server) -> None:
    assert show(server, uploaded(server), "gray=1&fmt=png").mode == "L"
    assert show(server, uploaded(server, "RGBA"), "gray=1&fmt=png").mode == "LA"
    assert show(server, uploaded(server), "gray=1&sepia=100&fmt=webp").mode == "RGB"


def test_adjustments_follow_each_other_in_their_own_order(server: Server) -> None:
    image_id = uploaded(server)
    expected = colours()
    for change in (CASES["invert=1"], CASES["gam=2.2"], CASES["bri=40"], CASES["con=60"],
                   turned(90), saturate(1.8), sepia(0.35)):  # fmt: skip
        expected = np.round(np.clip(change(expected), 0, 1) * 255) / 255
    one = "sepia=35&sat=80&hue=90&con=60&bri=40&gam=2.2&invert=1"
    other = "&".join(reversed(one.split("&")))
    for query in (one, other):
        shown = answer(server, image_id, query)[..., :3]
        # Each step may round by one to the other side, and those after it enlarge that.
        assert np.abs(shown - expected).mean() * 255 <= 1, query
