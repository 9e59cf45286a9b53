"""Pictures from folders and from other servers, by path."""

from helpa_sources.plugin import register_sources

__all__ = ["register_sources"]
