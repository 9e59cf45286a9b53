"""Fonts beside those that come with Helpa."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from helpa_overlays.library import LibraryError, library


class OverlaySettings(BaseModel):
    """What is drawn over pictures, and with what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fonts: tuple[Path, ...] = Field(
        (),
        description="Further font files (TrueType, OpenType, collections) or folders of them. Each "
        "may be named in txt_font, and stands in for letters that others lack.",
    )
    well_known_fonts: bool = Field(
        True,
        description="Whether fonts of the system's packages stand in for letters and emoji that no "
        "other font has: Noto and DejaVu, where Debian, Fedora, Arch and Alpine put them.",
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        try:
            library(self.fonts, self.well_known_fonts)
        except LibraryError as error:
            raise ValueError(str(error)) from None
        return self
