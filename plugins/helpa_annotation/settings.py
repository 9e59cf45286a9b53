"""The plugin's settings."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from helpa_annotation.document import MOST_BYTES, MOST_SHAPES
from helpa_annotation.fonts import Fonts, well_known
from helpa_annotation.fonts import fonts as library


class AnnotationSettings(BaseModel):
    """How much is drawn over pictures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shapes: int = Field(MOST_SHAPES, ge=1, le=MOST_SHAPES, description="Most shapes of a layer.")
    bytes: int = Field(
        MOST_BYTES, ge=1024, le=MOST_BYTES, description="Longest layer, as JSON, in bytes."
    )
    layers: int = Field(20, ge=1, le=100, description="Most layers of a picture.")
    templates: int = Field(200, ge=0, le=10_000, description="Most templates of an account.")
    look_seconds: float = Field(
        5.0,
        gt=0,
        le=60,
        description="How long may be looked at what lies below the shapes when they are saved.",
    )
    fonts: tuple[Path, ...] = Field(
        (), description="Further font files, for letters that the fonts of Helpa do not have."
    )
    well_known_fonts: bool = Field(
        True,
        description="Whether fonts of the system's packages stand in for letters no other has.",
    )

    @field_validator("fonts")
    @classmethod
    def _there(cls, paths: tuple[Path, ...]) -> tuple[Path, ...]:
        for path in paths:
            if not path.is_file():
                raise ValueError(f"{path} is no file")
        return paths

    @property
    def sources(self) -> tuple[str, ...]:
        """Further font files, in the order in which they are asked."""
        more = well_known() if self.well_known_fonts else []
        return (*(str(path) for path in self.fonts), *more)

    def library(self) -> Fonts:
        """Return what is written with."""
        return library(self.sources)
