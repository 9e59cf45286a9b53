"""Image URLs as thumbor writes them: ``/thumbor/<signature|unsafe>/…``."""

from helpa_thumbor.plugin import register_dialects, register_settings

__all__ = ["register_dialects", "register_settings"]
