"""The small page: paste or drop a picture, get its links."""

from helpa_web.plugin import authenticate, lifespan, register_commands, register_routes

__all__ = ["authenticate", "lifespan", "register_commands", "register_routes"]
