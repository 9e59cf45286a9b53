"""Image URLs as Cloudflare Images writes them: ``/cdn-cgi/image/<options>/<source>``."""

from helpa_cloudflare.plugin import register_dialects, register_settings

__all__ = ["register_dialects", "register_settings"]
