"""What the plugin registers."""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from helpa import Dialect, Services, hookimpl
from helpa_imgix.translate import translate


class ImgixSettings(BaseModel):
    """How image URLs of imgix's form are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str | None = Field(None, description="Name of the source that paths are in.")
    token: SecretStr | None = Field(
        None,
        description="imgix's secure URL token: URLs with a wrong s are refused. A right one grants "
        "nothing, for it is an MD5.",
    )
    drop_query: bool = Field(
        False, description="Whether a query of the picture's own URL is dropped, not refused."
    )


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the settings."""
    return ImgixSettings


@hookimpl
def register_dialects(services: Services) -> list[Dialect]:
    """Return the dialect."""
    settings: ImgixSettings = services.settings
    read = partial(
        translate,
        source=settings.source or None,
        token=settings.token.get_secret_value() if settings.token else None,
        drop_query=settings.drop_query,
    )
    return [Dialect("imgix", "/imgix/", read)]
