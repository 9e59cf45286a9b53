"""What the plugin registers."""

from __future__ import annotations

from functools import partial

from pydantic import BaseModel

from helpa import Dialect, Services, hookimpl
from helpa_imgproxy.settings import ImgproxySettings
from helpa_imgproxy.translate import translate


@hookimpl
def register_settings() -> type[BaseModel]:
    """Return the settings: keys, sources, presets and the watermark."""
    return ImgproxySettings


@hookimpl
def register_dialects(services: Services) -> list[Dialect]:
    """Return imgproxy's way to write URLs."""
    return [Dialect("imgproxy", "/imgproxy/", partial(translate, services.settings))]
