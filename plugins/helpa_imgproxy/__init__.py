"""Image URLs as imgproxy writes them: ``/imgproxy/<signature>/<options>/<source>``."""

from helpa_imgproxy.plugin import register_dialects, register_settings

__all__ = ["register_dialects", "register_settings"]
