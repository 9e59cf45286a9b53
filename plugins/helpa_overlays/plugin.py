"""What the plugin registers."""

from __future__ import annotations

from pydantic import BaseModel

from helpa import Operation, Stage, hookimpl
from helpa_overlays import text, watermark
from helpa_overlays.settings import OverlaySettings


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the settings: further fonts."""
    return OverlaySettings


@hookimpl
def register_operations() -> list[Operation]:
    """Return the operations: text lies over the watermark."""
    return [
        Operation(
            "watermark",
            stage=Stage.OVERLAY,
            rank=50,
            plan=watermark.watermark,
            draw="helpa_overlays.draw.watermark:watermark",
        ),
        Operation(
            "text",
            stage=Stage.OVERLAY,
            rank=60,
            plan=text.text,
            draw="helpa_overlays.draw.text:text",
        ),
    ]
