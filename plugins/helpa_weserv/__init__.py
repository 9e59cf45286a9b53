"""Image URLs as images.weserv.nl (wsrv.nl) writes them: ``/weserv/?url=…``."""

from helpa_weserv.plugin import register_dialects, register_settings

__all__ = ["register_dialects", "register_settings"]
