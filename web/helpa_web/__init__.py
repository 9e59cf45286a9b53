"""The small page: paste or drop a picture, get its links."""

from helpa_web.plugin import register_routes

__all__ = ["register_routes"]
