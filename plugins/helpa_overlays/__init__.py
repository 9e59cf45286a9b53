"""Pictures and text drawn over a picture."""

from helpa_overlays.plugin import register_operations, register_settings

__all__ = ["register_operations", "register_settings"]
