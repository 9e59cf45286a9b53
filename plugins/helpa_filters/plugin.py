"""What the plugin registers, in the order of work."""

from __future__ import annotations

from helpa import Operation, Stage, hookimpl
from helpa_filters import (
    blur,
    border,
    matrices,
    normalize,
    pixelate,
    radius,
    shadow,
    sharpen,
    tones,
)
from helpa_filters import tint as tinting


@hookimpl
def register_operations() -> list[Operation]:
    """Return the operations: tones, then colours, then detail, then what stands around."""
    curve = "helpa_filters.draw.colours:curve"
    matrix = "helpa_filters.draw.colours:matrix"
    effect, frame = Stage.EFFECT, Stage.FRAME
    return [
        Operation(
            "normalize",
            stage=effect,
            rank=10,
            plan=normalize.normalize,
            draw="helpa_filters.draw.normalize:normalize",
            measure="helpa_filters.draw.normalize:find_range",
        ),
        Operation("invert", stage=effect, rank=14, plan=tones.invert, draw=curve),
        Operation("gam", stage=effect, rank=18, plan=tones.gam, draw=curve),
        Operation("bri", stage=effect, rank=22, plan=tones.bri, draw=curve),
        Operation("con", stage=effect, rank=26, plan=tones.con, draw=curve),
        Operation("hue", stage=effect, rank=30, plan=matrices.hue, draw=matrix),
        Operation("sat", stage=effect, rank=34, plan=matrices.sat, draw=matrix),
        Operation(
            "gray",
            stage=effect,
            rank=38,
            plan=matrices.gray,
            draw="helpa_filters.draw.colours:gray",
        ),
        Operation("sepia", stage=effect, rank=42, plan=matrices.sepia, draw=matrix),
        Operation(
            "tint",
            stage=effect,
            rank=46,
            plan=tinting.tint,
            draw="helpa_filters.draw.colours:tint",
        ),
        Operation(
            "blur", stage=effect, rank=60, plan=blur.blur, draw="helpa_filters.draw.detail:blur"
        ),
        Operation(
            "sharp",
            stage=effect,
            rank=64,
            plan=sharpen.sharp,
            draw="helpa_filters.draw.detail:sharpen",
        ),
        Operation(
            "px", stage=effect, rank=68, plan=pixelate.px, draw="helpa_filters.draw.detail:pixelate"
        ),
        # Before pad, whose margins then stand around border and shadow, as CSS's margin does.
        Operation(
            "radius",
            stage=frame,
            rank=2,
            plan=radius.radius,
            draw="helpa_filters.draw.frame:round_corners",
        ),
        Operation(
            "border",
            stage=frame,
            rank=4,
            plan=border.border,
            draw="helpa_filters.draw.frame:border",
        ),
        Operation(
            "shadow",
            stage=frame,
            rank=6,
            plan=shadow.shadow,
            draw="helpa_filters.draw.frame:shadow",
        ),
    ]
