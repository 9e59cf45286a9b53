"""Settings of the plugin."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ProfileSettings(BaseModel):
    """What people say of themselves."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    place_changes: int = Field(
        5,
        ge=1,
        le=1000,
        description="How often somebody may set another place within a day: whoever moves around "
        "and asks who is near learns where others are.",
    )
