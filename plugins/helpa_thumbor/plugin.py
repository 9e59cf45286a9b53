"""What the plugin registers."""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel

from helpa import Dialect, Services, hookimpl
from helpa_thumbor.settings import ThumborSettings
from helpa_thumbor.translate import translate


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the settings: keys, and the source of plain paths."""
    return ThumborSettings


@hookimpl
def register_dialects(services: Services) -> list[Dialect]:
    """Return thumbor's way to write URLs."""
    return [Dialect("thumbor", "/thumbor/", partial(translate, services.settings))]
