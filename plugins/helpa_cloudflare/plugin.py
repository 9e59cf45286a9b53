"""What the plugin registers."""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from helpa import Dialect, Services, hookimpl
from helpa_cloudflare.translate import translate


class CloudflareSettings(BaseModel):
    """How image URLs of Cloudflare's form are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str | None = Field(
        None, description="Name of the source that paths are in, as a zone's own pictures are."
    )
    drop_query: bool = Field(
        False, description="Whether a query of the picture's URL (?v=2) is dropped, not refused."
    )


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the settings."""
    return CloudflareSettings


@hookimpl
def register_dialects(services: Services) -> list[Dialect]:
    """Return the dialect."""
    settings: CloudflareSettings = services.settings
    read = partial(translate, source=settings.source or None, drop_query=settings.drop_query)
    return [Dialect("cloudflare", "/cdn-cgi/image/", read)]
