"""What the plugin registers."""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from helpa import Dialect, Services, hookimpl
from helpa_weserv.translate import translate


class WeservSettings(BaseModel):
    """How image URLs of weserv's form are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str | None = Field(
        None, description="Name of the source that paths (url=/a.png) are in."
    )
    drop_query: bool = Field(
        False, description="Whether a query of the picture's URL (?v=2) is dropped, not refused."
    )


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the settings."""
    return WeservSettings


@hookimpl
def register_dialects(services: Services) -> list[Dialect]:
    """Return the dialect."""
    settings: WeservSettings = services.settings
    read = partial(translate, source=settings.source or None, drop_query=settings.drop_query)
    return [Dialect("weserv", "/weserv/", read)]
