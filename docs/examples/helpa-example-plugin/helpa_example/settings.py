"""The table ``[plugin.example]``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ExampleSettings(BaseModel):
    """How pictures are painted in two colours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    strength: Annotated[int, Field(ge=1, le=100)] = Field(
        100, description="How much of the two colours is mixed in, in percent."
    )
