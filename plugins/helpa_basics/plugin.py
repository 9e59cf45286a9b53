"""What the plugin registers."""

from __future__ import annotations

from pydantic import BaseModel

from helpa import Encoder, Operation, Stage, hookimpl
from helpa_basics import background, cut, encoders, output, pad, resize, turn
from helpa_basics.settings import OutputSettings


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the settings: quality and effort by format."""
    return OutputSettings


@hookimpl
def register_operations() -> list[Operation | Encoder]:
    """Return the operations, in the order of work, and the formats renditions come in."""
    return [
        Operation(
            "rect", stage=Stage.CUT, rank=10, plan=cut.rect, draw="helpa_basics.draw.cut:rect"
        ),
        Operation(
            "trim",
            stage=Stage.CUT,
            rank=20,
            plan=cut.trim,
            draw="helpa_basics.draw.cut:rect",
            measure="helpa_basics.draw.cut:find_border",
        ),
        Operation(
            "rot", stage=Stage.TURN, rank=10, plan=turn.rot, draw="helpa_basics.draw.turn:rot"
        ),
        Operation(
            "flip", stage=Stage.TURN, rank=20, plan=turn.flip, draw="helpa_basics.draw.turn:flip"
        ),
        Operation(
            "resize",
            stage=Stage.RESIZE,
            plan=resize.resize,
            draw="helpa_basics.draw.resize:resize",
            measure="helpa_basics.draw.interest:find",
            in_view=True,
        ),
        Operation(
            "pad", stage=Stage.FRAME, rank=10, plan=pad.pad, draw="helpa_basics.draw.frame:pad"
        ),
        Operation(
            "background",
            stage=Stage.FRAME,
            rank=90,
            plan=background.background,
            draw="helpa_basics.draw.frame:flatten",
            in_view=True,
        ),
        Operation("output", stage=Stage.ENCODE, plan=output.output, in_view=True),
        *encoders.ENCODERS,
    ]
