"""What the plugin registers."""

from __future__ import annotations

from functools import partial

from helpa import Services, SourceKind, hookimpl
from helpa_sources.folder import FolderSettings, FolderSource
from helpa_sources.http import HttpSettings, HttpSource


@hookimpl
def register_sources(services: Services) -> list[SourceKind]:
    """Return the kinds ``folder`` and ``http``."""
    return [
        SourceKind("folder", FolderSettings, FolderSource),
        SourceKind(
            "http",
            HttpSettings,
            partial(HttpSource, fetcher=services.fetcher),
            lambda settings: str(settings.base_url),
        ),
    ]
