"""Size, place, cut and output: the operations and encoders every Helpa has."""

from helpa_basics.plugin import register_operations, register_settings

__all__ = ["register_operations", "register_settings"]
