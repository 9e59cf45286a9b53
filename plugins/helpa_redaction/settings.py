"""Settings of the plugin."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from helpa import Retention
from helpa_redaction.colour import colour_of


class RedactionSettings(BaseModel):
    """The table ``[plugin.redaction]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    margin: Annotated[int, Field(ge=1, le=64)] | None = Field(
        None,
        description="Pixels that every region grows by before it is filled; unset takes a "
        "500th of the picture's shorter side, 2 to 16.",
    )
    colour: str = Field("000000", description="Colour of solid fills where none is asked for.")
    original: Literal["destroy", "seal", "keep"] = Field(
        "destroy",
        description="What becomes of the upload after a redaction or an edit, where no policy "
        "says: destroy, seal (kept encrypted for original_days), or keep.",
    )
    original_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        30, description="For how many days it is sealed."
    )
    languages: Annotated[str, Field(pattern=r"^[a-zA-Z_]+(\+[a-zA-Z_]+)*$")] = Field(
        "eng", description="Languages that text is read in, as Tesseract calls them: eng+deu."
    )
    processes: Annotated[int, Field(ge=1, le=64)] | None = Field(
        None, description="Processes that read one picture; unset takes one a core."
    )
    detectors: tuple[str, ...] = Field(
        (),
        description="Further detectors that are asked, by the names of their entry points in the "
        "group helpa.detectors.",
    )
    reading_seconds: Annotated[float, Field(gt=0, le=100)] = Field(
        60, description="Seconds that reading a picture may take."
    )

    @property
    def retention(self) -> Retention:
        """What becomes of the upload."""
        return Retention(self.original, self.original_days if self.original == "seal" else 0)

    @field_validator("colour")
    @classmethod
    def _check_colour(cls, value: str) -> str:
        return str(colour_of(value))
