"""Image URLs as imgix writes them: ``/imgix/<path>?w=400&fit=crop``."""

from helpa_imgix.plugin import register_dialects, register_settings

__all__ = ["register_dialects", "register_settings"]
