"""Quality and effort of each format."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Quality = Annotated[int, Field(ge=1, le=100)]
Pixels = Annotated[int, Field(ge=1)]


class OutputSettings(BaseModel):
    """How renditions are encoded where the URL does not say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    jpg_quality: Quality = Field(80, description="Quality of JPEG, 1–100.")
    webp_quality: Quality = Field(80, description="Quality of lossy WebP, 1–100.")
    avif_quality: Quality = Field(60, description="Quality of AVIF, 1–100.")
    webp_effort: Annotated[int, Field(ge=0, le=6)] = Field(
        2, description="Work put into WebP, 0–6; 4 takes twice as long as 2 for the same bytes."
    )
    avif_effort: Annotated[int, Field(ge=0, le=9)] | None = Field(
        None,
        description="Work put into AVIF, 0–9; unset takes 1 up to 1 MP and 0 above, so that large "
        "pictures stay quick.",
    )
    avif_auto_pixels: Pixels = Field(
        4_000_000,
        description="Pixels above which fmt=auto takes WebP or JPEG instead of AVIF, which takes "
        "0.2–0.4 s a megapixel.",
    )
    avif_max_pixels: Pixels = Field(
        16_000_000,
        description="Pixels above which fmt=avif is refused: more might not be done before the "
        "deadline (limits.render_seconds), nor fit into a worker's memory.",
    )
    gif_effort: Annotated[int, Field(ge=1, le=10)] = Field(
        4, description="Work put into GIF, 1–10."
    )
    png_compression: Annotated[int, Field(ge=0, le=9)] = Field(
        6, description="zlib level of PNG, 0–9."
    )
    progressive: bool | None = Field(
        None,
        description="Whether JPEG is progressive unless told: 3–6 % fewer bytes for twice the "
        "work. Unset: from 2 MP up, where the first coarse view comes much earlier.",
    )
